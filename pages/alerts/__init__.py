"""View alerts: page and text."""
