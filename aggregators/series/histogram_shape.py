"""Whether what is reported where a histogram was expected is one that can be worked with; and edges that it lacks."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd

from aggregators.series.grouping import Floats, Indices, column, group_codes
from aggregators.series.process_tracks import filled
from model.histogram_shape import NO_BUCKETS, PLAIN, SUMMARY, edge_of, histogram_fault
from model.series import Series
from model.sources import SourceState
from store.frames import Block, Frame
from store.snapshot import Snapshot

BUCKET = "_bucket"


def no_histogram(
    snapshot: Snapshot, now: float, frame: Frame, fresh: Sequence[SourceState], reporting: Sequence[SourceState]
) -> str:
    """Why the buckets in `frame` say nothing; '' when they do, or when nothing of the kind is reported.

    `fresh` are the sources that are read, `reporting` those of them that have the family.
    """
    if not frame.name.endswith(BUCKET):
        return ""
    if reporting:
        keys = {state.key for state in reporting}
        faults = [_fault(block) for block in frame.blocks if block.source in keys]
        return faults[0] if all(faults) else ""
    reach = max((state.stale_after_seconds for state in fresh), default=0.0)
    return _instead(snapshot, now - reach, now, frame.name.removesuffix(BUCKET), {state.key for state in fresh})


def _instead(snapshot: Snapshot, start: float, end: float, name: str, keys: Collection[str]) -> str:
    """Why what these sources report under the histogram's name has no buckets; '' when there is nothing."""

    def reported(part: str) -> list[Series]:
        blocks = snapshot.frame(f"{name}{part}", start, end).blocks
        return [one for block in blocks if block.source in keys for one in block.series]

    bare = reported("")
    if any(one.label("quantile") for one in bare):
        return SUMMARY
    if reported("_count") or reported("_sum"):
        return NO_BUCKETS
    return PLAIN if bare else ""


def _fault(block: Block) -> str:
    """Of all its histograms together, by the last read; where their edges differ only the edges are looked at."""
    if "le" not in block.labels.columns:
        return histogram_fault({"": 0.0})
    codes, edges = pd.factorize(block.labels["le"].to_numpy(dtype=object))
    last = np.nan_to_num(block.samples[-1])
    many = np.bincount(codes, minlength=len(edges))
    sums = np.bincount(codes, weights=last, minlength=len(edges)) if (many == many[0]).all() else np.zeros(len(edges))
    return histogram_fault(dict(zip(map(str, edges), sums.tolist(), strict=True)))


def with_every_edge(labels: pd.DataFrame, values: Floats) -> Floats:
    """Cumulative counts (T, S) where an edge that a process lacks lies on the line between those that it has.

    Else the counts of a window that spans a restart with other edges fall from edge to edge, and what is beyond the
    last is anybody's.
    """
    absent = np.isnan(values)
    if "le" not in labels.columns or not absent.any():
        return values
    codes, _ = group_codes(labels, [name for name in labels.columns if name != "le"])
    own = np.flatnonzero(np.isin(codes, codes[absent.any(axis=0)]))
    own = own[np.argsort(codes[own], kind="stable")]
    present, starts, sizes = np.unique(codes[own], return_index=True, return_counts=True)
    lacking = np.add.reduceat(absent[:, own], starts, axis=1, dtype=np.intp)
    partly = present[((lacking > 0) & (lacking < sizes)).any(axis=0)]
    if not len(partly):
        return values
    whole, edges = values.copy(), np.array([edge_of(str(text)) for text in column(labels, "le")], dtype=np.float64)
    for one in partly:
        columns = np.flatnonzero((codes == one) & ~np.isnan(edges))
        _fill(whole, columns[np.argsort(edges[columns])], edges)
    return whole


def _fill(values: Floats, columns: Indices, edges: Floats) -> None:
    """Of one histogram, whose `columns` are in order of their edges: what it lacks from one reset to the next."""
    bounds, whole = edges[columns], filled(values[:, columns[-1:]])[:, 0]
    life = np.cumsum(np.diff(whole, prepend=whole[0]) < 0)
    for one in np.unique(life):
        rows = np.flatnonzero(life == one)
        lacking = np.isnan(values[np.ix_(rows, columns)]).all(axis=0)
        known, wanted = ~lacking & np.isfinite(bounds), lacking & np.isfinite(bounds)
        for row in rows if known.any() and wanted.any() else ():
            values[row, columns[wanted]] = np.interp(
                bounds[wanted], bounds[known], values[row, columns[known]], left=0.0
            )
