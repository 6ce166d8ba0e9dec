"""Requests: what their labels say, rates, latency, errors."""
