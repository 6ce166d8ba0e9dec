"""Do messages arrive: all of them, in time, at everybody who subscribed? RFC view 4, in one answer."""

from __future__ import annotations

from dataclasses import dataclass

from aggregators.alerts.verdict import Look, Verdict, judged, leads_to
from aggregators.messaging.conservation import Balance, Balances, balances
from aggregators.messaging.counts import WINDOW_SECONDS, Counted, Counts, counts
from aggregators.messaging.publishers import Client, Publisher, clients, publishers
from aggregators.messaging.subscribers import Subscribers, subscribers
from aggregators.messaging.topics import SHORT_RATIO, TopicRow, lost_ratio, topic_rows
from aggregators.patterns.health import pattern_health
from aggregators.series.availability import TWO_READS
from model.measure import Count, Measure, Number, Ratio, Seconds
from model.number_text import listed
from model.series import Unit
from model.status import Reading, Status
from store.snapshot import Snapshot

VERY_SHORT_RATIO = 0.1


@dataclass(frozen=True, slots=True)
class Fanout:
    """Delivered over published, and how much that should be: the mean number of subscribers, weighted by publishes.

    `difference_ratio` is how far it is off (negative: too few). `status` judges it, and is HEALTHY within 1 %.
    """

    ratio: Number
    expected: Number
    difference_ratio: Ratio
    status: Status


@dataclass(frozen=True, slots=True)
class Messaging:
    """Counts are of the last `window_seconds`, but `pending` is now. Topics and subscribers come worst first.

    `dropped_ratio` is dropped over delivered and dropped, `dropped_per_published_ratio` dropped over published.
    `age_seconds` is how old all of it is when the proxy cannot be read; `note` says why topics are not known.
    """

    status: Status
    reason: str
    window_seconds: float
    published: Count
    delivered: Count
    dropped: Count
    dropped_ratio: Ratio
    dropped_per_published_ratio: Ratio
    pending: Count
    fanout: Fanout
    balance: Balance
    p99: Seconds
    topics: tuple[TopicRow, ...]
    subscribers: Subscribers
    publishers: tuple[Publisher, ...]
    publishers_note: str
    clients: tuple[Client, ...]
    age_seconds: float | None
    note: str


def messaging(snapshot: Snapshot, now: float) -> Messaging:
    """Counts of the last 5 minutes, rates per second of 15 s, and the balance of deliveries at `now`."""
    reported = counts(snapshot, now)
    balance = balances(reported)
    rows, followers = topic_rows(reported, balance), subscribers(snapshot, now)
    asked, availability = publishers(snapshot, now)
    fanout = _fanout(reported, balance)
    verdict = _verdict(Look(snapshot, now), rows, reported)
    pending = sum(reported.pending.last.values())
    return Messaging(
        status=verdict.status,
        reason=verdict.reason,
        window_seconds=WINDOW_SECONDS,
        published=_total(reported.published),
        delivered=_total(reported.delivered),
        dropped=_total(reported.dropped),
        dropped_ratio=lost_ratio(reported, reported.delivered.total or 0.0, reported.dropped.total or 0.0),
        dropped_per_published_ratio=reported.dropped.window.measure(
            Unit.RATIO, _over(reported.dropped.total, reported.published.total)
        ),
        pending=reported.pending.window.measure(Unit.COUNT, pending),
        fanout=fanout,
        balance=balance.whole,
        p99=reported.latency.measure(Unit.SECONDS, reported.p99),
        topics=rows,
        subscribers=followers,
        publishers=asked,
        publishers_note="" if availability.reports else availability.note,
        clients=clients(pattern_health(snapshot, now)),
        age_seconds=reported.published.window.availability.age_seconds,
        note=""
        if reported.published.window.availability.reading is Reading.VALUE
        else reported.published.window.availability.note,
    )


def messaging_verdict(look: Look) -> Verdict:
    """As bad as the worst topic."""
    reported = counts(look.snapshot, look.now)
    return _verdict(look, topic_rows(reported, balances(reported)), reported)


def _verdict(look: Look, rows: tuple[TopicRow, ...], reported: Counts) -> Verdict:
    """What was well when it was read last is not known to be well."""
    status, reason = _judged(rows, reported)
    availability = reported.published.window.availability
    if availability.reading is Reading.STALE and status is Status.HEALTHY:
        status, reason = Status.UNKNOWN, availability.note
    return judged(look, [(status, reason)], leads_to("/messaging"))


def _total(one: Counted) -> Measure:
    return one.window.counted(Unit.COUNT, one.total)


def _over(part: float | None, whole: float | None) -> float | None:
    return part / whole if part is not None and whole else None


def _fanout(reported: Counts, balance: Balances) -> Fanout:
    """Delivered over published against due over published."""
    published, delivered = reported.published.total, reported.delivered.total
    ratio = _over(delivered, published)
    window = reported.published.window if not reported.published.window.reports else reported.delivered.window
    waiting = None if None not in (published, delivered) else Measure.not_reported(Unit.NONE, TWO_READS)
    shown = window.measure(Unit.NONE, ratio, waiting)
    ears = reported.subscribers.window.availability
    unreported = [
        name for name, many in reported.published.grown.items() if many and name not in reported.subscribers.last
    ]
    if not ears.reports or unreported:
        why = ears.note if not ears.reports else f"the subscribers of {listed(unreported)} are not reported"
        nothing = Measure.not_reported(Unit.RATIO, why)
        expected = ears.measure(Unit.NONE, None, Measure.not_reported(Unit.NONE, why))
        return Fanout(shown, expected, nothing, Status.UNKNOWN)
    due = sum(one.expected for one in balance.due.values())
    expected = ears.measure(Unit.NONE, _over(due, published), waiting)
    off = delivered / due - 1 if delivered is not None and due > 0 and ratio is not None else None
    return Fanout(shown, expected, window.measure(Unit.RATIO, off), _fanout_status(off))


def _fanout_status(off: float | None) -> Status:
    if off is None:
        return Status.UNKNOWN
    if off < -VERY_SHORT_RATIO:
        return Status.UNHEALTHY
    return Status.HEALTHY if abs(off) <= SHORT_RATIO else Status.DEGRADED


def _judged(rows: tuple[TopicRow, ...], reported: Counts) -> tuple[Status, str]:
    """As bad as the worst topic; idle topics say nothing while others are used."""
    if not reported.published.window.reports:
        return Status.UNKNOWN, reported.published.window.availability.note
    if not reported.published.ready:
        return Status.UNKNOWN, TWO_READS
    worst = next((row for row in rows if row.status in (Status.UNHEALTHY, Status.DEGRADED)), None)
    if worst is not None:
        alike = [row.name for row in rows if row.status is worst.status]
        also = f", and {len(alike) - 1} more" if len(alike) > 1 else ""
        return worst.status, f"{worst.name}: {worst.reason}{also}"
    if any(row.status is Status.HEALTHY for row in rows):
        return Status.HEALTHY, ""
    return Status.UNKNOWN, rows[0].reason if len(rows) == 1 else "nothing is published"
