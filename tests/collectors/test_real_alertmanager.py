"""A real Alertmanager of Debian's: alerts that begin, are silenced, inhibited and resolved, as it tells of them."""

from __future__ import annotations

import json
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bench.processes import free_port
from collectors.alertmanager import AlertmanagerCollector
from model.series import Event
from model.settings import SourceOptions
from tests.patience import patience

CONFIG = """
route: {receiver: none, group_wait: 1s}
receivers: [{name: none}]
inhibit_rules:
  - source_matchers: ['alertname = PatternDown']
    target_matchers: ['severity = warning']
    equal: [pattern]
"""


class Alertmanager:
    """The server at `url`, and a collector that reads it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.collector = AlertmanagerCollector(url, SourceOptions(interval_seconds=1.0, timeout_seconds=2.0))

    def post(self, path: str, body: Any) -> Any:
        request = urllib.request.Request(
            f"{self.url}/api/v2/{path}", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=5) as answer:
            said = answer.read()
            return json.loads(said) if said else None

    def fire(self, name: str, severity: str, ended: bool = False, **labels: str) -> None:
        """Send an alert, as Prometheus does; `ended` resolves it."""
        alert: dict[str, Any] = {
            "labels": {"alertname": name, "severity": severity, **labels},
            "annotations": {"summary": f"words of {name}"},
            "startsAt": stamp(-60),
        }
        self.post("alerts", [alert | ({"endsAt": stamp(-1)} if ended else {})])

    def silence(self, name: str) -> str:
        matcher = {"name": "alertname", "value": name, "isRegex": False, "isEqual": True}
        wish = {"matchers": [matcher], "startsAt": stamp(0), "endsAt": stamp(600), "createdBy": "t", "comment": "t"}
        return str(self.post("silences", wish)["silenceID"])

    def next_edges(self, count: int = 1) -> list[tuple[str | None, str | None]]:
        """(name, state) of the next edges; reads until there are so many."""
        deadline = time.monotonic() + 10 * patience()
        found: list[Event] = []
        while len(found) < count:
            assert time.monotonic() < deadline, f"no {count} edges, only {found}"
            found += self.collector.collect(time.time).events
        return sorted((event.label("alertname"), event.label("state")) for event in found)


def stamp(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


@pytest.fixture(scope="module")
def alertmanager(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alertmanager]:
    home = tmp_path_factory.mktemp("alertmanager")
    (home / "am.yml").write_text(CONFIG)
    port = free_port()
    process = subprocess.Popen(
        ["prometheus-alertmanager", "--config.file=am.yml", "--storage.path=data", "--cluster.listen-address=",
         f"--web.listen-address=127.0.0.1:{port}"],
        cwd=home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        url = f"http://127.0.0.1:{port}"
        until(lambda: answers(f"{url}/-/ready"))
        one = Alertmanager(url)
        yield one
        one.collector.close()
    finally:
        process.terminate()
        process.wait(timeout=20)


def answers(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=2).close()
    except OSError:
        return False
    return True


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20 * patience()
    while not true():
        assert time.monotonic() < deadline, "Alertmanager did not start"


@pytest.mark.server
def test_a_real_alertmanagers_alerts_begin_are_silenced_inhibited_and_end(alertmanager: Alertmanager) -> None:
    alertmanager.fire("PatternSlow", "warning", pattern="redis")
    assert alertmanager.next_edges() == [("PatternSlow", "firing")]
    alertmanager.fire("PatternDown", "critical", pattern="redis")
    assert alertmanager.next_edges(2) == [("PatternDown", "firing"), ("PatternSlow", "inhibited")]
    alertmanager.silence("PatternDown")
    assert alertmanager.next_edges() == [("PatternDown", "silenced")]
    alertmanager.fire("PatternDown", "critical", pattern="redis", ended=True)
    assert alertmanager.next_edges(2) == [("PatternDown", "resolved"), ("PatternSlow", "firing")]
    alertmanager.fire("PatternSlow", "warning", pattern="redis", ended=True)
    assert alertmanager.next_edges() == [("PatternSlow", "resolved")]


@pytest.mark.server
def test_its_refusal_is_a_bare_json_text_as_we_take_it_for(alertmanager: Alertmanager) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{alertmanager.url}/api/v2/alerts?filter=x", timeout=5)
    assert refused.value.code == 400
    assert json.loads(refused.value.read()) == "bad matcher format: x"
    refused.value.close()
