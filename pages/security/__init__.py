"""View security: page and text."""
