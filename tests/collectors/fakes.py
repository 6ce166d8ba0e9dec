"""A clock that is set by hand, a collector that does what it is given, a store that remembers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from collectors.core.contract import Clock
from model.series import Event, Scrape
from model.sources import CollectError, ErrorKind, SourceState
from store.incoming import ReadFrame

REFUSED = CollectError(ErrorKind.DOWN, "connection refused")


@dataclass
class FakeClock:
    """Both clocks: wall time is monotonic time plus 1000."""

    at: float = 0.0

    def now(self) -> float:
        return 1000.0 + self.at

    def monotonic(self) -> float:
        return self.at


@dataclass
class FakeCollector:
    """Takes `took` seconds of the fake clock for each read, then does `does`."""

    clock: FakeClock
    source: str = "proxy"
    instance: str = "a:1"
    interval_seconds: float = 1.0
    timeout_seconds: float = 1.0
    took: float = 0.1
    does: Callable[[], None] = lambda: None
    reads: int = 0
    closed: bool = False

    @property
    def address(self) -> str:
        return f"http://{self.instance}/metrics"

    def collect(self, now: Clock) -> Scrape:
        self.reads += 1
        self.clock.at += self.took
        self.does()
        scrape = Scrape(self.source, self.instance, now())
        scrape.add("up", 1.0)
        return scrape

    def close(self) -> None:
        self.closed = True


@dataclass
class Commit:
    """One commit as the store got it."""

    now: float
    frames: list[ReadFrame]
    sources: dict[str, SourceState]
    events: list[Event]
    meta: Mapping[str, Any] | None


@dataclass
class FakeStore:
    """Remembers commits and beats."""

    commits: list[Commit] = field(default_factory=list)
    beats: list[float] = field(default_factory=list)

    def commit(
        self,
        now: float,
        frames: Iterable[ReadFrame],
        sources: Mapping[str, SourceState],
        events: Iterable[Event] = (),
        meta: Mapping[str, Any] | None = None,
    ) -> int:
        self.commits.append(Commit(now, list(frames), dict(sources), list(events), meta))
        return len(self.commits)

    def beat(self, now: float) -> None:
        self.beats.append(now)


def fails(error: BaseException = REFUSED) -> Callable[[], None]:
    """What a collector does to fail."""

    def does() -> None:
        raise error

    return does
