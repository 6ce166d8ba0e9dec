"""Namespaces: usage, errors, limits (RFC view 5)."""
