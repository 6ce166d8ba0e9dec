"""The launcher's processes, and restarts by our own watch, against a real gRPC server with the launcher's answers."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import grpc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.patterns.launcher import MAX_PROCESSES, LauncherCollector, Seen, restarted
from model.catalogue.launcher import BY_PID, BY_UPTIME
from model.series import Scrape
from model.settings import SourceOptions
from model.sources import CollectError, ErrorKind
from proto import launcher_pb2

OPTIONS = SourceOptions(interval_seconds=5.0, timeout_seconds=2.0)
NOW = 1_790_000_000.0


class Launcher:
    """Answers Health with whatever processes it was given, and nothing else: a reader must not ask for more."""

    def __init__(self) -> None:
        self.processes: list[launcher_pb2.PatternInfo] = []
        self.asked: list[str] = []
        self._server = grpc.server(ThreadPoolExecutor(2))
        self._server.add_generic_rpc_handlers((_Handler(self),))
        self.target = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"
        self._server.start()

    def answer(self, request: bytes, context: grpc.ServicerContext) -> bytes:
        reported = launcher_pb2.HealthResponse(
            healthy=True, total_processes=len(self.processes), running_processes=len(self.processes),
            uptime_seconds=90_000, processes=self.processes,
        )  # fmt: skip
        return bytes(reported.SerializeToString())

    def close(self) -> None:
        self._server.stop(None).wait()


class _Handler(grpc.GenericRpcHandler):  # type: ignore[type-arg]
    def __init__(self, launcher: Launcher) -> None:
        self._launcher = launcher

    def service(self, details: grpc.HandlerCallDetails) -> Any:
        self._launcher.asked.append(str(details.method))
        if details.method.endswith("/Health"):
            return grpc.unary_unary_rpc_method_handler(self._launcher.answer)
        return None


@pytest.fixture
def launcher() -> Iterator[Launcher]:
    one = Launcher()
    yield one
    one.close()


def process(name: str, **more: Any) -> launcher_pb2.PatternInfo:
    state = launcher_pb2.STATE_RUNNING
    reported: dict[str, Any] = {"process_id": "shared", "state": state, "healthy": True, "uptime_seconds": 100, **more}
    return launcher_pb2.PatternInfo(pattern_name=name, **reported)


def values(scrape: Scrape, name: str) -> dict[str, float]:
    return {
        one.series.label("pattern") or "": one.value
        for one in scrape.samples()
        if one.series.name == name and (one.series.label("state") in (None, "running"))
    }


def test_its_processes_are_read_with_the_one_call_that_changes_nothing(launcher: Launcher) -> None:
    launcher.processes = [process("redis"), process("nats", uptime_seconds=40, healthy=False)]
    one = LauncherCollector(launcher.target, OPTIONS)
    scrape = one.collect(lambda: NOW)
    one.close()
    assert values(scrape, "launcher_process_state") == {"redis": 1.0, "nats": 1.0}
    assert values(scrape, "launcher_process_healthy") == {"redis": 1.0, "nats": 0.0}
    assert values(scrape, "launcher_process_started_timestamp_seconds") == {"redis": NOW - 100, "nats": NOW - 40}
    assert launcher.asked == ["/prism.launcher.PatternLauncher/Health"]


def test_of_more_processes_than_are_shown_none_that_is_not_well_is_left_out(launcher: Launcher) -> None:
    well = [process(f"p{at:05d}") for at in range(MAX_PROCESSES)]
    launcher.processes = [*well, process("z1", healthy=False), process("z2", state=launcher_pb2.STATE_FAILED)]
    one = LauncherCollector(launcher.target, OPTIONS)
    scrape = one.collect(lambda: NOW)
    one.close()
    healthy = values(scrape, "launcher_process_healthy")
    assert (len(healthy), healthy["z1"], "z2" in healthy) == (MAX_PROCESSES, 0.0, True)
    assert one.note == "2,000 of 2,002 processes are shown"
    launcher.processes = [process("a")]
    one = LauncherCollector(launcher.target, OPTIONS)
    one.collect(lambda: NOW)
    one.close()
    assert one.note == ""


def test_a_new_pid_is_a_restart_and_a_fresh_uptime_of_the_same_pid_is_none(launcher: Launcher) -> None:
    one = LauncherCollector(launcher.target, OPTIONS)
    reported = [process("redis", pid=7, uptime_seconds=100), process("redis", pid=7, uptime_seconds=1),
            process("redis", pid=8, uptime_seconds=5)]  # fmt: skip
    seen = []
    for at, state in enumerate(reported):
        launcher.processes = [state]
        seen.append([event.label("how") for event in one.collect(partial(float, NOW + 5 * at)).events])
    one.close()
    assert seen == [[], [], [BY_PID]]


def test_two_launchers_that_answer_in_turn_restart_nothing_again_and_again(launcher: Launcher) -> None:
    one = LauncherCollector(launcher.target, OPTIONS)
    seen = []
    for at, pid in enumerate((7, 8, 7, 8, 8, 7, 9)):
        launcher.processes = [process("redis", pid=pid, uptime_seconds=100 + 5 * at, restart_count=-1 if at < 3 else 0)]
        seen += [at for _ in one.collect(partial(float, NOW + 5 * at)).events]
    one.close()
    assert seen == [1, 6]


def test_without_pids_an_uptime_that_falls_back_is_a_restart(launcher: Launcher) -> None:
    one = LauncherCollector(launcher.target, OPTIONS)
    seen = []
    for at, uptime in enumerate((100, 105, 2, 7)):
        launcher.processes = [process("redis", uptime_seconds=uptime)]
        seen.append([event.label("how") for event in one.collect(partial(float, NOW + 5 * at)).events])
    one.close()
    assert seen == [[], [], [BY_UPTIME], []]


@pytest.mark.parametrize("step", [3600.0, -3600.0, 40 * 86400.0])
def test_a_clock_that_is_set_restarts_no_process(launcher: Launcher, step: float) -> None:
    one = LauncherCollector(launcher.target, OPTIONS)
    found = []
    for at, uptime in enumerate((100, 105, 110, 115)):
        launcher.processes = [process("redis", uptime_seconds=uptime)]
        found += one.collect(partial(float, NOW + 5 * at + (step if at > 1 else 0.0))).events
    one.close()
    assert found == []


STARTED = "launcher_process_started_timestamp_seconds"


def test_uptime_counts_from_the_last_change_seen_although_the_launcher_reports_its_launch(launcher: Launcher) -> None:
    one = LauncherCollector(launcher.target, OPTIONS)
    started, pids, restarts = [], [], 0
    for number in range(12):
        # A loop of 60 s laps, read every 10 s: the launcher goes on counting from the first launch.
        launcher.processes = [process("redis", pid=7 + number // 6, uptime_seconds=1000 + 10 * number)]
        scrape = one.collect(partial(float, NOW + 10 * number))
        restarts += len(scrape.events)
        started.append(values(scrape, STARTED)["redis"] - NOW)
        pids += [series.label("pid") for series in scrape.series if series.name == "launcher_process_info"]
    one.close()
    assert started == [-1000.0] * 6 + [60.0] * 6
    assert (restarts, pids[-1]) == (1, "8")


def test_a_start_that_the_launcher_knows_better_than_our_watch_is_kept(launcher: Launcher) -> None:
    one = LauncherCollector(launcher.target, OPTIONS)
    launcher.processes = [process("redis", pid=7, uptime_seconds=1000)]
    one.collect(lambda: NOW)
    launcher.processes = [process("redis", pid=8, uptime_seconds=4)]
    scrape = one.collect(lambda: NOW + 10)
    one.close()
    assert values(scrape, STARTED) == {"redis": NOW + 6}


def test_a_restart_that_only_its_count_shows_is_one(launcher: Launcher) -> None:
    one = LauncherCollector(launcher.target, OPTIONS)
    found = []
    for number, count in enumerate((0, 0, 1, 1, 4)):
        launcher.processes = [process("redis", pid=1, uptime_seconds=1000 + 10 * number, restart_count=count)]
        scrape = one.collect(partial(float, NOW + 10 * number))
        found.append(([event.label("count") for event in scrape.events], values(scrape, STARTED)["redis"] - NOW))
    one.close()
    assert found == [([], -1000.0), ([], -1000.0), (["1"], 20.0), ([], 20.0), (["3"], 40.0)]


def test_of_a_row_that_comes_twice_the_living_process_is_shown(launcher: Launcher) -> None:
    one = LauncherCollector(launcher.target, OPTIONS)
    dead = process("redis", pid=7, state=launcher_pb2.STATE_TERMINATED, uptime_seconds=5)
    for rows in ([dead, process("redis", pid=8)], [process("redis", pid=8), dead]):
        launcher.processes = rows
        scrape = one.collect(lambda: NOW)
        assert scrape.events == []
        pids = [series.label("pid") for series in scrape.series if series.name == "launcher_process_info"]
        assert pids == ["8"]
    one.close()


def test_rows_that_come_twice_in_any_order_with_odd_names_count_once(launcher: Launcher) -> None:
    odd = "<b>“naïve” 🚀" + "x" * 300
    launcher.processes = [process(odd), process(odd, uptime_seconds=1), process("", process_id="ns:shop"), process("a")]
    one = LauncherCollector(launcher.target, OPTIONS)
    first = one.collect(lambda: NOW)
    launcher.processes.reverse()
    again = one.collect(lambda: NOW + 5)
    one.close()
    assert len(values(first, "launcher_process_healthy")) == 3
    assert "ns:shop" in values(first, "launcher_process_healthy")
    assert first.series == again.series
    assert max(len(one.series.label("pattern") or "") for one in first.samples()) <= 201


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ns:" + "a" * 200 + "1", "ns:" + "a" * 200 + "2"),
        ("session:token=alice", "session:token=bob"),
        ("session:eyJhbGciOi.eyJzdWIi.sig1", "session:eyJhbGciOi.eyJzdWIi.sig2"),
        ("ns:a\u200b", "ns:a"),
    ],
)
def test_processes_that_are_shown_alike_are_two(launcher: Launcher, one: str, other: str) -> None:
    launcher.processes = [process("kv", process_id=one), process("kv", process_id=other)]
    scrape = LauncherCollector(launcher.target, OPTIONS).collect(lambda: NOW)
    shown = [two.series.label("process") for two in scrape.samples() if two.series.name == "launcher_process_healthy"]
    assert len(set(shown)) == len(shown) == 2
    assert not any("alice" in (name or "") or "sig1" in (name or "") for name in shown)


def test_a_server_without_this_service_does_not_offer_it() -> None:
    server = grpc.server(ThreadPoolExecutor(1))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    one = LauncherCollector(f"127.0.0.1:{port}", OPTIONS)
    with pytest.raises(CollectError) as caught:
        one.collect(lambda: NOW)
    one.close()
    server.stop(None).wait()
    assert caught.value.kind is ErrorKind.NOT_OFFERED


@given(st.integers(0, 10_000), st.floats(0, 1e9), st.floats(-1.9, 1.9))
def test_the_same_process_is_never_taken_for_another(pid: int, started: float, jitter: float) -> None:
    assert restarted(Seen(pid, started), Seen(pid, max(0.0, started + jitter))) == ""
