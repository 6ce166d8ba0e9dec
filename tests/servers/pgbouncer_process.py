"""A real pgbouncer in front of a PostgreSQL that trusts whoever comes."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from bench.processes import free_port
from tests.servers.process import Server, listens


class PgbouncerProcess(Server):
    """Pools for everybody, with these `settings` of its [pgbouncer] section."""

    def __init__(self, home: Path, postgres_port: int, **settings: str | int) -> None:
        self.port = free_port()
        self.url = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"
        user = "postgres" if os.geteuid() == 0 else ""
        given = {"listen_addr": "127.0.0.1", "listen_port": self.port, "auth_type": "any", "unix_socket_dir": "",
                 "ignore_startup_parameters": "extra_float_digits", **settings}  # fmt: skip
        lines = [f"{name} = {value}" for name, value in given.items()]
        config = home / "pgbouncer.ini"
        databases = f"[databases]\n* = host=127.0.0.1 port={postgres_port} user=postgres\n"
        config.write_text(databases + "\n".join(["[pgbouncer]", *lines]) + "\n")
        if user:
            shutil.chown(home, user, user)
        super().__init__(("pgbouncer", str(config)), home, lambda: listens(self.port), user)
