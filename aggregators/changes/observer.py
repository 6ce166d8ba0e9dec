"""Watches what is told of every component, and says what changed as events: they outlive the reads that showed it."""

from __future__ import annotations

from collections.abc import Callable

from aggregators.changes import facts, members
from aggregators.changes.change import ChangeKind, stored
from aggregators.changes.ledger import Ledger, Told
from aggregators.changes.traffic_steps import TrafficSteps
from aggregators.changes.words import changes_of, not_watched, steps_of
from model.series import Event
from store.snapshot import Snapshot

LOOK_SECONDS = 2.0
"""Nothing of this needs to be seen sooner: most of it is read every 2 s."""
AWAY_SECONDS = 10.0
"""Who did not look for longer than this has missed something."""
Reader = Callable[[Snapshot, float], Told | None]


def _ledgers() -> tuple[tuple[Reader, Ledger], ...]:
    return (
        (facts.sources, Ledger(ChangeKind.SOURCE)),
        (facts.starts, Ledger(ChangeKind.RESTART, facts.started_again)),
        (facts.phases, Ledger(ChangeKind.PHASE)),
        (facts.versions, Ledger(ChangeKind.VERSION)),
        (facts.limits, Ledger(ChangeKind.CONFIGURATION)),
        (facts.configuration, Ledger(ChangeKind.CONFIGURATION)),
        (members.patterns, Ledger(ChangeKind.MEMBER)),
        (members.namespaces, Ledger(ChangeKind.MEMBER)),
        (members.topics, Ledger(ChangeKind.MEMBER)),
        (members.subscribers, Ledger(ChangeKind.MEMBER)),
    )


class ChangeObserver:
    """Remembers what was last told. What was there when it began is no change."""

    def __init__(self) -> None:
        self._ledgers = _ledgers()
        self._steps = TrafficSteps()
        self._looked = 0.0

    def restore(self, before: Snapshot) -> None:
        """Go on from what the store held last: what changed while nobody watched is a change, too."""
        if before.sources:
            self._looked = before.written_at
            for reader, ledger in self._ledgers:
                ledger.take(reader(before, before.written_at), before.written_at)

    def step(self, snapshot: Snapshot, now: float) -> list[Event]:
        """What changed since the last look, which was at least LOOK_SECONDS ago."""
        if 0.0 <= now - self._looked < LOOK_SECONDS:
            return []
        found = [not_watched(self._looked, now)] if self._looked and now - self._looked > AWAY_SECONDS else []
        self._looked = now
        for reader, ledger in self._ledgers:
            found += changes_of(ledger.kind, ledger.take(reader(snapshot, now), now))
        found += steps_of(self._steps.step(snapshot, now))
        return [stored(one, now) for one in sorted(found, key=lambda one: one.time)]
