"""What the rules on the sources' own answers find: families that went away, clocks that differ, sources at odds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from aggregators.alerts.rules import Rule
from aggregators.detection.condition import Condition, Finders, Usual
from aggregators.detection.detection_inputs import DetectionInputs
from aggregators.patterns.health import PatternHealth
from aggregators.requests.labels import LATENCY, REQUESTS
from aggregators.security.auth import DECISIONS, FAMILY
from aggregators.series.availability import base_family
from aggregators.series.sources import of_kind
from model.number_text import lasting, listed, round_percent
from model.sources import SourceState
from model.status import Status
from store.frames import Block

ALWAYS = {
    "proxy": (
        REQUESTS, LATENCY, FAMILY, DECISIONS, "prism_pool_connections_active", "prism_pool_connections_max",
        "prism_pool_acquire_duration_seconds_bucket", "prism_backend_query_duration_seconds_bucket",
        "prism_pubsub_published_total", "prism_pubsub_delivered_total", "prism_pubsub_subscribers",
        "prism_jwks_last_refresh_timestamp_seconds", "prism_pattern_start_time_seconds",
        "process_cpu_seconds_total", "process_resident_memory_bytes",
    ),
    "otel": (
        "otelcol_receiver_accepted_spans_total", "otelcol_exporter_sent_spans_total", "otelcol_exporter_queue_size",
        "otelcol_process_uptime_seconds",
    ),
}  # fmt: skip
"""By kind of source: families that one who has them reports in every answer, for they count what always happens."""
MISSED_READS = 2
PAST = {
    "proxy": (
        "process_start_time_seconds", "prism_pattern_start_time_seconds", "prism_jwks_last_refresh_timestamp_seconds",
    ),
    "admin_metrics": ("prism_admin_process_start_time_seconds",),
    "launcher": ("launcher_process_started_timestamp_seconds",),
    "servers": ("backend_started_timestamp_seconds",),
}  # fmt: skip
"""By kind of source: times that it reports of what has been, by its own clock."""
PAST_SECONDS = 15.0
FEWEST = 20.0


def metrics_gone(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """Families that a source reported a minute ago and now leaves out, though the same process answers.

    Which of its families an open alert is about is kept as the bits of `usual`.
    """
    for kind, names in ALWAYS.items():
        states = [state for state in of_kind(facts.snapshot, kind) if state.last_success and state.error is None]
        blocks = [_blocks(facts, name, rule.window_seconds) for name in names] if states else []
        for state in states:
            component, kept = f"{_WHO[kind]} {state.instance}", 0
            kept = int(usual.get(component) or 0)
            own = [found.get(state.key) for found in blocks]
            gone = [at for at, block in enumerate(own) if kept >> at & 1 and not _is_back(block, state)]
            gone = gone or [at for at, block in enumerate(own) if block is not None and _went(block, state)]
            listed_ = listed([base_family(names[at]) for at in gone])
            words = rule.words.format(who=component, families=listed_) if gone else ""
            yield Condition(component, bool(gone), not gone, words, usual=float(sum(1 << at for at in gone)))


_WHO = {"proxy": "proxy", "otel": "collector"}


def _blocks(facts: DetectionInputs, name: str, seconds: float) -> dict[str, Block]:
    frame = facts.snapshot.frame(name, facts.now - seconds, facts.now)
    return {block.source: block for block in frame.blocks}


def _reported(block: Block) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """(T,) which reads had any value of the family."""
    return np.asarray(~np.isnan(block.samples).all(axis=1))


def _went(block: Block, state: SourceState) -> bool:
    """It was reported before, and is in none of the last reads of the same process."""
    reported = _reported(block)
    missed = len(reported) - 1 - int(np.flatnonzero(reported)[-1]) if reported.any() else 0
    return missed >= MISSED_READS and state.last_success - block.times[-1] < 1.0 and not _began_anew(block)


def _began_anew(block: Block) -> bool:
    started = block.started()
    known = np.empty(0) if started is None else started[~np.isnan(started)]
    return len(known) > 0 and bool(known.max() - known.min() > 1.0)


def _is_back(block: Block | None, state: SourceState) -> bool:
    return block is not None and bool(_reported(block)[-1])


def clocks_apart(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """Sources that report something of the past as yet to come."""
    for families in PAST.values():
        ahead: dict[str, tuple[float, str]] = {}
        for family in families:
            for one in facts.tracks(family, PAST_SECONDS):
                here = one.now - float(one.times[-1]), family
                ahead[one.source] = max(ahead.get(one.source, here), here)
        for source, (seconds, family) in ahead.items():
            what = f"the {source.partition('@')[0]} source at {source.partition('@')[2]}"
            words = rule.words.format(what=what, ahead=lasting(seconds), figure=family) if seconds > 0 else ""
            bad, good = seconds >= rule.raise_at, seconds <= rule.clear_at
            yield Condition(source, bad, good, words, figure=seconds)


def sources_contradict(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """Patterns that say they are well while most of what they are asked fails."""
    cells = facts.failures(rule.window_seconds)
    for one in _well(facts.patterns) if cells is not None else ():
        failed, total = cells.of(one.name) if cells is not None and one.name in cells.patterns else (0.0, 0.0)
        ratio = failed / total if total >= FEWEST else 0.0
        words = rule.words.format(component=one.full_name, percent=round_percent(ratio))
        yield Condition(one.name, ratio >= rule.raise_at, ratio < rule.clear_at, words, figure=ratio)
    well = {one.name for one in _well(facts.patterns)}
    yield from (Condition(name, False, True) for name in usual if name not in well)


def _well(patterns: Sequence[PatternHealth]) -> Iterator[PatternHealth]:
    return (one for one in patterns if one.status is Status.HEALTHY and one.source_key and one.source_error is None)


FINDERS: Finders = {one.__name__: one for one in (metrics_gone, clocks_apart, sources_contradict)}
