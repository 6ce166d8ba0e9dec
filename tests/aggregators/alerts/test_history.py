"""The history of a day: filters, tallies, who reports, and how many alerts were open when."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregators.alerts.alert_series import STEP_SECONDS, open_alerts
from aggregators.alerts.alerts import Alert, AlertState, alerts
from aggregators.alerts.history import SEVERITIES, alert_history
from model.series import Event, Kind, Scrape, Severity, labels_of
from model.sources import CollectError, ErrorKind, SourceState
from store.snapshot import Snapshot, snapshot_of

NOW = 1_700_000_000.0


def reported(ago: float, state: str, component: str, severity: Severity = Severity.WARNING) -> Event:
    labels = {"id": f"x:{component}", "rule": "error_ratio", "component": component, "state": state, "page": "/"}
    return Event(NOW - ago, "alert", severity, labels_of(labels), f"{component} fails")


EVENTS = (
    reported(9000, "firing", "nats"),
    reported(8000, "resolved", "nats"),
    reported(600, "firing", "redis", Severity.CRITICAL),
    reported(500, "firing", ""),
    reported(400, "pending", "nats2"),
)
SNAPSHOT = Snapshot(events=EVENTS, meta={"collector_alive_at": NOW})


@pytest.mark.parametrize(
    ("wanted", "shown"),
    [
        ({}, ["redis", "", "nats2", "nats"]),
        ({"severity": "critical"}, ["redis"]),
        ({"severity": "CRITICAL", "component": "Redis", "state": "firing"}, ["redis"]),
        ({"state": "active"}, ["redis", "", "nats2"]),
        ({"state": "resolved"}, ["nats"]),
        ({"component": "all"}, [""]),
        ({"component": "nats"}, ["nats"]),
        ({"severity": "purple"}, []),
        ({"component": "<script>"}, []),
        ({"state": "gone"}, []),
    ],
)
def test_the_filters_let_through_what_they_name(wanted: dict[str, str], shown: list[str]) -> None:
    answer = alert_history(SNAPSHOT, NOW, **wanted)
    assert [one.component for one in answer.alerts] == shown
    assert answer.total == 4


def test_each_tally_counts_what_the_other_filters_let_through() -> None:
    answer = alert_history(SNAPSHOT, NOW, severity="warning", state="active")
    assert {one.name: one.count for one in answer.by_severity} == {"critical": 1, "warning": 2, "info": 0}
    assert {one.name: one.count for one in answer.by_component} == {"all": 1, "nats2": 1}
    assert {one.name: (one.count, one.active) for one in answer.by_state if one.count} == {
        "firing": (1, 1), "pending": (1, 1), "resolved": (1, 0),
    }  # fmt: skip
    assert sum(one.count for one in answer.states) == answer.total


SELECTIONS = st.fixed_dictionaries(
    {
        "severity": st.sampled_from(["", "critical", "warning", "nonsense"]),
        "component": st.sampled_from(["", "redis", "nats", "all", "x"]),
        "state": st.sampled_from(["", "active", "firing", "resolved", "x"]),
    }
)


@given(SELECTIONS)
def test_a_tally_reports_how_many_rows_choosing_it_shows(wanted: dict[str, str]) -> None:
    answer = alert_history(SNAPSHOT, NOW, **wanted)
    for name, tallies in (("severity", answer.by_severity), ("component", answer.by_component),
                          ("state", answer.by_state)):  # fmt: skip
        for one in tallies:
            assert len(alert_history(SNAPSHOT, NOW, **{**wanted, name: one.name}).alerts) == one.count


def source(kind: str, **facts: float) -> SourceState:
    return replace(SourceState(f"{kind}@a:1", kind, "a:1", "http://a:1", 2.0), **facts)  # type: ignore[arg-type]


def test_who_reports_of_alerts_is_said_configured_or_not_read_or_gone() -> None:
    lost = source("signoz", last_success=NOW - 40).failed(NOW - 30, 0.1, CollectError(ErrorKind.DOWN, "refused"))
    ours, signoz, alertmanager = alert_history(replace(SNAPSHOT, sources={lost.key: lost}), NOW).origins
    assert (ours.name, ours.word) == ("HUD", "ok")
    assert (signoz.word, signoz.detail, signoz.age_seconds) == ("down", "refused", 40)
    assert (alertmanager.word, alertmanager.detail) == ("not configured", "ALERTMANAGER_URL would name it")
    read = source("alertmanager").succeeded(NOW - 1, 0.1, 3)
    assert alert_history(replace(SNAPSHOT, sources={read.key: read}), NOW).origins[2].word == "ok"


@pytest.mark.parametrize(("alive", "word"), [(NOW - 60, "silent"), (0.0, "not run yet")])
def test_a_collector_that_does_not_run_does_not_look(alive: float, word: str) -> None:
    assert alert_history(replace(SNAPSHOT, meta={"collector_alive_at": alive}), NOW).origins[0].word == word


def row(started: float, resolved: float | None, severity: Severity) -> Alert:
    state = AlertState.FIRING if resolved is None else AlertState.RESOLVED
    return replace(
        alerts(SNAPSHOT, NOW)[0], started=NOW - started, severity=severity, state=state,
        resolved_at=None if resolved is None else NOW - resolved,
    )  # fmt: skip


def watched(*ago: float) -> Snapshot:
    scrapes = []
    for one in ago:
        scrape = Scrape("hud", "collector", NOW - one)
        scrape.add("hud_source_success", 1.0, Kind.GAUGE, source="proxy", target="a:1")
        scrapes.append(scrape)
    return snapshot_of(scrapes)


def test_an_alert_counts_in_every_step_in_which_it_was_open() -> None:
    answer = open_alerts(watched(), NOW, [row(2 * STEP_SECONDS, None, Severity.CRITICAL)])
    assert [one for one in answer.by_severity[0] if one is not None] == [1, 1, 1]
    assert answer.ends[-1] - STEP_SECONDS <= NOW < answer.ends[-1]
    assert answer.ends[-1] - answer.ends[0] == 47 * STEP_SECONDS


def test_where_nobody_watched_there_is_no_count_and_where_somebody_did_there_may_be_none() -> None:
    answer = open_alerts(watched(0.0, 5 * STEP_SECONDS), NOW, [])
    for counts in answer.by_severity:
        assert [at for at, one in enumerate(counts) if one is not None] == [42, 47]
        assert {one for one in counts if one is not None} == {0}


ROWS = st.lists(
    st.tuples(st.floats(1, 86_000), st.floats(0, 1), st.booleans(), st.sampled_from(SEVERITIES)), max_size=6
)


@given(ROWS)
def test_no_step_holds_more_alerts_than_there_are_and_the_last_all_that_are_open(
    given_rows: list[tuple[float, float, bool, Severity]],
) -> None:
    found = [row(ago, ago * part if over else None, severity) for ago, part, over, severity in given_rows]
    answer = open_alerts(watched(0.0), NOW, found)
    open_now = sum(one.is_active for one in found)
    sums = [sum(one or 0 for one in step) for step in zip(*answer.by_severity, strict=True)]
    assert max(sums) <= len(found)
    assert open_now <= sums[-1] <= len(found)
