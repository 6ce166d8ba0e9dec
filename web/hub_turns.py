"""Which view is worked out next: what many look at is not kept waiting by what few do."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from web.hub_payload import View, common

COALESCE_SECONDS = 0.1
"""Versions closer together than this are sent as one."""
REST = 3.0
"""Views rest this many times as long as computing and sending them all takes: watching costs a bounded share of a core.
"""
HEARTBEAT_SECONDS = 1.25
"""A view is sent this often even when nothing is new: ages advance, and silence means a lost connection. What is read
every second comes before that.
"""
RARE_TURN = 4
"""When there is more to do than time, every fourth turn is for views that an address names freely."""

Watched = tuple[View, int]
"""A view and by how many it is watched."""


def due(view: View, version: Callable[[], int], tick: float, rest: float = COALESCE_SECONDS) -> bool:
    """Whether it is time: after the heartbeat's time, or `rest` seconds after the last time when something is new."""
    waited = tick - view.read_at
    return waited >= HEARTBEAT_SECONDS or (waited >= rest and version() != view.version)


class Turns:
    """The order of the views of one hub."""

    def __init__(self) -> None:
        self._turn = 0
        self._along: set[View] = set()

    def due(self, watched: Sequence[Watched], version: Callable[[], int], tick: float) -> list[Watched]:
        """Those whose time it is. Views that an address names freely do not make the others rest longer.

        Whoever rested half as long goes along: views that are worked out one after another share a version, and with
        it the snapshot, the judgement and all else that several need.
        """
        if not any(tick - one.read_at >= COALESCE_SECONDS / 2 for one, _ in watched) and not self._along:
            return []  # as it is most of the thirty times a second that somebody asks
        newest, (usual, rare) = version(), _apart(watched)
        cost = REST * sum(one.cost_seconds for one, _ in usual)
        dear = cost + REST * sum(one.cost_seconds for one, _ in rare)
        self._along &= {one for one, _ in watched}
        found = []
        for views, rest in ((usual, max(COALESCE_SECONDS, cost)), (rare, max(COALESCE_SECONDS, dear))):
            if any(due(one, lambda: newest, tick, rest) for one, _ in views):
                self._along.update(one for one, _ in views if due(one, lambda: newest, tick, rest / 2))
            found += [one for one in views if one[0] in self._along]
        return found

    def next(self, waiting: Sequence[Watched], tick: float) -> View:
        """One of those that are due: the longest wait counts, times how many wait."""
        usual, rare = _apart(waiting)
        if usual and rare:
            self._turn += 1
        chosen = rare if not usual or (rare and self._turn % RARE_TURN == 0) else usual
        found = max(chosen, key=lambda one: (tick - one[0].read_at) * one[1])[0]
        self._along.discard(found)
        return found


def _apart(watched: Sequence[Watched]) -> tuple[list[Watched], list[Watched]]:
    """The common views, and those that an address names freely."""
    return [one for one in watched if common(one[0].selection)], [
        one for one in watched if not common(one[0].selection)
    ]
