"""What the scheduler asks of a source: one read at a time, typed errors, nothing judged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from model.series import Scrape
from model.sources import CollectError, ErrorKind

Clock = Callable[[], float]
"""The wall clock, seconds since 1970. The scheduler owns it (law 5) and hands it to each read."""


class Collector(Protocol):
    """One source on one address. `collect` is only ever called by one thread at a time."""

    @property
    def source(self) -> str:
        """What kind of source: proxy, patterns, signoz, admin."""

    @property
    def instance(self) -> str:
        """`host:port`; every sample carries it."""

    @property
    def address(self) -> str:
        """Where it is read, for show: without credentials."""

    @property
    def interval_seconds(self) -> float:
        """From the start of one read to the start of the next."""

    @property
    def timeout_seconds(self) -> float:
        """How long one read may take in all."""

    def collect(self, now: Clock) -> Scrape:
        """One read, canonical (aliases applied, base units). Raises CollectError only."""

    def close(self) -> None:
        """Let go of its connections; safe to call from another thread."""


class PartialReadError(CollectError):
    """Some of a source could be read and some not: `scrape` holds what could."""

    def __init__(self, kind: ErrorKind, detail: str, scrape: Scrape) -> None:
        super().__init__(kind, detail)
        self.scrape = scrape


def key_of(collector: Collector) -> str:
    """The source's key, `proxy@localhost:8980`."""
    return f"{collector.source}@{collector.instance}"
