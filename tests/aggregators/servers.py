"""Backends' servers by hand: what they said at which second, and how reading them goes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from collectors.core.contract import Clock
from collectors.servers.server_scrape import EXPORTER, ITSELF, Reported, ServerWords
from model.series import Scrape
from model.sources import CollectError, ErrorKind, SourceState
from model.targets import Target
from store.snapshot import Snapshot, snapshot_of

NOW = 1_790_000_000.0
REDIS = Target("cache", "redis://127.0.0.1:6379/0")
NATS = Target("events", "http://127.0.0.1:8222")
POSTGRES = Target("orders", "postgresql://127.0.0.1:5432/postgres")
KINDS = {"redis": REDIS, "nats": NATS, "postgres": POSTGRES}
INTERVAL = 2.0


def clock(at: float) -> Clock:
    return lambda: at


class Reads:
    """One server's reads, `ago` seconds before NOW."""

    def __init__(self, source: str, target: Target | None = None, exporter: bool = False) -> None:
        self.words = ServerWords(source, target or KINDS[source], EXPORTER if exporter else ITSELF)
        self.scrapes: list[Scrape] = []

    def dead(self, ago: float) -> None:
        """A read of an exporter whose server does not answer it."""
        self.scrapes.append(self.words.scrape(clock(NOW - ago), up=False).scrape)

    def at(self, ago: float, **values: float) -> Reported:
        """A read that says these gauges and counters, distinguished by their names."""
        reported = self.words.scrape(clock(NOW - ago))
        self.words.introduce(reported, "1.2.3")
        for family, value in values.items():
            add = reported.counter if family.endswith("_total") else reported.gauge
            add(family, value)
        self.scrapes.append(reported.scrape)
        return reported

    def state(self, error: ErrorKind | None = None, detail: str = "", ago: float = 0.5) -> SourceState:
        """The source: read well `ago` seconds before NOW, and failing since when there is an error."""
        key = f"{self.words.source}@{self.words.instance}"
        state = SourceState(key, self.words.source, self.words.instance, self.words.address, INTERVAL)
        if self.scrapes:
            state = state.succeeded(NOW - ago, 0.01, 9)
        if error is None:
            return state
        failure = CollectError(error, detail)
        return state.failed(NOW - ago + INTERVAL, 0.1, failure).failed(NOW - 0.1, 0.1, failure)


def snapshot(reads: Iterable[Reads], states: Mapping[str, SourceState] | None = None) -> Snapshot:
    """What a store would hold; `states` replace the good ones by key."""
    all_reads = list(reads)
    known = {one.key: one for one in (each.state() for each in all_reads)} | dict(states or {})
    scrapes = [scrape for one in all_reads for scrape in one.scrapes]
    events = [event for scrape in scrapes for event in scrape.events]
    return snapshot_of(scrapes, sources=known.values(), events=events)
