"""A real PostgreSQL, set up anew in a temporary folder; as the user postgres when we are root, whom it refuses."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import psycopg

from bench.processes import free_port
from tests.servers.process import Server, program

READER, READER_PASSWORD = "prism_hud", "look-only"
SETUP = (
    "CREATE EXTENSION pg_stat_statements",
    f"CREATE ROLE {READER} LOGIN PASSWORD '{READER_PASSWORD}'",
    f"GRANT pg_monitor TO {READER}",
)


class PostgresProcess(Server):
    """Listens on loopback only, where everybody but the reader is let in as whom they say they are."""

    def __init__(self, home: Path, *settings: str) -> None:
        """`home` must lie where the user postgres may go, which pytest's own folders are not."""
        self.port = free_port()
        user = "postgres" if os.geteuid() == 0 else ""
        data = home / "data"
        if user:
            shutil.chown(home, user, user)
        subprocess.run(
            [binary("initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-N", "-E", "UTF8", "--locale=C"],
            cwd=home, user=user or None, extra_groups=[] if user else None, check=True, capture_output=True,
        )  # fmt: skip
        hba = data / "pg_hba.conf"
        hba.write_text(f"host all {READER} 127.0.0.1/32 scram-sha-256\n{hba.read_text()}")
        options = ("fsync=off", "shared_preload_libraries=pg_stat_statements", f"unix_socket_directories={home}",
                   "listen_addresses=127.0.0.1", f"port={self.port}", *settings)  # fmt: skip
        command = [binary("postgres"), "-D", str(data), *(word for one in options for word in ("-c", one))]
        super().__init__(command, home, self._answers, user)

    @property
    def url(self) -> str:
        """As the role that may look and nothing else."""
        return f"postgresql://{READER}:{READER_PASSWORD}@127.0.0.1:{self.port}/postgres"

    @property
    def admin_url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def prepare(self) -> None:
        """Its extension, and the role of docs/connect.md."""
        with psycopg.connect(self.admin_url, autocommit=True) as connection:
            for statement in SETUP:
                connection.execute(statement.encode())

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """What psql would show."""
        with psycopg.connect(self.admin_url, autocommit=True) as connection:
            return connection.execute(statement.encode()).fetchall()

    def pgbench(self, *arguments: str) -> str:
        """Run pgbench to its end."""
        command = [
            program("pgbench"),
            "-h",
            "127.0.0.1",
            "-p",
            str(self.port),
            "-U",
            "postgres",
            *arguments,
            "postgres",
        ]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.admin_url, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True


def binary(name: str) -> str:
    """A program of PostgreSQL's own folder, which Debian keeps apart by version."""
    newest = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: float(path.parts[-3]))
    return str(newest[-1]) if newest else program(name)
