"""A site on virtual time: every source read on its own jittered clock, every read committed, everything judged.

The scheduler, its runners, the source states, the writer, the reader and the detector are the collector process' own;
only its threads are replaced by one loop that jumps from event to event.

    with site(directory, seed=1) as one:
        one.run(330.0)                                    # seconds: the rules' usual values are learnt in 5 minutes
        fault = one.inject({"fault": "pattern_crash", "target": "redis"})
        one.run(30.0)
        print(one.edges)                                  # every alert event so far, in order
        one.clear(fault)
"""

from __future__ import annotations

import random
import shutil
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from aggregators.detection.detections import Detector
from aggregators.incidents.observer import EvidenceObserver
from bench.virtual.clock import VirtualClock, virtual_time
from bench.virtual.wire import Wire, connected
from collectors.build import build_collectors
from collectors.core.contract import Collector, key_of
from collectors.core.detection_loop import AT_ONCE, CONFIRMING_SECONDS
from collectors.core.runner import Runner
from collectors.core.scheduler import Scheduler
from collectors.core.source_states import Attempt, SourceStates
from collectors.embedded import settings_for
from model.series import Event
from model.settings import Settings
from simulator.faults.catalogue import Fault
from simulator.ports import choose
from simulator.prism import Prism
from simulator.traffic.crowd import crowded_scenario
from simulator.traffic.scenario import Scenario
from simulator.traffic.traffic_model import TrafficModel
from store.reader import Reader
from store.snapshot import Snapshot
from store.writer import Writer

START = 1_764_320_000.0
LOOK_SECONDS, LOOK_COST_SECONDS = 0.5, 0.03
"""The detections look twice a second, and take their time."""
LATE_SECONDS = 0.05
"""A read that lasts longer than this is delivered when it ends; meanwhile others are read."""


class Site:
    """One simulated Prism and the collector process that watches it."""

    def __init__(self, directory: Path, seed: int, scenario: Scenario | None = None) -> None:
        self.clock = VirtualClock(START + seed % 1000)
        self.chance = random.Random(seed)
        scenario = scenario or crowded_scenario()
        model = TrafficModel(scenario, seed, self.clock.instant)
        self.prism = Prism(model, "127.0.0.1", _ports(scenario), self.clock.true)
        self.wire = Wire(self.prism, self.clock)
        self.detector, self._evidence = Detector(), EvidenceObserver()
        self.edges: list[Event] = []
        """Every alert event, oldest first."""
        self.look_seconds = LOOK_SECONDS
        collectors = build_collectors(settings_for(Settings(), self.prism.addresses()))
        self._open(directory)
        self._scheduler = self._scheduled(collectors)
        self._due = {runner: self.clock.instant + self.chance.random() for runner in self._scheduler.runners}
        self._look_at = self._soonest_look = self.clock.instant + 1.0
        self._late: list[tuple[float, Attempt]] = []
        self._never = threading.Event()

    def _open(self, directory: Path) -> None:
        self._directory = directory
        self._writer = Writer.open(directory, clock=self.clock.wall)
        self._reader = Reader(directory, known=self._writer.table)

    def _scheduled(self, collectors: Sequence[Collector]) -> Scheduler:
        return Scheduler(
            collectors,
            self._writer,
            source_states=SourceStates(collectors),
            detect=self._detect,
            suspects=lambda: self.detector.suspects,
            meta={"simulated": True, "sources": [key_of(one) for one in collectors]},
            now=self.clock.wall,
            monotonic=self.clock.monotonic,
            chance=self.chance,
        )

    def _detect(self, now: float) -> list[Event]:
        snapshot = self._reader.snapshot()
        found = self.detector.step(snapshot, now)
        self.edges += [one for one in found if one.kind == "alert"]
        return [*found, *self._evidence.step(snapshot, now, found)]

    def move(self, directory: Path) -> None:
        """Go on with a copy of the store in `directory`, which must not exist: after a fork, a world of one's own."""
        shutil.copytree(self._directory, directory)
        self._open(directory)
        self._scheduler._store = self._writer

    def begin(self) -> None:
        """The collector process starts."""
        self._scheduler.begin()

    def close(self) -> None:
        """Let go of the store."""
        self._reader.close()
        self._writer.close()

    @property
    def snapshot(self) -> Snapshot:
        """What a web process would read now."""
        return self._reader.snapshot()

    def inject(self, wanted: Mapping[str, Any]) -> Fault:
        """What `POST /faults` does."""
        return self.prism.board.add(dict(wanted))

    def clear(self, *faults: Fault) -> None:
        """What `DELETE /faults/<id>` does for each of these."""
        for one in faults:
            self.prism.board.remove(one.id)

    def named(self, component: str) -> str:
        """What an alert is about, with the names of the sources for their addresses."""
        for name, source in self.prism.sources.items():
            component = component.replace(f"{self.prism.host}:{source.port}", name)
        return component

    def firing(self) -> dict[tuple[str, str], Event]:
        """The alerts that fire now, by rule and component, with the event that says so last."""
        found: dict[tuple[str, str], Event] = {}
        for one in self.edges:
            key = one.label("rule") or "", one.label("component") or ""
            if one.label("state") == "firing":
                found[key] = one
            else:
                found.pop(key, None)
        return found

    def run(self, seconds: float) -> None:
        """Let so much time pass."""
        until = self.clock.instant + seconds
        while (at := self._next_at()) < until:
            self.clock.instant = max(self.clock.instant, at)
            self._happen()
        self.clock.instant = max(self.clock.instant, until)

    def sleep(self, seconds: float) -> None:
        """The machine of the dashboard is suspended: time passes everywhere else."""
        self.clock.instant += seconds

    def _next_at(self) -> float:
        late = min((at for at, _ in self._late), default=float("inf"))
        return min(self._look_at, late, *self._due.values())

    def _happen(self) -> None:
        """The one event that is due now."""
        now = self.clock.instant
        self.prism.board.tick()
        arrived = next((one for one in self._late if one[0] <= now), None)
        if arrived is not None:
            self._late.remove(arrived)
            self._deliver(arrived[1])
        elif self._look_at <= now:
            self._scheduler.detection_loop.step(self._never)
            self._scheduler.step(0.0)
            pause = CONFIRMING_SECONDS if self.detector.suspects else self.look_seconds
            self._look_at = now + LOOK_COST_SECONDS + pause
            self._soonest_look = now + LOOK_COST_SECONDS + CONFIRMING_SECONDS
            self._hurry()
        else:
            self._read(min(self._due, key=lambda one: self._due[one]))

    def _read(self, runner: Runner) -> None:
        pause = runner.step()
        took, self.clock.elapsed = self.clock.elapsed, 0.0
        self._due[runner] = self.clock.instant + took + pause
        attempts, _ = self._scheduler._arrived(0.0)  # what the runner has just delivered
        if took > LATE_SECONDS:
            self._late += [(self.clock.instant + took, one) for one in attempts]
            return
        self.clock.instant += took
        for one in attempts:
            self._deliver(one)

    def _deliver(self, attempt: Attempt) -> None:
        self._scheduler._queue.put(attempt)
        self._scheduler.step(0.0)
        if attempt.key.startswith(AT_ONCE) and self.look_seconds <= LOOK_SECONDS:
            self._look_at = min(self._look_at, max(self._soonest_look, self.clock.instant))
        self._hurry()

    def _hurry(self) -> None:
        """Bring forward what was asked for sooner, as `Runner.run` treats a poke."""
        for runner, due in self._due.items():
            if runner._poked.is_set():
                runner._poked.clear()
                soonest = runner._began + runner.forget_confirmation()
                self._due[runner] = min(due, max(self.clock.instant, soonest))


def _ports(scenario: Scenario) -> dict[str, int]:
    """A port of its own for every source; nobody listens there."""
    names = choose("free", "127.0.0.1", scenario.patterns)
    return {name: 10_000 + number for number, name in enumerate(sorted(names))}


@contextmanager
def site(directory: Path, seed: int, scenario: Scenario | None = None) -> Iterator[Site]:
    """A site whose store is in `directory`, an empty one; on virtual time for as long as it is open."""
    one = Site(directory, seed, scenario)
    with virtual_time(one.clock), connected(one.wire):
        one.begin()
        try:
            yield one
        finally:
            one.close()
