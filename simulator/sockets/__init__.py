"""Listeners that can really close, hang or answer nonsense: HTTP, gRPC, Prometheus text."""
