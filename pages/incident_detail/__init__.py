"""View incident: page and text."""
