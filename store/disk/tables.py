"""Series tables on disk: the columns of a segment, as JSON, under the hash of their content."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable, Iterable
from typing import Any

from model.series import Kind, Series
from store.errors import StoreDamaged
from store.series_table import SeriesTable

MAX_TABLE_BYTES = 1024 * 1024 * 1024


def encode_table(series: Iterable[Series]) -> tuple[str, bytes]:
    """(key, bytes) of a table. Equal lists of series give equal keys."""
    text = json.dumps([[one.name, one.kind.value, one.labels] for one in series], separators=(",", ":")).encode()
    return f"table/{hashlib.blake2b(text, digest_size=16).hexdigest()}", zlib.compress(text, 1)


def _pair(same: Callable[[Any, Any], Any], label: str, value: str) -> tuple[str, str]:
    pair = same(label, label), same(value, value)
    found: tuple[str, str] = same(pair, pair)
    return found


def decode_table(key: str, data: object) -> SeriesTable:
    """The table stored under `key`. Raises StoreDamaged when the content is not what the key says."""
    if not isinstance(data, bytes):
        raise StoreDamaged(f"{key} is missing")
    inflater = zlib.decompressobj()
    try:
        text = inflater.decompress(data, MAX_TABLE_BYTES)
        if key != f"table/{hashlib.blake2b(text, digest_size=16).hexdigest()}":
            raise StoreDamaged(f"{key} is damaged")
        one_of: dict[Any, Any] = {}  # names and label pairs repeat in thousands of series: each is kept once
        same = one_of.setdefault
        return SeriesTable(
            Series(same(name, name), tuple(_pair(same, label, value) for label, value in labels), Kind(kind))
            for name, kind, labels in json.loads(text)
        )
    except (zlib.error, ValueError, TypeError, RecursionError) as error:
        raise StoreDamaged(f"{key} is damaged: {error}") from None
