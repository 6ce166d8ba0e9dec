"""A real Alertmanager of Debian's: alerts that begin, are silenced, inhibited and resolved, as it reports them."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from collectors.alerting.alertmanager import AlertmanagerCollector
from model.series import Event
from model.settings import SourceOptions
from tests.patience import until
from tests.servers.alertmanager_process import AlertmanagerProcess, stamp
from tests.servers.process import running

pytestmark = pytest.mark.server


class Edges:
    """A collector that reads the server."""

    def __init__(self, url: str) -> None:
        self.collector = AlertmanagerCollector(url, SourceOptions(interval_seconds=1.0, timeout_seconds=2.0))

    def next(self, count: int = 1) -> list[tuple[str | None, str | None]]:
        """(name, state) of the next edges; reads until there are so many."""
        found: list[Event] = []

        def enough() -> bool:
            if len(found) < count:
                found.extend(self.collector.collect(time.time).events)
            return len(found) >= count

        until(enough, lambda: f"no {count} edges, only {found}", pause=0.1)
        return sorted((event.label("alertname"), event.label("state")) for event in found)


@pytest.fixture(scope="module")
def alertmanager(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AlertmanagerProcess]:
    with running(AlertmanagerProcess(tmp_path_factory.mktemp("alertmanager"))) as server:
        yield server


@pytest.fixture
def edges(alertmanager: AlertmanagerProcess) -> Iterator[Edges]:
    one = Edges(alertmanager.url)
    yield one
    one.collector.close()


def test_a_real_alertmanagers_alerts_begin_are_silenced_inhibited_and_end(
    alertmanager: AlertmanagerProcess, edges: Edges
) -> None:
    alertmanager.fire("PatternSlow", "warning", pattern="redis")
    assert edges.next() == [("PatternSlow", "firing")]
    alertmanager.fire("PatternDown", "critical", pattern="redis")
    assert edges.next(2) == [("PatternDown", "firing"), ("PatternSlow", "inhibited")]
    alertmanager.silence("PatternDown")
    assert edges.next() == [("PatternDown", "silenced")]
    alertmanager.fire("PatternDown", "critical", pattern="redis", ended=True)
    assert edges.next(2) == [("PatternDown", "resolved"), ("PatternSlow", "firing")]
    alertmanager.fire("PatternSlow", "warning", pattern="redis", ended=True)
    assert edges.next() == [("PatternSlow", "resolved")]


def test_its_refusal_is_a_bare_json_text_as_we_take_it_for(alertmanager: AlertmanagerProcess) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{alertmanager.url}/api/v2/alerts?filter=x", timeout=5)
    assert refused.value.code == 400
    assert json.loads(refused.value.read()) == "bad matcher format: x"
    refused.value.close()


def test_none_of_hundreds_that_fire_is_said_to_be_over_and_those_that_are_shown_alike_are_two(
    alertmanager: AlertmanagerProcess, edges: Edges
) -> None:
    def alerts(ended: bool, count: int) -> list[dict[str, object]]:
        ends = {"endsAt": stamp(-1)} if ended else {}
        common = {"alertname": "TargetDown", "severity": "critical", "job": "node"}
        return [
            {"labels": {**common, "api_key": f"secret{at}"}, "startsAt": stamp(-3600 + at), **ends}
            for at in range(count)
        ]

    alertmanager.post("alerts", alerts(ended=False, count=450))
    assert edges.next(450) == [("TargetDown", "firing")] * 450
    assert edges.collector.collect(time.time).events == []
    alertmanager.post("alerts", alerts(ended=True, count=1))
    assert edges.next() == [("TargetDown", "resolved")]
    alertmanager.post("alerts", alerts(ended=True, count=450))
    assert edges.next(449) == [("TargetDown", "resolved")] * 449
