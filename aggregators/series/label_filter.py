"""A snapshot that holds one pattern's series only: whatever answers for all of Prism answers for the pattern."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from model.catalogue.signoz import REQUESTS_COUNTED
from store.frames import Readable
from store.series_table import FamilyColumns, Floats, Segment, SeriesTable
from store.snapshot import Snapshot

Places = npt.NDArray[np.intp]
OF_ALL = frozenset({REQUESTS_COUNTED})
"""When something was counted, whoever it was."""


def of_pattern(snapshot: Snapshot, pattern: str) -> Snapshot:
    """`snapshot` without the series of other patterns; what it says of sources and events stays."""
    return with_label(snapshot, "pattern", pattern)


def with_label(snapshot: Snapshot, name: str, value: str) -> Snapshot:
    """`snapshot` with those series only whose label `name` is `value`."""
    tables: dict[int, _Table] = {}

    def load(start: float, end: float, fine: float) -> Iterable[Readable]:
        for one in snapshot.load(start, end, fine):
            table = tables.get(id(one.table))
            if table is None:
                table = tables[id(one.table)] = _Table(one.table, name, value)
            yield _Part(one, table)

    return replace(snapshot, load=load)


class _Table(SeriesTable):
    """The columns of `whole` with one label value, chosen per family when that is asked for."""

    def __init__(self, whole: SeriesTable, name: str, value: str) -> None:
        super().__init__(())
        self.whole = whole
        self._label = name, value
        self._chosen: dict[str, tuple[FamilyColumns, Places]] = {}

    @property
    def names(self) -> Iterable[str]:
        """The sample names of the whole; of some the label value may have no series."""
        return self.whole.names

    def positions(self, name: str) -> Sequence[int]:
        """Where its series sit in the whole."""
        return tuple(self.family(name).positions.tolist())

    def order(self, name: str) -> int:
        """As in the whole."""
        return self.whole.order(name)

    def family(self, name: str) -> FamilyColumns:
        """The columns of one sample name that have the label value."""
        return self.chosen(name)[0]

    def chosen(self, name: str) -> tuple[FamilyColumns, Places]:
        """The same, with their places among the family's columns."""
        if name not in self._chosen:
            columns, (label, value) = self.whole.family(name), self._label
            every = name in OF_ALL
            chosen = [at for at, one in enumerate(columns.series) if every or one.label(label) == value]
            places = np.array(chosen, dtype=np.intp)
            self._chosen[name] = columns.of(places), places
        return self._chosen[name]


@dataclass(frozen=True, slots=True)
class _Part:
    """A stored piece, narrowed."""

    whole: Readable
    table: _Table

    @property
    def source(self) -> str:
        """The source's key."""
        return self.whole.source

    @property
    def times(self) -> Floats:
        """(T,), ascending."""
        return self.whole.times

    def cut(self, name: str, low: int = 0, high: int | None = None) -> Floats | None:
        """The rows [low, high) of (T, n) of one sample name, or None when it can be read no more."""
        columns, places = self.table.chosen(name)
        if isinstance(self.whole, Segment):  # in memory: its few columns at once, not first those of the family
            return self.whole.values[low:high, columns.positions]
        values = self.whole.cut(name, low, high)
        return None if values is None else values[:, places]

    def until(self, time: float) -> Readable:
        """The rows no later than `time`."""
        return _Part(self.whole.until(time), self.table)
