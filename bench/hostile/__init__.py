"""Benches that break the dashboard while people look at it."""
