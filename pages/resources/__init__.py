"""View resources: page and text."""
