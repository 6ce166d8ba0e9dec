"""One way to read what others answer, as a call that makes one whole read and checks that it can be stored."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bench.fuzzing import seeds
from collectors.core.contract import Collector, Gateway, PartialReadError
from collectors.core.timestamps import LAST_YEAR
from model.series import Event, Scrape
from model.settings import SourceOptions

READ_EVERY_SECONDS = 5.0
OPTIONS = SourceOptions(interval_seconds=READ_EVERY_SECONDS, timeout_seconds=3.0)
JSON_TYPE = "application/json"
TEXT_TYPE, OPENMETRICS_TYPE = "text/plain; version=0.0.4", "application/openmetrics-text; version=1.0.0"
SIGNOZ, PROMETHEUS = "http://signoz:8080", "http://prometheus:9090"
Read = Callable[[float], object]


class UnstorableError(Exception):
    """A read was taken for good, and holds what the store cannot keep."""


@dataclass(frozen=True)
class Reader:
    """One way to read. Answers to requests with `asked` in them are made from `seeds`, the rest are `others`.

    `share` of all inputs; `read` at a time, which goes on from read to read.
    """

    name: str
    read: Read
    seeds: Sequence[bytes]
    content_type: str
    share: int = 2
    asked: str = ""
    others: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def is_json(self) -> bool:
        """True when its seeds are JSON, whose values can be changed."""
        return self.content_type == JSON_TYPE


def collected(collector: Collector) -> Read:
    """One read of a source; what is reported must be storable, also when only a part of it could be read."""

    empty = Scrape(collector.source, collector.instance, seeds.NOW)

    def read(now: float) -> None:
        try:
            storable(collector.collect(lambda: now))
        except PartialReadError as error:
            storable(error.scrape)
            raise
        finally:
            for reported in collector.reported() if isinstance(collector, Gateway) else ():
                storable(reported.scrape or empty)

    return read


def storable(scrape: Scrape) -> None:
    """Raises UnstorableError for times that are none and labels that are no text."""
    events: list[Event] = scrape.events
    check_times([scrape.time, *(one.time for one in events)])
    if len(scrape.series) != len(scrape.values):
        raise UnstorableError(f"{len(scrape.series)} series with {len(scrape.values)} values")
    for pairs in (*(one.labels for one in scrape.series), *(one.labels for one in events)):
        for pair in pairs:
            "".join(pair).encode()


def check_times(times: Iterable[float]) -> None:
    """Raises UnstorableError for times that are no instants."""
    odd = [time for time in times if not 0.0 < time < LAST_YEAR]
    if odd:
        raise UnstorableError(f"the time {odd[0]}")
