"""What the sources' state makes of a figure that is read from them: value, stale, not reported, error (law 2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from aggregators.series.histogram_shape import no_histogram
from aggregators.series.quantiles import Quantile
from aggregators.series.replicas import one_of_several
from aggregators.series.sources import STALE, WAITING, of_kind
from model.catalogue import BY_NAME
from model.measure import Measure
from model.number_text import lasting, listed
from model.series import Unit
from model.sources import ErrorKind, SourceState
from model.status import Reading
from store.frames import Block, Frame
from store.snapshot import Snapshot

TWO_READS = "two reads are needed"
_SUFFIXES = ("_bucket", "_count", "_sum")


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
        """The figure in this state. A value of None is `nothing`: "no traffic" unless given."""
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


def source_of(name: str) -> str:
    """The kind of source that reports a sample of the catalogue. Raises KeyError for a name that is not there."""
    return BY_NAME[base_family(name)].source


def availability_of(snapshot: Snapshot, now: float, frame: Frame, source: str = "") -> Availability:
    """The state of figures worked out from `frame`, which must reach `read_until` of its source.

    Read fine but not in the last reads: not reported. Never read: the typed error. Lost after values: stale.
    """
    family = base_family(frame.name)
    kind = source or source_of(family)
    states = of_kind(snapshot, kind)
    if not states:
        return Availability(Reading.NOT_REPORTED, now, f"{not_configured(snapshot, kind)}; {_filled_by(family, kind)}")
    fresh = [state for state in states if not state.is_stale(now)]
    if fresh:
        blocks = {block.source: block for block in frame.blocks}
        reporting = [state for state in fresh if _reports(blocks.get(state.key), now, state)]
        useless = no_histogram(snapshot, now, frame, fresh, reporting)
        if reporting and not useless:
            notes = (_without(states, now), one_of_several(snapshot, now, family, reporting))
            return Availability(Reading.VALUE, now, "; ".join(filter(None, notes)))
        why = useless or "not reported by this version"
        return Availability(Reading.NOT_REPORTED, now, f"{why}; {_filled_by(family, kind)}")
    last = max(states, key=lambda state: state.last_success)
    if last.error is ErrorKind.NOT_KEPT:
        return Availability(Reading.NOT_REPORTED, now, ErrorKind.NOT_KEPT.value)
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


def _reports(block: Block | None, at: float, state: SourceState) -> bool:
    """True when one of the last reads of this source had the family."""
    if block is None:
        return False
    times = block.times
    end = int(times.searchsorted(at, "right"))
    low = int(times.searchsorted(min(at, state.last_success) - state.stale_after_seconds, "left"))
    values = block.samples
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
