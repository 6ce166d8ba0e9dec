"""Alerts of other tools: which are open, and their transitions."""
