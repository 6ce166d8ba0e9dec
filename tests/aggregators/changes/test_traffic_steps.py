"""A step in traffic is said once, with the levels before and after it, and nothing else is called one."""

from __future__ import annotations

import numpy as np
import pytest

from aggregators.changes.traffic_steps import SLOT_SECONDS, Step, step_in
from aggregators.changes.words import steps_of
from aggregators.requests.attribution import ALL, NAMESPACE

START, SECONDS = 1_700_000_000.0, 900


def said(per_second: np.ndarray, seed: int = 1) -> list[Step]:
    """The steps found slot by slot in requests that come at these rates, a figure for each second, by chance."""
    counted = np.random.default_rng(seed).poisson(per_second).reshape(-1, int(SLOT_SECONDS)).sum(axis=1)
    rates, found, first = counted / SLOT_SECONDS, [], 0
    for last in range(1, len(rates) + 1):
        step = step_in(rates[max(first, last - 30) : last], START + last * SLOT_SECONDS)
        if step is not None:
            found.append(step)
            first = last - 3
    return found


def levels(*parts: tuple[float, int]) -> np.ndarray:
    return np.concatenate([np.full(seconds, rate) for rate, seconds in parts])


@pytest.mark.parametrize("at", range(300, 310))
@pytest.mark.parametrize(("before", "after"), [(400.0, 900.0), (400.0, 100.0), (20.0, 60.0), (400.0, 0.0), (0.0, 50.0)])
def test_a_step_is_said_once_with_both_levels_and_its_second(before: float, after: float, at: int) -> None:
    (step,) = said(levels((before, at), (after, SECONDS - at)))
    assert step.before == pytest.approx(before, rel=0.15)
    assert step.after == pytest.approx(after, rel=0.15), "no blend of both"
    assert step.at == pytest.approx(START + at, abs=3.0)


def test_it_is_said_when_the_new_level_has_held_and_not_before() -> None:
    assert said(levels((400.0, 300), (900.0, 20))) == []
    assert len(said(levels((400.0, 300), (900.0, 40)))) == 1


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("rate", [0.3, 2.0, 20.0, 400.0])
def test_chance_is_no_step(rate: float, seed: int) -> None:
    assert said(levels((rate, 1800)), seed) == []


def test_the_rhythm_of_a_day_is_no_step() -> None:
    day = 300.0 * (1.0 + 0.9 * np.sin(np.arange(86400) / 86400 * 2 * np.pi))
    assert said(day) == []


def test_a_slow_rise_and_a_short_burst_are_no_steps() -> None:
    rise = np.concatenate([np.full(300, 200.0), np.linspace(200.0, 600.0, 300), np.full(300, 600.0)])
    assert said(rise) == []
    assert said(levels((200.0, 300), (900.0, 15), (200.0, 585))) == []


def test_a_batch_that_comes_again_and_again_is_no_step_after_the_first() -> None:
    assert said(levels(*[(100.0, 60), (160.0, 60)] * 7)) == []


def test_who_moves_with_everybody_is_news_of_themselves_only() -> None:
    steps = {ALL: Step(1.0, 100.0, 200.0), "redis": Step(1.0, 50.0, 100.0), f"{NAMESPACE}bulk": Step(1.0, 5.0, 60.0)}
    found = {one.component: one for one in steps_of(steps)}
    assert found[ALL].words == "all requests rose from 100 /s to 200 /s"
    assert not found[ALL].shared
    assert found["redis"].shared
    assert not found["namespace bulk"].shared
