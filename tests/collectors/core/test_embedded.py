"""The embedded Prism: started, read, started again on its ports, never left behind."""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from collectors.embedded import EmbeddedError, EmbeddedPrism, settings_for
from model.settings import Settings

Eventually = Callable[[Callable[[], bool]], None]

pytestmark = pytest.mark.server

SIMULATOR = """
import json, sys
from pathlib import Path
log = Path(sys.argv[1])
log.open("a").write(json.dumps(sys.argv[2:]) + "\\n")
print(json.dumps({"proxy_metrics_url": "http://127.0.0.1:PORT/metrics"}), flush=True)
sys.stdin.read()
log.open("a").write('["gone"]\\n')
"""


@pytest.fixture
def start(tmp_path: Path, dead_port: int) -> Iterator[Callable[..., EmbeddedPrism]]:
    """An embedded Prism whose simulator is a script; it logs its arguments, and its end of input."""
    stop = threading.Event()
    made: list[EmbeddedPrism] = []

    def begin(body: str = "", **options: float) -> EmbeddedPrism:
        script = body or SIMULATOR.replace("PORT", str(dead_port))
        command = (sys.executable, "-c", script, str(tmp_path / "log"))
        prism = EmbeddedPrism(stop, command=command, restart_seconds=0.1, **options)
        made.append(prism)
        return prism

    yield begin
    stop.set()
    for prism in made:
        prism.close()


def logged(tmp_path: Path) -> list[list[str]]:
    log = tmp_path / "log"
    return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


def test_it_starts_on_the_rfcs_ports_or_on_free_ones(start: Callable[..., EmbeddedPrism], tmp_path: Path) -> None:
    prism = start()
    assert "proxy_metrics_url" in prism.start()
    assert logged(tmp_path) == [["--ports", "auto", "--past", "0"]]
    assert prism.pid is not None


def test_it_starts_where_an_earlier_run_had_it(
    start: Callable[..., EmbeddedPrism], tmp_path: Path, dead_port: int
) -> None:
    before = {"proxy_metrics_url": f"http://127.0.0.1:{dead_port}/metrics"}
    start().start(before)
    assert logged(tmp_path) == [["--ports-from", json.dumps(before), "--past", "0"]]


def test_it_starts_elsewhere_when_that_place_is_taken(
    start: Callable[..., EmbeddedPrism], tmp_path: Path, black_hole: int
) -> None:
    start().start({"proxy_metrics_url": f"http://127.0.0.1:{black_hole}/metrics"})
    assert logged(tmp_path) == [["--ports", "auto", "--past", "0"]]


def test_it_starts_elsewhere_when_the_simulator_refuses_that_place(
    start: Callable[..., EmbeddedPrism], tmp_path: Path
) -> None:
    picky = SIMULATOR.replace("PORT", "1") + "\n"
    picky = "import sys\nif '--ports-from' in sys.argv: sys.exit(2)\n" + picky
    start(picky).start({"proxy_metrics_url": "http://127.0.0.1:1/metrics"})
    assert logged(tmp_path) == [["--ports", "auto", "--past", "0"]]


def test_it_starts_again_on_the_same_ports(
    start: Callable[..., EmbeddedPrism], tmp_path: Path, eventually: Eventually, caplog: pytest.LogCaptureFixture
) -> None:
    prism = start()
    addresses = prism.start(past_hours=24.0)
    assert logged(tmp_path) == [["--ports", "auto", "--past", "24"]]
    assert prism.pid is not None
    os.kill(prism.pid, 9)
    eventually(lambda: len(logged(tmp_path)) == 2 and prism.pid is not None)
    assert logged(tmp_path)[1] == ["--ports-from", json.dumps(addresses), "--past", "0"]
    assert caplog.text.count("the simulated Prism ended") == 1


def test_it_leaves_the_ports_to_whoever_took_them_meanwhile(
    start: Callable[..., EmbeddedPrism], tmp_path: Path, dead_port: int, eventually: Eventually
) -> None:
    prism = start()
    prism.start()
    with socket.create_server(("127.0.0.1", dead_port)) as other:
        other.settimeout(5)
        assert prism.pid is not None
        os.kill(prism.pid, 9)
        for _ in range(2):
            other.accept()[0].close()  # it looks whether somebody is there
        assert len(logged(tmp_path)) == 1
    eventually(lambda: len(logged(tmp_path)) == 2)


def test_it_goes_when_the_collector_goes(
    start: Callable[..., EmbeddedPrism], tmp_path: Path, eventually: Eventually
) -> None:
    prism = start()
    prism.start()
    assert prism._child is not None
    assert prism._child.stdin is not None
    prism._child.stdin.close()  # what the system does when this process is killed
    eventually(lambda: ["gone"] in logged(tmp_path))


@pytest.mark.parametrize(
    ("body", "words"),
    [("raise SystemExit(2)", "ended"), ("print('hello')", "where it listens"), ("print([1])", "where it listens"),
     ("import time; time.sleep(60)", "no addresses within")],
)  # fmt: skip
def test_a_simulator_that_does_not_start_is_said(start: Callable[..., EmbeddedPrism], body: str, words: str) -> None:
    prism = start(body, start_seconds=0.8 if "sleep" in body else 10.0)
    with pytest.raises(EmbeddedError, match=words):
        prism.start()
    assert prism.pid is None


def test_its_addresses_become_the_settings() -> None:
    addresses = {
        "proxy_metrics_url": "http://127.0.0.1:1/metrics", "signoz_api_url": "http://127.0.0.1:2",
        "admin_api_url": "http://127.0.0.1:3", "patterns": {"redis": "127.0.0.1:4"},
    }  # fmt: skip
    found = settings_for(Settings(), addresses)
    assert found.proxy_metrics_url == ["http://127.0.0.1:1/metrics"]
    assert found.pattern_health_targets == ["redis=127.0.0.1:4"]
    assert (found.signoz_api_url, found.admin_api_url) == ("http://127.0.0.1:2", "http://127.0.0.1:3")
