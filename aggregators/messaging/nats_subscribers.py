"""Subscribers as NATS servers report them: messages received, and bytes that wait (RFC view 4; external F).

NATS knows no lag in time and no publishers: what it does not report stays unreported.
"""

from __future__ import annotations

from dataclasses import dataclass

from aggregators.backends.server_reads import ServerReads
from aggregators.backends.server_status import name_of
from aggregators.messaging.counts import WINDOW_SECONDS
from aggregators.series.sources import of_kind
from model.measure import Measure
from model.series import Unit
from store.snapshot import Snapshot

RECEIVED, PENDING = "nats_server_subscriber_messages_total", "nats_server_subscriber_pending_bytes"
NO_LAG = "NATS reports the bytes that wait, not how long they have"
CUT = "subscribers"
"""What a read calls its part of more subscriptions than it reports."""
PLACE = ("subject", "subscriber", "queue")


@dataclass(frozen=True, slots=True)
class Heard:
    """One subscriber of one subject. `received` is of the last 5 minutes, `behind` are bytes that wait now."""

    subject: str
    subscriber: str
    received: Measure
    behind: Measure


def heard(snapshot: Snapshot, now: float) -> tuple[Heard, ...]:
    """All of them, as read last; those with the most bytes waiting first."""
    rows = [one for state in of_kind(snapshot, "nats") for one in _of(ServerReads(snapshot, now, state))]
    return tuple(sorted(rows, key=lambda one: (-(one.behind.value or 0.0), one.subject, one.subscriber)))


def unheard(snapshot: Snapshot, now: float) -> str:
    """Which servers' subscribers are not known, or not all of them, and why; '' where all are."""
    found = []
    for state in of_kind(snapshot, "nats"):
        reads = ServerReads(snapshot, now, state)
        whys = (reads.part(family)[1] for family in (RECEIVED, CUT))
        found += [f"{name_of(state)}: {why}" for why in whys if why]
    return "; ".join(found)


def _of(reads: ServerReads) -> list[Heard]:
    if not (here := reads.last(RECEIVED)):
        return []
    grown = reads.grown(RECEIVED, WINDOW_SECONDS, *PLACE)
    waiting = {tuple(map(one.label, PLACE)): one.value for one in reads.last(PENDING)}
    rows = []
    for one in here:
        subject, subscriber, queue = place = tuple(map(one.label, PLACE))
        rows.append(
            Heard(
                subject=subject,
                subscriber=f"{subscriber} in {queue}" if queue else subscriber,
                received=reads.counted(Unit.COUNT, RECEIVED, None if grown is None else grown.get(place)),
                behind=reads.measure(Unit.BYTES, waiting.get(place), PENDING),
            )
        )
    return rows
