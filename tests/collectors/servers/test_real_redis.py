"""A real redis-server under redis-benchmark: what we read agrees with `redis-cli INFO`; what it refuses is named."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.processes import free_port
from collectors.servers.redis_server import RedisServerCollector
from model.series import Scrape
from model.settings import SourceOptions
from model.sources import CollectError, ErrorKind
from model.targets import Target
from tests.patience import until
from tests.servers.process import program, running
from tests.servers.redis_process import RedisProcess

pytestmark = pytest.mark.server

OPTIONS = SourceOptions(interval_seconds=1.0, timeout_seconds=2.0)
OWN_COMMANDS = 12
"""Tolerance of counts while nothing else runs: our own and redis-cli's commands and connections."""
CALLS = 20_000


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisProcess]:
    with running(RedisProcess(tmp_path_factory.mktemp("redis"), "--maxmemory", "64mb")) as server:
        yield server


@pytest.fixture
def collector(redis: RedisProcess) -> Iterator[RedisServerCollector]:
    one = RedisServerCollector(Target("cache", redis.url), OPTIONS)
    yield one
    one.close()


def value(scrape: Scrape, name: str, **labels: str) -> float:
    """The one sample of this name with these labels."""
    (found,) = [
        sample.value
        for sample in scrape.samples()
        if sample.series.name == name and all(sample.series.label(key) == text for key, text in labels.items())
    ]
    return found


def test_under_real_load_the_figures_are_those_of_redis_cli_info(
    redis: RedisProcess, collector: RedisServerCollector
) -> None:
    before = collector.collect(time.time)
    subprocess.run(
        [program("redis-benchmark"), "-p", str(redis.port), "-n", str(CALLS), "-c", "20", "-q", "-t", "set,get"],
        check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    after, info = collector.collect(time.time), redis.info()
    for command in ("get", "set"):
        reported = dict(pair.split("=") for pair in info[f"cmdstat_{command}"].split(","))
        assert value(after, "redis_server_command_calls_total", command=command) == float(reported["calls"]) >= CALLS
        seconds = value(after, "redis_server_command_duration_seconds_total", command=command)
        assert seconds == pytest.approx(float(reported["usec"]) / 1e6)
        reported = dict(pair.split("=") for pair in info[f"latency_percentiles_usec_{command}"].split(","))
        for field, quantile in (("p50", "0.5"), ("p99", "0.99"), ("p99.9", "0.999")):
            p = value(after, "redis_server_command_latency_seconds", command=command, quantile=quantile)
            assert p == pytest.approx(float(reported[field]) / 1e6)
    for family, field in (
        ("redis_server_commands_total", "total_commands_processed"),
        ("backend_connections_received_total", "total_connections_received"),
        ("backend_connections_rejected_total", "rejected_connections"),
        ("redis_server_keyspace_hits_total", "keyspace_hits"),
        ("redis_server_evicted_keys_total", "evicted_keys"),
    ):
        assert value(after, family) == pytest.approx(float(info[field]), abs=OWN_COMMANDS)
    grown = value(after, "redis_server_commands_total") - value(before, "redis_server_commands_total")
    assert grown == pytest.approx(2 * CALLS, abs=5 * OWN_COMMANDS)
    assert value(after, "backend_connections_max") == float(info["maxclients"])
    assert value(after, "redis_server_memory_max_bytes") == 64 * 1024 * 1024
    assert value(after, "redis_server_memory_used_bytes") == pytest.approx(float(info["used_memory"]), rel=0.1)
    assert abs(value(after, "backend_started_timestamp_seconds") - time.time()) < 600


def test_it_is_asked_for_nothing_but_info(redis: RedisProcess, collector: RedisServerCollector) -> None:
    redis.cli("CONFIG", "RESETSTAT")
    collector.collect(time.time)
    collector.collect(time.time)
    asked = {name.removeprefix("cmdstat_") for name in redis.info() if name.startswith("cmdstat_")}
    assert asked - {"config|resetstat", "command|docs", "client|setinfo"} == {"info"}


def test_a_full_server_says_so_and_is_not_down(tmp_path: Path) -> None:
    with running(RedisProcess(tmp_path)) as server:
        server.cli("CONFIG", "SET", "maxclients", "1")
        first, second = (RedisServerCollector(Target("", server.url), OPTIONS) for _ in range(2))
        assert value(first.collect(time.time), "backend_up") == 1.0
        assert value(second.collect(time.time), "backend_refusal_info", state="full") == 1.0
        assert value(first.collect(time.time), "backend_connections_rejected_total") >= 1.0
        first.close()
        second.close()


@pytest.mark.parametrize(
    ("user", "kind"),
    [("", ErrorKind.UNAUTHENTICATED), ("default:wrong@", ErrorKind.UNAUTHENTICATED), (":op%2Cen@", None)],
)
def test_a_password_is_asked_for_and_never_reported(tmp_path: Path, user: str, kind: ErrorKind | None) -> None:
    with running(RedisProcess(tmp_path, "--requirepass", "op,en")) as server:
        one = RedisServerCollector(Target("", f"redis://{user}127.0.0.1:{server.port}/0"), OPTIONS)
        assert "op" not in one.address
        if kind is None:
            assert value(one.collect(time.time), "backend_up") == 1.0
        else:
            with pytest.raises(CollectError) as caught:
                one.collect(time.time)
            assert caught.value.kind is kind
            assert "wrong" not in str(caught.value)
        one.close()


def test_a_replica_without_its_primary_says_so(tmp_path: Path) -> None:
    with running(RedisProcess(tmp_path, "--replicaof", "127.0.0.1", "1")) as server:
        one = RedisServerCollector(Target("", server.url), OPTIONS)
        assert value(one.collect(time.time), "redis_server_replication_link_up") == 0.0
        one.close()


def test_a_paused_server_times_out_and_a_dead_one_is_down(tmp_path: Path) -> None:
    with running(RedisProcess(tmp_path)) as server:
        one = RedisServerCollector(Target("", server.url), OPTIONS)
        one.collect(time.time)
        server.pause()
        with pytest.raises(CollectError) as hung:
            one.collect(time.time)
        assert hung.value.kind is ErrorKind.TIMED_OUT
        server.resume()
        until(lambda: not one.collect(time.time).events)
        server.kill()
        with pytest.raises(CollectError) as dead:
            one.collect(time.time)
        assert (dead.value.kind, dead.value.detail) == (ErrorKind.DOWN, "connection refused")
        server.start()
        assert [event.kind for event in one.collect(time.time).events] == ["backend_restart"]
        assert one.collect(time.time).events == []
        one.close()


def test_a_node_of_a_cluster_that_lacks_slots_refuses_and_is_not_well(tmp_path: Path) -> None:
    with running(RedisProcess(tmp_path, "--cluster-enabled", "yes")) as server:
        collector = RedisServerCollector(Target("", server.url), OPTIONS)
        assert value(collector.collect(time.time), "redis_server_cluster_up") == 0.0
        server.cli("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
        until(lambda: value(collector.collect(time.time), "redis_server_cluster_up") == 1.0)
        collector.close()


def test_a_sentinel_is_called_so_and_tells_of_a_primary_that_is_gone(tmp_path: Path) -> None:
    conf = tmp_path / "sentinel.conf"
    conf.write_text(f"sentinel monitor one 127.0.0.1 {free_port()} 1\nsentinel down-after-milliseconds one 100\n")
    with running(RedisProcess(tmp_path, "--sentinel", at=conf)) as server:
        collector = RedisServerCollector(Target("", server.url), OPTIONS)
        assert value(collector.collect(time.time), "backend_info", role="sentinel") == 1.0
        until(lambda: value(collector.collect(time.time), "redis_server_replication_link_up") == 0.0)
        collector.close()


def test_a_redis_without_encryption_to_which_tls_is_spoken_says_so(redis: RedisProcess) -> None:
    """It waits for the end of a line, which by itself would look as if it were down."""
    one = RedisServerCollector(Target("cache", redis.url.replace("redis://", "rediss://")), OPTIONS)
    with pytest.raises(CollectError, match="does not speak TLS") as caught:
        one.collect(time.time)
    assert caught.value.kind is ErrorKind.WRONG_PROTOCOL
    one.close()
