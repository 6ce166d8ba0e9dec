"""What the labels of a request say: whether it failed, whether it read or wrote."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from aggregators.requests.operations import OTHER, READ, WRITE, operation_class
from aggregators.series.counters import Counter, increases
from aggregators.series.grouping import VALUE, column

REQUESTS, LATENCY = "prism_requests_total", "prism_request_duration_seconds_bucket"
SUCCESSES = frozenset({"success", "ok", "200"})
CLASSES = (READ, WRITE, OTHER)


def is_failure(statuses: npt.NDArray[np.object_]) -> npt.NDArray[np.bool_]:
    """Which requests failed, by their `status` label: all that is not success."""
    codes, names = pd.factorize(statuses)
    failed = np.array([str(name).lower() not in SUCCESSES for name in names] or [True], dtype=bool)
    return np.asarray(failed[codes], dtype=bool)


def failed_and_total(known: Sequence[Counter], start: float, end: float) -> tuple[float | None, float | None]:
    """Failed and all requests in (start, end]; None before two reads. No status label: failed is None."""
    grown = increases(known, start, end)
    if len(grown) == 0:
        return None, None
    values = grown[VALUE].to_numpy(dtype=np.float64)
    if "status" not in grown.columns:
        return None, float(values.sum())
    return float(values[is_failure(column(grown, "status"))].sum()), float(values.sum())


def class_codes(labels: pd.DataFrame) -> npt.NDArray[np.intp]:
    """The class of each row's operation, as a position in CLASSES."""
    codes, names = pd.factorize(column(labels, "operation"))
    known = np.array([CLASSES.index(operation_class(str(name))) for name in names] or [2], dtype=np.intp)
    return np.asarray(known[codes], dtype=np.intp)
