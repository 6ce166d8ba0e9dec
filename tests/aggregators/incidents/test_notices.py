"""For which incidents somebody who looks elsewhere is called, and by which names they are known again."""

from __future__ import annotations

from aggregators.alerts.rows import Action, Alert, AlertState
from aggregators.incidents.incident import incident_id
from aggregators.incidents.incidents import incidents_of
from aggregators.incidents.notices import ELSEWHERE, KINDS, Notice, notices
from model.series import Severity

NOW = 1_700_000_000.0


def alert(
    name: str,
    rule: str = "pattern_down",
    state: AlertState = AlertState.FIRING,
    severity: Severity = Severity.CRITICAL,
    acknowledged: bool = False,
) -> Alert:
    return Alert(
        id=f"{rule}:{name}:1", rule=rule, title=rule, family="down", severity=severity, component=name, state=state,
        started=NOW - 60, resolved_at=NOW if state is AlertState.RESOLVED else None, duration_seconds=60,
        words=f"{name} is down", page=f"/patterns/{name}", sources=("HUD",), open_in=("HUD",), worst_severity=severity,
        acknowledged=Action("ana", "", NOW - 5) if acknowledged else None,
    )  # fmt: skip


def called(*found: Alert) -> tuple[Notice, ...]:
    return notices(incidents_of(found, NOW))


def test_what_fires_calls_with_its_cause_and_the_family_of_its_rule() -> None:
    redis = alert("redis")
    (one,) = called(redis)
    assert (one.headline, one.severity, one.kinds) == ("redis is down", Severity.CRITICAL, ("Patterns",))
    assert (one.page, one.names, one.alerts) == (f"/incidents/{one.id}", (incident_id(redis),), 1)
    assert not one.seen_to


def test_information_and_what_is_pending_silenced_or_over_call_nobody() -> None:
    quiet = (AlertState.PENDING, AlertState.SILENCED, AlertState.INHIBITED, AlertState.RESOLVED)
    assert called(*(alert(state.value, state=state) for state in quiet)) == ()
    assert called(alert("redis", severity=Severity.INFO)) == ()


def test_alerts_of_one_cause_call_once_and_all_their_names_are_known() -> None:
    down, slow = alert("redis"), alert("redis", rule="latency_high", severity=Severity.WARNING)
    (one,) = called(down, slow)
    assert set(one.names) == {incident_id(down), incident_id(slow)}
    assert one.alerts == 2


def test_one_is_seen_to_when_all_of_it_is_acknowledged() -> None:
    down, slow = alert("redis", acknowledged=True), alert("redis", rule="latency_high", severity=Severity.WARNING)
    assert [one.seen_to for one in called(down)] == [True]
    assert [one.seen_to for one in called(down, slow)] == [False]


def test_an_alert_of_another_tool_has_a_kind_that_can_be_chosen_too() -> None:
    (one,) = called(alert("redis", rule="Somebody's own"))
    assert one.kinds == (ELSEWHERE,)
    assert ELSEWHERE in KINDS
