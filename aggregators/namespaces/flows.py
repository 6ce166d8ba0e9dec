"""What each namespace asks, how much of it fails and how slow it is: from the proxies' counters, all at once (view 5).

With thousands of series the 5 minutes are worked out from one-minute points, and may then be up to 6.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from aggregators.requests.attribution import too_many
from aggregators.requests.labels import LATENCY, REQUESTS, is_failure
from aggregators.requests.spans import Spans
from aggregators.series.counters import Counter, increases, rates
from aggregators.series.grouping import column, totals_by
from aggregators.series.histograms import Group, layouts, merged_counters
from aggregators.series.quantiles import SLOW_SHARE, Buckets, Floats, Quantile, quantile_rows, shares_under
from aggregators.series.window import newest_reads
from store.frames import Frame
from store.snapshot import Snapshot

RATE_SECONDS = 15.0
"""Rates and shares: a burst shows at the next redraw, and a namespace of one request a second holds still."""
WINDOW_SECONDS = 300.0
MANY_SERIES = 1500
OWN_LATENCY, OWN_ERRORS = "prism_namespace_latency_seconds", "prism_namespace_error_rate"
_P99 = frozenset({"p99", "0.99", "99"})

Figures = Mapping[Group, float]
Histograms = Mapping[Group, Buckets]


@dataclass(frozen=True, slots=True)
class Asked:
    """Requests by group: `per_second` of the last 15 s, `requests` of the last 5 minutes.

    `failed` and `counted` are of those requests that say how they went: both are empty where none does.
    """

    per_second: Figures
    requests: Figures
    failed: Figures
    counted: Figures

    def error_ratio(self, group: Group) -> float | None:
        """Failed over all of the last 5 minutes; None without requests that say so."""
        total = self.counted.get(group, 0.0)
        return self.failed.get(group, 0.0) / total if total > 0 else None


class Seen(NamedTuple):
    """The request counters and the latency buckets of the last 5 minutes."""

    requests: Frame
    latencies: Frame


def seen(snapshot: Snapshot, at: float, whole: Snapshot | None = None) -> Seen:
    """Every read of the window; minute by minute, but for the last 15 s of requests, where there are very many series.

    `whole` is what `snapshot` was narrowed from: whatever is read, its series are read as well.
    """
    lately = (whole or snapshot).frame(REQUESTS, at - RATE_SECONDS, at)
    many = sum(len(block.series) for block in lately.blocks) > MANY_SERIES
    start, full = at - WINDOW_SECONDS, WINDOW_SECONDS + RATE_SECONDS
    return Seen(
        snapshot.frame(REQUESTS, start, at, coarse=True, fine=RATE_SECONDS if many else full),
        snapshot.frame(LATENCY, start, at, coarse=True, fine=0.0 if many else full),
    )


def seen_by_spans(spans: Spans) -> Seen:
    """The same from what SigNoz holds, while no proxy can be read."""
    requests, latencies = (spans.window(name, WINDOW_SECONDS).frame for name in (REQUESTS, LATENCY))
    return Seen(requests, latencies)


def asked_by(known: Sequence[Counter], at: float, by: Sequence[str]) -> Asked:
    """The requests by these labels, as of `at`."""
    grown = increases(known, at - WINDOW_SECONDS, at)
    status = column(grown, "status")
    reported = grown[status != ""]
    failed = grown[(status != "") & is_failure(status)]
    return Asked(
        totals_by(rates(known, at - RATE_SECONDS, at), *by),
        totals_by(grown, *by),
        totals_by(failed, *by),
        totals_by(reported, *by),
    )


def timed_by(known: Sequence[Counter], at: float, by: Sequence[str]) -> Histograms:
    """The latency histogram of the last 5 minutes by these labels."""
    return merged_counters([(part, layouts(part.labels, by)) for part in known], at - WINDOW_SECONDS, at)


def p99_by(found: Histograms) -> dict[Group, Quantile]:
    """P99 of each histogram, in seconds."""
    answer = {}
    for groups, bounds, counts in _stacked(found):
        values, beyond = quantile_rows(0.99, bounds, counts)
        for group, value, bound in zip(groups, values.tolist(), beyond.tolist(), strict=True):
            answer[group] = Quantile(None if value != value else value, bound)
    return answer


def slower(found: Histograms, limit: float) -> set[Group]:
    """Whose P99 lies above `limit` seconds, surely: more requests are slower than chance would have it."""
    answer: set[Group] = set()
    for groups, bounds, counts in _stacked(found):
        total = counts[:, -1]
        slow = total * (1 - shares_under(np.full(len(groups), limit), bounds, counts))
        flags = too_many(slow, total, SLOW_SHARE, SLOW_SHARE / 2) & (total > 0)
        answer |= {groups[at] for at in np.flatnonzero(flags)}
    return answer


def failing(asked: Asked, limit: float, usual: float) -> set[Group]:
    """Of whose requests at least `limit` fail, and more than chance makes of the `usual` ratio."""
    groups = list(asked.counted)
    bad = np.array([asked.failed.get(group, 0.0) for group in groups])
    total = np.array([asked.counted[group] for group in groups])
    return {groups[at] for at in np.flatnonzero(too_many(bad, total, limit, usual) & (total > 0))}


def _stacked(found: Histograms) -> Iterable[tuple[list[Group], Floats, Floats]]:
    """The histograms of the same edges together: groups, bounds (B,), cumulative counts (G, B)."""
    alike: dict[bytes, list[Group]] = {}
    for group, buckets in found.items():
        alike.setdefault(buckets.bounds.tobytes(), []).append(group)
    for groups in alike.values():
        yield groups, found[groups[0]].bounds, np.array([found[group].counts for group in groups])


def own_error_ratios(snapshot: Snapshot, now: float) -> dict[str, float]:
    """Error ratio by namespace (0…1) as a proxy works it out itself; what is no share is left out."""
    found = newest_reads(snapshot, now, OWN_ERRORS)
    return {one.label("namespace"): one.value for one in found if 0.0 <= one.value <= 1.0}


def own_p99s(snapshot: Snapshot, now: float) -> dict[str, float]:
    """P99 by namespace, in seconds, as a proxy works it out itself."""
    found = newest_reads(snapshot, now, OWN_LATENCY)
    return {one.label("namespace"): one.value for one in found if one.label("p").lower() in _P99 and one.value >= 0}
