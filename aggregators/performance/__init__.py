"""Latency, throughput and the SLO (RFC view 2)."""
