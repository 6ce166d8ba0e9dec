"""What /metrics says of our alerts, read back as Prometheus reads it."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from model.series import Event, Severity, labels_of
from store.snapshot import Snapshot
from web.hub import HubStats
from web.own.metrics import MOST_ALERTS, OwnMetrics

NOW = 1_700_000_000.0


def edge(ago: float, state: str, component: str = "redis", severity: Severity = Severity.CRITICAL) -> Event:
    labels = {"id": f"pattern_down:{component}:1", "rule": "pattern_down", "component": component, "state": state,
              "page": f"/patterns/{component}", "since": f"{NOW - 100}"}  # fmt: skip
    return Event(NOW - ago, "alert", severity, labels_of(labels), "down")


def families(*events: Event) -> dict[str, dict[tuple[str, ...], float]]:
    registry = CollectorRegistry()
    registry.register(OwnMetrics(Snapshot(events=events), HubStats(), NOW))
    found = text_string_to_metric_families(generate_latest(registry).decode())
    return {one.name: {tuple(row.labels.values()): row.value for row in one.samples} for one in found}


def test_an_alert_that_fires_is_a_one_and_for_a_while_after_a_zero() -> None:
    key = ("redis", "pattern_down", "critical")
    fires = families(edge(90, "firing"))["hud_alert_firing"]
    assert {tuple(sorted(labels)): value for labels, value in fires.items()} == {tuple(sorted(key)): 1.0}
    assert set(families(edge(90, "firing"), edge(30, "resolved"))["hud_alert_firing"].values()) == {0.0}
    assert families(edge(5000, "firing"), edge(4000, "resolved"))["hud_alert_firing"] == {}
    assert families(edge(90, "pending"))["hud_alert_firing"] == {}


def test_a_severity_that_it_has_no_more_is_a_zero_beside_the_one_that_it_has() -> None:
    said = families(edge(90, "firing", severity=Severity.WARNING), edge(60, "firing"))["hud_alert_firing"]
    assert {labels[-1]: value for labels, value in said.items()} == {"warning": 0.0, "critical": 1.0}


def test_names_are_escaped_and_the_same_alert_is_one_series() -> None:
    said = families(edge(90, "firing", component='a"b\\c\nd'), edge(80, "firing", component='a"b\\c\nd'))
    assert [labels for labels in said["hud_alert_firing"] if 'a"b\\c\nd' in labels] == list(said["hud_alert_firing"])
    assert len(said["hud_alert_firing"]) == 1


def test_however_many_there_are_the_series_are_bounded_and_what_is_left_out_is_counted() -> None:
    many = [edge(90, "firing", component=f"p{at}", severity=Severity.WARNING) for at in range(MOST_ALERTS + 5)]
    said = families(*many, edge(90, "firing", component="worst"))
    assert len(said["hud_alert_firing"]) == MOST_ALERTS
    assert any("worst" in labels for labels in said["hud_alert_firing"])
    assert said["hud_alerts_left_out"] == {(): 6.0}
