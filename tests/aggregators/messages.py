"""A proxy that passes messages on, second by second, as a snapshot; every message is booked once per subscriber."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from model.series import Kind, Scrape
from model.sources import CollectError, ErrorKind, SourceState
from store.snapshot import Snapshot, snapshot_of

NOW = 1_790_000_000.0
EDGES = (0.001, 0.01, 0.1)


@dataclass
class Topic:
    """A topic's ledger. `lost` vanish unbooked; with `stopped` everything stays pending."""

    name: str
    per_second: int
    subscribers: dict[str, float] = field(default_factory=dict)
    drops: int = 0
    stopped: bool = False
    seconds: float = 0.005
    published: int = 0
    delivered: int = 0
    dropped: int = 0
    pending: int = 0
    received: dict[str, int] = field(default_factory=dict)

    def step(self) -> None:
        """One second."""
        self.published += self.per_second
        due = self.pending + self.per_second * len(self.subscribers)
        if self.stopped:
            self.pending = due
            return
        dropped = min(self.drops, due)
        self.dropped += dropped
        self.delivered += due - dropped
        self.pending = 0
        for name in self.subscribers:
            self.received[name] = self.received.get(name, 0) + self.per_second

    def report(self, scrape: Scrape) -> None:
        """What the proxy exposes of it."""
        own = {"topic": self.name}
        scrape.add("prism_pubsub_published_total", self.published, Kind.COUNTER, **own)
        scrape.add("prism_pubsub_delivered_total", self.delivered, Kind.COUNTER, **own)
        scrape.add("prism_pubsub_dropped_total", self.dropped, Kind.COUNTER, **own)
        scrape.add("prism_pubsub_pending", self.pending, **own)
        scrape.add("prism_pubsub_subscribers", len(self.subscribers), **own)
        for edge in (*EDGES, float("inf")):
            reported = self.delivered if self.seconds <= edge else 0
            scrape.add("prism_pubsub_delivery_duration_seconds_bucket", reported, Kind.HISTOGRAM, le=f"{edge:g}", **own)
        for name, lag in self.subscribers.items():
            scrape.add("prism_pubsub_subscriber_received_total", self.received.get(name, 0), Kind.COUNTER,
                       subscriber=name, **own)  # fmt: skip
            scrape.add("prism_pubsub_subscriber_lag_seconds", lag, subscriber=name, **own)


Step = Callable[[int, list[Topic]], None]


def prism(
    topics: Sequence[Topic],
    seconds: int = 40,
    step: Step = lambda second, topics: None,
    absent: Sequence[str] = (),
    lost: bool = False,
    instance: str = "p:8980",
    publishers: Sequence[tuple[str, int]] = (),
    details: dict[str, float] | None = None,
) -> Snapshot:
    """`seconds` of reads up to NOW. `step` may change the topics before each; `lost` for the last 14 s."""
    scrapes = list(reads(topics, seconds, step, absent, instance, publishers))
    if lost:
        scrapes = [one for one in scrapes if one.time <= NOW - 14]
    if details is not None:
        health = Scrape("patterns", "nats:50051", NOW)
        health.add("prism_pattern_status", 1.0, Kind.STATESET, pattern="nats", status="HEALTHY", service="lifecycle")
        for key, value in details.items():
            health.add("prism_pattern_detail", value, pattern="nats", key=key)
        scrapes.append(health)
    states = {f"{one.source}@{one.instance}": _state(one) for one in scrapes}
    if lost:
        error = CollectError(ErrorKind.DOWN, "connection refused")
        states = {key: one.failed(NOW - 13, 0.01, error).failed(NOW, 0.01, error) for key, one in states.items()}
    return snapshot_of(scrapes, sources=states.values(), meta={"collector_alive_at": NOW})


def reads(
    topics: Sequence[Topic],
    seconds: int,
    step: Step = lambda second, topics: None,
    absent: Sequence[str] = (),
    instance: str = "p:8980",
    publishers: Sequence[tuple[str, int]] = (),
) -> Sequence[Scrape]:
    """One read a second."""
    known, found = list(topics), []
    for second in range(seconds + 1):
        step(second, known)
        scrape = Scrape("proxy", instance, NOW - seconds + second)
        scrape.add("process_threads", 8)
        for topic in known:
            topic.step()
            topic.report(scrape)
        for namespace, rate in publishers:
            scrape.add("prism_requests_total", second * rate, Kind.COUNTER, namespace=namespace, pattern="nats",
                       operation="PubSub.Publish", status="success")  # fmt: skip
        found.append(_without(scrape, absent))
    return found


def both(*parts: Sequence[Scrape]) -> Snapshot:
    """The reads of several proxies."""
    scrapes = [one for part in parts for one in part]
    return snapshot_of(scrapes, sources={one.instance: _state(one) for one in scrapes}.values())


def _state(scrape: Scrape) -> SourceState:
    key = f"{scrape.source}@{scrape.instance}"
    return SourceState(key, scrape.source, scrape.instance, scrape.instance, 1.0).succeeded(scrape.time, 0.01, 5)


def _without(scrape: Scrape, absent: Sequence[str]) -> Scrape:
    reported = replace(scrape, series=[], values=type(scrape.values)("d"))
    for series, value in zip(scrape.series, scrape.values, strict=True):
        if not series.name.startswith(tuple(absent) or ("\0",)):
            reported.series.append(series)
            reported.values.append(value)
    return reported


def people(count: int, lag: float = 0.0) -> dict[str, float]:
    """So many subscribers, all as far behind."""
    return {f"sub-{number:02d}": lag for number in range(1, count + 1)}
