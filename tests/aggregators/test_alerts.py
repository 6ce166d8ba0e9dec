"""Alerts from edges, and SigNoz's beside them without doubles."""

from __future__ import annotations

import pytest

from aggregators.alerts import AlertState, alerts, recent, signoz_family
from model.series import Event, Severity, labels_of
from store.snapshot import Snapshot

NOW = 1_700_000_000.0
PAGE = "/patterns/redis"


def ours(ago: float, state: str, rule: str = "pattern_down", component: str = "redis", **more: str) -> Event:
    labels = {"id": f"{rule}:{component}", "rule": rule, "component": component, "state": state, "page": PAGE} | more
    return Event(NOW - ago, "alert", Severity.CRITICAL, labels_of(labels), f"{component} is down")


def theirs(ago: float, state: str, name: str = "Pattern down", fingerprint: str = "f1", **labels: str) -> Event:
    told = {"alertname": name, "severity": "critical", "fingerprint": fingerprint, "state": state} | labels
    return Event(NOW - ago, "signoz_alert", Severity.CRITICAL, labels_of(told), "is not serving")


def snapshot(*events: Event) -> Snapshot:
    return Snapshot(events=tuple(sorted(events, key=lambda event: event.time)))


def test_an_alert_that_fires_lasts_until_now() -> None:
    (one,) = alerts(snapshot(ours(60, "pending"), ours(57, "firing", since=f"{NOW - 60}")), NOW)
    assert (one.state, one.started, one.duration_seconds) == (AlertState.FIRING, NOW - 60, 60)
    assert (one.words, one.page, one.sources, one.title) == ("redis is down", PAGE, ("HUD",), "Pattern down")


def test_an_alert_that_is_over_tells_when_and_how_long_it_was() -> None:
    (one,) = alerts(snapshot(ours(60, "firing"), ours(20, "resolved")), NOW)
    assert (one.state, one.resolved_at, one.duration_seconds, one.is_active) == (
        AlertState.RESOLVED,
        NOW - 20,
        40,
        False,
    )


def test_what_came_back_is_one_row_that_counts() -> None:
    (one,) = alerts(snapshot(ours(60, "firing"), ours(40, "resolved"), ours(30, "firing", refires="1")), NOW)
    assert (one.state, one.refires) == (AlertState.FIRING, 1)


def test_what_was_only_pending_and_went_leaves_no_row() -> None:
    assert alerts(snapshot(ours(60, "pending"), ours(58, "resolved")), NOW) == ()


def test_the_past_is_answered_as_it_was() -> None:
    told = snapshot(ours(60, "firing"), ours(20, "resolved"))
    assert alerts(told, NOW - 30)[0].state is AlertState.FIRING
    assert alerts(told, NOW - 90) == ()


def test_the_same_trouble_told_by_both_is_one_row() -> None:
    (one,) = alerts(snapshot(ours(60, "firing"), theirs(55, "firing", pattern="redis")), NOW)
    assert (one.sources, one.open_in, one.words) == (("HUD", "SigNoz"), ("HUD", "SigNoz"), "redis is down")


def test_ours_is_over_though_signoz_still_holds_it_open() -> None:
    told = snapshot(ours(60, "firing"), ours(10, "resolved"), theirs(55, "firing", pattern="redis"))
    (one,) = alerts(told, NOW)
    assert (one.state, one.open_in) == (AlertState.RESOLVED, ("SigNoz",))


@pytest.mark.parametrize(
    "other",
    [
        theirs(55, "firing", pattern="nats"),
        theirs(55, "firing", name="Pattern restart loop", pattern="redis"),
        theirs(4000, "firing", pattern="redis", fingerprint="old"),
    ],
)
def test_other_trouble_is_a_row_of_its_own(other: Event) -> None:
    told = snapshot(ours(60, "firing"), other, theirs(3000, "resolved", fingerprint="old", pattern="redis"))
    assert len(alerts(told, NOW)) == 2


def test_the_same_fingerprint_is_one_row_from_its_last_opening_on() -> None:
    told = snapshot(theirs(5000, "firing"), theirs(4000, "resolved"), theirs(60, "firing"))
    (one,) = alerts(told, NOW)
    assert (one.state, one.started, one.sources) == (AlertState.FIRING, NOW - 60, ("SigNoz",))


def test_an_end_told_twice_is_still_the_end_of_what_began() -> None:
    told = snapshot(theirs(1320, "firing"), theirs(900, "resolved"), theirs(899, "resolved"))
    (one,) = alerts(told, NOW)
    assert one.started == NOW - 1320
    assert one.duration_seconds == pytest.approx(421)


def test_signoz_says_what_and_whom() -> None:
    (one,) = alerts(snapshot(theirs(60, "firing", pattern="redis")), NOW)
    assert (one.words, one.component) == ("Pattern down (redis): is not serving", "redis")


def test_active_ones_come_first_then_the_latest_resolved() -> None:
    told = snapshot(
        *(ours(900 - at, "firing", component=f"p{at}", id=f"p{at}") for at in range(8)),
        *(ours(800 - at, "resolved", component=f"p{at}", id=f"p{at}") for at in range(1, 8)),
    )
    rows = recent(alerts(told, NOW), 5)
    assert [one.component for one in rows] == ["p0", "p7", "p6", "p5", "p4"]


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("Redis pool >90 %", "pool"),
        ("PatternRestartLoop", "restart"),
        ("Error ratio high", "errors"),
        ("HighP99Latency", "latency"),
        ("auth_failures", "auth"),
        ("Pattern down", "down"),
        ("Disk full", "disk full"),
    ],
)
def test_a_name_tells_the_kind_of_trouble(name: str, family: str) -> None:
    assert signoz_family(name) == family
