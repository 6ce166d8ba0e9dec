"""Debian's exporters of a real Redis and PostgreSQL: they say the same as the servers do, and when one is dead."""

from __future__ import annotations

import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from collectors.servers.exporter import BackendExporterCollector
from collectors.servers.exporter_names import POSTGRES, REDIS
from collectors.servers.postgres_server import PostgresServerCollector
from collectors.servers.redis_server import RedisServerCollector
from model.series import Scrape
from model.settings import SourceOptions
from model.targets import Target
from tests.patience import until
from tests.servers.exporter_process import postgres_exporter, redis_exporter
from tests.servers.postgres_process import PostgresProcess
from tests.servers.process import program, running
from tests.servers.redis_process import RedisProcess

pytestmark = pytest.mark.server

OPTIONS = SourceOptions(interval_seconds=1.0, timeout_seconds=5.0)
OWN = 40
"""Tolerance of counts: the commands and transactions of the exporter and of our own reads."""


def reported(scrape: Scrape) -> dict[tuple[str, ...], float]:
    """Values by family and every label but the backend's and the instance's."""
    left_out = ("backend", "instance", "reported_by", "version", "role")
    return {
        (one.series.name, *(value for label, value in one.series.labels if label not in left_out)): one.value
        for one in scrape.samples()
    }


def test_the_redis_exporter_says_what_the_server_says_and_when_it_is_dead(tmp_path: Path) -> None:
    for folder in ("redis", "exporter"):
        (tmp_path / folder).mkdir()
    with running(RedisProcess(tmp_path / "redis")) as server:
        subprocess.run(
            [program("redis-benchmark"), "-p", str(server.port), "-n", "5000", "-q", "-t", "set,get"],
            check=True, capture_output=True, timeout=60,
        )  # fmt: skip
        direct = RedisServerCollector(Target("cache", server.url), OPTIONS)
        with running(redis_exporter(tmp_path / "exporter", server.url)) as exporter:
            reader = BackendExporterCollector(REDIS, Target("cache", exporter.url), OPTIONS)
            by_exporter, by_server = reported(reader.collect(time.time)), reported(direct.collect(time.time))
            commands = [key for key in by_server if key[1:] in (("get",), ("set",)) or key[1:2] in (("get",), ("set",))]
            assert len(commands) == 2 * (3 + 3)
            for key in commands:
                assert by_exporter[key] == pytest.approx(by_server[key]), key
            counts = ("redis_server_commands_total", "backend_connections_received_total", "backend_connections_max",
                      "redis_server_keyspace_hits_total", "backend_connections_rejected_total")  # fmt: skip
            for name in counts:
                assert by_exporter[name,] == pytest.approx(by_server[name,], abs=OWN), name
            memory = ("redis_server_memory_used_bytes",)
            assert by_exporter[memory] == pytest.approx(by_server[memory], rel=0.25)
            server.kill()
            assert reported(reader.collect(time.time)) == {("backend_up",): 0.0, ("backend_info",): 1.0}
            server.start()
            again = reader.collect(time.time)
            assert reported(again)["backend_up",] == 1.0
            assert len(again.events) <= 1  # a start reported in whole seconds may lie within those of the one before
            reader.close()
        direct.close()


def test_the_postgres_exporter_says_what_the_server_says_and_when_it_is_dead(tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="hud-postgres-") as home:
        server = PostgresProcess(Path(home), "max_connections=33")
        with running(server):
            server.prepare()
            server.pgbench("-i", "-q")
            server.pgbench("-c", "2", "-t", "100")
            direct = PostgresServerCollector(Target("orders", server.url), OPTIONS)
            with running(postgres_exporter(tmp_path, server.admin_url)) as exporter:
                reader = BackendExporterCollector(POSTGRES, Target("orders", exporter.url), OPTIONS)
                until(lambda: reported(reader.collect(time.time)).get(("backend_up",)) == 1.0)
                by_exporter, by_server = reported(reader.collect(time.time)), reported(direct.collect(time.time))
                for result in ("commit", "rollback"):
                    key = ("postgres_server_transactions_total", "postgres", result)
                    assert by_exporter[key] == pytest.approx(by_server[key], abs=OWN)
                deadlocks = ("postgres_server_deadlocks_total", "postgres")
                assert by_exporter[deadlocks] == by_server[deadlocks]
                assert by_exporter["backend_connections_max",] == by_server["backend_connections_max",] == 33.0
                used = {key[1]: value for key, value in by_exporter.items() if key[0] == "backend_connections"}
                assert used["active"] >= 1.0  # its own, which PostgreSQL counts as any other
                assert sum(used.values()) <= 4.0
                server.kill()
                assert reported(reader.collect(time.time)).get(("backend_up",)) == 0.0
                reader.close()
            direct.close()
