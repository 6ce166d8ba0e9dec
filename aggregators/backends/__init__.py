"""Backends: connection pools, client figures, their servers (RFC view 3)."""
