"""One commit on disk: a row per source that was read, and the events that came with them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from model.series import Event, Severity
from store.disk.codec import Floats, decode_bytes, encode, floats
from store.errors import StoreDamaged

SHARED = 2_000
"""How many labels, and how many messages, are at hand for the next event that has the same."""


class Row(NamedTuple):
    """One read of one source: `values` (S,) over the table stored under the key `table`."""

    source: str
    table: str
    time: float
    values: Floats


@lru_cache(maxsize=SHARED)
def _pair(name: str, value: str) -> tuple[str, str]:
    """One label. Thousands of events share their few names, and most of their values: a day of failed logins takes
    half the memory that way.
    """
    return sys.intern(name), value


@lru_cache(maxsize=SHARED)
def _text(message: str) -> str:
    return message


def commit_key(version: int) -> str:
    """Where the commit of one version lies."""
    return f"commit/{version:012d}"


def event_to_json(event: Event) -> list[Any]:
    """An event as plain JSON."""
    return [event.time, event.kind, event.severity.value, event.labels, event.message, event.known_at]


def event_from_json(item: Any) -> Event:
    """The inverse of `event_to_json`. Raises StoreDamaged."""
    try:
        time, kind, severity, labels, message, *known = item  # older stores do not say when they knew
        pairs = tuple(_pair(str(name), str(value)) for name, value in labels)
        known_at = float(known[0]) if known else float(time)
        return Event(float(time), sys.intern(str(kind)), Severity(severity), pairs, _text(str(message)), known_at)
    except (ValueError, TypeError) as error:
        raise StoreDamaged(f"not an event: {error}") from None


def encode_commit(rows: Sequence[Row], events: Sequence[Event]) -> bytes:
    """The bytes of one commit."""
    header = {
        "rows": [[row.source, row.table, row.time] for row in rows],
        "events": [event_to_json(event) for event in events],
    }
    return encode(header, [row.values.astype("<f8", copy=False).tobytes() for row in rows])


def decode_commit(data: object) -> tuple[list[Row], list[Event]]:
    """The inverse of `encode_commit`. Raises StoreDamaged."""
    stored = decode_bytes(data)
    try:
        heads, events = stored.header["rows"], stored.header["events"]
        rows = [
            Row(str(source), str(table), float(time), floats(stored.buffer(at)))
            for at, (source, table, time) in enumerate(heads)
        ]
        return rows, [event_from_json(item) for item in events]
    except (KeyError, ValueError, TypeError) as error:
        raise StoreDamaged(f"not a commit: {error}") from None


def encode_events(events: Sequence[Event]) -> bytes:
    """The bytes of one run of events."""
    return encode({"events": [event_to_json(event) for event in events]})


def decode_events(data: object) -> list[Event]:
    """The inverse of `encode_events`. Raises StoreDamaged."""
    items = decode_bytes(data).header.get("events")
    if not isinstance(items, list):
        raise StoreDamaged("not a run of events")
    return [event_from_json(item) for item in items]
