"""What each source's last read said."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from aggregators.series.grouping import READ_AT, READ_FROM, VALUE, named
from store.frames import Frame
from store.snapshot import Snapshot


class Last(NamedTuple):
    """One series of a source's last read: its labels, value, when (seconds since 1970) and the source's key."""

    labels: dict[str, str]
    value: float
    read_at: float
    read_from: str

    def label(self, name: str) -> str:
        """One label; '' when there is none of that name."""
        return self.labels.get(name, "")


def last_read(frame: Frame, now: float, max_age: float) -> list[Last]:
    """What each source's last read said, when it is no older than `max_age` seconds.

    A series that the last read lacked is not there any more, whatever an older read said.
    """
    found = []
    for block in frame.blocks:
        times = block.times
        row = int(times.searchsorted(now, "right")) - 1
        if row < 0 or now - times[row] > max_age:
            continue
        values, at = block.samples[row].tolist(), float(times[row])
        for series, value in zip(block.series, values, strict=True):
            if value == value:  # not NaN
                found.append(Last(dict(series.labels), value, at, block.source))
    return found


def last_reads(snapshot: Snapshot, name: str, at: float, max_age: float) -> list[Last]:
    """What the last read of each source in [at - max_age, at] said of one name."""
    return last_read(snapshot.newest(name, at, max_age), at, max_age)


def latest(frame: Frame, now: float, max_age: float) -> pd.DataFrame:
    """`last_read` as a table: the labels, `value`, `read_at` and `read_from`."""
    found = last_read(frame, now, max_age)
    labels = pd.DataFrame([one.labels for one in found], dtype=object).fillna("")
    return named(labels).assign(
        **{
            VALUE: np.array([one.value for one in found], dtype=np.float64),
            READ_AT: np.array([one.read_at for one in found], dtype=np.float64),
            READ_FROM: np.array([one.read_from for one in found], dtype=object),
        }
    )
