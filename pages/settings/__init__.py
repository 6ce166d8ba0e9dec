"""View settings: page and text."""
