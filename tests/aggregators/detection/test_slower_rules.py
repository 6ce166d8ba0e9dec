"""Operations against their own past: half as slow again, on the way to four times as slow, and the burning budget."""

from __future__ import annotations

from collections.abc import Callable, Container

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregators.alerts.rules import BY_ID
from aggregators.detection.detection_inputs import DetectionInputs
from aggregators.detection.detections import FINDERS, Detector, evaluate
from aggregators.detection.finders.rising import rises
from aggregators.detection.persistence import goes_on
from aggregators.requests.attribution import Cells
from model.series import Kind, Scrape, Severity
from tests.aggregators.detection.reads import NOW, Fill, judged, reads_of

EDGES = ("0.0005", "0.001", "0.002", "0.005", "0.01", "0.025", "0.1", "+Inf")
OPERATIONS = (("redis", "Get"), ("redis", "Set"), ("nats", "Publish"), ("nats", "Subscribe"))
Factor = Callable[[int, str, str], float]
"""How many times as long as usual requests of an operation take, at a second up to 0."""


def proxy(factor: Factor, per_second: float = 60.0, usual: float = 0.004) -> Fill:
    """Requests that take anything up to `usual` seconds."""
    counts: dict[tuple[str, ...], float] = {}

    def fill(second: int, scrape: Scrape) -> None:
        for pattern, operation in OPERATIONS:
            for edge in EDGES:
                longest, place = usual * factor(second, pattern, operation), (pattern, operation, edge)
                counts[place] = counts.get(place, 0.0) + per_second * min(1.0, float(edge) / longest)
                scrape.add("prism_request_duration_seconds_bucket", counts[place], Kind.HISTOGRAM, le=edge,
                           pattern=pattern, operation=operation, namespace="payments")  # fmt: skip

    return fill


def since(second: int, factor: float, of: str = "") -> Factor:
    return lambda at, pattern, operation: factor if at > second and of in ("", pattern, operation) else 1.0


FAULTS: dict[str, tuple[str, Factor]] = {
    "one operation half as slow again": ("operation Get of redis", since(-8, 1.5, "Get")),
    "one pattern half as slow again": ("redis", since(-8, 1.5, "redis")),
    "everything half as slow again": ("all", since(-8, 1.5)),
    "an operation on its way to four times as slow": (
        "operation Get of redis", lambda at, pattern, name: 1 + max(0, at + 20) / 20 if name == "Get" else 1.0),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_who_is_slower_than_usual_is_named(name: str) -> None:
    component, factor = FAULTS[name]
    found = judged("operation_slow", reads_of(150, proxy=proxy(factor)))
    assert [one.component for one in found.values() if one.bad] == [component]
    assert "take longer than their usual P99 of" in found[component].words
    steady = reads_of(150, proxy=proxy(since(1, 1)))
    well = {one.component: one for one in evaluate(BY_ID["operation_slow"], steady, NOW, {component: None})}
    assert well[component].good and not well[component].bad


@pytest.mark.parametrize("name", ["calm", "a slow second", "few requests", "far below a millisecond"])
def test_benign_latency_names_nobody_louder_than_news(name: str) -> None:
    worlds = {
        "calm": proxy(since(1, 1)),
        "a slow second": proxy(lambda at, *_: 20.0 if at == -2 else 1.0),
        "few requests": proxy(since(-8, 1.5), per_second=1.0),
        "far below a millisecond": proxy(since(-8, 1.5), usual=0.0009),
    }
    found = judged("operation_slow", reads_of(150, proxy=worlds[name]))
    assert all(one.severity is Severity.INFO for one in found.values() if one.bad)


def ramp(begins: int, to: float, seconds: float, of: str = "") -> Factor:
    """From `begins` on they take longer and longer, `to` times as long after so many seconds."""
    return lambda at, pattern, name: (
        1 + (to - 1) * min(1.0, max(0, at - begins) / seconds) if of in ("", pattern) else 1.0
    )


@pytest.mark.parametrize(("component", "factor"), [
    ("redis", ramp(-9, 4, 60, "redis")),
    ("redis", ramp(-9, 12, 40, "redis")),
    ("all", ramp(-9, 4, 60)),
])  # fmt: skip
def test_answers_that_take_longer_and_longer_are_seen_on_the_way(component: str, factor: Factor) -> None:
    found = judged("latency_rising", reads_of(150, proxy=proxy(factor, per_second=400.0)))
    assert [one.component for one in found.values() if one.bad] == [component]
    assert "take longer and longer" in found[component].words


@pytest.mark.parametrize("factor", [
    since(1, 1), since(-8, 1.15), since(-120, 2.0), ramp(-60, 1.15, 60), ramp(-120, 3, 100),
    lambda at, *_: 20.0 if at == -2 else 1.0,
])  # fmt: skip
def test_what_does_not_grow_from_step_to_step_takes_not_longer_and_longer(factor: Factor) -> None:
    world = reads_of(150, proxy=proxy(factor, per_second=400.0))
    open_one = evaluate(BY_ID["latency_rising"], world, NOW, {"redis": None})
    assert not any(one.bad for one in open_one)
    assert {one.component for one in open_one if one.good} >= {"redis"}


@given(st.integers(0, 400), st.integers(400, 2000), st.floats(0.0, 1.0))
def test_steps_that_are_alike_do_not_rise(bad: int, total: int, before: float) -> None:
    alike = [(float(bad), float(total))] * 3
    assert not rises(alike, (before * 9000, 9000.0), 0.1)
    assert not rises(alike, (0.0, 0.0), 0.1)


def test_what_the_objective_says_already_is_left_to_it() -> None:
    world = reads_of(150, proxy=proxy(since(-8, 8, "redis")))
    detector = Detector()
    detector.step(world, NOW)
    watched = {rule for rule, component in detector.watches if component == "redis"}
    assert watched == {"latency_p99"}


def test_the_budget_burns_when_both_windows_of_a_pair_do() -> None:
    seldom = [second for second in range(-1900, 0) if second % 10]
    (one,) = judged("budget_burn", reads_of(1900, seldom, proxy=proxy(since(-1900, 10)))).values()
    assert one.bad and one.severity is Severity.CRITICAL
    assert "times as fast as it may" in one.words
    (calm,) = judged("budget_burn", reads_of(1900, seldom, proxy=proxy(since(1, 1)))).values()
    assert calm.good and not calm.bad


def test_of_a_few_minutes_no_budget_is_said_to_burn() -> None:
    assert judged("budget_burn", reads_of(400, proxy=proxy(since(-400, 10)))) == {}


def _asked_by(slow: Container[tuple[str, str]]) -> Fill:
    """Two namespaces that ask for Get and Set of one pattern; those of `slow` take eight times as long since 8 s."""
    counts: dict[tuple[str, ...], float] = {}

    def fill(second: int, scrape: Scrape) -> None:
        for namespace in ("payments", "catalog"):
            for operation in ("Get", "Set"):
                longest = 0.004 * (8 if second > -8 and (namespace, operation) in slow else 1)
                for edge in EDGES:
                    place = (namespace, operation, edge)
                    counts[place] = counts.get(place, 0.0) + 60.0 * min(1.0, float(edge) / longest)
                    scrape.add("prism_request_duration_seconds_bucket", counts[place], Kind.HISTOGRAM, le=edge,
                               pattern="redis", operation=operation, namespace=namespace)  # fmt: skip

    return fill


@pytest.mark.parametrize(("slow", "named"), [
    ({("payments", "Get"), ("catalog", "Get")}, ["operation Get of redis"]),
    ({("payments", "Get"), ("payments", "Set")}, []),
    ({("payments", "Get")}, []),
])  # fmt: skip
def test_an_operation_that_several_namespaces_find_slow_is_not_theirs(
    slow: set[tuple[str, str]], named: list[str]
) -> None:
    facts = DetectionInputs(reads_of(150, proxy=_asked_by(slow)), NOW)
    facts.blamed["latency_p99"] = {f"namespace {namespace}" for namespace, _ in slow}
    found = FINDERS["operation_slow"](BY_ID["operation_slow"], facts, {})
    assert [one.component for one in found if one.bad] == named


def test_what_only_a_long_window_still_shows_does_not_go_on() -> None:
    def cells(bad: float, total: float) -> Cells:
        return Cells(["redis"], ["staging"], np.array([[bad]]), np.array([[total]]))

    minute = cells(6.0, 40.0)
    assert goes_on("redis", minute, lambda window: cells(0.0, window), 0.01) == (False, 0.0)
    assert goes_on("redis", minute, lambda window: cells(window > 3, window), 0.01) == (True, 0.0)
    assert goes_on("redis", minute, lambda window: cells(0.0, window / 8), 0.01) == (True, 0.0), "nobody asked"
