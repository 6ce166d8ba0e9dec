"""The one shape that SigNoz's v5 and v3 answers become."""

from __future__ import annotations

import math
from typing import Any

from collectors.core.amounts import LARGEST

SERVICE = "prism-proxy"
"""The proxy's service name in every one of Prism's documents (contracts section 7)."""
WINDOW_SECONDS = 300.0
MAX_OPERATIONS = 50
NANOSECONDS = 1e-9

COUNT, ERRORS = "count", "errors"
QUANTILES = {"0.5": "p50", "0.9": "p90", "0.95": "p95", "0.99": "p99", "0.999": "p999", "max": "max"}
"""What the catalogue calls a quantile, and what SigNoz does."""

Figures = dict[str, dict[str, float]]
"""By operation: `count`, `errors` (spans) and each key of QUANTILES (seconds). What SigNoz left out is missing."""


def figure(value: Any) -> float | None:
    """A finite number, or None: NaN, Inf, "n/a", null and empty cells say that there is nothing (A4)."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def put(figures: Figures, operation: str, name: str, value: Any) -> None:
    """Note one figure, in base units; what is no amount is none, and judged before it is converted."""
    number = figure(value)
    if number is not None and 0.0 <= number < LARGEST:
        figures.setdefault(operation, {})[name] = number * NANOSECONDS if name in QUANTILES else number
