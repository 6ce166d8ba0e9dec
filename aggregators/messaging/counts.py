"""What Prism counts of messages in the last 5 minutes, topic by topic: the numbers that view 4 is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import log2

from aggregators.series.availability import Availability
from aggregators.series.counters import rates
from aggregators.series.grouping import totals_by
from aggregators.series.histograms import merged
from aggregators.series.last_reads import last_read
from aggregators.series.quantiles import NO_BUCKETS, Buckets, Quantile, histogram_quantile
from aggregators.series.sources import reach
from aggregators.series.window import Window
from store.frames import Frame
from store.snapshot import Snapshot

PUBLISHED, DELIVERED, DROPPED, PENDING, SUBSCRIBERS, LATENCY = (
    "prism_pubsub_published_total",
    "prism_pubsub_delivered_total",
    "prism_pubsub_dropped_total",
    "prism_pubsub_pending",
    "prism_pubsub_subscribers",
    "prism_pubsub_delivery_duration_seconds_bucket",
)
WINDOW_SECONDS = 300.0
RATE_SECONDS = 15.0
"""Rates: a burst shows at the next redraw, and a topic of one message a second holds still."""

MOST_HALVINGS = 2200
"""More than lie between the largest number and the least."""
STEADY_SECONDS = 30.0
"""What is in front is chosen so often: a diagram of the busiest does not become another with each push."""

ByTopic = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Counted:
    """One counter: how much it grew in the window, per second of the last 15 s, and usually, by topic.

    `usually` is per second too, up to the last full half minute; before there is one, as much as it grew.
    `ready` is False before two reads; `began_anew` when some of it was reset inside of the window.
    """

    window: Window
    grown: ByTopic
    per_second: ByTopic
    usually: ByTopic
    ready: bool
    began_anew: bool

    @property
    def total(self) -> float | None:
        """The growth of all topics together; None before two reads."""
        return sum(self.grown.values()) if self.ready else None


@dataclass(frozen=True, slots=True)
class Gauged:
    """One gauge as it was last read, by topic, all proxies added."""

    window: Window
    last: ByTopic


@dataclass(frozen=True, slots=True)
class Counts:
    """All that the proxies count of messages in the last `seconds` before the instant `at`."""

    at: float
    seconds: float
    published: Counted
    delivered: Counted
    dropped: Counted
    pending: Gauged
    subscribers: Gauged
    latency: Availability
    buckets: Mapping[tuple[str, ...], Buckets]
    p99: Quantile

    @property
    def topics(self) -> list[str]:
        """Every topic that a counter or a gauge names."""
        reported = (self.published.grown, self.delivered.grown, self.subscribers.last, self.pending.last)
        return sorted({topic for one in reported for topic in one})

    def quantile(self, topic: str, q: float) -> Quantile:
        """A quantile of one topic's deliveries in the window, in seconds; None without any."""
        found = self.buckets.get((topic,), NO_BUCKETS)
        return histogram_quantile(q, found.bounds, found.counts)


def counts(snapshot: Snapshot, now: float, seconds: float = WINDOW_SECONDS) -> Counts:
    """What is reported now, or was when the proxy was last read."""
    timed = Window.of(snapshot, now, LATENCY, seconds)
    everything = merged(timed.frame, timed.start, timed.at).get((), NO_BUCKETS)
    return Counts(
        at=timed.at,
        seconds=seconds,
        published=_counted(snapshot, now, PUBLISHED, seconds),
        delivered=_counted(snapshot, now, DELIVERED, seconds),
        dropped=_counted(snapshot, now, DROPPED, seconds),
        pending=_gauged(snapshot, now, PENDING, seconds),
        subscribers=_gauged(snapshot, now, SUBSCRIBERS, seconds),
        latency=timed.availability,
        buckets=merged(timed.frame, timed.start, timed.at, ("topic",)),
        p99=histogram_quantile(0.99, everything.bounds, everything.counts),
    )


def _counted(snapshot: Snapshot, now: float, family: str, seconds: float) -> Counted:
    window = Window.of(snapshot, now, family, seconds)
    if not window.reports:  # what it reported earlier in the window is history
        return Counted(window, {}, {}, {}, ready=False, began_anew=False)
    grown = by_topic(totals_by(window.increases(), "topic"))
    until = window.at // STEADY_SECONDS * STEADY_SECONDS
    return Counted(
        window=window,
        grown=grown,
        per_second=_per_second(window, window.at - RATE_SECONDS, window.at),
        usually=_per_second(window, until + STEADY_SECONDS - seconds, until) or grown,
        ready=len(grown) > 0,
        began_anew=_fell(window.frame, window.start),
    )


def _per_second(window: Window, start: float, end: float) -> ByTopic:
    return by_topic(totals_by(rates(window.counters, start, end), "topic"))


def _gauged(snapshot: Snapshot, now: float, family: str, seconds: float) -> Gauged:
    window = Window.of(snapshot, now, family, seconds)
    last: dict[str, float] = {}
    for one in last_read(window.frame, window.at, reach(snapshot, "proxy")):
        last[one.label("topic")] = last.get(one.label("topic"), 0.0) + one.value
    return Gauged(window, last)


def halvings(part: float, total: float) -> int:
    """How often `total` is halved until it is about `part`: who is about as busy keeps the place that its name gives.

    A share, since counts of a window that has just begun grow, and would pass one limit after the other.
    """
    return round(log2(total) - log2(part)) if part > 0 else MOST_HALVINGS


def by_topic(sums: Mapping[tuple[str, ...], float]) -> ByTopic:
    """Sums by a label, without the tuple around its value."""
    return {topic: value for (topic,), value in sums.items()}


def _fell(frame: Frame, start: float) -> bool:
    """True when a counter was reset in the window, or in the step that leads into it."""
    for block in frame.blocks:
        first = max(int(block.times.searchsorted(start, "right")) - 1, 0)
        values = block.samples[first:]
        if len(values) > 1 and bool((values[1:] < values[:-1]).any()):
            return True
    return False
