"""What follows from a block's labels alone, worked out once for as long as the store keeps those labels.

The labels of a family are one and the same frame from read to read until a series comes or goes (`SeriesTable`), and
nobody changes them; sorting them into groups anew twice a second is most of what a large site's rules would cost.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

import pandas as pd

Known = TypeVar("Known")
_HELD: dict[int, tuple[weakref.ref[pd.DataFrame], dict[Hashable, Any]]] = {}
"""By the id of a frame that still lives."""


def remembered(labels: pd.DataFrame, key: Hashable, work_out: Callable[[], Known]) -> Known:
    """What `work_out` answers, a pure function of `labels`; `key` names it and whatever else it was asked with.

    Whoever is given an answer must leave it as it is: arrays are handed out read-only.
    """
    held = _HELD.get(id(labels))
    if held is None or held[0]() is not labels:
        place = id(labels)
        held = _HELD[place] = weakref.ref(labels, lambda gone: _forget(place, gone)), {}
    if key not in held[1]:
        held[1][key] = work_out()
    found: Known = held[1][key]
    return found


def _forget(place: int, gone: weakref.ref[pd.DataFrame]) -> None:
    held = _HELD.get(place)
    if held is not None and held[0] is gone:
        _HELD.pop(place, None)
