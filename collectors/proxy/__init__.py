"""The proxy's own metrics."""
