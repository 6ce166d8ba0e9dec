"""SigNoz: spans, alerts, ingest, failed token checks."""
