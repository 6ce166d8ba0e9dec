"""What is no histogram where one was expected is "not reported" and says why, on the page and in `--check`."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregators.requests.traffic import traffic
from collectors.check.histograms import Unusable, unusable_histograms
from collectors.exposition.naming import Naming
from collectors.exposition.parser import ExpositionCache, parse_exposition
from collectors.exposition.rollup import RollUps
from model.histogram_shape import NO_BUCKETS, NO_EDGE, NO_INFINITE, ONLY_INFINITE, PLAIN, SUMMARY, histogram_fault
from model.measure import Measure
from model.series import Scrape
from model.settings import Aliases
from model.sources import SourceState
from model.status import Reading
from store.snapshot import snapshot_of

NOW = 1_790_000_000.0
NAME = "prism_request_duration_seconds"


def scrapes_of(lines: str, kind: str) -> list[Scrape]:
    """Ten reads of a proxy that exposes these lines; N stands for a count that grows."""
    cache, sums, scrapes = ExpositionCache(Naming("p:1", Aliases())), RollUps(), []
    for number in range(10):
        text = f"# TYPE {NAME} {kind}\n" + re.sub(r"N(?!aN)(?<!NaN)", str(100 + 10 * number), lines)
        read = parse_exposition(text, cache)
        scrape = Scrape("proxy", "p:1", NOW - 9 + number, read.series, read.values)
        sums.add(scrape)
        scrapes.append(scrape)
    return scrapes


def p99(scrapes: list[Scrape]) -> Measure:
    state = SourceState("proxy@p:1", "proxy", "p:1", "x", 1.0).succeeded(NOW, 0.01, 1)
    return traffic(snapshot_of(scrapes, sources=[state]), NOW).p99


def buckets(**counts: str) -> str:
    """Lines of buckets: the edge by keyword, `_` for a point."""
    names = {"inf": "+Inf", "none": ""}
    return "".join(
        f'{NAME}_bucket{{le="{names.get(edge, edge.strip("e").replace("_", "."))}"}} {count}\n'
        for edge, count in counts.items()
    )


SUMS = f"{NAME}_sum N\n{NAME}_count N\n"
FAULTS = {
    "+Inf alone": (buckets(inf="N") + SUMS, "histogram", ONLY_INFINITE),
    "a summary": (f'{NAME}{{quantile="0.99"}} 0.005\n{SUMS}', "summary", SUMMARY),
    "sum and count alone": (SUMS, "histogram", NO_BUCKETS),
    "a summary without quantiles": (SUMS, "summary", NO_BUCKETS),
    "no +Inf": (buckets(e0_01="N", e0_1="N") + SUMS, "histogram", NO_INFINITE),
    "no le": (f"{NAME}_bucket N\n{SUMS}", "histogram", NO_EDGE),
    "no number in le": (buckets(fast="N", slow="N") + SUMS, "histogram", NO_EDGE),
    "counts of each bucket alone": (
        buckets(e0_01="N7", e0_1="N", inf="N") + SUMS, "histogram", "its buckets are not cumulative: up to 0.01",
    ),
    "a fall at +Inf": (buckets(e0_01="1", e0_1="N7", inf="N") + SUMS, "histogram", "up to +Inf only"),
    "a gauge": (f"{NAME} 0.005\n", "gauge", PLAIN),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_what_is_no_histogram_is_not_reported_and_says_why(name: str) -> None:
    lines, kind, why = FAULTS[name]
    read = scrapes_of(lines, kind)
    found = p99(read)
    assert (found.reading, found.value) == (Reading.NOT_REPORTED, None)
    assert why in found.note
    (said,) = unusable_histograms(read[-1])
    assert (said.family, said.some) == (NAME, False)
    assert why in said.reason


@pytest.mark.parametrize(
    "lines",
    [
        buckets(e0_01="N", inf="N"),
        buckets(e0_01="N", Inf="N"),
        f'{NAME}_bucket{{le="1e-3"}} N\n' + buckets(e1="N", inf="N"),
        buckets(e0_01="0", e0_1="0", inf="N"),
        buckets(e0_01="100000", e0_1="99999", inf="100000"),
    ],
)
def test_a_histogram_is_one(lines: str) -> None:
    read = scrapes_of(lines, "histogram")
    assert p99(read).reading is not Reading.NOT_REPORTED
    assert unusable_histograms(read[-1]) == ()


@pytest.mark.parametrize("edge", ["-Inf", "-1", "NaN", "soon"])
def test_an_edge_below_zero_or_without_a_number_is_none_and_the_others_tell(edge: str) -> None:
    odd = f'{NAME}_bucket{{le="{edge}"}} 0\n'
    found = p99(scrapes_of(odd + buckets(e0_01="0", e0_1="N", inf="N"), "histogram"))
    assert found.value == pytest.approx(0.0991)
    found = p99(scrapes_of(odd + buckets(inf="N"), "histogram"))
    assert (found.reading, found.value) == (Reading.NOT_REPORTED, None)
    assert ONLY_INFINITE in found.note


@pytest.mark.parametrize("count", ["NaN", "-5", "18446744073709551615", "+Inf"])
def test_a_bucket_that_counts_no_amount_is_none_and_the_others_tell(count: str) -> None:
    def told(*lines: str) -> Measure:
        text = "".join(f'{NAME}_bucket{{le="{edge}"}} {count}\n' for edge in lines[0].split())
        return p99(scrapes_of(buckets(**dict.fromkeys(lines[1].split(), "N")) + text, "histogram"))

    below = told("0.01", "e0_1 inf")
    assert (below.value, below.bound) == (0.1, "<")
    between = told("0.05", "e0_01 e0_1 inf")
    assert (between.value, between.bound) == (0.01, "<")
    assert ONLY_INFINITE in told("0.01", "inf").note
    assert NO_INFINITE in told("+Inf", "e0_01 e0_1").note


def test_one_bad_series_among_good_ones_is_said_to_be_some() -> None:
    good = "".join(f'{NAME}_bucket{{le="{edge}",pattern="redis"}} N\n' for edge in ("0.01", "+Inf"))
    read = scrapes_of(f'{good}{NAME}_bucket{{le="0.01",pattern="nats"}} N\n', "histogram")
    assert unusable_histograms(read[-1]) == (Unusable(NAME, NO_INFINITE, some=True),)


@given(
    st.dictionaries(st.floats(0, allow_nan=False, allow_infinity=False), st.integers(0, 10**9), min_size=1),
    st.integers(0, 10**6),
)
def test_whatever_is_counted_up_is_a_histogram_and_without_inf_it_is_none(alone: dict[float, int], more: int) -> None:
    upto, counts = 0, {}
    for edge, count in sorted(alone.items()):
        upto += count
        counts[repr(edge)] = float(upto)
    assert histogram_fault(counts) == NO_INFINITE
    assert histogram_fault({**counts, "+Inf": float(upto + more)}) == ""
