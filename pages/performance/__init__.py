"""View performance: page and text."""
