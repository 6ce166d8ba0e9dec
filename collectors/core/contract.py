"""What the scheduler asks of a source: one read at a time, typed errors, nothing judged."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from model.series import Scrape
from model.sources import CollectError, ErrorKind, SourceState
from store.incoming import ReadFrame

Clock = Callable[[], float]
"""The wall clock, seconds since 1970. The scheduler owns it (law 5) and hands it to each read."""


class Collector(Protocol):
    """One source on one address. `collect` is only ever called by one thread at a time."""

    @property
    def source(self) -> str:
        """The name of its `SourceKind`, such as `proxy`."""

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


@dataclass(frozen=True, slots=True)
class Reported:
    """What one source says of another that it stands before: how that is, and a read of it when there is a new one."""

    state: SourceState
    scrape: Scrape | None = None


KeepPast = Callable[[Sequence[ReadFrame]], bool]
"""Takes frames of the past into the store, and waits until they are there; False when they cannot be taken now."""


class Historian(Protocol):
    """Who knows the time before we read anything."""

    def recall(self, keep: KeepPast, stop: threading.Event, now: Clock) -> None:
        """A thread of its own: hands over what it knows, until `stop` is set."""


@runtime_checkable
class Noting(Collector, Protocol):
    """A source of which there may be something to say though it is read well."""

    @property
    def note(self) -> str:
        """What to say of it as of the last `collect`; '' for nothing."""


@runtime_checkable
class Gateway(Noting, Historian, Protocol):
    """A source through which others are read, such as a Prometheus. All but `recall` is called by one thread."""

    def reported(self) -> Sequence[Reported]:
        """Every source behind it, as of the last `collect`, whether that went well or not."""


@runtime_checkable
class TriedDefault(Collector, Protocol):
    """A source at its default address that nobody named: none until `adopted`, which its first good read makes it."""

    @property
    def adopted(self) -> bool:
        """Whether it has answered as what it should be."""


class PartialReadError(CollectError):
    """Some of a source could be read and some not: `scrape` holds what could."""

    def __init__(self, kind: ErrorKind, detail: str, scrape: Scrape) -> None:
        super().__init__(kind, detail)
        self.scrape = scrape


def key_of(collector: Collector) -> str:
    """The source's key, `proxy@localhost:8980`."""
    return f"{collector.source}@{collector.instance}"
