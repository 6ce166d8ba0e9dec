"""A small Prism on a virtual clock: what each source would have reported, second by second, as snapshots."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import cache

import numpy as np

from aggregators.detection.detections import Detector
from model.series import Event, Kind, Scrape, Series
from model.sources import CollectError, ErrorKind, SourceState
from store.frames import Readable
from store.series_table import Segment, SeriesTable
from store.snapshot import Snapshot

START = 1_700_000_000.0
EDGES = ("0.0005", "0.001", "0.002", "0.005", "0.01", "0.025", "0.05", "0.1", "+Inf")
KEYS = {"proxy": "proxy@p:8980", "admin": "admin@a:8090", "signoz": "signoz@s:8080"}


class Run:
    """Consecutive reads with the same series; `rows` of `times` and `values` are filled."""

    def __init__(self, table: SeriesTable) -> None:
        self.table, self.rows = table, 0
        self.times = np.empty(64)
        self.values = np.empty((64, len(table.series)))

    def add(self, scrape: Scrape) -> None:
        if self.rows == len(self.times):
            self.times = np.concatenate([self.times, np.empty_like(self.times)])
            self.values = np.concatenate([self.values, np.empty_like(self.values)])
        self.times[self.rows], self.values[self.rows] = scrape.time, scrape.values
        self.rows += 1


class Tape:
    """What was read so far, as a store would hold it."""

    def __init__(self) -> None:
        self.runs: dict[str, list[Run]] = {}
        self.tables: dict[tuple[Series, ...], SeriesTable] = {}

    def add(self, scrape: Scrape) -> None:
        table = self.tables.setdefault(tuple(scrape.series), SeriesTable(scrape.series))
        runs = self.runs.setdefault(f"{scrape.source}@{scrape.instance}", [])
        if not runs or runs[-1].table is not table:
            runs.append(Run(table))
        runs[-1].add(scrape)

    def load(self, start: float, end: float, fine: float) -> Iterable[Readable]:
        for key, runs in self.runs.items():
            for run in runs:
                times = run.times[: run.rows]
                low, high = times.searchsorted(start), times.searchsorted(end, "right")
                if low < high:
                    yield Segment(key, run.table, times[low:high], run.values[low:high])


@dataclass
class VirtualPrism:
    """The default: four patterns on one proxy, 400 requests a second, NATS degraded, 0.03 % errors, P99 under 1 ms."""

    now: float = START
    rate: float = 100.0
    error_ratio: dict[str, float] = field(default_factory=dict)
    slow: dict[str, float] = field(default_factory=dict)
    statuses: dict[str, str] = field(default_factory=lambda: {"nats": "DEGRADED"})
    messages: dict[str, str] = field(default_factory=lambda: {"nats": "reconnecting"})
    pools: dict[str, tuple[float, float, float]] = field(
        default_factory=lambda: {"redis": (7, 10, 0), "postgresql": (3, 20, 0), "nats": (1, 1, 0)}
    )
    details: dict[str, dict[str, float]] = field(default_factory=dict)
    restarts: dict[str, float] = field(default_factory=lambda: {"nats": 2.0})
    started: dict[str, float] = field(default_factory=lambda: {"nats": START - 8100})
    auth_failure_ratio: float = 0.002
    failing: dict[str, ErrorKind] = field(default_factory=dict)
    said: str = "as reported"
    seconds: dict[str, float] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    meta: dict[str, object] = field(default_factory=dict)
    patterns: tuple[str, ...] = ("memstore", "redis", "nats", "postgresql")
    namespaces: tuple[str, ...] = ("payments", "search")
    events: list[Event] = field(default_factory=list)
    tape: Tape = field(default_factory=Tape)
    states: dict[str, SourceState] = field(default_factory=dict)
    counts: dict[tuple[str, str, str], float] = field(default_factory=dict)

    def key(self, name: str) -> str:
        """The key of a source: proxy, admin, signoz or a pattern's name."""
        return KEYS.get(name) or f"patterns@{name}:50051"

    def tick(self, seconds: float = 1.0) -> None:
        """Let time pass, and read every source."""
        self.now += seconds
        self._serve(seconds)
        for name, scrape in self._scrapes():
            self._read(name, scrape)

    def _read(self, name: str, scrape: Scrape) -> None:
        key = self.key(name)
        address = f"{name} at {scrape.instance}" if scrape.source == "patterns" else f"http://{scrape.instance}"
        state = self.states.get(key) or SourceState(key, scrape.source, scrape.instance, address, 1.0)
        took = self.seconds.get(name, 0.01)
        if name in self.failing:
            self.states[key] = state.failed(self.now, took, CollectError(self.failing[name], self.said))
            return
        kept = [
            (s, v)
            for s, v in zip(scrape.series, scrape.values, strict=True)
            if not s.name.startswith(self.absent or ("\0",))
        ]
        shown = replace(scrape, series=[s for s, _ in kept], values=array("d", [v for _, v in kept]))
        self.tape.add(shown)
        self.states[key] = state.succeeded(self.now, took, len(kept))

    def _serve(self, seconds: float) -> None:
        for pattern in self.patterns:
            for namespace in self.namespaces:
                asked = self.rate * seconds / len(self.namespaces)
                ratio = max(self.error_ratio.get(one, 0.0) for one in (pattern, namespace, "")) or 0.0003
                slow = max(self.slow.get(one, 0.0) for one in (pattern, namespace, ""))
                self._count(pattern, namespace, "success", asked * (1 - ratio))
                self._count(pattern, namespace, "error", asked * ratio)
                for edge in EDGES:
                    self._count(pattern, namespace, f"le={edge}", asked * share_below(float(edge), slow))
        self._count("", "", "auth success", 4 * self.rate * seconds * (1 - self.auth_failure_ratio))
        self._count("", "", "auth failure", 4 * self.rate * seconds * self.auth_failure_ratio)

    def _count(self, pattern: str, namespace: str, what: str, amount: float) -> None:
        place = (pattern, namespace, what)
        self.counts[place] = self.counts.get(place, 0.0) + amount

    def _scrapes(self) -> Iterable[tuple[str, Scrape]]:
        yield "proxy", self._proxy()
        admin = Scrape("admin", "a:8090", self.now)
        for namespace in self.namespaces:
            admin.add("prism_namespace_info", 1, Kind.INFO, namespace=namespace, status="ACTIVE")
        yield "admin", admin
        for pattern in self.patterns:
            yield pattern, self._pattern(pattern)

    def _pattern(self, name: str) -> Scrape:
        scrape = Scrape("patterns", f"{name}:50051", self.now)
        scrape.add("prism_pattern_check_duration_seconds", 0.002, pattern=name)
        reported = self.statuses.get(name, "HEALTHY")
        for status in ("HEALTHY", "DEGRADED", "UNHEALTHY", "UNKNOWN"):
            scrape.add(
                "prism_pattern_status",
                float(status == reported),
                Kind.STATESET,
                pattern=name,
                status=status,
                service="lifecycle",
            )
        if self.messages.get(name):
            scrape.add("prism_pattern_message_info", 1, Kind.INFO, pattern=name, message=self.messages[name])
        for key, value in self.details.get(name, {}).items():
            scrape.add("prism_pattern_detail", value, pattern=name, key=key)
        return scrape

    def _proxy(self) -> Scrape:
        scrape = Scrape("proxy", "p:8980", self.now)
        for (pattern, namespace, what), value in self.counts.items():
            labels = {"pattern": pattern, "namespace": namespace, "operation": "KeyValue.Get"}
            if what.startswith("le="):
                scrape.add("prism_request_duration_seconds_bucket", value, Kind.HISTOGRAM, le=what[3:], **labels)
            elif what.startswith("auth "):
                scrape.add("prism_auth_requests_total", value, Kind.COUNTER, result=what[5:], reason="")
            else:
                scrape.add("prism_requests_total", value, Kind.COUNTER, status=what, **labels)
        for pattern, (active, most, waiting) in self.pools.items():
            scrape.add("prism_pool_connections_active", active, backend=pattern, pattern=pattern)
            scrape.add("prism_pool_connections_idle", max(most - active, 0), backend=pattern, pattern=pattern)
            scrape.add("prism_pool_connections_max", most, backend=pattern, pattern=pattern)
            scrape.add("prism_pool_waiting", waiting, backend=pattern, pattern=pattern)
        for pattern in self.patterns:
            scrape.add("prism_pattern_restarts_total", self.restarts.get(pattern, 0), Kind.COUNTER, pattern=pattern)
            scrape.add("prism_pattern_start_time_seconds", self.started.get(pattern, START - 356400), pattern=pattern)
            scrape.add("prism_pattern_phase", 1, Kind.STATESET, pattern=pattern, phase="running")
        return scrape

    def restart(self, pattern: str) -> None:
        """One restart, as the proxy reports it."""
        self.restarts[pattern] = self.restarts.get(pattern, 0) + 1
        self.started[pattern] = self.now

    def snapshot(self) -> Snapshot:
        """What is known now."""
        meta = {"collector_alive_at": self.now, **self.meta}
        return Snapshot(1, self.now, dict(self.states), tuple(self.events), meta, self.tape.load)


WATCHED_SECONDS = 20


def warmed(seconds: int = WATCHED_SECONDS, rate: float = 100.0) -> Watched:
    """A world that was watched for so long, the last of it with so many requests a second for each pattern: a copy."""
    return deepcopy(_warmed(seconds, rate))


@cache
def _warmed(seconds: int, rate: float) -> Watched:
    if seconds == WATCHED_SECONDS:
        one = Watched(VirtualPrism(), Detector())
        one.run(seconds)
    else:
        one = warmed()
        one.world.rate = rate
        one.run(seconds - WATCHED_SECONDS)
    return one


def share_below(edge: float, slow: float) -> float:
    """Of the default's requests, by bucket edge in seconds; with `slow` all take at least so long."""
    if slow:
        return 0.0 if edge < slow else 1.0
    return {0.0005: 0.6, 0.001: 0.995, 0.002: 0.9995}.get(edge, 1.0)


@dataclass
class Watched:
    """A world and the detector that watches it; what it reports is stored at once, as the collector does."""

    world: VirtualPrism
    detector: Detector

    def run(self, seconds: int, step: Callable[[int], None] | None = None) -> list[Event]:
        """Let so many seconds pass; the alert edges reported meanwhile."""
        reported: list[Event] = []
        for second in range(seconds):
            if step:
                step(second)
            self.world.tick()
            edges = self.detector.step(self.world.snapshot(), self.world.now)
            self.world.events += edges
            reported += [event for event in edges if event.kind == "alert"]
        return reported

    def seconds_until(self, rule: str, state: str, component: str, limit: int = 30) -> int:
        """How many seconds until this edge is reported. Fails when it is not reported within `limit`."""
        for second in range(1, limit + 1):
            for event in self.run(1):
                reported = dict(event.labels)
                if (reported["rule"], reported["state"], reported["component"]) == (rule, state, component):
                    return second
        raise AssertionError(f"{rule} of {component} not {state} within {limit} s")

    def firing(self) -> set[tuple[str, str]]:
        """(rule, component) of what fires."""
        return {key for key, watch in self.detector.watches.items() if watch.stage.value == "firing"}
