"""Latency by operation, its slowest request, and what each pattern handles, from summed or whole counters alike."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregators.performance.performance import Performance, performance
from aggregators.performance.performance_series import MOST_PATTERNS, performance_series
from aggregators.performance.slo import PROXY, SIGNOZ
from aggregators.series.quantiles import histogram_quantile
from collectors.exposition.rollup import RollUps
from model.series import Kind, Scrape
from model.sources import CollectError, ErrorKind, SourceState
from model.status import Reading
from store.snapshot import Snapshot, snapshot_of
from tests.aggregators.virtual_prism import START, VirtualPrism

EDGES = (0.001, 0.005, math.inf)
Place = tuple[str, str, str]
buckets = st.tuples(*[st.integers(0, 1000)] * len(EDGES))


def proxy(time: float, counts: Mapping[Place, Sequence[float]], sums: RollUps | None) -> Scrape:
    """A read; `counts` per bucket, not cumulative, by (namespace, pattern, operation)."""
    scrape = Scrape("proxy", "p:1", time)
    for (namespace, pattern, operation), reported in counts.items():
        labels = {"namespace": namespace, "pattern": pattern, "operation": operation}
        for edge, count in zip(EDGES, np.cumsum(reported).tolist(), strict=True):
            le = "+Inf" if math.isinf(edge) else f"{edge:g}"
            scrape.add("prism_request_duration_seconds_bucket", float(count), Kind.HISTOGRAM, le=le, **labels)
        scrape.add("prism_requests_total", float(sum(reported)), Kind.COUNTER, status="success", **labels)
    if sums is not None:
        sums.add(scrape)
    return scrape


def signoz(time: float, **maxima: float) -> Scrape:
    scrape = Scrape("signoz", "s:1", time)
    for operation, seconds in maxima.items():
        for quantile, share in (("0.5", 0.1), ("0.99", 0.5), ("max", 1.0)):
            scrape.add("signoz_operation_duration_seconds", seconds * share, operation=operation, quantile=quantile)
        scrape.add("signoz_operation_spans", 40.0, operation=operation)
    return scrape


def stored(scrapes: Sequence[Scrape], failing: Sequence[str] = ()) -> Snapshot:
    states = {}
    for one in scrapes:
        key = f"{one.source}@{one.instance}"
        states[key] = SourceState(key, one.source, one.instance, one.instance, 1.0).succeeded(one.time, 0.01, 1)
    for key, state in states.items():
        if state.source in failing:
            error = CollectError(ErrorKind.DOWN, "refused")
            states[key] = state.failed(state.last_success + 30, 0.01, error)
    return snapshot_of(scrapes, sources=states.values())


def asked(counts: Mapping[Place, Sequence[float]], summed: bool = True, *others: Scrape) -> Performance:
    """Nothing, then `counts`, ten seconds later."""
    sums = RollUps() if summed else None
    first = proxy(START, {place: [0.0] * len(EDGES) for place in counts}, sums)
    return performance(stored([first, proxy(START + 10, counts, sums), *others]), START + 10)


def rows(found: Performance) -> dict[tuple[str, str], tuple[float | None, ...]]:
    return {
        (one.pattern, one.operation): (one.p50.value, one.p99.value, one.p999.value, one.count.value)
        for one in found.operations
    }


@given(st.dictionaries(st.tuples(*[st.sampled_from("ab")] * 3), buckets, min_size=1), st.booleans())
def test_an_operation_is_one_histogram_over_all_namespaces(counts: dict[Place, tuple[int, ...]], summed: bool) -> None:
    found = rows(asked(counts, summed))
    for pattern, operation in {place[1:] for place in counts}:
        merged = np.sum([reported for place, reported in counts.items() if place[1:] == (pattern, operation)], axis=0)
        expected = [histogram_quantile(q, EDGES, np.cumsum(merged)).value for q in (0.5, 0.99, 0.999)]
        *quantiles, count = found[pattern, operation]
        assert quantiles == pytest.approx(expected)
        assert count == merged.sum()


def test_what_lies_beyond_the_edges_is_a_bound() -> None:
    (fast,) = asked({("n", "p", "Get"): (10, 0, 0)}).operations
    assert [(one.value, one.bound) for one in (fast.p50, fast.p99)] == [(0.001, "<")] * 2
    (slow,) = asked({("n", "p", "Get"): (0, 0, 10)}).operations
    assert [(one.value, one.bound) for one in (slow.p50, slow.p99)] == [(0.005, ">")] * 2


def test_the_slowest_comes_first_and_what_nobody_asked_for_last() -> None:
    found = asked({("n", "a", "Get"): (9, 1, 0), ("n", "b", "Get"): (0, 0, 0), ("n", "c", "Get"): (1, 9, 0)})
    assert [one.pattern for one in found.operations] == ["c", "a", "b"]
    assert found.operations[-1].p99.reading is Reading.NO_TRAFFIC
    assert found.operations[-1].count.value == 0


def test_the_maximum_is_the_longest_that_signoz_reported_within_the_hour() -> None:
    reported = [signoz(START - 5000, Get=9.0), signoz(START - 1800, Get=0.4), signoz(START + 10, Get=0.2)]
    (one,) = asked({("n", "p", "Get"): (5, 5, 0)}, True, *reported).operations
    assert (one.maximum.value, one.maximum.bound) == (0.4, "")
    assert "SigNoz" in one.maximum.note


def test_spans_name_no_pattern_so_of_one_among_several_the_maximum_is_a_bound() -> None:
    counts = {("n", "p", "Get"): (5, 0, 5), ("n", "q", "Get"): (5, 0, 5)}
    found = asked(counts, True, signoz(START + 10, Get=0.4)).operations
    assert {(one.maximum.value, one.maximum.bound) for one in found} == {(0.4, "<")}


def test_a_pattern_whose_histogram_counts_everything_below_an_edge_has_no_higher_bound() -> None:
    counts = {("n", "fast", "Get"): (10, 0, 0), ("n", "full", "Get"): (5, 0, 5)}
    found = {one.pattern: one.maximum for one in asked(counts, True, signoz(START + 10, Get=8.5)).operations}
    assert (found["fast"].value, found["fast"].bound) == (0.001, "<")
    assert "histogram" in found["fast"].note
    assert (found["full"].value, found["full"].bound) == (8.5, "<")


@pytest.mark.parametrize(("slowest", "bound"), [((0, 10, 0), (0.005, "<")), ((0, 990, 10), (0.005, ">"))])
def test_no_maximum_is_below_p999_where_signoz_kept_no_span_of_the_slowest(
    slowest: tuple[int, ...], bound: tuple[float, str]
) -> None:
    (one,) = asked({("n", "p", "Get"): slowest}, True, signoz(START + 10, Get=0.002)).operations
    assert (one.maximum.value, one.maximum.bound) == bound
    assert (one.p999.value or 0.0) <= bound[0]


def test_a_maximum_that_nobody_reports_is_not_reported_and_says_what_would() -> None:
    counts = {("n", "p", "Get"): (5, 5, 0)}
    (one,) = asked(counts).operations
    assert one.maximum.reading is Reading.NOT_REPORTED
    assert "signoz_operation_duration_seconds" in one.maximum.note
    (other,) = asked(counts, True, signoz(START + 10, Set=0.4)).operations
    assert other.maximum.reading is Reading.NOT_REPORTED
    assert "none of this operation's spans" in other.maximum.note


def test_without_a_histogram_operations_are_as_signoz_reports_them() -> None:
    empty = Scrape("proxy", "p:1", START + 10)
    empty.add("up", 1.0)
    found = performance(stored([empty, signoz(START + 10, Get=0.4)]), START + 10)
    (one,) = found.operations
    assert (one.pattern, one.operation, one.maximum.value) == ("", "Get", 0.4)
    assert one.p50.value == pytest.approx(0.04)
    assert one.p999.reading is Reading.NOT_REPORTED
    assert one.count.value == 40
    assert (found.operations_reported_by, found.operations_window.value) == (SIGNOZ, 300.0)
    assert found.p99.reading is Reading.NOT_REPORTED
    assert "prism_request_duration_seconds" in found.operations_note


def test_patterns_come_with_their_share_the_busiest_first(world: VirtualPrism) -> None:
    for _ in range(30):
        world.tick()
    found = performance(world.snapshot(), world.now)
    assert [one.per_second.value for one in found.patterns] == pytest.approx([100.0] * 4)
    assert [one.share.value for one in found.patterns] == pytest.approx([0.25] * 4)
    assert found.p99.value == pytest.approx(0.000994, abs=1e-5)
    assert found.operations_reported_by == PROXY
    assert found.operations_covered.value == pytest.approx(29.0)


def test_a_proxy_that_is_gone_leaves_old_figures_and_no_line_after_it() -> None:
    reads = [proxy(START + n, {("n", "p", "Get"): (8 * n, n, n)}, None) for n in range(120)]
    snapshot = stored(reads, failing=["proxy"])
    now = START + 160
    found = performance(snapshot, now)
    assert found.p99.reading is found.operations[0].p50.reading is Reading.STALE
    assert found.patterns[0].per_second.reading is Reading.STALE
    lines = performance_series(snapshot, now, 300, 5)
    assert lines.heat_reading is lines.throughput_reading is Reading.STALE
    assert max(lines.heat.times) <= START + 119


def test_the_heat_of_each_step_is_what_was_asked_in_it() -> None:
    reads = [proxy(START + n, {("n", "p", "Get"): (8 * n, n, n)}, None) for n in range(61) if not 20 < n <= 30]
    heat = performance_series(stored(reads), START + 60, 60, 5).heat
    assert heat.bounds == EDGES
    assert len(heat.times) == len(heat.counts) == len(heat.p50) == 12
    at = dict(zip(heat.times, heat.counts, strict=True))
    assert at[START + 5] == (40, 5, 5)
    assert at[START + 25] is None
    assert at[START + 30] is None
    assert at[START + 35] == (120, 15, 15)
    assert heat.p99[1] == 0.005
    assert heat.p99_bounds[1] == ">"


def test_reads_that_lack_the_family_are_a_gap_and_no_spike_comes_after_it() -> None:
    reads = [proxy(START + n, {("n", "p", "Get"): (8 * n, n, n)} if not 20 < n <= 30 else {}, None) for n in range(61)]
    for read in reads:
        read.add("up", 1.0)
    lines = performance_series(stored(reads), START + 60, 60, 5)
    ((_, line),) = lines.throughput.lines
    assert line[4:6] == (None, None)
    assert [one for one in line if one is not None] == pytest.approx([10.0] * 10)
    assert lines.heat.counts[4:6] == (None, None)


def test_a_proxy_that_reports_nothing_any_more_disturbs_no_other() -> None:
    reads = [proxy(START + n, {("n", "p", "Get"): (8 * n, n, n)}, None) for n in range(130)]
    for n in range(130):
        other = proxy(START + n, {("n", "p", "Get"): (1, 1, 1)} if n < 2 else {}, None)
        other.instance = "q:1"
        other.add("up", 1.0)
        reads.append(other)
    found = performance(stored(reads), START + 129)
    assert found.patterns[0].per_second.value == pytest.approx(10.0)


def test_a_step_without_requests_is_not_a_step_without_reads() -> None:
    reads = [proxy(START + n, {("n", "p", "Get"): (5, 0, 0)}, None) for n in range(31)]
    heat = performance_series(stored(reads), START + 30, 30, 5).heat
    assert set(heat.counts) == {(0.0, 0.0, 0.0)}
    assert set(heat.p99) == {None}


def test_beyond_six_patterns_the_rest_are_others_and_nothing_is_lost() -> None:
    reads = [
        proxy(START + n, {("n", f"p{at}", "Get"): (n * (20 - at), 0, 0) for at in range(9)}, None) for n in range(31)
    ]
    flow = performance_series(stored(reads), START + 30, 30, 5).throughput
    assert [name for name, _ in flow.lines] == [f"p{at}" for at in range(MOST_PATTERNS)]
    assert flow.more == 3
    assert flow.others[-1] == pytest.approx(14 + 13 + 12)
    assert sum(line[-1] or 0 for _, line in flow.lines) + (flow.others[-1] or 0) == pytest.approx(
        sum(20 - at for at in range(9))
    )


def test_among_many_patterns_slivers_are_others_too() -> None:
    rates = {"big": 990, **{f"small{at}": 1 for at in range(9)}}
    reads = [proxy(START + n, {("n", name, "Get"): (n * rate, 0, 0) for name, rate in rates.items()}, None)
             for n in range(31)]  # fmt: skip
    flow = performance_series(stored(reads), START + 30, 30, 5).throughput
    assert [name for name, _ in flow.lines] == ["big"]
    assert flow.more == 9
    assert flow.others[-1] == pytest.approx(9)


@pytest.mark.parametrize(("window", "step"), [(300.0, 5.0), (3600.0, 60.0), (86400.0, 720.0)])
def test_an_empty_store_has_empty_lines(window: float, step: float) -> None:
    lines = performance_series(Snapshot(), START, window, step)
    assert set(lines.heat.counts) == {None}
    assert lines.throughput.lines == ()
    assert lines.heat_reading is Reading.NOT_REPORTED
    assert performance(Snapshot(), START).operations == ()
