"""The writer's columns: each source's reads laid over one table that changes only when its series do."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from model.series import Series
from store.disk.codec import Floats
from store.disk.tables import encode_table
from store.incoming import series_of
from store.series_table import SeriesTable


class Tables:
    """Every table in use, by key and by identity. Equal lists of series share one table."""

    def __init__(self) -> None:
        self._by_key: dict[str, SeriesTable] = {}
        self._keys: dict[int, str] = {}
        self._bytes: dict[str, bytes] = {}

    def add(self, table: SeriesTable) -> SeriesTable:
        """The table to use for these series: this one, or the equal one known before."""
        if id(table) in self._keys:
            return table
        key, data = encode_table(table.series)
        known = self._by_key.get(key)
        if known is not None:
            return known
        self._bytes[key] = data
        self.know(key, table)
        return table

    def know(self, key: str, table: SeriesTable) -> None:
        """Take in a table that is stored already."""
        self._by_key[key] = table
        self._keys[id(table)] = key

    def get(self, key: str) -> SeriesTable | None:
        """The table of a key, when it is known."""
        return self._by_key.get(key)

    def key_of(self, table: SeriesTable) -> str:
        """The key of a table, which is taken in when it is new."""
        return self._keys.get(id(table)) or self._keys[id(self.add(table))]

    def keys(self) -> Iterable[str]:
        """Every key in use."""
        return self._by_key.keys()

    def unsave(self) -> None:
        """Forget what is on disk: the database was replaced."""
        self._bytes = dict(encode_table(table.series) for table in self._by_key.values())

    def unsaved(self) -> dict[str, bytes]:
        """What must be written with the next transaction."""
        return dict(self._bytes)

    def saved(self, keys: Iterable[str]) -> None:
        """These reached the disk."""
        for key in keys:
            self._bytes.pop(key, None)

    def keep(self, wanted: set[str]) -> set[str]:
        """Forget all but `wanted`; returns the stored keys that nothing refers to any more."""
        gone = {key for key in self._by_key if key not in wanted}
        for key in gone:
            del self._keys[id(self._by_key.pop(key))]
        return {key for key in gone if self._bytes.pop(key, None) is None}


class Columns:
    """One source's columns. They grow while a minute lasts and shrink when it closes, so that tables are few."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._series: list[Series] = []
        self._known: pd.Index | None = None
        self._place: dict[Series, int] = {}
        """Where each series stands; empty while nobody asks, since that of 50,000 takes 5 MB."""
        self.table = SeriesTable(())

    def rows(self, frame: pd.DataFrame) -> Floats:
        """The frame's values over `table`, which grows for series not met before. Shape (T, S)."""
        values = frame.to_numpy(dtype=np.float64)
        if self._known is not None and frame.columns.is_(
            self._known
        ):  # the usual case: a source's frames share one Index
            return values
        named = series_of(frame)
        if named != self._series:
            self._place = self._place or {one: at for at, one in enumerate(self._series)}
            fresh = [one for one in dict.fromkeys(named) if one not in self._place]
            if fresh:
                self.use(self._tables.add(SeriesTable([*self._series, *fresh])))
        if named == self._series:
            self._known, self._place = frame.columns, {}
            return values
        place = self._place = self._place or {one: at for at, one in enumerate(self._series)}
        rows = np.full((len(values), len(self._series)), np.nan)
        rows[:, [place[one] for one in named]] = values
        return rows

    def use(self, table: SeriesTable) -> None:
        """Lay the next reads over this table."""
        self.table = table
        self._known = None
        self._series, self._place = list(table.series), {}
