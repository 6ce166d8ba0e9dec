"""The main figures of a page at an instant of the past, beside those of now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from components import format as fmt
from components.lists.then_now import Compared, ThenNow
from components.status import StatusWord
from model.measure import Measure
from pages.shared.selections import Present
from store.snapshot import Snapshot

Figure = tuple[str, Callable[[Any], Measure]]
"""A figure's name, and how it is had from an answer with a `status`."""


def compared(
    found: Any, answer: Callable[[Snapshot, float], Any], figures: Sequence[Figure], present: Present | None
) -> Compared | None:
    """What was `found` beside what the same `answer` finds now; None while the present is shown."""
    if present is None:
        return None
    snapshot, at = present
    now = snapshot.once((compared, answer, at), lambda: answer(snapshot, at))
    rows = [ThenNow(name, figure(found), figure(now)) for name, figure in figures]
    return Compared(StatusWord(found.status), StatusWord(now.status), rows, fmt.clock(at, at))
