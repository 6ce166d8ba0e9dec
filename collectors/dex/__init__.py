"""Dex: discovery, keys, telemetry."""
