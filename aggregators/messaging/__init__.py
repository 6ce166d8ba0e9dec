"""Topics, subscribers, delivery (RFC view 4)."""
