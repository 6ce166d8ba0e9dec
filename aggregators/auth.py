"""Authentication: the share of token checks that succeed (RFC view 1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from aggregators.counters import Counter, column, counters, edges, sli_ratio
from aggregators.sources import read_until, standing
from model.measure import Count, Measure, Ratio
from model.series import Unit
from store.snapshot import Snapshot

FAMILY = "prism_auth_requests_total"
WINDOW_SECONDS = 300.0
SUCCESSES = ("success", "ok", "allowed")


@dataclass(frozen=True, slots=True)
class Auth:
    """The last 5 minutes of token checks."""

    success_ratio: Ratio
    failures: Count
    checks: Count


def auth_success(snapshot: Snapshot, now: float) -> Auth:
    """The share of successful checks, sums over sums; 0/0 is no traffic."""
    at = read_until(snapshot, now, "proxy")
    frame = snapshot.frame(FAMILY, at - WINDOW_SECONDS, at)
    stands = standing(snapshot, now, frame)
    failed, total = failed_and_total(counters(frame), at - WINDOW_SECONDS, at)
    ratio = None if failed is None or total is None else sli_ratio(total - failed, total)
    waiting = None if total is not None else Measure.not_reported(Unit.RATIO, "two reads are needed")
    return Auth(
        stands.measure(Unit.RATIO, ratio, waiting),
        stands.measure(Unit.COUNT, failed, waiting),
        stands.measure(Unit.COUNT, total, waiting),
    )


def failed_and_total(known: Sequence[Counter], start: float, end: float) -> tuple[float | None, float | None]:
    """Refused and all token checks in (start, end]; None before two reads."""
    failed, total, told = 0.0, 0.0, False
    for counter in known:
        rows = edges(counter.times, start, end)
        if rows is not None:
            grown = counter.totals[rows[1]] - counter.totals[rows[0]]
            good = [result in SUCCESSES for result in column(counter.labels, "result")]
            total += float(grown.sum())
            failed += float(grown[~np.array(good, dtype=bool)].sum())
            told = True
    return (failed, total) if told else (None, None)
