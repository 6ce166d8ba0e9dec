"""What the rules on sources, and on the store, find at one instant: a condition per source."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from aggregators.alerts.rules import Rule
from aggregators.backends.server_status import is_server, reported_by_exporter
from aggregators.detection.condition import Condition, Finders, Usual
from aggregators.detection.detection_inputs import DetectionInputs
from aggregators.overview.promises import promises
from aggregators.series.grouping import Floats
from aggregators.series.sources import SLOW_SECONDS, is_lost, only_lacks
from model.number_text import about_latency, exact, lasting, latency, percent, size
from model.series import Severity, Unit
from model.sources import ErrorKind, SourceState
from model.status import Status

UNASKED_SECONDS = 5.0
"""By then a collector that was started, or woke, has asked its sources; one that is read every 10 s has three times
that more.
"""
COLLECTOR, MIB = "collector", 2.0**20
WORDED = {Unit.SECONDS: latency, Unit.BYTES: size, Unit.RATIO: percent}
LEAST_ROWS, LEAST_GROWN = 20, 200 * MIB
"""Of fewer rows nothing is usual, and by less a process may grow without meaning anything."""


def source_lost(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """Each source that has been read before. A closed port or a hang of a pattern or of a backend's server, and all
    that ails Dex, is reported by the rules of those.

    One that a collector just started has not asked yet is old, and no more is known of it.
    """
    since = facts.reading_since
    for state in facts.sources:
        unasked = state.last_attempt < since and facts.now - since < UNASKED_SECONDS + state.stale_after_seconds
        lost = is_lost(state, facts.now) and not unasked and not _is_said_elsewhere(state, facts)
        words = rule.words.format(what=_named(state), error=_what(state))
        yield Condition(state.key, lost, state.error is None and not state.is_stale(facts.now), words)


def _is_said_elsewhere(state: SourceState, facts: DetectionInputs) -> bool:
    if state.source == "dex":
        return facts.dex.status in (Status.DEGRADED, Status.UNHEALTHY)
    silent = state.error in (ErrorKind.DOWN, ErrorKind.TIMED_OUT)
    server = is_server(state) and not reported_by_exporter(state)
    return silent and (server or (state.source == "patterns" and not facts.blackout))


def source_unreached(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """Each configured source that has failed since the start. One that answers, and offers no such thing, was reached;
    of one behind another that cannot be read nothing is known.
    """
    for state in facts.sources:
        tried = state.error not in (None, ErrorKind.UNSEEN) and not only_lacks(state.source, state.error)
        never = tried and state.last_success == 0.0 and facts.now - state.since >= rule.raise_at
        words = rule.words.format(what=_named(state), error=_what(state))
        yield Condition(state.key, never, state.last_success > 0.0 or not tried, words)


def _what(state: SourceState) -> str:
    return f"{state.error.value}, {state.detail}".rstrip(", ") if state.error else "nothing read"


def source_slow(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """Answers that come, but late."""
    for state in facts.sources:
        if state.last_success == 0.0:
            continue
        known = state.error is None and not state.is_stale(facts.now)
        limit = _slow_limit(rule, state)
        words = rule.words.format(what=_named(state), latency=about_latency(state.duration_seconds))
        slow = state.duration_seconds > limit
        # a source that now fails outright is not slow any more: source_lost reports it
        gone = state.error is not None
        good = gone or (known and state.duration_seconds < limit * rule.clear_at / rule.raise_at)
        yield Condition(state.key, known and slow, good, words)


def _named(state: SourceState) -> str:
    if state.source == "patterns":
        return f"the health of {state.address}"
    return f"the {state.source} source at {state.address}"


def _slow_limit(rule: Rule, state: SourceState) -> float:
    return max(rule.raise_at, state.interval_seconds / 2 if state.interval_seconds > 2 * SLOW_SECONDS else 0.0)


def store_trouble(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """What the writer says of itself."""
    trouble = str(facts.snapshot.meta.get("store_trouble") or "")
    yield Condition("store", bool(trouble), not trouble, rule.words.format(message=trouble))


def hud_memory(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """The collector process' own memory against its own past."""
    values = _own(facts, "hud_resident_memory_bytes", rule.window_seconds)
    if len(values) < LEAST_ROWS:
        return
    own = usual.get(COLLECTOR) or float(np.median(values[: len(values) // 2]))
    now = float(values[-1])
    ratio = now / own if now - own >= LEAST_GROWN else 1.0
    grew = bool(now >= values[-LEAST_ROWS:].max())
    worded = {"value": f"{now / MIB:,.0f} MiB", "times": f"{ratio:.1f}".removesuffix(".0")}
    yield Condition(
        COLLECTOR, ratio >= rule.raise_at and grew, ratio < rule.clear_at, rule.words.format(**worded), usual=own
    )


def hud_late(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """How long what was read waited to be stored: by then it is pushed."""
    values = _own(facts, "hud_commit_delay_seconds", rule.window_seconds)
    if len(values):
        late = float(values.max())
        words = rule.words.format(late=lasting(late))
        yield Condition(COLLECTOR, late >= rule.raise_at, late <= rule.clear_at, words, figure=late)


def disk_full(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """What is left on the disk that holds the store."""
    values = _own(facts, "hud_disk_free_bytes", LEAST_ROWS)
    if len(values):
        free = float(values[-1]) / MIB
        severity = Severity.CRITICAL if free <= rule.critical_at else None
        words = rule.words.format(free=f"{free:,.0f} MiB")
        yield Condition("store", free <= rule.raise_at, free >= rule.clear_at, words, severity, figure=-free)


def promise_missed(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """Each figure that has a target, as its page judges it; what was not measured raises nothing."""
    for one in promises(facts.snapshot, facts.now):
        if one.status is not Status.UNKNOWN:
            unit, missed = Unit(one.unit), one.status is Status.DEGRADED
            measured = WORDED[unit](one.hour.value or 0.0).text
            words = rule.words.format(name=one.name.lower(), figure=measured, target=exact(one.target, unit))
            yield Condition(f"dashboard/{one.id}", missed, not missed, words)


def _own(facts: DetectionInputs, name: str, seconds: float) -> Floats:
    """What the collector wrote of itself in the last `seconds`, oldest first."""
    frame = facts.snapshot.frame(name, facts.now - seconds, facts.now)
    values = [block.samples[block.times >= facts.now - seconds].ravel() for block in frame.blocks]
    whole = np.concatenate(values) if values else np.empty(0)
    return whole[~np.isnan(whole)]


FINDERS: Finders = {
    one.__name__: one
    for one in (
        source_lost,
        source_unreached,
        source_slow,
        store_trouble,
        hud_memory,
        hud_late,
        disk_full,
        promise_missed,
    )
}
