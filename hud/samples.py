"""A metric as it was read: a frame of all its series."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from aggregators.series.availability import availability_of, base_family
from model.catalogue import BY_NAME
from model.series import Unit
from store.frames import Block
from store.snapshot import Snapshot

RAW_SECONDS = 3600.0
"""Every read is kept for so long."""
UTC_TIME = "time"
HISTOGRAM = "_bucket"
SOURCE = "source"


def samples(snapshot: Snapshot, now: float, name: str, seconds: float) -> pd.DataFrame | None:
    """The reads of a metric or of one of its parts (`…_sum`); of a histogram alone its buckets. None: no such metric.

    Columns have a level for the source and one per label.
    """
    known = BY_NAME.get(base_family(name))
    for sample in (name, name + HISTOGRAM):
        found = snapshot.frame(sample, now - seconds, now, coarse=seconds > RAW_SECONDS)
        if found.reported:
            break
    if known is None and not found.reported:
        return None
    table = _joined(found.blocks, now - seconds) if found.blocks else _empty(known.labels if known else ())
    availability = availability_of(snapshot, now, found, "" if known else _source_of(found.blocks))
    table.attrs = {
        "unit": (known.unit if known else Unit.NONE).value,
        "reading": availability.reading.value,
        "note": availability.note,
    }
    return table


def _source_of(blocks: Sequence[Block]) -> str:
    """The kind of source of a metric that is not in the catalogue."""
    return blocks[0].source.partition("@")[0]


def _joined(blocks: Sequence[Block], start: float) -> pd.DataFrame:
    """All sources side by side, over the union of their times and of the names of their labels."""
    named = pd.concat([_labels(block) for block in blocks], ignore_index=True).fillna("")
    cut = [block.values[block.values.index >= start] for block in blocks]
    whole: pd.DataFrame = pd.concat(cut, axis=1).sort_index()
    whole.columns = pd.MultiIndex.from_frame(named)
    whole.index = utc(whole.index)
    return whole


def _empty(labels: Sequence[str]) -> pd.DataFrame:
    """Of what nobody reports: the names are there, no column is."""
    levels = [SOURCE, *labels]
    return pd.DataFrame(index=utc([]), columns=pd.MultiIndex.from_arrays([[]] * len(levels), names=levels))


def _labels(block: Block) -> pd.DataFrame:
    """A row per column. A label called `source` goes by the name that Prometheus gives such ones."""
    labels = block.labels.rename(columns={SOURCE: f"exported_{SOURCE}"})
    labels.insert(0, SOURCE, block.source)
    return labels


def utc(times: Iterable[float]) -> pd.DatetimeIndex:
    """Seconds since 1970 as an index, to the microsecond."""
    return pd.to_datetime(pd.Index(list(times), dtype=float), unit="s", utc=True).as_unit("us").rename(UTC_TIME)
