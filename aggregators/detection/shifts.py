"""Histograms against their own past: who is slower than usual, however fast that still is.

One request in a hundred takes longer than the usual P99, whatever the shape of the distribution: when it is many more,
answers have become slower. That is seen in far fewer requests than a quantile needs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from aggregators.detection.alert_state_machine import PAUSE_SECONDS, READ_SECONDS
from aggregators.requests.attribution import too_many
from aggregators.series.counters import Counter
from aggregators.series.histograms import Group, Layout, combined, counts_in_steps, merged_counters
from aggregators.series.quantiles import NO_BUCKETS, Buckets, Floats, histogram_quantile, quantile_rows, shares_under
from aggregators.series.stepped_rates import grid

PAST_SECONDS, SLOT_SECONDS, LEAST_SLOTS = 300.0, 30.0, 3
RECENT_SECONDS, SOONER_SECONDS, MANY = 10.0, (2.0, 4.0), 500.0
"""Looked at is the shortest of these windows that holds so many requests, or the longest of them."""
NEWEST_SECONDS = (0.5, 1.0, 2.0, 4.0)
"""The newest are those of the shortest of these windows that holds enough."""
LONGEST = NEWEST_SECONDS[-1]
LEAST_REQUESTS, SURELY_SOME, HALF = 100.0, 3.0, 0.5
"""The newest are enough where so many late ones are due, and go on being slow where half of those are."""
USUAL_SHARE = 0.01

LaidOut = Sequence[tuple[Counter, Sequence[Layout]]]
Newest = Callable[[float], Mapping[Group, Buckets]]
"""The buckets of the last so many seconds; worked out when somebody is late."""


@dataclass(frozen=True, slots=True)
class Shift:
    """One group: the share of `total` recent requests beyond its `usual` P99 (seconds), and its P99 now.

    `lasting_seconds`: after so long the newest of them came after a pause, if one was how it began.
    """

    usual: float
    share: float
    total: float
    goes_on: bool
    p99: float
    lasting_seconds: float = 0.0

    def is_bad(self, limit: float) -> bool:
        """Surely more than `limit` of the recent requests are slower than usual, and the newest are too."""
        slow = np.array(self.share * self.total)
        many = bool(too_many(slow, np.array(self.total), limit, USUAL_SHARE))
        return self.total >= LEAST_REQUESTS and many and self.goes_on


def usual_p99s(laid_out: LaidOut, now: float) -> dict[Group, float]:
    """The median of the P99 of each half minute of the past; without those that were asked too rarely."""
    ends = grid(now - PAST_SECONDS, now, SLOT_SECONDS)
    found = {}
    for group, (bounds, counts) in combined(counts_in_steps(laid_out, ends, SLOT_SECONDS)).items():
        values, beyond = quantile_rows(0.99, bounds, counts)
        known = values[~np.isnan(values) & (beyond == "")]
        if len(known) >= LEAST_SLOTS:
            found[group] = float(np.median(known))
    return found


def shifts(laid_out: LaidOut, now: float, usual: Mapping[Group, float]) -> dict[Group, Shift]:
    """How each group's recent requests compare with its past, the `usual` P99."""
    newest: Newest = cache(lambda span: merged_counters(laid_out, now - span, now))
    found = {}
    for group, longest in newest(RECENT_SECONDS).items():
        if group not in usual or not longest.total:
            continue
        sooner = (_of(newest, span, group) for span in SOONER_SECONDS)
        buckets = next((one for one in sooner if one.total >= MANY), longest)
        limit = np.array([usual[group]])
        share = 1.0 - float(shares_under(limit, buckets.bounds, buckets.counts[None, :])[0])
        goes_on, lasting = _goes_on(newest, group, limit, share) if share >= 2 * USUAL_SHARE else (False, 0.0)
        p99 = histogram_quantile(0.99, buckets.bounds, buckets.counts).value or 0.0
        found[group] = Shift(usual[group], share, buckets.total, goes_on, p99, lasting)
    return found


def _of(newest: Newest, span: float, group: Group) -> Buckets:
    return newest(span).get(group, NO_BUCKETS)


def _goes_on(newest: Newest, group: Group, limit: Floats, share: float) -> tuple[bool, float]:
    """Whether the newest are slow too, as the `share` of all; and for how long it must have lasted that none of them
    waited for a pause.
    """
    span = next((span for span in NEWEST_SECONDS if share * _of(newest, span, group).total >= SURELY_SOME), LONGEST)
    last = _of(newest, span, group)
    late = 1.0 - float(shares_under(limit, last.bounds, last.counts[None, :])[0]) if last.total else 1.0
    return late >= HALF * share, PAUSE_SECONDS + READ_SECONDS + span
