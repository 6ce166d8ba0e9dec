"""What keeps buckets from being a histogram that can be worked with: one answer for every page and for `--check`."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf

SUMMARY = "it is reported as a summary, whose quantiles cannot be merged"
NO_BUCKETS = "only its sum and count are reported, without buckets, which tells no quantile"
PLAIN = "it is reported as a plain value, not as a histogram"
NO_EDGE = "no bucket of its histogram has an edge (le) that is a number"
ONLY_INFINITE = "its histogram has no bucket but +Inf, which tells no quantile"
NO_INFINITE = "its histogram lacks the bucket +Inf, without which nobody knows how many there are"
NOT_CUMULATIVE = "its buckets are not cumulative: up to {low} it counts {before}, up to {high} only {after}"
TORN_RATIO = 0.01
"""Buckets of a live process are not read at one instant: a fall by less of the whole is no fault of theirs."""


def edge_of(text: str) -> float | None:
    """The upper edge that `le` names; None when it is no number, or below zero, where nothing that is measured lies."""
    try:
        edge = float(text)
    except ValueError:
        return None
    return edge if edge >= 0 else None


def histogram_fault(counts: Mapping[str, float]) -> str:
    """Why a histogram of these counts by `le`, as exposed, is none; '' when it is one."""
    known: dict[float, float] = {}
    for text, count in counts.items():
        edge = edge_of(text)
        if edge is not None:
            known[edge] = known.get(edge, 0.0) + count
    if not known:
        return NO_EDGE
    if inf not in known:
        return NO_INFINITE
    if len(known) == 1:
        return ONLY_INFINITE
    return _fall(known)


def _fall(counts: Mapping[float, float]) -> str:
    """Where a bucket counts less than the one before it."""
    whole, before, low = max(counts.values()), -inf, -inf
    for edge, count in sorted(counts.items()):
        if before - count > max(TORN_RATIO * whole, 0.5):
            high = "+Inf" if edge == inf else f"{edge:g}"
            return NOT_CUMULATIVE.format(low=f"{low:g}", before=f"{before:g}", high=high, after=f"{count:g}")
        before, low = count, edge
    return ""
