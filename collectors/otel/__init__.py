"""The OTel Collector's own telemetry."""
