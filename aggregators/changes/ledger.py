"""Facts as they were last told: what is new among them, what is gone, what says something else than before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from aggregators.changes.change import ChangeKind

SETTLING_SECONDS = 20.0
"""Whoever begins to report is not all there at once: what comes so soon after is not new."""
GONE_SECONDS = 60.0
"""What is missing for so long is gone: after a restart names come back with their first use."""
BURST, REFILL_SECONDS = 6.0, 120.0
"""Six changes of one fact at once, then one in two minutes: what flaps for a day must not fill the list."""
MOST_REMEMBERED = 20_000
"""Of more facts than this new ones are not followed."""

Key = tuple[str, ...]


class Fact(NamedTuple):
    """What is known of one thing. `value` is '' where its being there is all; `words` the value as it is said.

    `at` is since when, in seconds since 1970, where that is known; 0 is not.
    """

    component: str
    name: str
    page: str
    value: float | str = ""
    words: str = ""
    at: float = 0.0


class Told(NamedTuple):
    """All facts of one kind as of one read, by key; `by` are those who told them."""

    facts: Mapping[Key, Fact]
    by: frozenset[str]


class Turn(NamedTuple):
    """A fact that changed at `at`: `before` is None where it is new, `after` where it is gone."""

    at: float
    before: Fact | None
    after: Fact | None


@dataclass(slots=True)
class _Held:
    fact: Fact
    missing_since: float = 0.0
    allowance: float = BURST
    refilled_at: float = 0.0


Differs = Callable[[Fact, Fact], bool]


def differs(before: Fact, after: Fact) -> bool:
    """Whether a fact says something else."""
    return before.value != after.value


class Ledger:
    """Remembers what was told of one kind. `differs` says whether a value changed."""

    def __init__(self, kind: ChangeKind, changed: Differs = differs) -> None:
        self.kind = kind
        self._changed = changed
        self._held: dict[Key, _Held] = {}
        self._by: frozenset[str] = frozenset()
        self._settled_at = 0.0

    def take(self, told: Told | None, now: float) -> list[Turn]:
        """What changed since it was last told; None is for what cannot be known now."""
        if told is None:
            return []
        if told.by - self._by:
            self._settled_at = now + SETTLING_SECONDS
            self._by |= told.by
        turns = [turn for key, fact in told.facts.items() if (turn := self._seen(key, fact, now)) is not None]
        return turns + self._missing(told, now)

    def _seen(self, key: Key, fact: Fact, now: float) -> Turn | None:
        held = self._held.get(key)
        if held is None:
            if len(self._held) >= MOST_REMEMBERED:
                return None
            self._held[key] = _Held(fact, refilled_at=now)
            return Turn(now, None, fact) if self._by and now >= self._settled_at else None
        before, held.fact, held.missing_since = held.fact, fact, 0.0
        if not self._changed(before, fact):
            held.fact = before
            return None
        return Turn(min(fact.at or now, now), before, fact) if _allowed(held, now) else None

    def _missing(self, told: Told, now: float) -> list[Turn]:
        gone = []
        for key in self._held.keys() - told.facts.keys():
            held = self._held[key]
            held.missing_since = held.missing_since or now
            if now - held.missing_since >= GONE_SECONDS:
                gone.append(Turn(held.missing_since, held.fact, None))
                del self._held[key]
        return gone


def _allowed(held: _Held, now: float) -> bool:
    held.allowance = min(BURST, held.allowance + max(0.0, now - held.refilled_at) / REFILL_SECONDS)
    held.refilled_at = now
    if held.allowance < 1:
        return False
    held.allowance -= 1
    return True
