"""The whole: overall status, System Health, one pattern, settings (RFC view 1)."""
