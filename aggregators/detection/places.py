"""Requests by pattern and namespace: where each series' group stands among all patterns and namespaces."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from aggregators.requests.attribution import Cells
from aggregators.series.grouping import Floats, Indices
from aggregators.series.histograms import Group


class Places(NamedTuple):
    """Groups (G) by their pattern and namespace, both in order of name: the row and the column of each."""

    patterns: list[str]
    namespaces: list[str]
    rows: Indices
    columns: Indices


class Part(NamedTuple):
    """What one source counted of each of its groups (G): bad ones, and all."""

    places: Places
    bad: Floats
    total: Floats


def places_of(groups: Sequence[Group]) -> Places:
    """Of groups by (pattern, namespace)."""
    patterns, namespaces = sorted({group[0] for group in groups}), sorted({group[1] for group in groups})
    row, column = ({name: at for at, name in enumerate(names)} for names in (patterns, namespaces))
    rows = np.array([row[group[0]] for group in groups], dtype=np.intp)
    return Places(patterns, namespaces, rows, np.array([column[group[1]] for group in groups], dtype=np.intp))


def cells_of(parts: Sequence[Part]) -> Cells | None:
    """All sources' together; None of none."""
    if not parts:
        return None
    patterns = _union([part.places.patterns for part in parts])
    namespaces = _union([part.places.namespaces for part in parts])
    shape = len(patterns), len(namespaces)
    bad, total = np.zeros(shape), np.zeros(shape)
    for (own, others, rows, columns), bad_ones, whole in parts:
        place = _among(patterns, own)[rows] * shape[1] + _among(namespaces, others)[columns]
        bad += np.bincount(place, weights=bad_ones, minlength=bad.size).reshape(shape)
        total += np.bincount(place, weights=whole, minlength=bad.size).reshape(shape)
    return Cells(patterns, namespaces, bad, total)


def _union(lists: Sequence[list[str]]) -> list[str]:
    """Names in order, each once."""
    return lists[0] if all(one == lists[0] for one in lists[1:]) else sorted({name for one in lists for name in one})


def _among(names: list[str], own: list[str]) -> Indices:
    if names == own:
        return np.arange(len(names))
    at = {name: place for place, name in enumerate(names)}
    return np.array([at[name] for name in own], dtype=np.intp)
