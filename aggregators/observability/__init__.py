"""The telemetry pipeline and trace coverage (RFC view 7)."""
