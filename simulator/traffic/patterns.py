"""A pattern's process through time: up or down, phase, restarts, uptime, what it says of itself."""

from __future__ import annotations

from collections import deque
from math import floor, sin

from model.status import Phase, Status
from simulator.traffic.effects import PatternEffect
from simulator.traffic.scenario import PatternSpec

LOOP_SECONDS = 4.0
LOOP_DOWN_SECONDS = 1.2
MOST_KEYS = 10_000
STARTING = ((0.4, Phase.SPAWN), (0.7, Phase.CONNECT), (1.0, Phase.INITIALIZE), (1.3, Phase.START))
"""Seconds since the start until each phase is over (contracts section 11)."""


def first_pid(number: int) -> int:
    """The process id of the pattern with this number when the scenario begins."""
    return 4100 + 37 * number


def memstore_keys(at: float) -> int:
    """How many keys a memstore holds at `at`: a slow wave."""
    return 6200 + int(240 * sin(at / 200))


class PatternProcess:
    """One pattern's process. All times are seconds since 1970; `tick` must be called with times that do not go back."""

    def __init__(self, spec: PatternSpec, number: int, now: float) -> None:
        self.spec = spec
        self.effect = PatternEffect()
        self.up = True
        self.started = now - spec.up_seconds
        self.restarts = spec.restarts
        self.restarted = deque((now - ago for ago in spec.restart_seconds_ago), maxlen=1000)
        self.crashed = 0.0
        self.pid = first_pid(number)
        self.cpu_seconds = spec.up_seconds * spec.cpu_cores
        self._loops = 0

    def tick(self, now: float, seconds: float) -> None:
        """Advance by `seconds` to `now` under the present effect."""
        if self.effect.loop_since is not None:
            self._loop(now, now - self.effect.loop_since)
        else:
            self._loops = 0
            if self.effect.restarted_at > self.started:
                self._set(False, now)
            self._set(not self.effect.down, now)
        if self.up:
            self.cpu_seconds += min(seconds, now - self.started) * self.spec.cpu_cores

    def _loop(self, now: float, since: float) -> None:
        """Down for the first part of each period, then restarted; a period that nobody looked at still counts."""
        finished = floor((since - LOOP_DOWN_SECONDS) / LOOP_SECONDS) + 1
        while self._loops < finished:
            at = (self.effect.loop_since or now) + LOOP_DOWN_SECONDS + self._loops * LOOP_SECONDS
            self._set(False, at)
            self._set(True, at)
            self._loops += 1
        self._set(since % LOOP_SECONDS >= LOOP_DOWN_SECONDS, now)

    def _set(self, up: bool, now: float) -> None:
        if self.up and not up:
            self.up, self.crashed = False, now
        elif up and not self.up:
            self.up, self.started, self.cpu_seconds = True, now, 0.0
            self.restarts += 1
            self.restarted.append(now)
            self.pid += 1009

    def phase(self, now: float) -> Phase:
        """The lifecycle phase at `now`."""
        if not self.up:
            return Phase.FAILED
        age = now - self.started
        return next((phase for until, phase in STARTING if age < until), Phase.RUNNING)

    @property
    def goroutines(self) -> int:
        """How many goroutines run."""
        return self.spec.goroutines + self.effect.goroutines

    def restarts_within(self, seconds: float, now: float) -> int:
        """Restarts during the last `seconds`."""
        return sum(1 for at in self.restarted if now - seconds < at <= now)

    def status(self, pool_strained: bool) -> Status:
        """What its driver reports; a strained pool makes it DEGRADED, as the real drivers do (contracts 5.4)."""
        if not self.up:
            return Status.UNHEALTHY
        if self.effect.status is not None:
            return self.effect.status
        return Status.DEGRADED if pool_strained or self.spec.degraded else Status.HEALTHY

    def message(self, status: Status, pool_strained: bool) -> str:
        """The words that go with `status`; the real drivers leak their backend's address, and so does this."""
        name, driver = self.spec.name, self.spec.driver
        if status is Status.UNHEALTHY:
            return f"{name}: dial tcp {driver}://prism:s3cr3t@{driver}.internal: connect: connection refused"
        if status is Status.DEGRADED and driver == "nats":
            return "reconnecting to nats://nats.internal:4222…"
        if status is Status.DEGRADED:
            return (
                f"{name}: connection pool near capacity" if pool_strained else f"{name}: slow answers from its backend"
            )
        return "connected to nats://nats.internal:4222" if driver == "nats" else f"{name} healthy"
