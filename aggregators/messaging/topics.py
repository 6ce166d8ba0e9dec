"""Every topic with its subscribers, rates, latency and what is lost or waits; the worst first (view 4)."""

from __future__ import annotations

from dataclasses import dataclass

from aggregators.alerts.rules import BY_ID
from aggregators.messaging.conservation import Balances
from aggregators.messaging.counts import RATE_SECONDS, WINDOW_SECONDS, Counted, Counts, Gauged, halvings
from aggregators.series.availability import TWO_READS
from model.measure import Count, Measure, PerSecond, Ratio, Seconds
from model.number_text import about_latency, lasting, round_percent
from model.series import Unit
from model.status import Reading, Status

SLOW_SECONDS = BY_ID["delivery_slow"].raise_at
"""A P99 of delivery above this is yellow, as the RFC's table has it: the limit for requests."""
LOST_RATIO, BADLY_LOST_RATIO = BY_ID["topic_dropping"].raise_at, BY_ID["topic_dropping"].critical_at
LOST_LEAST = 5.0
"""Dropped deliveries should be near zero (RFC view 4); of fewer than LOST_LEAST nothing is concluded."""
SHORT_RATIO = 0.01
"""Deliveries that stay this far behind published × subscribers are no rounding."""
WAITING_SECONDS = BY_ID["topic_backlog"].raise_at
"""More pending than a second's deliveries is a backlog."""
FEW_MESSAGES = BY_ID["topic_stopped"].raise_at
FEW_DELIVERIES = 20.0
"""Of fewer deliveries a P99 is the slowest single one."""
_ORDER = (Status.UNHEALTHY, Status.DEGRADED, Status.HEALTHY, Status.UNKNOWN)


@dataclass(frozen=True, slots=True)
class TopicRow:
    """One topic. Rates are of the last 15 s, counts and `p99` of the last 5 minutes; `pending` is now.

    `dropped_ratio` is dropped over delivered and dropped; `reason` says why the status is not HEALTHY.
    """

    name: str
    status: Status
    reason: str
    subscribers: Count
    published_per_second: PerSecond
    delivered_per_second: PerSecond
    p99: Seconds
    published: Count
    delivered: Count
    dropped: Count
    dropped_ratio: Ratio
    pending: Count
    unaccounted: Count


def topic_rows(counts: Counts, balance: Balances) -> tuple[TopicRow, ...]:
    """Every topic: those in trouble first, then the busiest, then the idle."""
    busy = {
        name: sum(one.usually.get(name, 0.0) for one in (counts.published, counts.delivered)) for name in counts.topics
    }
    total = sum(busy.values())
    rows = [_row(name, counts, balance) for name in busy]
    return tuple(sorted(rows, key=lambda row: (_ORDER.index(row.status), halvings(busy[row.name], total), row.name)))


def _row(name: str, counts: Counts, balance: Balances) -> TopicRow:
    delivered, dropped = counts.delivered.grown.get(name, 0.0), counts.dropped.grown.get(name, 0.0)
    status, reason = _judged(name, counts, balance)
    return TopicRow(
        name=name,
        status=status,
        reason=reason,
        subscribers=_now(counts.subscribers, name),
        published_per_second=_rate(counts.published, name),
        delivered_per_second=_rate(counts.delivered, name),
        p99=counts.latency.measure(Unit.SECONDS, counts.quantile(name, 0.99)),
        published=_count(counts.published, name),
        delivered=_count(counts.delivered, name),
        dropped=_count(counts.dropped, name),
        dropped_ratio=lost_ratio(counts, delivered, dropped),
        pending=_now(counts.pending, name),
        unaccounted=balance.whole.unaccounted
        if name not in balance.unaccounted
        else counts.published.window.measure(Unit.COUNT, balance.unaccounted[name]),
    )


def lost_ratio(counts: Counts, delivered: float, dropped: float) -> Measure:
    """Dropped over delivered and dropped: of the deliveries that came to an end."""
    both = delivered + dropped
    if not counts.delivered.window.reports:
        return counts.delivered.window.measure(Unit.RATIO, None)
    return counts.dropped.window.measure(Unit.RATIO, dropped / both if both > 0 else None)


def _count(one: Counted, name: str) -> Measure:
    return one.window.counted(Unit.COUNT, one.grown.get(name, 0.0) if one.ready else None)


def _rate(one: Counted, name: str) -> Measure:
    return one.window.counted(Unit.PER_SECOND, one.per_second.get(name, 0.0) if one.ready else None)


def _now(one: Gauged, name: str) -> Measure:
    nothing = Measure.not_reported(Unit.COUNT, f"{one.window.frame.name} does not report this topic")
    return one.window.measure(Unit.COUNT, one.last.get(name), nothing)


def _judged(name: str, counts: Counts, balance: Balances) -> tuple[Status, str]:
    """Its status and the worst that is to be said of it."""
    if not counts.published.ready:
        why = (
            counts.published.window.availability.note
            if counts.published.window.availability.reading is not Reading.VALUE
            else TWO_READS
        )
        return Status.UNKNOWN, f"what is published is not known: {why}"
    found = [*_unhealthy(name, counts), *_degraded(name, counts, balance)]
    if found:
        return found[0]
    if not counts.published.grown.get(name) and not counts.pending.last.get(name):
        return Status.UNKNOWN, "idle: nothing published in the last 5 min"
    usual = counts.published.grown.get(name, 0.0) * RATE_SECONDS / WINDOW_SECONDS
    if usual >= FEW_MESSAGES and not counts.published.per_second.get(name):
        return Status.UNKNOWN, "silent: nothing published in the last 15 s"
    return Status.HEALTHY, ""


def _unhealthy(name: str, counts: Counts) -> list[tuple[Status, str]]:
    found = []
    delivered, dropped = counts.delivered.grown.get(name, 0.0), counts.dropped.grown.get(name, 0.0)
    for sent, arrived, window in (
        (counts.published.per_second.get(name, 0.0) * RATE_SECONDS, counts.delivered.per_second.get(name, 0.0), "15 s"),
        (counts.published.grown.get(name, 0.0), delivered, "5 min"),
    ):
        if counts.delivered.ready and sent >= FEW_MESSAGES and not arrived and counts.subscribers.last.get(name, 1):
            found.append((Status.UNHEALTHY, f"nothing was delivered in the last {window}"))
    lost = dropped / (delivered + dropped) if delivered + dropped > 0 else 0.0
    if dropped >= LOST_LEAST and lost > BADLY_LOST_RATIO:
        found.append((Status.UNHEALTHY, f"{round_percent(lost)} of its deliveries are dropped"))
    return found


def _degraded(name: str, counts: Counts, balance: Balances) -> list[tuple[Status, str]]:
    delivered, dropped = counts.delivered.grown.get(name, 0.0), counts.dropped.grown.get(name, 0.0)
    published, ears = counts.published.grown.get(name, 0.0), counts.subscribers.last.get(name)
    found = []
    if published >= FEW_MESSAGES and ears == 0:
        found.append("published, but nobody subscribes")
    if name in balance.broken:
        found.append(unaccounted_words(balance.broken[name]))
    lost = dropped / (delivered + dropped) if delivered + dropped > 0 else 0.0
    if dropped >= LOST_LEAST and lost > LOST_RATIO:
        found.append(f"{round_percent(lost)} of its deliveries are dropped")
    found += _backlog(name, counts)
    slow = counts.quantile(name, 0.99)
    if slow.value is not None and slow.value > SLOW_SECONDS and delivered >= FEW_DELIVERIES:
        found.append(f"delivery P99 is {slow.bound}{about_latency(slow.value)}, above {about_latency(SLOW_SECONDS)}")
    due = balance.due.get(name)
    if due and published >= FEW_MESSAGES and delivered + dropped < due.expected * (1 - SHORT_RATIO) and not found:
        missing = due.expected - delivered - dropped
        if missing > max(LOST_LEAST, due.loose):
            found.append(f"{round_percent(missing / due.expected)} of its deliveries are still to come")
    return [(Status.DEGRADED, words) for words in found]


def _backlog(name: str, counts: Counts) -> list[str]:
    """What waits to be delivered, when that is more than a second's deliveries."""
    pending = counts.pending.last.get(name, 0.0)
    if pending < FEW_DELIVERIES:
        return []
    due = counts.published.per_second.get(name, 0.0) * counts.subscribers.last.get(name, 0.0)
    if due > 0 and pending / due > WAITING_SECONDS:
        return [f"{pending:,.0f} deliveries wait, as many as fall due in {lasting(pending / due)}"]
    stuck = due == 0 and not counts.delivered.per_second.get(name)
    return [f"{pending:,.0f} deliveries wait, and none is made"] if stuck else []


def unaccounted_words(value: float) -> str:
    """'12 deliveries are unaccounted for', or that there are more than were due."""
    many = f"{abs(value):,.0f} {'delivery' if round(abs(value)) == 1 else 'deliveries'}"
    return f"{many} unaccounted for" if value > 0 else f"{many} more than were due"
