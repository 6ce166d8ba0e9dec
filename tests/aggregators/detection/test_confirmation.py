"""What looks bad once is read again at once: three votes take a second, and what is over by then calls nobody."""

from __future__ import annotations

import pytest

from aggregators.alerts.rules import RULES, Rule
from aggregators.alerts.rules.rule import Blamed
from tests.aggregators.virtual_prism import Watched, warmed

QUICK = 0.25


@pytest.fixture
def watched() -> Watched:
    """For long enough to know what is usual."""
    return warmed(90)


def look(watched: Watched, seconds: float) -> set[str]:
    """Let so much time pass, read everything, detect; the sources that are suspected then."""
    watched.world.tick(seconds)
    watched.world.events += watched.detector.step(watched.world.snapshot(), watched.world.now)
    return set(watched.detector.suspects)


@pytest.mark.parametrize(("rule", "attribute", "value"), [
    ("error_ratio", "error_ratio", 0.3), ("latency_p99", "slow", 0.05), ("pool_use", "pools", (20, 20, 3)),
])  # fmt: skip
def test_a_lasting_fault_fires_about_a_second_after_the_first_bad_read(
    watched: Watched, rule: str, attribute: str, value: object
) -> None:
    getattr(watched.world, attribute)["redis"] = value
    assert "proxy@p:8980" in look(watched, 1.0)
    waited = 0.0
    while (rule, "redis") not in watched.firing():
        waited += QUICK
        assert waited <= 1.25
        look(watched, QUICK)
    assert waited >= 0.75


@pytest.mark.parametrize("ratio", [0.3, 0.06])
def test_failures_fire_as_soon_as_they_have_lasted_longer_than_a_blip(ratio: float) -> None:
    watched = warmed(90, 400.0)
    watched.world.error_ratio["redis"] = ratio
    look(watched, 0.5)
    for _ in range(3):
        assert ("error_ratio", "redis") not in watched.firing()
        look(watched, QUICK)
    assert ("error_ratio", "redis") in watched.firing()


@pytest.mark.parametrize("phase", [0.05, 0.25, 0.45, 0.95])
def test_failures_of_half_a_second_fire_nothing_whenever_they_are_read(phase: float) -> None:
    watched = warmed(90, 400.0)
    before = watched.firing()
    steps = [min(phase, 0.5), *[QUICK] * 40]
    left = 0.5
    for step in steps:
        watched.world.error_ratio[""] = 0.2 * min(left, step) / step if left > 0 else 0.0
        left -= step
        look(watched, step)
    assert watched.firing() == before


def test_slow_answers_of_a_pause_wait_longer_than_those_that_no_pause_makes(watched: Watched) -> None:
    watched.world.slow["redis"] = 0.5
    look(watched, 1.0)
    for _ in range(3):
        look(watched, QUICK)
        assert ("latency_p99", "redis") not in watched.firing()


@pytest.mark.parametrize("phase", [0.05, 0.25, 0.5, 0.75, 0.95])
@pytest.mark.parametrize("rate", [2.0, 40.0, 400.0])
def test_a_second_of_slow_answers_fires_nothing_whenever_it_is_read(phase: float, rate: float) -> None:
    watched = warmed(140, rate)
    before = watched.firing()
    left = 1.0
    for step in (phase, *[QUICK] * 40):
        watched.world.slow[""] = 0.9 * min(left, step) / step if left > 0 else 0.0
        left -= step
        look(watched, step)
    assert watched.firing() == before


@pytest.mark.parametrize("rule", [one for one in RULES if one.votes[0] > 1], ids=lambda one: one.id)
def test_every_figure_that_is_voted_on_has_a_source_that_can_be_read_again(rule: Rule) -> None:
    of_ourselves = rule.blames in (Blamed.DASHBOARD, Blamed.SOURCE)
    assert rule.read_from or of_ourselves


def test_who_hovers_about_a_limit_is_not_read_at_once_for_ever(watched: Watched) -> None:
    suspected = []
    for at in range(60):
        watched.world.pools["redis"] = (7 if at % 3 else 10, 10, 0)
        suspected.append(look(watched, QUICK))
    assert suspected[0] and not any(suspected[-6:])


def test_nothing_is_suspected_while_all_is_calm(watched: Watched) -> None:
    assert look(watched, 1.0) == set()


@pytest.mark.parametrize(("attribute", "value"), [("error_ratio", 1.0), ("slow", 0.5)])
def test_a_blip_in_one_read_fires_nothing_and_is_soon_suspected_no_more(
    watched: Watched, attribute: str, value: float
) -> None:
    before = watched.firing()
    getattr(watched.world, attribute)[""] = value
    look(watched, 1.0)
    getattr(watched.world, attribute).clear()
    suspected = [look(watched, QUICK) for _ in range(30)]
    assert watched.firing() == before
    assert suspected[-1] == set()


def test_a_fault_that_is_over_within_half_a_second_fires_nothing(watched: Watched) -> None:
    watched.world.pools["redis"] = (10, 10, 4)
    look(watched, 1.0)
    look(watched, QUICK)
    watched.world.pools["redis"] = (7, 10, 0)
    for _ in range(8):
        look(watched, QUICK)
    assert ("pool_use", "redis") not in watched.firing()


def test_a_machine_that_wakes_has_lost_no_source_before_it_could_ask_again(watched: Watched) -> None:
    world, woken = watched.world.snapshot(), watched.world.now + 600.0
    edges = [one for after in range(5) for one in watched.detector.step(world, woken + after)]
    assert not [one for one in edges if one.label("rule") == "source_lost"]
    later = [one for after in range(5, 60) for one in watched.detector.step(world, woken + after)]
    assert [one for one in later if one.label("rule") == "source_lost"], "nobody has read anything for a minute"
