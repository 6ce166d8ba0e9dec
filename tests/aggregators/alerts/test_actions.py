"""Acknowledged and silenced alerts: by whom, why, until when; the last word holds."""

from __future__ import annotations

import pytest

from aggregators.alerts.actions import Verb, wish
from aggregators.alerts.alerts import Alert, AlertState, alerts
from aggregators.alerts.verdict import Look
from model.series import Event, Severity, labels_of
from store.snapshot import Snapshot

NOW = 1_700_000_000.0


def fires(ago: float, name: str = "1", state: str = "firing") -> Event:
    labels = {"id": f"pattern_down:redis:{name}", "rule": "pattern_down", "component": "redis", "state": state}
    return Event(NOW - ago, "alert", Severity.CRITICAL, labels_of(labels), "redis is down")


def did(ago: float, verb: Verb, alert: Alert, lasts: float | None = None) -> Event:
    until = None if lasts is None else NOW - ago + lasts
    labels = wish(alert, verb, "ana", "deploy", until)
    return Event(NOW - ago, "alert_action", Severity.INFO, labels_of(labels), labels.pop("message"))


def held(*events: Event) -> Snapshot:
    return Snapshot(events=tuple(sorted(events, key=lambda one: one.time)))


@pytest.fixture
def firing() -> Alert:
    return alerts(held(fires(100)), NOW)[0]


def test_an_acknowledged_alert_still_fires_and_says_who_sees_to_it(firing: Alert) -> None:
    snapshot = held(fires(100), did(50, Verb.ACKNOWLEDGE, firing))
    (one,) = alerts(snapshot, NOW)
    assert one.state is AlertState.FIRING
    assert one.acknowledged is not None
    assert (one.acknowledged.by, one.acknowledged.why, one.acknowledged.time) == ("ana", "deploy", NOW - 50)
    assert len(Look(snapshot, NOW).firing) == 1


def test_a_silenced_alert_lasts_and_calls_nobody_until_its_time_is_over(firing: Alert) -> None:
    snapshot = held(fires(100), did(50, Verb.SILENCE, firing, 60.0))
    (one,) = alerts(snapshot, NOW)
    assert (one.state, one.is_active, one.muted_in) == (AlertState.SILENCED, True, ("HUD",))
    assert Look(snapshot, NOW).firing == ()
    (later,) = alerts(snapshot, NOW + 20)
    assert (later.state, later.silenced) == (AlertState.FIRING, None)


def test_what_comes_back_is_silenced_too_but_has_to_be_seen_to_again(firing: Alert) -> None:
    done = [did(50, Verb.SILENCE, firing, 600.0), did(49, Verb.ACKNOWLEDGE, firing)]
    back = alerts(held(fires(100), *done, fires(40, state="resolved"), fires(10, "2")), NOW)
    assert [(one.state, one.acknowledged is None) for one in back] == [
        (AlertState.SILENCED, True), (AlertState.RESOLVED, False),
    ]  # fmt: skip


def test_lifting_ends_both(firing: Alert) -> None:
    done = [did(50, Verb.SILENCE, firing, 600.0), did(49, Verb.ACKNOWLEDGE, firing), did(10, Verb.LIFT, firing)]
    (one,) = alerts(held(fires(100), *done), NOW)
    assert (one.state, one.acknowledged, one.silenced) == (AlertState.FIRING, None, None)


def test_the_past_is_answered_as_it_was(firing: Alert) -> None:
    (one,) = alerts(held(fires(100), did(50, Verb.SILENCE, firing, 600.0)), NOW - 60)
    assert one.state is AlertState.FIRING
