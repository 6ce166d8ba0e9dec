"""Chunks: many reads of many sources in one value, in which one family can be read without the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from store.disk.codec import Floats, Stored, encode, floats, pack_array, unpack_array
from store.errors import StoreDamaged
from store.series_table import Segment, SeriesTable


class Part(NamedTuple):
    """One source's share of a chunk. Buffer `first` holds its times; a buffer per family follows, in table order."""

    source: str
    table: str
    rows: int
    first: int


def encode_chunk(segments: Sequence[Segment], key_of: Callable[[SeriesTable], str]) -> bytes:
    """The bytes of a chunk; `key_of` names a segment's table."""
    parts: list[Part] = []
    buffers: list[bytes] = []
    for segment in segments:
        parts.append(Part(segment.source, key_of(segment.table), len(segment.times), len(buffers)))
        buffers.append(segment.times.astype("<f8", copy=False).tobytes())
        names = segment.table.names
        buffers.extend(pack_array(_columns(segment.values, segment.table.positions(name))) for name in names)
    return encode({"parts": parts}, buffers)


def _columns(values: Floats, positions: Sequence[int]) -> Floats:
    """Some columns, not copied where they stand side by side, as a source's families do."""
    if positions[-1] - positions[0] + 1 == len(positions):
        return values[:, positions[0] : positions[-1] + 1]
    return values[:, positions]


def parts_of(stored: Stored) -> list[Part]:
    """The sources in a chunk. Raises StoreDamaged."""
    try:
        return [Part(str(s), str(t), int(r), int(f)) for s, t, r, f in stored.header["parts"]]
    except (KeyError, ValueError, TypeError) as error:
        raise StoreDamaged(f"not a chunk: {error}") from None


def times_of(stored: Stored, part: Part) -> Floats:
    """A part's times (T,). Raises StoreDamaged."""
    times = floats(stored.buffer(part.first))
    if len(times) != part.rows or not len(times):
        raise StoreDamaged("a chunk's times do not match its rows")
    return times


def family_of(stored: Stored, part: Part, table: SeriesTable, name: str) -> Floats:
    """One family's values (T, n) in a part; n is 0 when the table lacks it. Raises StoreDamaged."""
    width = len(table.positions(name))
    if width == 0:
        return np.empty((part.rows, 0))
    at = part.first + 1 + table.order(name)
    return unpack_array(stored.buffer(at), (part.rows, width))


def segment_of(stored: Stored, part: Part, table: SeriesTable) -> Segment:
    """A whole part as a segment. Raises StoreDamaged."""
    values = np.empty((part.rows, len(table.series)))
    for name in table.names:
        values[:, table.positions(name)] = family_of(stored, part, table, name)
    return Segment(part.source, table, times_of(stored, part), values)
