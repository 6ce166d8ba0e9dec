"""View backends: page and text."""
