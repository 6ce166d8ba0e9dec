"""A real etcd: a server that is not Prism's and offers grpc.health.v1."""

from __future__ import annotations

from pathlib import Path

from bench.processes import free_port
from tests.servers.process import Server, listens


class EtcdProcess(Server):
    """A single member. Its client port speaks gRPC and HTTP."""

    def __init__(self, home: Path) -> None:
        self.port, peers = free_port(), free_port()
        self.target = f"127.0.0.1:{self.port}"
        client, peer = f"http://127.0.0.1:{self.port}", f"http://127.0.0.1:{peers}"
        command = (
            "etcd", "--data-dir", "data", "--listen-client-urls", client, "--advertise-client-urls", client,
            "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", f"default={peer}",
            "--log-level", "error",
        )  # fmt: skip
        super().__init__(command, home, lambda: listens(self.port))
