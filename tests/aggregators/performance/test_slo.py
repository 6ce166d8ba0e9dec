"""The objective: shares of sums, budgets and burn rates, and how much of each window was read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregators.performance.slo import (
    PROXY,
    SIGNOZ,
    Compliance,
    burn_rate,
    compliance,
    error_budget_remaining_ratio,
    objective,
)
from aggregators.series.availability import Availability
from aggregators.series.quantiles import Share
from model.rollup import LATENCY
from model.series import Kind, Scrape
from model.slo import DAY_SECONDS, SLO
from model.sources import SourceState
from model.status import Reading
from store.snapshot import Snapshot, snapshot_of
from tests.aggregators.virtual_prism import START, VirtualPrism

FINE = Availability(Reading.VALUE, START)
EDGES = ("0.005", "0.01", "0.02", "+Inf")
ratios = st.floats(0.0, 1.0)
objectives = st.floats(0.5, 0.99999)


def reported(*reads: tuple[float, tuple[float, ...]], slo: SLO | None = None, week: Scrape | None = None) -> Snapshot:
    """Cumulative counts per edge at instants, minutes apart or less."""
    scrapes = []
    for time, counts in reads:
        scrape = Scrape("proxy", "p:1", time)
        for edge, count in zip(EDGES, counts, strict=True):
            scrape.add(LATENCY.summed, count, Kind.HISTOGRAM, le=edge, edges="x")
        scrapes.append(scrape)
    states = [SourceState("proxy@p:1", "proxy", "p:1", "p", 1.0).succeeded(reads[-1][0], 0.01, 1)]
    if week is not None:
        scrapes.append(week)
        states.append(SourceState("signoz@s:1", "signoz", "s:1", "s", 2.0).succeeded(week.time, 0.01, 1))
    return snapshot_of(scrapes, sources=states, meta={"slo": (slo or SLO()).reported()})


def steady(minutes: int, start: float = START, slow_share: float = 0.0) -> list[tuple[float, tuple[float, ...]]]:
    """A hundred requests a minute; this share of them between 10 and 20 ms."""
    return [
        (start + 60.0 * n, (50.0 * n, 100.0 * n * (1 - slow_share), 100.0 * n, 100.0 * n)) for n in range(minutes + 1)
    ]


def week_of(time: float, spans: float, fast: float, covered: float, threshold: float = 0.010) -> Scrape:
    scrape = Scrape("signoz", "s:1", time)
    scrape.add("signoz_compliance_spans", spans)
    scrape.add("signoz_compliance_fast_spans", fast)
    scrape.add("signoz_compliance_covered_seconds", covered)
    scrape.add("signoz_compliance_threshold_seconds", threshold)
    return scrape


def share(value: float | None, bound: str = "", slo: SLO | None = None) -> Compliance:
    return compliance(slo or SLO(), 300.0, Share(value, bound), 1000.0, 300.0, FINE)


def test_a_miss_is_a_miss_and_burns_the_budget_three_times_as_fast() -> None:
    one = share(0.997)
    assert one.met is False
    assert one.burn_rate.value == pytest.approx(3.0)
    assert one.budget_remaining.value == pytest.approx(-2.0)


def test_the_objective_itself_is_met_and_burns_at_one() -> None:
    one = share(0.999)
    assert one.met is True
    assert one.burn_rate.value == pytest.approx(1.0)
    assert one.budget_remaining.value == pytest.approx(0.0, abs=1e-9)


@given(ratios, objectives)
def test_what_is_left_and_what_is_burnt_make_one(sli: float, wanted: float) -> None:
    assert burn_rate(sli, wanted) + error_budget_remaining_ratio(sli, wanted) == pytest.approx(1.0)
    assert (burn_rate(sli, wanted) <= 1) == (sli >= wanted) or sli == pytest.approx(wanted)


@given(st.integers(0, 10**6), st.integers(1, 10**6), objectives)
def test_a_window_is_met_exactly_when_enough_were_fast(fast: int, slow: int, wanted: float) -> None:
    ratio = fast / (fast + slow)
    assert share(ratio, slo=SLO(objective_ratio=wanted)).met is (ratio >= wanted)


@pytest.mark.parametrize(
    ("value", "bound", "met", "burn_bound"),
    [(0.9995, "<", None, ">"), (0.5, "<", False, ">"), (0.9995, ">", True, "<"), (0.5, ">", None, "<")],
)
def test_a_bound_decides_only_what_it_is_enough_for(
    value: float, bound: str, met: bool | None, burn_bound: str
) -> None:
    one = share(value, bound)
    assert one.met is met
    assert (one.sli.bound, one.burn_rate.bound) == (bound, burn_bound)


def test_without_requests_there_is_no_share_and_no_hundred_percent() -> None:
    one = share(None)
    assert one.met is None
    assert {one.sli.reading, one.burn_rate.reading, one.budget_remaining.reading} == {Reading.NO_TRAFFIC}


def test_windows_are_sums_over_sums() -> None:
    """Four minutes with few slow requests, and one in which all are: counted, not averaged."""
    reads = [*steady(55), (START + 56 * 60, (2750.0, 5500.0, 5600.0, 5600.0))]
    found = objective(reported(*reads), START + 56 * 60)
    assert found.current.sli.value == pytest.approx(400 / 500)
    assert found.burns[0].long.sli.value == pytest.approx(5500 / 5600)
    assert found.burns[0].short.sli.value == found.current.sli.value


def test_the_threshold_and_the_objective_are_those_of_the_settings() -> None:
    slo = SLO(objective_ratio=0.4, threshold_seconds=0.005)
    found = objective(reported(*steady(10), slo=slo), START + 600)
    assert (found.objective.value, found.threshold.value) == (0.4, 0.005)
    assert found.current.sli.value == pytest.approx(0.5)
    assert found.current.met is True


@pytest.mark.parametrize(("threshold", "value", "bound"), [(0.001, 0.5, "<"), (0.5, 1.0, ">"), (0.0075, 0.75, "")])
def test_a_threshold_outside_of_the_edges_gives_a_bound(threshold: float, value: float, bound: str) -> None:
    found = objective(reported(*steady(10), slo=SLO(threshold_seconds=threshold)), START + 600)
    assert found.current.sli.value == pytest.approx(value)
    assert found.current.sli.bound == bound


def test_a_window_says_how_much_of_it_was_read() -> None:
    found = objective(reported(*steady(192)), START + 192 * 60)
    assert found.current.covered.value == 300
    assert found.current.is_whole
    assert found.burns[0].long.is_whole
    assert found.day.covered.value == pytest.approx(3 * 3600 + 12 * 60)
    assert not found.day.is_whole
    assert (found.week.covered.value, found.week.reported_by) == (found.day.covered.value, PROXY)


def test_what_was_not_read_in_between_is_not_covered_though_it_was_counted() -> None:
    reads = [one for one in steady(60) if not START + 600 < one[0] < START + 1800]
    found = objective(reported(*reads), START + 3600)
    assert found.burns[0].long.covered.value == 3600 - 1200
    assert found.burns[0].long.requests.value == 6000


def test_a_restarted_proxy_loses_and_invents_nothing() -> None:
    reads = [*steady(30), *((time + 1860, counts) for time, counts in steady(20))]
    found = objective(reported(*reads), START + 1860 + 1200)
    assert found.day.requests.value == 3000 + 2000
    assert found.day.sli.value == 1.0


def test_a_week_comes_from_signoz_when_it_reports_of_more() -> None:
    at = START + 3600
    found = objective(reported(*steady(60), week=week_of(at, 1000, 990, 6 * DAY_SECONDS)), at)
    assert (found.week.sli.value, found.week.reported_by) == (0.99, SIGNOZ)
    assert found.week.covered.value == 6 * DAY_SECONDS
    assert found.week.budget_remaining.value == pytest.approx(-9.0)
    assert found.day.reported_by == PROXY


@pytest.mark.parametrize(
    "week",
    [
        week_of(START + 3600, 1000, 990, 6 * DAY_SECONDS, threshold=0.5),
        week_of(START + 3600, 1000, 990, 60.0),
        week_of(START + 3600, 0, 0, 0.0),
    ],
    ids=["another threshold", "less than we read", "no spans"],
)
def test_else_it_is_what_we_read_ourselves(week: Scrape) -> None:
    found = objective(reported(*steady(60), week=week), START + 3600)
    assert (found.week.sli.value, found.week.reported_by) == (1.0, PROXY)


def test_both_windows_of_a_pair_must_burn() -> None:
    at = START + 3600
    slow = [*steady(54), *((START + 60.0 * n, (2700.0, 5400.0, 100.0 * n, 100.0 * n)) for n in range(55, 61))]
    assert [one.burning for one in objective(reported(*slow), at).burns] == [True, True]
    over = steady(30, slow_share=1.0)
    over += [(START + 60.0 * n, (1500.0, 100.0 * n - 3000, 100.0 * n, 100.0 * n)) for n in range(31, 61)]
    assert objective(reported(*over), at).burns[0].burning is False  # it is over


def test_an_absent_family_is_not_reported_and_a_dead_proxy_leaves_what_is_old(world: VirtualPrism) -> None:
    world.absent = ("prism_request_duration_seconds",)
    world.tick()
    world.tick()
    found = objective(world.snapshot(), world.now)
    assert found.current.sli.reading is Reading.NOT_REPORTED
    assert "prism_request_duration_seconds" in found.current.sli.note
    assert found.current.met is None
    assert found.burns[0].burning is None


def test_two_reads_are_needed(world: VirtualPrism) -> None:
    world.tick()
    found = objective(world.snapshot(), world.now)
    assert found.current.sli.reading is Reading.NOT_REPORTED
    assert "two reads" in found.current.sli.note


def test_an_empty_store_reports_nothing() -> None:
    found = objective(Snapshot(), START)
    assert found.current.sli.reading is found.week.sli.reading is Reading.NOT_REPORTED
