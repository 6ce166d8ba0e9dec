"""How each source stood at an earlier instant, from the rows and events that the scheduler writes of them."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from model.sources import STATE_EVENT, ErrorKind, SourceState
from store.snapshot import Snapshot

OWN = "hud@collector"
"""The source of the writer's own rows."""
SUCCESS, DURATION, SAMPLES = "hud_source_success", "hud_source_duration_seconds", "hud_source_samples"
ATTEMPTED, READ, FAILURES = "hud_source_attempted_at_seconds", "hud_source_read_at_seconds", "hud_source_failures"
LOADED_INTERVAL_SECONDS = 60.0
"""A history that was loaded has a row a minute."""


class Change(NamedTuple):
    """When a source began to stand otherwise; `was` and `now` are a SourceState's `lasting`."""

    time: float
    was: list[Any]
    now: list[Any]


def states_at(whole: Snapshot, written: float) -> dict[str, SourceState]:
    """Every source as of the writer's row of the instant `written`; none when that is 0."""
    if not written:
        return {}
    figures = {name: _row(whole, name, written) for name in (SUCCESS, DURATION, SAMPLES, ATTEMPTED, READ, FAILURES)}
    changes = whole.once((states_at, "changes"), lambda: _changes(whole))
    found = {}
    for (source, target), success in figures[SUCCESS].items():
        key = f"{source}@{target}"
        place = source, target
        state = SourceState(
            key,
            source,
            target,
            target,
            1.0,
            last_attempt=figures[ATTEMPTED].get(place, written),
            last_success=figures[READ].get(place, written if success else 0.0),
            duration_seconds=figures[DURATION].get(place, 0.0),
            samples=int(figures[SAMPLES].get(place, 0.0)),
            failures=int(figures[FAILURES].get(place, 0.0 if success else 1.0)),
        )
        found[key] = _standing(state, whole.sources.get(key), changes.get(key, ()), written, bool(success))
    return found | {key: one for key, one in whole.sources.items() if one.last_attempt == 0.0}


def _standing(
    state: SourceState, today: SourceState | None, changes: tuple[Change, ...] | list[Change], at: float, well: bool
) -> SourceState:
    """With what lasts: as the last change by then said, else as it was before the first one, else as it is today."""
    before = [one for one in changes if one.time <= at]
    if before:
        return state.with_lasting(before[-1].now)
    if changes:
        return state.with_lasting(changes[0].was)
    known = state if today is None else state.with_lasting(today.lasting)
    if well:
        return replace(known, error=None, since=0.0)
    return known if known.error else replace(known, error=ErrorKind.NOT_KEPT, since=at)


def loaded_states(whole: Snapshot, rows: Mapping[str, float]) -> dict[str, SourceState]:
    """The sources at an instant that was loaded later, by each one's last row; of the others nothing is kept."""
    known = {key: _unknown(one) for key, one in whole.sources.items()}
    for key, at in rows.items():
        source, _, instance = key.partition("@")
        state = known.get(key) or SourceState(key, source, instance, instance, LOADED_INTERVAL_SECONDS)
        known[key] = replace(
            state,
            interval_seconds=max(state.interval_seconds, LOADED_INTERVAL_SECONDS),
            last_attempt=at,
            last_success=at,
            error=None,
            detail="",
        )
    return known


def _unknown(state: SourceState) -> SourceState:
    return SourceState(
        state.key,
        state.source,
        state.instance,
        state.address,
        state.interval_seconds,
        error=ErrorKind.NOT_KEPT,
        detail="the dashboard did not run then",
    )


def _row(whole: Snapshot, name: str, written: float) -> dict[tuple[str, str], float]:
    """The writer's row at `written`: value by (kind of source, target)."""
    found: dict[tuple[str, str], float] = {}
    for block in whole.rows(name, float(np.nextafter(written, 0.0)), written):
        if block.source == OWN:
            row = block.values.to_numpy(dtype=np.float64)[-1].tolist()
            for series, value in zip(block.series, row, strict=True):
                if value == value:
                    found[series.label("source") or "", series.label("target") or ""] = value
    return found


def _changes(whole: Snapshot) -> dict[str, list[Change]]:
    found: dict[str, list[Change]] = {}
    for event in whole.events:
        if event.kind == STATE_EVENT:
            labels = dict(event.labels)
            with contextlib.suppress(KeyError, ValueError):  # written by another version
                one = Change(event.time, json.loads(labels["was"]), json.loads(labels["is"]))
                found.setdefault(labels["key"], []).append(one)
    return found
