"""What the rules on sources, and on the store, find at one instant: a condition per source."""

from __future__ import annotations

from collections.abc import Iterable

from aggregators.alerts.rules import Rule
from aggregators.backends.server_status import is_server, reported_by_exporter
from aggregators.detection.condition import Condition, Finders, Usual
from aggregators.detection.detection_inputs import DetectionInputs
from aggregators.requests.labels import LATENCY, REQUESTS
from aggregators.security.auth import FAMILY
from aggregators.series.availability import availability_of, base_family
from aggregators.series.sources import SLOW_SECONDS, is_lost
from model.number_text import about_latency, listed
from model.sources import ErrorKind, SourceState
from model.status import Reading, Status
from store.frames import Frame

UNASKED_SECONDS = 5.0
"""By then a collector that was started has asked its sources; one that is read every 10 s has three times that more."""


def source_lost(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """Each source that has been read before. A closed port or a hang of a pattern or of a backend's server, and all
    that ails Dex, is reported by the rules of those.

    One that a collector just started has not asked yet is old, and no more is known of it.
    """
    started = float(facts.snapshot.meta.get("started_at") or 0.0)
    for state in facts.sources:
        unasked = state.last_attempt < started and facts.now - started < UNASKED_SECONDS + 3 * state.interval_seconds
        silent = state.error in (ErrorKind.DOWN, ErrorKind.TIMED_OUT)
        server = silent and is_server(state) and not reported_by_exporter(state)
        elsewhere = silent and state.source == "patterns" and not facts.blackout
        identity = state.source == "dex" and facts.dex.status in (Status.DEGRADED, Status.UNHEALTHY)
        lost = is_lost(state, facts.now) and not (unasked or elsewhere or server or identity)
        words = rule.words.format(what=_named(state), error=_what(state))
        yield Condition(state.key, lost, state.error is None and not state.is_stale(facts.now), words)


def source_unreached(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """Each configured source that has failed since the start. One that answers, and offers no such thing, was reached;
    of one behind another that cannot be read nothing is known.
    """
    for state in facts.sources:
        tried = state.error not in (None, ErrorKind.NOT_OFFERED, ErrorKind.UNSEEN)
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


def metrics_gone(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """Families that a proxy reported a minute ago and now leaves out, though it answers."""
    frames = [
        facts.snapshot.frame(name, facts.now - rule.window_seconds, facts.now) for name in (REQUESTS, LATENCY, FAMILY)
    ]
    availability = [availability_of(facts.snapshot, facts.now, one) for one in frames]
    absent = [one.reading is Reading.NOT_REPORTED for one in availability]
    gone = [base_family(one.name) for one, missing in zip(frames, absent, strict=True) if missing and _had_values(one)]
    yield Condition("proxy", bool(gone), not any(absent), rule.words.format(families=listed(gone)) if gone else "")


def _had_values(frame: Frame) -> bool:
    return any(bool(block.values.notna().to_numpy().any()) for block in frame.blocks)


FINDERS: Finders = {
    one.__name__: one for one in (source_lost, source_unreached, source_slow, store_trouble, metrics_gone)
}
