"""Patterns: health, restarts, launcher processes."""
