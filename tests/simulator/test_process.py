from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

from model.process.malloc_tuning import ARENAS
from tests.heaps import heaps
from tests.patience import patience

pytestmark = pytest.mark.server
ROOT = Path(__file__).parents[2]
PROMPT_SECONDS = 3.0
"""0.1 s on an idle machine; the rest is for a busy one. A hang would be far longer."""


def start(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "simulator", *arguments],
        cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


@pytest.fixture
def process() -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    running = start("--ports", "free", "--supervised")
    assert running.stdout is not None
    yield running, json.loads(running.stdout.readline())
    running.kill()
    running.communicate(timeout=60)


def test_everything_printed_answers(process: tuple[subprocess.Popen[str], dict[str, Any]]) -> None:
    _, reported = process
    for url in (
        reported["proxy_metrics_url"],
        reported["admin_api_url"] + "/health",
        reported["signoz_api_url"] + "/api/v1/health",
        reported["otel_metrics_url"],
        reported["otel_health_url"],
        reported["dex_issuer"] + "/.well-known/openid-configuration",
        reported["dex_issuer"] + "/keys",
        reported["dex_issuer"] + "/healthz",
        reported["dex_telemetry_url"] + "/healthz",
        reported["dex_telemetry_url"] + "/metrics",
        reported["control_url"] + "/books",
    ):
        assert requests.get(url, timeout=60).status_code == 200, url


def test_sigterm_ends_it_promptly_and_cleanly_even_while_it_hangs(
    process: tuple[subprocess.Popen[str], dict[str, Any]],
) -> None:
    running, reported = process
    requests.post(reported["control_url"] + "/faults", json={"fault": "source_hang", "target": "proxy"}, timeout=60)
    failed = threading.Event()

    def read() -> None:
        try:
            requests.get(reported["proxy_metrics_url"], timeout=30)
        except requests.ConnectionError:
            failed.set()

    reader = threading.Thread(target=read)
    reader.start()
    began = time.monotonic()
    running.send_signal(signal.SIGTERM)
    assert running.wait(timeout=60) == 0
    assert time.monotonic() - began < PROMPT_SECONDS * patience()
    reader.join(timeout=60)
    assert failed.is_set()
    out, err = running.communicate()
    assert (out, err) == ("", "")


def test_the_end_of_stdin_ends_a_supervised_one_and_its_ports_can_be_used_again(
    process: tuple[subprocess.Popen[str], dict[str, Any]],
) -> None:
    running, reported = process
    taken = start("--ports-from", json.dumps(reported))
    out, err = taken.communicate(timeout=60)
    port = reported["proxy_metrics_url"].split(":")[2].split("/")[0]
    assert (taken.returncode, out) == (2, "")
    assert err == f"proxy: cannot listen on 127.0.0.1:{port}: Address already in use\n"
    running.communicate(timeout=60)
    assert running.returncode == 0
    again = start("--ports-from", json.dumps(reported))
    assert again.stdout is not None
    assert json.loads(again.stdout.readline()) == reported
    again.send_signal(signal.SIGTERM)
    again.communicate(timeout=60)
    assert again.returncode == 0


def test_nonsense_for_ports_is_refused_in_one_line() -> None:
    refused = start("--ports-from", "nonsense")
    out, err = refused.communicate(timeout=60)
    assert (refused.returncode, out, err.count("\n")) == (2, "", 1)


def test_many_who_read_at_once_leave_no_heap_each(process: tuple[subprocess.Popen[str], dict[str, Any]]) -> None:
    running, reported = process
    with ThreadPoolExecutor(12) as pool:
        read = list(pool.map(requests.get, [reported["proxy_metrics_url"]] * 60))
    assert all(one.ok for one in read)
    assert heaps(running.pid) <= ARENAS
