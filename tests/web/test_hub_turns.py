"""Views that are due at about the same time are worked out of the same version."""

from __future__ import annotations

from itertools import pairwise

from web.hub_payload import View
from web.hub_turns import COALESCE_SECONDS, HEARTBEAT_SECONDS, Turns

NAMES = ("system-health", "performance", "security")


class Store:
    """The version of a store, set by hand."""

    newest = 1

    def version(self) -> int:
        return self.newest


def watched(*read_at: float) -> list[tuple[View, int]]:
    made = [(View(None, name, ()), 1) for name in NAMES[: len(read_at)]]  # type: ignore[arg-type]  # never asked
    for (view, _), at in zip(made, read_at, strict=True):
        view.read_at, view.version = at, 1
    return made


def worked_out(turns: Turns, views: list[tuple[View, int]], store: Store, tick: float) -> list[str]:
    """All that are due at `tick`, one after another as the hub does it."""
    done = []
    while due := turns.due(views, store.version, tick):
        view = turns.next(due, tick)
        view.read_at, view.version = tick, store.newest
        done.append(view.name)
        tick += 0.001
    return sorted(done)


def test_who_rested_half_as_long_goes_along() -> None:
    turns, store, views = Turns(), Store(), watched(0.0, 0.3 * COALESCE_SECONDS, 0.9 * COALESCE_SECONDS)
    store.newest = 2
    assert worked_out(turns, views, store, COALESCE_SECONDS) == ["performance", "system-health"]
    assert worked_out(turns, views, store, 1.95 * COALESCE_SECONDS) == ["security"]


def test_they_stay_together_and_none_comes_more_often_than_it_may() -> None:
    turns, store, views = Turns(), Store(), watched(0.0, 0.05, 0.09)
    came: dict[str, list[float]] = {name: [] for name in NAMES}
    rounds = set()
    for step in range(1, 1000):
        store.newest, tick = step, step / 100
        names = worked_out(turns, views, store, tick)
        for name in names:
            came[name].append(tick)
        if names and tick > 1.0:
            rounds.add(tuple(names))
    assert rounds == {tuple(sorted(NAMES))}
    for ticks in came.values():
        assert min(later - earlier for earlier, later in pairwise(ticks[3:])) >= COALESCE_SECONDS - 1e-9


def test_nobody_goes_along_when_there_is_nothing_new() -> None:
    turns, store, views = Turns(), Store(), watched(0.0, 0.6 * HEARTBEAT_SECONDS)
    assert worked_out(turns, views, store, HEARTBEAT_SECONDS) == ["system-health"]


def test_who_left_is_forgotten() -> None:
    turns, store, views = Turns(), Store(), watched(0.0, 0.0, 0.0)
    store.newest = 2
    due = turns.due(views, store.version, COALESCE_SECONDS)
    assert len(due) == 3
    assert [view.name for view, _ in turns.due(views[:1], store.version, COALESCE_SECONDS)] == ["system-health"]
