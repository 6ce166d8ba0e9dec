"""Which sources answer, which are gone and for how long; and what that makes of a figure read from them (law 2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from aggregators.series.histogram_shape import no_histogram
from aggregators.series.quantiles import Quantile
from aggregators.series.replicas import IN_TURN, in_words, processes_in_turn
from model.catalogue import BY_NAME
from model.measure import Measure
from model.number_text import lasting, listed
from model.series import Unit
from model.sources import ErrorKind, SourceState
from model.status import Reading
from store.snapshot import Block, Frame, Snapshot

OK, SLOW, STALE, WAITING = "ok", "slow", "stale", "not read yet"
COLLECTOR_SILENT_SECONDS = 4.0
"""The collector shows a sign of life every second; four missed ones are not chance."""
SLOW_SECONDS = 0.5
RARE_SECONDS = 2.0
"""A source read this rarely is lost with its first failure: waiting for the second takes too long."""
_SUFFIXES = ("_bucket", "_count", "_sum")


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


@dataclass(frozen=True, slots=True)
class Collector:
    """The process that reads the sources: `silent_seconds` since its last sign of life, None when it never gave one."""

    alive: bool
    silent_seconds: float | None
    trouble: str


def is_lost(state: SourceState, now: float) -> bool:
    """True once a source that has answered before surely does not: two failures, one of a rare read, or silence."""
    if state.last_success == 0.0:
        return False
    if state.is_stale(now):
        return True
    return state.error is not None and (state.failures >= 2 or state.interval_seconds >= RARE_SECONDS)


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


def source_table(snapshot: Snapshot, now: float) -> tuple[SourceRow, ...]:
    """Every source, those in trouble first, the longest gone first among them."""
    several = processes_in_turn(snapshot, now)
    rows = []
    for state in snapshot.sources.values():
        if state.source != "hud":
            row = source_row(state, now)
            if row.word == OK and state.key in several:
                row = replace(row, word=IN_TURN, detail=in_words(several[state.key]))
            rows.append(row)
    return tuple(sorted(rows, key=lambda row: (row.word == OK, -(row.for_seconds or 0.0), row.key)))


def collector_state(snapshot: Snapshot, now: float) -> Collector:
    """Whether the collecting process lives, and what troubles its store (a full disk, for one)."""
    reported = float(snapshot.meta.get("collector_alive_at") or 0.0) or snapshot.written_at
    trouble = str(snapshot.meta.get("store_trouble") or "")
    if reported == 0.0:
        return Collector(False, None, trouble)
    silent = max(0.0, now - reported)
    return Collector(silent <= COLLECTOR_SILENT_SECONDS, silent, trouble)


def is_blackout(snapshot: Snapshot, now: float) -> bool:
    """True when no pattern and no proxy that ever answered still does: then it may be our own view that is gone.

    Of a single source nobody can report, so it takes two.
    """
    once = [one for one in snapshot.sources.values() if one.source in ("proxy", "patterns") and one.last_success > 0.0]
    return len(once) > 1 and all(state.error is not None or state.is_stale(now) for state in once)


def of_kind(snapshot: Snapshot, source: str) -> tuple[SourceState, ...]:
    """The sources of one kind (proxy, patterns, signoz, admin)."""
    return tuple(state for state in snapshot.sources.values() if state.source == source)


def read_until(snapshot: Snapshot, now: float, source: str) -> float:
    """The instant to answer for: now, or the last good read of a kind of source that is lost as a whole."""
    states = of_kind(snapshot, source)
    if any(not state.is_stale(now) for state in states):
        return now
    return min(now, max((state.last_success for state in states), default=now)) or now


def reach(snapshot: Snapshot, source: str) -> float:
    """How many seconds back the newest reads of a kind of source may lie without being stale."""
    return max((3 * state.interval_seconds for state in of_kind(snapshot, source)), default=0.0) + 1.0


@dataclass(frozen=True, slots=True)
class Availability:
    """What the sources' state makes of a figure: its reading, why, and for which instant to work it out."""

    reading: Reading
    at: float
    note: str = ""
    age_seconds: float | None = None

    @property
    def reports(self) -> bool:
        """True when there is data to work a figure out from."""
        return self.reading in (Reading.VALUE, Reading.STALE)

    def measure(self, unit: Unit, value: float | Quantile | None, nothing: Measure | None = None) -> Measure:
        """The figure in this state. A value of None is `nothing`: "no traffic" unless reported otherwise."""
        if self.reading is Reading.ERROR:
            return Measure.error(unit, self.note)
        if self.reading is Reading.NOT_REPORTED:
            return Measure.not_reported(unit, self.note)
        reported = value if isinstance(value, Quantile) else Quantile(value)
        if reported.value is None:
            return nothing or Measure.no_traffic(unit)
        known = Measure(unit, Reading.VALUE, float(reported.value), self.note, bound=reported.bound)
        return known.stale(self.age_seconds or 0.0, self.note) if self.reading is Reading.STALE else known


def base_family(name: str) -> str:
    """The catalogue's name of a sample name: a histogram's parts without their suffix."""
    if name in BY_NAME:
        return name
    return next((name.removesuffix(one) for one in _SUFFIXES if name.removesuffix(one) in BY_NAME), name)


def availability(snapshot: Snapshot, now: float, frame: Frame, source: str = "") -> Availability:
    """The state of figures worked out from `frame`, which must reach `read_until` of its source.

    Read fine but not in the last reads: not reported. Never read: the typed error. Lost after values: stale.
    """
    family = base_family(frame.name)
    kind = source or BY_NAME[family].source
    states = of_kind(snapshot, kind)
    if not states:
        return Availability(Reading.NOT_REPORTED, now, f"{not_configured(snapshot, kind)}; {_filled_by(family, kind)}")
    fresh = [state for state in states if not state.is_stale(now)]
    if fresh:
        blocks = {block.source: block for block in frame.blocks}
        reporting = [state for state in fresh if _reports(blocks.get(state.key), now, state)]
        useless = no_histogram(snapshot, now, frame, fresh, reporting)
        if reporting and not useless:
            return Availability(Reading.VALUE, now, _without(states, now))
        why = useless or "not reported by this version"
        return Availability(Reading.NOT_REPORTED, now, f"{why}; {_filled_by(family, kind)}")
    last = max(states, key=lambda state: state.last_success)
    if last.last_success == 0.0:
        return Availability(Reading.ERROR, now, _why(states))
    at = min(now, last.last_success)
    if any(_reports(block, at, last) for block in frame.blocks if block.source == last.key):
        return Availability(Reading.STALE, at, f"{last.key}: {_word(last)} for {lasting(now - at)}", now - at)
    return Availability(Reading.ERROR, at, _why(states))


def not_configured(snapshot: Snapshot, kind: str) -> str:
    """What to say of a kind of source that is not read: nobody named it, and its default address, if any, is silent."""
    tried = [address for key, address in defaults_tried(snapshot).items() if key.startswith(f"{kind}@")]
    return f"no {kind} source is configured" + (f" (default {listed(tried)} tried)" if tried else "")


def defaults_tried(snapshot: Snapshot) -> dict[str, str]:
    """Address by source key of the defaults that nobody named and that did not answer as what they should be."""
    tried: Mapping[str, str] = snapshot.meta.get("defaults_tried") or {}
    return {key: address for key, address in tried.items() if key not in snapshot.sources}


def measure_state(
    snapshot: Snapshot, now: float, frame: Frame, unit: Unit, work_out: Callable[[float], float | Quantile | None]
) -> Measure:
    """A figure of `frame` in its right state; `work_out` gets the instant to answer for, if there is data."""
    stands = availability(snapshot, now, frame)
    return stands.measure(unit, work_out(stands.at) if stands.reports else None)


def _reports(block: Block | None, at: float, state: SourceState) -> bool:
    """True when one of the last reads of this source had the family."""
    if block is None:
        return False
    times = block.values.index.to_numpy(dtype=np.float64)
    end = int(times.searchsorted(at, "right"))
    low = int(times.searchsorted(min(at, state.last_success) - 3 * state.interval_seconds, "left"))
    values = block.values.to_numpy(dtype=np.float64)
    return any(not np.isnan(values[row]).all() for row in range(end - 1, low - 1, -1))


def _filled_by(family: str, kind: str) -> str:
    known = BY_NAME.get(family)
    if known is None:
        return f"{family} of the {kind} source would fill it"
    labels = f" by {', '.join(known.labels)}" if known.labels else ""
    return f"{family}{labels} would fill it ({known.help.rstrip('.').lower()})"


def _without(states: tuple[SourceState, ...], now: float) -> str:
    """Says which of several sources are missing from a sum."""
    gone = [state for state in states if state.is_stale(now)]
    return f"without {listed([f'{state.instance} ({_word(state)})' for state in gone])}" if gone else ""


def _word(state: SourceState) -> str:
    return state.error.value if state.error else STALE


def _why(states: tuple[SourceState, ...]) -> str:
    failing = [state for state in states if state.error is not None]
    if not failing:
        return f"{states[0].key}: {WAITING}"
    first = failing[0]
    return f"{first.key}: {_word(first)}" + (f", {first.detail}" if first.detail else "")
