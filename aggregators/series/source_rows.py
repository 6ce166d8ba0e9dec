"""Every source as a table shows it: how it is read, since when, how old its last read is."""

from __future__ import annotations

from dataclasses import dataclass, replace

from aggregators.series.replicas import IN_TURN, in_words, processes_in_turn
from aggregators.series.sources import OK, SLOW, SLOW_SECONDS, STALE, WAITING, is_lost
from model.sources import ErrorKind, SourceState
from model.status import Status
from store.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One source as a table reports it. `word` is ok, slow, stale, not read yet, several processes, or the kind
    of error.

    `for_seconds` is how long it has been so, when it is not ok; `age_seconds` the age of the last good read.
    `never_reached` and `lost` exclude each other: lost means it has answered before. `failures` follow each other.
    """

    key: str
    source: str
    instance: str
    address: str
    word: str
    detail: str
    error: ErrorKind | None
    age_seconds: float | None
    for_seconds: float | None
    interval_seconds: float
    duration_seconds: float
    samples: int
    never_reached: bool
    lost: bool
    failures: int = 0


def source_row(state: SourceState, now: float) -> SourceRow:
    """What there is to say of one source."""
    never = state.last_success == 0.0
    age = state.age_seconds(now)
    word, gone = OK, None
    if state.error is not None:
        word, gone = state.error.value, now - (state.since or now) if age is None else age
    elif never:
        word = WAITING
    elif state.is_stale(now):
        word, gone = STALE, age
    elif state.duration_seconds > max(SLOW_SECONDS, state.interval_seconds / 2):
        word = SLOW
    return SourceRow(
        state.key,
        state.source,
        state.instance,
        state.address,
        word,
        state.detail,
        state.error,
        age,
        gone,
        state.interval_seconds,
        state.duration_seconds,
        state.samples,
        never and state.error is not None,
        is_lost(state, now),
        state.failures,
    )


def source_status(row: SourceRow) -> Status:
    """How well reading a source goes: UNHEALTHY once it is lost, UNKNOWN while nothing good has come of it."""
    if row.word == OK:
        return Status.HEALTHY
    if row.word == WAITING or row.never_reached:
        return Status.UNKNOWN
    return Status.UNHEALTHY if row.lost else Status.DEGRADED


def source_table(snapshot: Snapshot, now: float) -> tuple[SourceRow, ...]:
    """Every source, those in trouble first, the longest gone first among them."""
    return snapshot.once((source_table, now), lambda: _source_table(snapshot, now))


def _source_table(snapshot: Snapshot, now: float) -> tuple[SourceRow, ...]:
    several = processes_in_turn(snapshot, now)
    rows = []
    for state in snapshot.sources.values():
        if state.source != "hud":
            row = source_row(state, now)
            if row.word == OK and state.key in several:
                row = replace(row, word=IN_TURN, detail=in_words(several[state.key]))
            rows.append(row)
    return tuple(sorted(rows, key=lambda row: (row.word == OK, -(row.for_seconds or 0.0), row.key)))
