"""The latency objective (RFC view 2): what it asks for, as it is configured and as a snapshot reports it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

HOUR_SECONDS, DAY_SECONDS = 3600.0, 86400.0


@dataclass(frozen=True, slots=True)
class SLO:
    """`objective_ratio` of requests answered within `threshold_seconds`, over `window_seconds`."""

    name: str = "latency"
    objective_ratio: float = 0.999
    threshold_seconds: float = 0.010
    window_seconds: float = 7 * DAY_SECONDS

    @property
    def budget_ratio(self) -> float:
        """The share of requests that may be slower."""
        return 1.0 - self.objective_ratio

    def reported(self) -> dict[str, Any]:
        """As plain JSON, for a snapshot's `meta["slo"]`."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class BurnPair:
    """Two windows that must both burn faster than `limit` before it counts: the short one reports that it still
    lasts."""

    long_seconds: float
    short_seconds: float
    limit: float


BURN_PAIRS = (BurnPair(HOUR_SECONDS, 300.0, 14.4), BurnPair(6 * HOUR_SECONDS, 1800.0, 6.0))
"""2 % of a month's budget in an hour, 5 % in six: the pairs of the SRE workbook."""


def slo_of(meta: Mapping[str, Any]) -> SLO:
    """The objective that the collector was configured with; the RFC's when it reported none."""
    reported = meta.get("slo")
    known = {one.name for one in fields(SLO)}
    return (
        SLO(**{name: value for name, value in reported.items() if name in known})
        if isinstance(reported, dict)
        else SLO()
    )
