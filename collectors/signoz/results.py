"""The one shape that SigNoz's v5 and v3 answers become."""

from __future__ import annotations

from typing import Any

from collectors.core.amounts import amount

WINDOW_SECONDS = 300.0
MAX_OPERATIONS = 50
NANOSECONDS = 1e-9

COUNT, ERRORS = "count", "errors"
QUANTILES = {"0.5": "p50", "0.9": "p90", "0.95": "p95", "0.99": "p99", "0.999": "p999", "max": "max"}
"""What the catalogue calls a quantile, and what SigNoz does."""

Figures = dict[str, dict[str, float]]
"""By operation: `count`, `errors` (spans) and each key of QUANTILES (seconds). What SigNoz left out is missing."""


def put(figures: Figures, operation: str, name: str, value: Any) -> None:
    """Note one figure, in base units; what is no amount (an empty cell too, A4) is left out."""
    number = amount(value)
    if number is not None:
        figures.setdefault(operation, {})[name] = number * NANOSECONDS if name in QUANTILES else number
