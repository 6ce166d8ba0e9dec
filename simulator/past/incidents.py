"""What went wrong in the simulated past: three incidents, none at the same time as another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from simulator.traffic.effects import Effects, PatternEffect
from simulator.traffic.scenario import PatternSpec, Scenario

SLOW_FROM, SLOW_UNTIL = 57_600.0, 56_100.0
"""A deployment that asked PostgreSQL slow questions, taken back after 25 minutes: seconds before the start."""
SLOW_QUERIES = 60.0
POOL_FROM, POOL_UNTIL = 1320.0, 900.0
"""Redis' pool, nearly full for seven minutes."""
POOL_WAIT, POOL_TIMEOUTS = 40.0, 0.002
DOWN_SECONDS = 120.0
"""How long a process of the restart loop was gone each time."""


class Incident(NamedTuple):
    """From `start` to `end`, seconds since 1970, these effects held; `pattern` had no process where `down`."""

    name: str
    pattern: str
    start: float
    end: float
    effects: Effects
    down: bool = False


def incidents(scenario: Scenario, now: float) -> tuple[Incident, ...]:
    """Those that end before the start at `now`, the oldest first; what a scenario has no pattern for did not happen."""
    found = [*_slow_deployment(scenario.patterns, now), *_outages(scenario.patterns, now)]
    found += _full_pool(scenario.patterns, now)
    return tuple(sorted(found, key=lambda one: one.start))


def _slow_deployment(patterns: Sequence[PatternSpec], now: float) -> list[Incident]:
    effects = Effects(patterns={"postgresql": PatternEffect(slow_queries=SLOW_QUERIES)})
    return [
        Incident("slow deployment", spec.name, now - SLOW_FROM, now - SLOW_UNTIL, effects)
        for spec in patterns
        if spec.name == "postgresql"
    ]


def _full_pool(patterns: Sequence[PatternSpec], now: float) -> list[Incident]:
    """Every connection is in use, and who waits for one now and then waits too long."""
    found = []
    for spec in patterns:
        if spec.name == "redis":
            full = PatternEffect(active=spec.maximum, pool_wait=POOL_WAIT, pool_errors={"timeout": POOL_TIMEOUTS})
            effects = Effects(patterns={spec.name: full})
            found.append(Incident("nearly full pool", spec.name, now - POOL_FROM, now - POOL_UNTIL, effects))
    return found


def _outages(patterns: Sequence[PatternSpec], now: float) -> list[Incident]:
    """Each restart that the scenario knows of was one of a process that had crashed shortly before."""
    return [
        Incident("restart loop", spec.name, now - ago - DOWN_SECONDS, now - ago, Effects(), down=True)
        for spec in patterns
        for ago in spec.restart_seconds_ago
    ]
