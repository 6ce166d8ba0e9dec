"""What is an amount, and what only looks like one: judged once, where values come in.

-1, 2^64-1, NaN and ±Inf are how programs say "no limit", "unknown" or that a subtraction went below zero. A limit says
"no limit" by 0 from here on; everything else that is no amount is NaN, which is "not reported".
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from model.catalogue import BY_NAME, MetricFamily
from model.catalogue.details import DETAIL, LIMITS, counts
from model.series import Kind, Series, Unit

Floats = npt.NDArray[np.float64]
NO_LIMIT = 0.0
LARGEST = 2.0**62
"""Nothing that is counted reaches this; -1 in 64 bits does, and so do 2^63-1 and the kernel's 2^63-4096."""
LARGEST_LIMIT = 1e15
"""A limit this large (a petabyte, so many descriptors) is one that nobody set."""
PARTS = ("_bucket", "_sum", "_count", "_total")


class Amounts:
    """Which values of one source are amounts. What is known of its series is kept while its list of them is."""

    def __init__(self) -> None:
        self._series: Sequence[Series] = ()
        self._signed = np.empty(0, dtype=np.bool_)
        self._details = np.empty(0, dtype=np.bool_)
        self._limits = np.empty(0, dtype=np.bool_)

    def of(self, series: Sequence[Series], values: Floats) -> Floats:
        """`values` (a row, or rows of them) with NO_LIMIT or NaN where one is no amount for its series' family."""
        if series is not self._series:
            self._signed = np.array([_is_signed(one) for one in series], dtype=np.bool_)
            self._details = np.array([one.name == DETAIL for one in series], dtype=np.bool_)
            self._limits = np.array([_is_limit(one) for one in series], dtype=np.bool_)
            self._series = series
        wrong = ~np.isfinite(values) | (~self._signed & ((values < 0.0) | (values >= LARGEST)))
        wrong |= self._details & (np.abs(values) >= LARGEST)
        boundless = self._limits & ((values < 0.0) & (values > -np.inf) | (values >= LARGEST_LIMIT))
        if not wrong.any() and not boundless.any():
            return values
        return np.where(boundless, NO_LIMIT, np.where(wrong, np.nan, values))

    def within(self, series: Sequence[Series], values: array[float]) -> array[float]:
        """The same of one read; `values` itself when all are amounts."""
        row = np.array(values)
        judged = self.of(series, row)
        return values if judged is row else array("d", judged.tobytes())


def figure(value: Any) -> float | None:
    """A finite number, given as one or as text; None for all else: NaN, ±Inf, "n/a", null, true."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def amount(value: Any) -> float | None:
    """A figure that may be added to others, converted, or taken from the time: -1 and what is wrapped are none."""
    found = figure(value)
    return found if found is not None and 0.0 <= found < LARGEST else None


def uncounted(series: Sequence[Series], values: array[float]) -> set[int]:
    """Where buckets count no amount: they are none, and taken for 0 would say that nothing was so fast."""
    return {
        at
        for at in np.flatnonzero(np.isnan(values)).tolist()
        if series[at].kind is Kind.HISTOGRAM and series[at].name.endswith("_bucket")
    }


def _is_signed(one: Series) -> bool:
    """Whether it may be anything: what the catalogue does not know, and details that count nothing."""
    if one.name == DETAIL:
        key = one.label("key") or ""
        return not counts(key) and key not in LIMITS
    family = family_of(one.name)
    return family is None or family.unit is Unit.NONE


def _is_limit(one: Series) -> bool:
    if one.name == DETAIL:
        return one.label("key") in LIMITS
    family = family_of(one.name)
    return family is not None and family.limit


@lru_cache(maxsize=4096)
def family_of(name: str) -> MetricFamily | None:
    """The catalogue's family of a sample name, which may be a part of it (`…_bucket`); None for a name not in it."""
    found = BY_NAME.get(name)
    for part in PARTS:
        if found is None and name.endswith(part):
            found = BY_NAME.get(name.removesuffix(part))
    return found
