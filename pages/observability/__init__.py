"""View observability: page and text."""
