"""What the collector sums over a proxy's namespaces, so that a day can be read whatever their number."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RollUp:
    """Sample names: `whole` is reported by the proxy, `summed` is that of each group of the labels `by`.

    `edges` is True for a histogram's buckets: only those with the same edges are added up.
    """

    whole: str
    summed: str
    by: tuple[str, ...] = ()
    edges: bool = False


_REQUESTS, _LATENCY = "prism_requests_total", "prism_request_duration_seconds_bucket"
EDGES_LABEL = "edges"
"""The label that tells apart the histograms of one group that have different edges."""
LATENCY = RollUp(_LATENCY, "hud_request_duration_seconds_bucket", (), edges=True)
OPERATIONS = RollUp(_LATENCY, "hud_operation_duration_seconds_bucket", ("pattern", "operation"), edges=True)
PATTERNS = RollUp(_REQUESTS, "hud_pattern_requests_total", ("pattern",))
ROLL_UPS = (LATENCY, OPERATIONS, PATTERNS)

SUMMED = frozenset(rule.summed for rule in ROLL_UPS)
"""Sums that never fall and know already which process counted what."""
