"""The judgement of the whole and of every view, worked out once however many pages, bars and programs word it.

The whole is judged anew each time it is asked for. A view's verdict holds for the view's own beat, and not beyond the
moment in which a source changes its state or an alert begins or ends.
"""

from __future__ import annotations

import threading
from collections.abc import Hashable
from functools import partial
from typing import NamedTuple

from aggregators.alerts.verdict import Look, Verdict
from aggregators.overview.map_parts import Part, parts_of
from aggregators.overview.overall import Judgement, ViewVerdict, whole_of
from pages.shared.registry import judged_pages
from store.snapshot import Snapshot

SLACK_SECONDS = 0.25
"""Versions do not fall exactly on a page's beat: this much early is on time."""
PARTS_SECONDS = 2.0
"""The beat of the map's components, which is that of the map's own page."""


class _Kept(NamedTuple):
    at: float
    mark: Hashable
    verdict: Verdict


class _Parts(NamedTuple):
    at: float
    mark: Hashable
    parts: tuple[Part, ...]


class Judges:
    """The verdicts that hold just now. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, _Kept] = {}
        self._parts: _Parts | None = None

    def judgement(self, snapshot: Snapshot, now: float, renew: str = "") -> Judgement:
        """The whole and every view; the verdict of the view `renew` is worked out in any case."""
        look = Look(snapshot, now)
        mark = _mark(look)
        views = []
        for page in judged_pages():
            verdict = self._verdict(page["view"], page, look, mark, renew)
            views.append(ViewVerdict(page["view"], page["name"], page["path"], verdict))
        return Judgement(whole_of(look, views), tuple(views), partial(self._held_parts, look, mark))

    def _held_parts(self, look: Look, mark: Hashable) -> tuple[Part, ...]:
        mark, kept = (mark, *((one.name, one.status) for one in look.patterns)), self._parts
        if kept is None or kept.mark != mark or not 0.0 <= look.now - kept.at < PARTS_SECONDS - SLACK_SECONDS:
            kept = self._parts = _Parts(look.now, mark, parts_of(look))
        return kept.parts

    def _verdict(self, view: str, page: dict[str, object], look: Look, mark: Hashable, renew: str) -> Verdict:
        with self._lock:
            kept = self._kept.get(view)
        beat = float(page["refresh_seconds"]) - SLACK_SECONDS  # type: ignore[arg-type]
        if kept is None or view == renew or kept.mark != mark or not 0.0 <= look.now - kept.at < beat:
            kept = _Kept(look.now, mark, page["judge"](look))  # type: ignore[operator]
            with self._lock:
                self._kept[view] = kept
        return kept.verdict


def judgement(snapshot: Snapshot, now: float) -> Judgement:
    """The judgement of all views at one instant, worked out anew."""
    return Judges().judgement(snapshot, now)


def _mark(look: Look) -> Hashable:
    """What a kept verdict stands on: when this has changed it is worked out anew."""
    sources = tuple((row.key, row.word, row.lost) for row in look.sources)
    alarms = tuple((one.id, one.severity) for one in look.firing)
    return sources, alarms, bool(look.silence), look.collector.trouble
