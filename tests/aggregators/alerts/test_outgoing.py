"""What another tool is told of our alerts: labels that stay, severities that end; read back they make no doubles."""

from __future__ import annotations

from aggregators.alerts.actions import Verb, wish
from aggregators.alerts.alerts import AlertState, alerts
from aggregators.alerts.outgoing import RESOLVED_SECONDS, outgoing
from model.series import Event, Severity, labels_of
from store.snapshot import Snapshot

NOW = 1_700_000_000.0
SINCE = NOW - 100
LABELS = {"alertname": "PatternDown", "component": "redis", "pattern": "redis", "rule": "pattern_down",
          "severity": "critical", "reported_by": "prism-hud"}  # fmt: skip


def ours(ago: float, state: str, severity: Severity = Severity.CRITICAL) -> Event:
    labels = {"id": "pattern_down:redis:1", "rule": "pattern_down", "component": "redis", "state": state,
              "page": "/patterns/redis", "since": f"{SINCE}"}  # fmt: skip
    return Event(NOW - ago, "alert", severity, labels_of(labels), "redis is down")


def read_back(ago: float, state: str) -> Event:
    labels = labels_of(LABELS | {"fingerprint": "f", "state": state, "instance": "a:9093", "starts_at": f"{SINCE}"})
    return Event(NOW - ago, "alertmanager_alert", Severity.CRITICAL, labels, "redis is down")


def held(*events: Event) -> Snapshot:
    return Snapshot(events=tuple(sorted(events, key=lambda one: one.time)))


def test_what_fires_has_labels_that_depend_on_nothing_but_rule_component_and_severity() -> None:
    (one,) = outgoing(held(ours(100, "pending"), ours(98, "firing")), NOW)
    assert (dict(one.labels), one.starts, one.ends) == (LABELS, SINCE, None)
    assert (one.words, one.page) == ("redis is down", "/patterns/redis")


def test_what_is_only_pending_is_not_said() -> None:
    assert outgoing(held(ours(100, "pending")), NOW) == ()


def test_what_is_over_is_said_for_a_while() -> None:
    snapshot = held(ours(100, "firing"), ours(20, "resolved"))
    assert [one.ends for one in outgoing(snapshot, NOW)] == [NOW - 20]
    assert outgoing(snapshot, NOW + RESOLVED_SECONDS) == ()


def test_a_severity_that_an_alert_has_no_more_is_over_since_it_changed() -> None:
    warned = [ours(100, "firing", Severity.WARNING), ours(60, "firing"), ours(50, "firing")]
    found = {dict(one.labels)["severity"]: one.ends for one in outgoing(held(*warned), NOW)}
    assert found == {"critical": None, "warning": NOW - 60}
    back = {dict(one.labels)["severity"]: one.ends
            for one in outgoing(held(*warned, ours(10, "firing", Severity.WARNING)), NOW)}  # fmt: skip
    assert back == {"critical": NOW - 10, "warning": None}


def test_what_an_operator_silenced_here_is_over_there() -> None:
    (firing,) = alerts(held(ours(100, "firing")), NOW)
    labels = wish(firing, Verb.SILENCE, "ana", "deploy", NOW + 600)
    silence = Event(NOW - 30, "alert_action", Severity.INFO, labels_of(labels), "")
    assert [one.ends for one in outgoing(held(ours(100, "firing"), silence), NOW)] == [NOW - 30]


def test_our_own_alert_read_back_is_no_second_one_and_holds_nothing_open() -> None:
    (one,) = alerts(held(ours(100, "firing"), read_back(90, "firing")), NOW)
    assert (one.sources, one.open_in, one.muted_in) == (("HUD",), ("HUD",), ())
    (over,) = alerts(held(ours(100, "firing"), read_back(90, "firing"), ours(5, "resolved")), NOW)
    assert over.state is AlertState.RESOLVED


def test_what_another_dashboard_has_sent_there_is_none_of_ours_and_does_not_disappear() -> None:
    theirs = read_back(90, "firing")
    (alone,) = alerts(held(theirs), NOW)
    assert (alone.state, alone.sources) == (AlertState.FIRING, ("Alertmanager",))
    labels = labels_of(dict(theirs.labels) | {"component": "nats", "pattern": "nats"})
    another = Event(theirs.time, theirs.kind, theirs.severity, labels, "nats is down")
    mine, other = alerts(held(ours(20, "firing"), another), NOW)
    assert {mine.component, other.component} == {"redis", "nats"}
    assert {mine.sources, other.sources} == {("HUD",), ("Alertmanager",)}
    long_ago = held(ours(4000, "firing"), ours(3000, "resolved"), theirs)
    assert [one.is_active for one in alerts(long_ago, NOW)] == [True, False]


def test_that_ours_is_silenced_there_is_said_and_it_still_fires_here() -> None:
    (one,) = alerts(held(ours(100, "firing"), read_back(90, "firing"), read_back(50, "silenced")), NOW)
    assert (one.state, one.muted_in) == (AlertState.FIRING, ("Alertmanager",))
    (later,) = alerts(held(ours(100, "firing"), read_back(50, "silenced"), read_back(10, "firing")), NOW)
    assert later.muted_in == ()
