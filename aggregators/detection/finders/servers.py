"""What the rules on the backends' own servers find beside what `server_status` judges: slowness, locks, what waits."""

from __future__ import annotations

from collections.abc import Iterable

from aggregators.alerts.rules import Rule
from aggregators.backends.server_status import name_at
from aggregators.detection.condition import Condition, Finders, Usual
from aggregators.detection.detection_inputs import DetectionInputs
from aggregators.detection.recent import Sums
from aggregators.messaging.subscribers import BEHIND_BYTES
from aggregators.series.histograms import Group
from model.catalogue.source_kinds import SERVERS
from model.number_text import about_latency, lasting
from model.series import Severity

PAST_SECONDS = 60.0
LEAST_CALLS, LEAST_SECONDS = 20.0, 0.001
"""A mean of fewer calls says nothing, and below a millisecond more nobody waits for it."""
WORK = {
    "redis": ("redis_server_command_duration_seconds_total", "redis_server_command_calls_total", "command"),
    "postgres": ("postgres_server_query_duration_seconds_total", "postgres_server_query_calls_total", "query"),
}


def server_slow(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """The mean time of what each server does against the minute before."""
    for kind, (duration, calls, what) in WORK.items():
        spent, made = (facts.recent(family, ("instance",), PAST_SECONDS) for family in (duration, calls))
        for group, count in (made.grown(rule.window_seconds) or {}).items():
            component = f"{kind}@{group[0]}"
            before, span = usual.get(component), rule.window_seconds
            if before is None:
                before = _mean(group, spent.rates(PAST_SECONDS - span, span), made.rates(PAST_SECONDS - span, span))
            now = (spent.grown(span) or {}).get(group, 0.0) / count if count >= LEAST_CALLS else None
            if before is None or now is None:
                continue
            bad = now >= rule.raise_at * before and now - before >= LEAST_SECONDS
            good = now <= rule.clear_at * before or now - before < LEAST_SECONDS / 2
            said = {"now": about_latency(now), "usual": about_latency(before), "what": what}
            words = rule.words.format(server=f"{SERVERS[kind]} {name_at(facts.snapshot, component)}", **said)
            yield Condition(component, bad, good, words, usual=before, figure=now)


def _mean(group: Group, spent: Sums | None, made: Sums | None) -> float | None:
    seconds, calls = (spent or {}).get(group), (made or {}).get(group)
    return seconds / calls if seconds is not None and calls else None


def server_locks(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """Queries that wait for what another transaction holds."""
    for one in facts.tracks("postgres_server_lock_waits", PAST_SECONDS):
        words = rule.words.format(server=name_at(facts.snapshot, one.source), count=f"{one.now:,.0f}")
        yield Condition(one.source, one.now >= rule.raise_at, one.now <= rule.clear_at, words, figure=one.now)


def replication_lag(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """How far each replica is behind."""
    for family in ("redis_server_replication_lag_seconds", "postgres_server_replication_lag_seconds"):
        for one in facts.tracks(family, PAST_SECONDS):
            server = f"{SERVERS[one.source.partition('@')[0]]} {name_at(facts.snapshot, one.source)}"
            words = rule.words.format(server=server, behind=lasting(one.now))
            severity = Severity.CRITICAL if one.now >= rule.critical_at else None
            bad, good = one.now >= rule.raise_at, one.now <= rule.clear_at
            yield Condition(one.source, bad, good, words, severity, figure=one.now)


def server_pending(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """Bytes that wait for clients to read them, more and more."""
    for one in facts.tracks("nats_server_pending_bytes", PAST_SECONDS):
        held = one.now / BEHIND_BYTES
        words = rule.words.format(server=name_at(facts.snapshot, one.source), count=f"{held:,.1f}")
        bad, good = one.piles_up(held, rule.raise_at, rule.clear_at)
        yield Condition(one.source, bad, good, words, figure=held)


FINDERS: Finders = {one.__name__: one for one in (server_slow, server_locks, replication_lag, server_pending)}
