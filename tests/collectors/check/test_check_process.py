"""`python -m collectors --check` as an operator runs it: beside a collector, without touching its store."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.processes import collector_command
from store.writer import Writer
from tests.collectors.conftest import Answers, HttpServer, Reply
from tests.patience import patience

pytestmark = pytest.mark.server

ROOT = Path(__file__).parents[3]
Http = Callable[[Answers], HttpServer]


def run(folder: Path, **named: str) -> subprocess.CompletedProcess[str]:
    """The command in an empty folder, with nothing configured but what is named."""
    kept = {name: value for name, value in os.environ.items() if not name.endswith(("_URL", "_TARGETS", "_KEY"))}
    kept |= {"PYTHONPATH": str(ROOT), "HUD_CACHE_DIR": str(folder / "store"), **named}
    kept.pop("HUD_CONFIG", None)
    return subprocess.run(
        collector_command("--check"), cwd=folder, env=kept, capture_output=True, text=True, timeout=60
    )


def test_with_nothing_configured_it_says_so_and_leaves_nothing_behind(tmp_path: Path) -> None:
    done = run(tmp_path)
    assert done.returncode == 0, done.stderr
    assert "simulated Prism" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("Next: ")
    assert list(tmp_path.iterdir()) == []


def test_it_runs_beside_a_collector_and_touches_no_store(tmp_path: Path, http: Http) -> None:
    server = http(lambda asked: Reply(200, b"prism_requests_total 1\n"))
    writer = Writer.open(tmp_path / "store")
    try:
        before = {file: file.stat().st_mtime_ns for file in (tmp_path / "store").rglob("*")}
        done = run(tmp_path, PROXY_METRICS_URL=server.url, ADMIN_API_URL="", SIGNOZ_API_URL="")
        after = {file: file.stat().st_mtime_ns for file in (tmp_path / "store").rglob("*")}
    finally:
        writer.close()
    assert done.returncode == 0, done.stderr
    assert "1: prism_requests_total" in done.stdout
    assert before == after


def test_nothing_that_can_be_read_is_an_exit_status_of_one(tmp_path: Path, dead_port: int) -> None:
    done = run(tmp_path, PROXY_METRICS_URL=f"http://127.0.0.1:{dead_port}", ADMIN_API_URL="", SIGNOZ_API_URL="")
    assert done.returncode == 1, done.stderr


def test_a_wrong_setting_is_an_exit_status_of_two_with_its_name(tmp_path: Path) -> None:
    done = run(tmp_path, PATTERN_HEALTH_TARGETS="redis")
    assert (done.returncode, "PATTERN_HEALTH_TARGETS" in done.stderr) == (2, True)


@pytest.mark.parametrize("timeout", ["1", "60"])
def test_with_sources_that_hang_it_is_over_within_ten_seconds(tmp_path: Path, black_hole: int, timeout: str) -> None:
    options = f"interval_seconds = 60\ntimeout_seconds = {timeout}\n"
    (tmp_path / "hud.toml").write_text(f"[sources.proxy]\n{options}[sources.patterns]\n{options}")
    began = time.monotonic()
    done = run(
        tmp_path, PROXY_METRICS_URL=f"http://127.0.0.1:{black_hole}", ADMIN_API_URL="", SIGNOZ_API_URL="",
        PATTERN_HEALTH_TARGETS=f"redis=127.0.0.1:{black_hole}",
    )  # fmt: skip
    assert time.monotonic() - began < 10 * max(1.0, patience() / 2)
    assert done.returncode == 1, done.stderr
    assert done.stdout.count(": timed out: ") == 2
