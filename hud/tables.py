"""What is stored, as pandas frames: the figures that the pages draw, every metric as it was read, and the events."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence

import pandas as pd

from app import runtime
from hud.figures import FIGURES
from hud.samples import samples, utc
from model.catalogue import BY_NAME
from model.figures.windows import step_seconds
from model.series import Event
from store.snapshot import Snapshot

FIRST_SECONDS = 20.0
"""How long the first figures of a collector that has only just begun are waited for."""
LOOK_SECONDS = 0.1
LONGEST_SECONDS = 86400.0
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_began = time.monotonic()
_WINDOW = re.compile(r"(\d{1,6})([smhd])")


def frame(name: str, window: str = "1h") -> pd.DataFrame:
    """The last `window` of `name`: an index of times in UTC, ascending, and named columns; NaN where nothing was read.

    `requests`, `latency`, `errors`, `patterns`, `pools`, `messages` and `auth_failures` are what the pages draw, in
    steps; any other name is a metric (docs/metrics.md), whose columns are named by source and labels and whose rows
    are its reads, one-minute points where the window is longer than an hour. Base units: seconds, bytes, per second.
    `attrs` hold the `unit`; a metric that no source reports has no columns, and `attrs["note"]` says why. Raises
    ValueError with what is accepted.
    """
    seconds = seconds_of(window)
    if name in FIGURES:
        figure, now = FIGURES[name], time.time()
        found = figure.table(_snapshot(), now, seconds, step_seconds(seconds))
        found.attrs["unit"] = figure.unit
        return found
    read = samples(_snapshot(), time.time(), name, seconds)
    if read is None:
        accepted = f"{', '.join(FIGURES)}, or a metric: {', '.join(sorted(BY_NAME))}"
        raise ValueError(f"there is no frame {name!r}; accepted: {accepted}")
    return read


def events(window: str = "1h") -> pd.DataFrame:
    """What happened in the last `window`, oldest first: edges of alerts, restarts, lost sources.

    The index is the time in UTC; `kind`, `severity`, `component`, `state` and `message` are text, '' where there is
    none, and `labels` a dict of all that is known. Raises ValueError with the windows that are accepted.
    """
    since = time.time() - seconds_of(window)
    return events_frame([event for event in _snapshot().events if event.time >= since])


def events_frame(found: Sequence[Event]) -> pd.DataFrame:
    """Events as rows."""
    rows = [
        {
            "kind": one.kind,
            "severity": one.severity.value,
            "component": one.label("component") or "",
            "state": one.label("state") or "",
            "message": one.message,
            "labels": dict(one.labels),
        }
        for one in found
    ]
    columns = ["kind", "severity", "component", "state", "message", "labels"]
    return pd.DataFrame(rows, columns=columns, index=utc([one.time for one in found]))


def seconds_of(window: str) -> float:
    """'15m' in seconds. Raises ValueError."""
    said = _WINDOW.fullmatch(window)
    seconds = int(said[1]) * _UNITS[said[2]] if said else 0.0
    if not 0.0 < seconds <= LONGEST_SECONDS:
        raise ValueError(f"window {window!r}: a number and s, m, h or d, such as '15m'; a day (24h) at the most")
    return seconds


def _snapshot() -> Snapshot:
    """The newest; a collector that only starts with this gets a moment for its first two reads."""
    until = _began + FIRST_SECONDS
    while not _twice_read(found := runtime.snapshot()) and time.monotonic() < until:
        time.sleep(LOOK_SECONDS)
    return found


def _twice_read(snapshot: Snapshot) -> bool:
    """Whether there is a rate of anything: a source was read well, and again."""
    started = float(snapshot.meta.get("started_at") or 0.0)
    return any(one.last_success > started + 2 * one.interval_seconds for one in snapshot.sources.values())
