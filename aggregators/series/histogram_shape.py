"""Whether what is reported where a histogram was expected is one that can be worked with."""

from __future__ import annotations

from collections.abc import Sequence

from model.sources import SourceState
from store.frames import Frame
from store.snapshot import Snapshot

BUCKET = "_bucket"
INFINITE = frozenset({"+Inf", "Inf", "inf", "+inf"})
ONLY_INFINITE = "its histogram has no bucket but +Inf, which tells no quantile"
SUMMARY = "it is reported as a summary, whose quantiles cannot be merged"


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
        edges = {one.label("le") for block in frame.blocks if block.source in keys for one in block.series}
        return ONLY_INFINITE if edges <= INFINITE else ""
    reach = max((3 * state.interval_seconds for state in fresh), default=0.0)
    keys = {state.key for state in fresh}
    quantiles = snapshot.frame(frame.name.removesuffix(BUCKET), now - reach, now).blocks
    named = (one.label("quantile") for block in quantiles if block.source in keys for one in block.series)
    return SUMMARY if any(named) else ""
