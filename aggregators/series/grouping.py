"""Answers grouped by their labels: a row per series, with `value` beside one column per label."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from aggregators.series.label_memory import remembered

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]
VALUE, READ_AT, READ_FROM = "value", "read_at", "read_from"
LABEL_VALUE = "value_label"
"""What a label that is itself called "value" is called in an answer."""


def named(labels: pd.DataFrame) -> pd.DataFrame:
    """Labels whose `value`, if they have one, leaves the name to the figures: it is called `value_label` then."""
    return labels.rename(columns={VALUE: LABEL_VALUE}) if VALUE in labels.columns else labels


def joined(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Answers of several blocks as one; a label that a block lacks is ''."""
    if not parts:
        return pd.DataFrame({VALUE: np.array([], dtype=np.float64)})
    if len(parts) == 1:
        return parts[0]
    whole = pd.concat(parts, ignore_index=True)
    labels = [name for name in whole.columns if name != VALUE]
    return whole.fillna(dict.fromkeys(labels, ""))


def column(labels: pd.DataFrame, name: str) -> npt.NDArray[np.object_]:
    """One label of every row; '' throughout when no row has it."""
    return remembered(labels, ("column", name), lambda: _column(labels, name))


def _column(labels: pd.DataFrame, name: str) -> npt.NDArray[np.object_]:
    there = name in labels.columns
    values = labels[name].to_numpy(dtype=object).view() if there else np.full(len(labels), "", dtype=object)
    values.flags.writeable = False
    return values


def group_codes(labels: pd.DataFrame, by: Sequence[str]) -> tuple[Indices, list[tuple[str, ...]]]:
    """Which group each row is in, and the groups in order of first appearance, as tuples of label values."""
    return remembered(labels, ("groups", *by), lambda: _group_codes(labels, by))


def _group_codes(labels: pd.DataFrame, by: Sequence[str]) -> tuple[Indices, list[tuple[str, ...]]]:
    codes = np.zeros(len(labels), dtype=np.intp)
    for name in by:
        own, values = pd.factorize(column(labels, name))
        codes = codes * max(len(values), 1) + own
    _, first, packed = np.unique(codes, return_index=True, return_inverse=True)
    columns = [column(labels, name) for name in by]
    groups = [tuple(str(values[row]) for values in columns) for row in first]
    answer = packed.astype(np.intp)
    answer.flags.writeable = False
    return answer, groups


def sum_by(answer: pd.DataFrame, labels: Sequence[str]) -> pd.DataFrame:
    """The answer summed over all but these labels: one row per distinct combination."""
    codes, groups = group_codes(answer, labels)
    sums = np.bincount(codes, weights=answer[VALUE].to_numpy(dtype=np.float64), minlength=len(groups))
    data: dict[str, object] = {name: [group[i] for group in groups] for i, name in enumerate(labels)}
    return pd.DataFrame(data | {VALUE: sums})


def totals_by(answer: pd.DataFrame, *labels: str) -> dict[tuple[str, ...], float]:
    """`sum_by` as a mapping from label values to the sum."""
    codes, groups = group_codes(answer, labels)
    sums = np.bincount(codes, weights=answer[VALUE].to_numpy(dtype=np.float64), minlength=len(groups))
    return dict(zip(groups, sums.tolist(), strict=True))


def grouped(matrix: Floats, codes: Indices, count: int) -> Floats:
    """The columns of (R, S) summed by group: (R, count)."""
    order = np.argsort(codes, kind="stable")
    starts = np.searchsorted(codes[order], np.arange(count))
    if matrix.shape[1] == 0 or count == 0:
        return np.zeros((matrix.shape[0], count))
    return np.asarray(np.add.reduceat(matrix[:, order], starts, axis=1), dtype=np.float64)
