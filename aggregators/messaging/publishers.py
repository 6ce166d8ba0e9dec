"""Who publishes, as far as the requests report, and what NATS' own clients count (view 4).

No metric names the publisher of a topic: the namespaces that ask to publish are reported, not where to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aggregators.messaging.counts import RATE_SECONDS, halvings
from aggregators.patterns.health import PatternHealth
from aggregators.requests.labels import REQUESTS
from aggregators.series.availability import Availability
from aggregators.series.grouping import totals_by
from aggregators.series.window import Window
from model.measure import Bytes, Count, Measure, PerSecond
from model.needs import fills
from model.series import Unit
from model.status import Status
from store.snapshot import Snapshot

PUBLISH = "publish"
_KEYS = {
    "received": ("in_msgs",),
    "sent": ("out_msgs",),
    "received_bytes": ("in_bytes",),
    "sent_bytes": ("out_bytes",),
    "dropped": ("dropped_msgs",),
    "subscriptions": ("subscriptions", "subscription_count"),
}
"""What the RFC and the driver call these details (contracts 5.4)."""


@dataclass(frozen=True, slots=True)
class Publisher:
    """A namespace and how many publish requests it makes, in the last 15 s."""

    namespace: str
    per_second: PerSecond


@dataclass(frozen=True, slots=True)
class Client:
    """What a messaging client of a pattern has counted since it connected, as its health details report."""

    pattern: str
    received: Count
    sent: Count
    received_bytes: Bytes
    sent_bytes: Bytes
    dropped: Count
    subscriptions: Count


def publishers(snapshot: Snapshot, now: float) -> tuple[tuple[Publisher, ...], Availability]:
    """The namespaces that publish, and the availability of what reports them. Busiest first, if alike by name."""
    window = Window.of(snapshot, now, REQUESTS, RATE_SECONDS)
    asked = totals_by(window.rates(), "namespace", "operation")
    sums: dict[str, float] = {}
    for (namespace, operation), value in asked.items():
        if value > 0 and re.split(r"[./:]", operation)[-1].lower() == PUBLISH:
            sums[namespace] = sums.get(namespace, 0.0) + value
    total = sum(sums.values())
    busiest = sorted(sums.items(), key=lambda one: (halvings(one[1], total), one[0]))
    found = tuple(Publisher(name, window.measure(Unit.PER_SECOND, value)) for name, value in busiest)
    return found, window.availability


def clients(patterns: Sequence[PatternHealth]) -> tuple[Client, ...]:
    """Every pattern whose health details count messages in or out."""
    return tuple(_clients(patterns))


def _clients(patterns: Sequence[PatternHealth]) -> Iterable[Client]:
    for pattern in patterns:
        reported = {name: _number(pattern, keys) for name, keys in _KEYS.items()}
        if reported["received"] is None and reported["sent"] is None:
            continue
        yield Client(
            pattern.name,
            **{name: _measure(pattern, name, value) for name, value in reported.items()},
        )


def _measure(pattern: PatternHealth, name: str, value: float | None) -> Measure:
    unit = Unit.BYTES if name.endswith("bytes") else Unit.COUNT
    if value is None:
        return Measure.not_reported(unit, fills(patterns=f"{_KEYS[name][0]} in the health details of {pattern.name}"))
    known = Measure.of(value, unit)
    gone = pattern.silent_seconds is not None and pattern.status is Status.UNKNOWN
    return known.stale(pattern.silent_seconds or 0.0) if gone else known


def _number(pattern: PatternHealth, keys: Iterable[str]) -> float | None:
    for key in keys:
        try:
            return float(pattern.details[key])
        except (KeyError, ValueError):
            continue
    return None
