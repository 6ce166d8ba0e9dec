"""A histogram with +Inf only, or a summary in its place, is "not reported" and says why."""

from __future__ import annotations

import pytest

from aggregators.requests.traffic import traffic
from aggregators.series.histogram_shape import ONLY_INFINITE, SUMMARY
from collectors.exposition.naming import Naming
from collectors.exposition.parser import ExpositionCache, parse_exposition
from collectors.exposition.rollup import RollUps
from model.measure import Measure
from model.series import Scrape
from model.settings import Aliases
from model.sources import SourceState
from model.status import Reading
from store.snapshot import snapshot_of

NOW = 1_790_000_000.0
NAME = "prism_request_duration_seconds"


def p99(lines: str, kind: str) -> Measure:
    """The P99 of a proxy that exposes these lines; N stands for a count that grows."""
    cache, sums, scrapes = ExpositionCache(Naming("p:1", Aliases())), RollUps(), []
    for number in range(10):
        text = f"# TYPE {NAME} {kind}\n" + lines.replace("N", str(100 + 10 * number))
        read = parse_exposition(text, cache)
        scrape = Scrape("proxy", "p:1", NOW - 9 + number, read.series, read.values)
        sums.add(scrape)
        scrapes.append(scrape)
    state = SourceState("proxy@p:1", "proxy", "p:1", "x", 1.0).succeeded(NOW, 0.01, 1)
    return traffic(snapshot_of(scrapes, sources=[state]), NOW).p99


@pytest.mark.parametrize(
    ("lines", "kind", "why"),
    [
        (f'{NAME}_bucket{{le="+Inf"}} N\n{NAME}_sum N\n{NAME}_count N\n', "histogram", ONLY_INFINITE),
        (f'{NAME}{{quantile="0.99"}} 0.005\n{NAME}_sum N\n{NAME}_count N\n', "summary", SUMMARY),
    ],
)
def test_what_is_no_histogram_is_not_reported_and_says_why(lines: str, kind: str, why: str) -> None:
    found = p99(lines, kind)
    assert (found.reading, found.value) == (Reading.NOT_REPORTED, None)
    assert why in found.note


def test_a_histogram_with_one_edge_is_one() -> None:
    found = p99(f'{NAME}_bucket{{le="0.01"}} N\n{NAME}_bucket{{le="+Inf"}} N\n', "histogram")
    assert found.reading is Reading.VALUE
