"""View namespaces: page and text."""
