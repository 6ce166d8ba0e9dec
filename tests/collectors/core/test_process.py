"""The real process: `python -m collectors` on a real store, killed and stopped in every way."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from bench.processes import collector_command
from model.sources import ErrorKind
from store.reader import Reader
from store.snapshot import Snapshot
from tests.collectors.conftest import Answers, HttpServer, Reply
from tests.patience import patience
from tests.patience import until as wait_until

pytestmark = pytest.mark.server

ROOT = Path(__file__).parents[3]
PATIENCE_SECONDS = 40.0
Http = Callable[[Answers], HttpServer]


class Process:
    """One collector process; what it says on stderr is kept."""

    def __init__(self, environment: Mapping[str, str], *arguments: str) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("HUD_", "SIGNOZ_", "COV_"))}
        self.child = subprocess.Popen(
            collector_command(*arguments), cwd=ROOT, env={**kept, **environment},
            stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.said: list[str] = []
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        assert self.child.stderr is not None
        for line in self.child.stderr:
            self.said.append(line.rstrip())

    def ended(self) -> tuple[int, str]:
        """(exit status, everything said)."""
        status = self.child.wait(PATIENCE_SECONDS * patience())
        self._listener.join(2)
        return status, "\n".join(self.said)

    def close(self) -> None:
        if self.child.poll() is None:
            self.child.kill()
        self.child.wait()
        self._listener.join(2)
        for pipe in (self.child.stdin, self.child.stderr):
            if pipe is not None:
                pipe.close()


@pytest.fixture
def run() -> Iterator[Callable[..., Process]]:
    started: list[Process] = []

    def start(*arguments: str, **environment: str) -> Process:
        started.append(Process(environment, *arguments))
        return started[-1]

    yield start
    for process in started:
        process.close()


@pytest.fixture
def sources(http: Http, tmp_path: Path) -> dict[str, str]:
    """An environment with one proxy that counts its reads, and nothing else."""
    count = iter(range(1, 1_000_000))
    server = http(
        lambda asked: Reply(200, f"# TYPE prism_requests_total counter\nprism_requests_total {next(count)}\n".encode())
    )
    return {
        "PROXY_METRICS_URL": f"{server.url}/metrics", "SIGNOZ_API_URL": "", "ADMIN_API_URL": "",
        "HUD_CACHE_DIR": str(tmp_path / "store"),
    }  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Reader]:
    reader = Reader(tmp_path / "store")
    yield reader
    reader.close()


def until(store: Reader, true: Callable[[Snapshot], bool]) -> Snapshot:
    """The first snapshot of which something is true."""
    seen = [store.snapshot()]

    def so() -> bool:
        seen[0] = store.snapshot()
        return true(seen[0])

    wait_until(so, lambda: f"it did not happen: {dict(seen[0].sources)}", PATIENCE_SECONDS)
    return seen[0]


def read_well(snapshot: Snapshot) -> bool:
    return bool(snapshot.sources) and all(one.last_success and not one.error for one in snapshot.sources.values())


def test_a_wrong_setting_stops_the_start(run: Callable[..., Process]) -> None:
    status, said = run(PROXY_METRICS_URL="localhost").ended()
    assert status == 2
    assert "PROXY_METRICS_URL" in said
    assert "Traceback" not in said


def test_a_foreign_directory_is_left_alone(run: Callable[..., Process], tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "dear.txt").write_text("mine")
    status, said = run(HUD_CACHE_DIR=str(tmp_path / "letters"), PROXY_METRICS_URL="http://127.0.0.1:1/m").ended()
    assert status == 4
    assert "Traceback" not in said
    assert [path.name for path in (tmp_path / "letters").iterdir()] == ["dear.txt"]


def test_it_reads_stores_and_stops_soon_when_reported(
    run: Callable[..., Process], sources: dict[str, str], store: Reader
) -> None:
    process = run(**sources)
    snapshot = until(store, read_well)
    assert snapshot.meta["simulated"] is False
    assert list(snapshot.sources) == snapshot.meta["sources"]
    now = time.time()
    assert snapshot.frame("prism_requests_total", now - 60, now).reported
    assert snapshot.frame("hud_source_success", now - 60, now).reported
    assert now - snapshot.meta["collector_alive_at"] < 5
    began = time.monotonic()
    process.child.send_signal(signal.SIGTERM)
    status, said = process.ended()
    assert time.monotonic() - began < 2.0 * patience()
    assert status == 0
    assert "Traceback" not in said


def test_a_second_collector_leaves_or_waits_and_takes_over_when_the_first_is_killed(
    run: Callable[..., Process], sources: dict[str, str], store: Reader
) -> None:
    first = run(**sources)
    before = until(store, read_well)
    second, waiting, reported = run(**sources), run("--wait", **sources), run("--wait", **sources)
    status, said = second.ended()
    assert status == 3
    assert str(first.child.pid) in said
    wait_until(lambda: waiting.said and reported.said, seconds=PATIENCE_SECONDS)
    assert waiting.child.poll() is None
    reported.child.send_signal(signal.SIGTERM)
    assert reported.ended()[0] == 0
    first.child.kill()
    killed_at = time.time()
    after = until(store, lambda one: store.status().pid == waiting.child.pid and read_well(one))
    until(store, lambda one: min(source.last_success for source in one.sources.values()) > killed_at)
    assert after.version > before.version
    frame = store.snapshot().frame("prism_requests_total", killed_at - 60, time.time())
    values = frame.blocks[0].values.iloc[:, 0].dropna()
    assert values.is_monotonic_increasing
    assert values.index[0] < killed_at < values.index[-1]


def test_supervised_it_logs_a_source_that_goes_and_comes_back_and_ends_with_its_parent(
    run: Callable[..., Process], sources: dict[str, str], store: Reader, http: Http
) -> None:
    replies = [Reply(200, b"a 1\n")]
    server = http(lambda asked: replies[-1])
    process = run("--supervised", **{**sources, "PROXY_METRICS_URL": f"{server.url}/metrics"})
    until(store, read_well)
    replies.append(Reply(500, b"no"))
    failed_at = time.time()
    snapshot = until(store, lambda one: not read_well(one))
    (state,) = snapshot.sources.values()
    assert state.error is ErrorKind.HTTP_ERROR
    assert state.since - failed_at < 3 * patience()
    until(store, lambda one: next(iter(one.sources.values())).failures >= 2)
    replies.append(Reply(200, b"a 1\n"))
    until(store, read_well)
    assert process.child.stdin is not None
    process.child.stdin.close()
    status, said = process.ended()
    assert status == 0
    assert said.count("cannot be read") == 1
    assert said.count("is back after") == 1


def test_with_nothing_configured_it_reads_a_simulated_prism_and_takes_it_along(
    run: Callable[..., Process], tmp_path: Path, store: Reader
) -> None:
    process = run(HUD_CACHE_DIR=str(tmp_path / "store"))
    snapshot = until(store, lambda one: len(one.sources) >= 7 and read_well(one))
    assert snapshot.meta["simulated"] is True
    assert snapshot.meta["control_url"].startswith("http://")
    assert {source.source for source in snapshot.sources.values()} == {
        "proxy", "patterns", "signoz", "admin", "otel", "dex", "alertmanager",
    }  # fmt: skip
    assert {one["whence"] for one in snapshot.meta["settings"]} <= {"simulated Prism", "environment"}
    assert "prism-hud" in snapshot.meta["versions"]
    children = Path(f"/proc/{process.child.pid}/task/{process.child.pid}/children").read_text().split()
    process.child.kill()
    process.child.wait()
    wait_until(
        lambda: not any(Path(f"/proc/{child}").exists() for child in children),
        lambda: "the simulated Prism outlived its collector",
    )
