"""Whether what is reported where a histogram was expected is one that can be worked with."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd

from model.histogram_shape import NO_BUCKETS, PLAIN, SUMMARY, histogram_fault
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
