"""Every subscriber: what it received in the last 5 minutes, and how far it is behind; the slowest first (view 4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aggregators.alerts.rules import BY_ID
from aggregators.backends.server_reads import BOUND
from aggregators.messaging.counts import WINDOW_SECONDS
from aggregators.messaging.nats_subscribers import NO_LAG, Heard, heard, unheard
from aggregators.series.last_reads import last_read
from aggregators.series.sources import reach
from aggregators.series.window import Window
from model.measure import Bytes, Count, Measure, Seconds
from model.series import Unit
from model.status import Status
from store.frames import Frame
from store.snapshot import Snapshot

RECEIVED, LAG = "prism_pubsub_subscriber_received_total", "prism_pubsub_subscriber_lag_seconds"
LAG_SECONDS = BY_ID["subscriber_lag"].raise_at
"""RFC view 4: a subscriber that is further behind than this is slow."""
BEHIND_BYTES = 1024 * 1024
"""Where NATS reports bytes instead: sockets hold less than this, so whoever is that far behind does not read."""
PROXY, NATS = "proxy", "NATS"
_ORDER = (Status.DEGRADED, Status.HEALTHY, Status.UNKNOWN)


@dataclass(frozen=True, slots=True)
class SubscriberRow:
    """One subscriber of one topic. `received` is of the last 5 minutes, `lag` and `behind` of now."""

    name: str
    topic: str
    received: Count
    lag: Seconds
    behind: Bytes
    status: Status


@dataclass(frozen=True, slots=True)
class Subscribers:
    """All of them; `slow` are over the limit, `note` says why the rows or their lag are not known.

    `reported_by` is the proxy, or NATS where the proxy reports nothing: then rows have bytes that wait instead of a
    lag.
    """

    rows: tuple[SubscriberRow, ...]
    slow: Count
    worst_lag: Seconds
    note: str
    reported_by: str = PROXY

    def of(self, topic: str) -> Sequence[SubscriberRow]:
        """The subscribers of one topic, the slowest first."""
        return [row for row in self.rows if row.topic == topic]


def place_of(name: str, topic: str) -> str:
    """A subscriber's name among all others: "sub-logger of logs.application"."""
    return f"{name} of {topic}"


def subscribers(snapshot: Snapshot, now: float) -> Subscribers:
    """What is reported now, or was when the proxy was last read. One that several proxies report is one row.

    Where no proxy reports subscribers, NATS' own servers do.
    """
    got, lags = (Window.of(snapshot, now, family, WINDOW_SECONDS) for family in (RECEIVED, LAG))
    if not got.reports and not lags.reports and (direct := heard(snapshot, now)):
        return _by_nats(direct, unheard(snapshot, now))
    near = reach(snapshot, "proxy")
    grown = got.growth("topic", "subscriber") or {}
    last = _worst(lags.frame, lags.at, near)
    here = {(one.label("topic"), one.label("subscriber")) for one in last_read(got.frame, got.at, near)}
    unreported = Measure.not_reported(Unit.SECONDS, "its lag is not reported")
    rows = [
        SubscriberRow(
            name=name,
            topic=topic,
            received=got.counted(Unit.COUNT, grown.get((topic, name))),
            lag=lags.measure(Unit.SECONDS, last.get((topic, name)), unreported),
            behind=Measure.not_reported(Unit.BYTES, "a lag in time is reported instead"),
            status=_status(last.get((topic, name))),
        )
        for topic, name in sorted(here | set(last))
    ]
    over = [lag for lag in last.values() if lag > LAG_SECONDS]
    missing = next((one.availability.note for one in (got, lags) if not one.reports), "")
    return Subscribers(
        rows=tuple(sorted(rows, key=_order)),
        slow=lags.measure(Unit.COUNT, float(len(over))),
        worst_lag=lags.measure(Unit.SECONDS, max(last.values(), default=None), unreported),
        note="; ".join(filter(None, (missing, unheard(snapshot, now) if missing else ""))),
    )


def _by_nats(direct: Sequence[Heard], missing: str) -> Subscribers:
    lag = Measure.not_reported(Unit.SECONDS, NO_LAG)
    rows = tuple(
        SubscriberRow(one.subscriber, one.subject, one.received, lag, one.behind, _status_behind(one.behind.value))
        for one in direct
    )
    slow = Measure.of(float(sum(row.status is Status.DEGRADED for row in rows)), Unit.COUNT, BOUND if missing else "")
    ages = [one.behind.age_seconds for one in direct if one.behind.age_seconds is not None]
    return Subscribers(rows, slow.stale(max(ages)) if len(ages) == len(rows) else slow, lag, missing, NATS)


def _status_behind(waiting: float | None) -> Status:
    if waiting is None:
        return Status.UNKNOWN
    return Status.DEGRADED if waiting > BEHIND_BYTES else Status.HEALTHY


def _worst(frame: Frame, at: float, window: float) -> dict[tuple[str, str], float]:
    """How far each is behind, as the proxy that has it furthest behind reports."""
    found: dict[tuple[str, str], float] = {}
    for one in last_read(frame, at, window):
        place = (one.label("topic"), one.label("subscriber"))
        found[place] = max(found.get(place, 0.0), one.value)
    return found


def _status(lag: float | None) -> Status:
    if lag is None:
        return Status.UNKNOWN
    return Status.DEGRADED if lag > LAG_SECONDS else Status.HEALTHY


def _order(row: SubscriberRow) -> tuple[int, float, str, str]:
    return _ORDER.index(row.status), -(row.lag.value or 0.0), row.topic, row.name
