"""The stand-in for Alertmanager reports the same alerts as the stand-in for SigNoz, in Alertmanager's shape."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

import pytest

from collectors.alerting.alertmanager import AlertmanagerCollector
from model.settings import SourceOptions
from simulator.prism import Prism
from simulator.servers.alertmanager import NAMES, Alertmanager
from simulator.sockets.http import Request
from simulator.traffic.alert_rules import RULES
from simulator.traffic.effects import Effects, PatternEffect
from simulator.traffic.traffic_model import TrafficModel

START = 1_700_000_000.0


def ask(traffic_model: TrafficModel, at: float, path: str = "/api/v2/alerts", **query: str) -> tuple[int, Any]:
    answer = Alertmanager(traffic_model, lambda: at)(Request("GET", path, query, {}, b""))
    return answer.status, json.loads(answer.body) if answer.content_type == "application/json" else answer.body


def names(reported: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    return sorted(
        (one["labels"]["alertname"], one["labels"].get("pattern", ""), one["status"]["state"]) for one in reported
    )


def test_what_is_open_in_the_books_is_on_the_bare_list(traffic_model: TrafficModel) -> None:
    status, reported = ask(traffic_model, START + 2)
    assert status == 200
    assert names(reported) == [("PatternRestartLoop", "nats", "active")]
    assert len(reported) == len(traffic_model.alerts.open)
    assert {rule.id for rule in RULES} == set(NAMES)


def test_a_pattern_that_is_down_inhibits_its_other_alerts_and_both_vanish_when_they_are_over(
    traffic_model: TrafficModel,
) -> None:
    traffic_model.change(Effects(patterns={"nats": PatternEffect(down=True)}), START + 5)
    _, reported = ask(traffic_model, START + 10)
    (down,) = [one for one in reported if one["labels"]["alertname"] == "PatternDown"]
    others = [one for one in reported if one is not down and one["labels"].get("pattern") == "nats"]
    assert others
    assert {one["status"]["state"] for one in others} == {"suppressed"}
    assert {by for one in others for by in one["status"]["inhibitedBy"]} == {down["fingerprint"]}
    assert {state for _, _, state in names(ask(traffic_model, START + 11, inhibited="false")[1])} == {"active"}
    traffic_model.change(Effects(), START + 12)
    assert "PatternDown" not in [name for name, _, _ in names(ask(traffic_model, START + 15)[1])]


@pytest.mark.parametrize(
    ("matcher", "count"),
    [('alertname="PatternRestartLoop"', 1), ("pattern!=nats", 0), ('pattern=~"na.*"', 1), ("pattern!~n.*", 0)],
)
def test_matchers_let_through_what_they_say(traffic_model: TrafficModel, matcher: str, count: int) -> None:
    assert len(ask(traffic_model, START + 2, filter=matcher)[1]) == count


@pytest.mark.parametrize("matcher", ["x", "", "a=~(", "1=2"])
def test_a_bad_matcher_is_refused_with_a_bare_text(traffic_model: TrafficModel, matcher: str) -> None:
    assert ask(traffic_model, START + 2, filter=matcher) == (400, f"bad matcher format: {matcher}")


def test_the_rest_of_its_routes(traffic_model: TrafficModel) -> None:
    assert ask(traffic_model, START, "/api/v2/status")[1]["versionInfo"]["version"] == "0.25.0"
    assert ask(traffic_model, START, "/-/healthy") == (200, b"OK")
    assert ask(traffic_model, START, "/api/v2/nope")[0] == ask(traffic_model, START, "/other")[0] == 404


def test_the_collector_reads_it_over_its_own_port_and_sees_it_go(prism: Prism) -> None:
    url = str(prism.addresses()["alertmanager_url"])
    collector = AlertmanagerCollector(url, SourceOptions(interval_seconds=1.0, timeout_seconds=2.0))
    scrape = collector.collect(lambda: prism.traffic_model.at)
    collector.close()
    assert {event.label("pattern") for event in scrape.events} == {"nats"}
    prism.board.add({"fault": "source_down", "target": "alertmanager"})
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(url, timeout=2)
