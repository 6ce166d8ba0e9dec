"""What a firing alert says follows the facts; how it began and its worst are kept; no new alert comes of it."""

from __future__ import annotations

import pytest

from aggregators.alerts.alerts import Alert, AlertState, alerts
from aggregators.alerts.rules import BY_ID
from aggregators.detection.alert_state_machine import (
    FIGURES_SECONDS,
    Stage,
    Watch,
    advance,
)
from aggregators.detection.condition import Condition
from aggregators.detection.detections import _restored
from model.series import Event, Severity
from store.snapshot import Snapshot
from tests.aggregators.virtual_prism import Watched

POOL = BY_ID["pool_use"]
NOW = 1_700_000_000.0


def row(watched: Watched, rule: str) -> Alert:
    (one,) = (one for one in alerts(watched.world.snapshot(), watched.world.now) if one.rule == rule)
    return one


def test_a_pool_that_fills_up_is_reported_as_full_and_began_nearly_full(watched: Watched) -> None:
    pools = watched.world.pools
    pools["redis"] = (46, 50, 0)
    watched.run(20)
    assert "is 92 % used: 46 of 50" in row(watched, "pool_use").words
    pools["redis"] = (50, 50, 0)
    watched.run(3)
    full = row(watched, "pool_use")
    assert "is full: 50 of 50" in full.words
    assert "92 %" in full.began_as
    pools["redis"] = (50, 50, 7)
    watched.run(3)
    waiting = row(watched, "pool_use")
    assert waiting.severity is Severity.CRITICAL
    assert "7 requests wait" in waiting.words
    pools["redis"] = (43, 50, 0)
    watched.run(25)
    milder = row(watched, "pool_use")
    assert (milder.state, milder.severity) == (AlertState.FIRING, Severity.WARNING)
    assert "is 86 % used: 43 of 50" in milder.words
    assert (milder.worst, milder.worst_severity) == (waiting.words, Severity.CRITICAL)
    pools["redis"] = (5, 50, 0)
    watched.run(20)
    over = row(watched, "pool_use")
    assert (over.state, over.severity, over.words) == (AlertState.RESOLVED, Severity.CRITICAL, waiting.words)
    assert (over.id, over.started, over.refires, over.began_as) == (full.id, full.started, 0, full.began_as)


def test_the_ratio_of_failing_requests_is_reported_as_it_rises_and_falls(watched: Watched) -> None:
    said = []
    for ratio in (0.03, 0.04, 0.08, 0.3, 0.03):
        watched.world.error_ratio["redis"] = ratio
        watched.run(25)
        said.append((row(watched, "error_ratio").words, row(watched, "error_ratio").severity))
    assert [words.partition(" of ")[0] for words, _ in said] == ["3 %", "4 %", "8 %", "30 %", "3 %"]
    assert [severity.value for _, severity in said] == ["warning", "warning", "critical", "critical", "warning"]
    assert row(watched, "error_ratio").worst.startswith("30 %")


def fired(figure: float = 0.92) -> Watch:
    watch = Watch(POOL, "redis", Stage.PENDING, started=NOW)
    watch.votes.extend([True, True])
    assert advance(watch, condition(figure), NOW)
    return watch


def condition(figure: float, waits: bool = False) -> Condition:
    words = f"is {100 * figure:.0f} % used" + (", some wait" if waits else "")
    return Condition("redis", True, False, words, Severity.CRITICAL if waits else None, figure=figure)


def reported(watch: Watch, seconds: int, *found: Condition, firing: int = 1) -> list[Event]:
    return [
        event
        for second in range(1, seconds + 1)
        for event in advance(watch, found[second % len(found)], NOW + second, firing)
    ]


@pytest.mark.parametrize("firing", [1, 50])
def test_figures_that_change_all_day_make_few_events(firing: int) -> None:
    events = reported(fired(), 86_400, condition(0.93), condition(0.94), condition(0.95), firing=firing)
    assert len(events) <= 86_400 / (FIGURES_SECONDS * firing) + 10
    assert len({event.label("id") for event in events}) == 1
    assert {event.label("state") for event in events} == {"firing"}


@pytest.mark.parametrize(("figure", "within"), [(0.95, 200), (1.9, 2), (0.4, 2)])
def test_a_figure_that_has_doubled_or_halved_is_said_soon_among_however_many(figure: float, within: int) -> None:
    (first, *_) = reported(fired(), 900, condition(figure), firing=20)
    assert first.time == NOW + within
    assert first.message == condition(figure).words


def test_a_figure_that_doubles_and_halves_all_day_makes_few_events() -> None:
    assert len(reported(fired(), 86_400, condition(0.4), condition(0.9), firing=50)) < 1500


def test_words_and_severity_that_flicker_all_day_make_few_events() -> None:
    events = reported(fired(), 86_400, condition(0.93), condition(1.0, waits=True))
    assert len(events) < 1500
    assert {event.severity for event in events} == {Severity.CRITICAL}


def test_what_is_not_known_changes_nothing() -> None:
    assert reported(fired(), 600, Condition("redis", False, False)) == []


def test_a_restarted_collector_still_knows_the_beginning_and_the_worst() -> None:
    watch = fired()
    edges = [*reported(watch, 5, condition(1.0, waits=True)), *reported(watch, 60, condition(0.93))]
    again = _restored(POOL, edges[-1])
    (last,) = advance(again, condition(0.94), NOW + 600)
    (one,) = alerts(Snapshot(events=[last]), last.time)
    assert (one.words, one.began_as) == ("is 94 % used", "is 92 % used")
    assert (one.worst, one.worst_severity) == ("is 100 % used, some wait", Severity.CRITICAL)


@pytest.mark.parametrize("back", [5.0, 3600.0, 40 * 86400.0])
def test_after_the_clock_was_set_back_what_fires_is_told_again_until_its_end(back: float) -> None:
    """The store forgets what lies ahead of the clock."""
    bad, good = Condition("redis", True, False, "full", figure=1.0), Condition("redis", False, True, "well", figure=0.1)
    watch, edges, now = Watch(POOL, "redis"), list[Event](), NOW
    for turn, condition in enumerate([bad] * 12 + [good] * 30):
        now += 1.0
        if turn == 8:
            now -= back
            edges = [one for one in edges if one.time <= now]
        edges += advance(watch, condition, now)
        if condition is bad and edges:
            assert alerts(Snapshot(events=tuple(edges)), now)[0].is_active
    assert alerts(Snapshot(events=tuple(edges)), now)[0].state is AlertState.RESOLVED
    assert [one.time for one in edges] == sorted(one.time for one in edges)
