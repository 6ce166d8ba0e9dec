"""The real servers on loopback that the collectors' tests use."""

from __future__ import annotations

from tests.collectors.conftest import black_hole, dead_port, eventually, grpc_server, http, raw

__all__ = ["black_hole", "dead_port", "eventually", "grpc_server", "http", "raw"]
