"""Prometheus text and OpenMetrics: parsing, naming, sums over namespaces."""
