"""From the store to the hub: which view a name means, and what every frame says besides the view's properties."""

from __future__ import annotations

import threading
from collections.abc import Hashable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple, Protocol

import dash

from aggregators.overview.overall import Judgement
from aggregators.series.source_rows import source_table
from aggregators.series.sources import STALE, collector_state
from components.props import Props
from model.catalogue.source_kinds import rank
from pages.shared.choices import AT, normal
from pages.shared.judges import SLACK_SECONDS
from pages.shared.page_shell import shell_props
from pages.shared.selections import EVERYWHERE, Present, narrowed, selection_of
from store.snapshot import Snapshot
from store.status import StoreStatus
from web.bodies import Body, worked_out
from web.judgements import Judgements, keep

STALE_SECONDS = 2.0
"""With sources read every second, figures older than this are no longer called live (the page dims within 3 s)."""
STALE_INTERVALS = 2.0
"""The same for slower sources, in intervals of the fastest one."""
KEPT_BODIES = 64
TOGETHER_SECONDS = 0.25
"""Who asks within so long of one another, and of the same, is answered as of one instant."""

Selection = tuple[tuple[str, str], ...]


class SnapshotSource(Protocol):
    """What the feed needs of `store.reader.Reader`."""

    def version(self) -> int:
        """The store's version, cheaply."""

    def snapshot(self) -> Snapshot:
        """The store at its newest version."""

    def status(self) -> StoreStatus:
        """What the writer last said of itself, which may be newer than the newest version."""


class Together(NamedTuple):
    """The newest snapshot at an instant, and what the writer had said of itself."""

    status: StoreStatus
    snapshot: Snapshot
    now: float


class StoreFeed:
    """The hub's Feed over the store and Dash's page registry. Snapshots are shared by all threads of the process.

    A page says how often its figures are worked out (`refresh_seconds`, the RFC's; 0 is with every version); what
    surrounds it is as fresh as the store, and when a source or the whole changes its state the page follows at once.
    """

    def __init__(self, reader: SnapshotSource) -> None:
        self._reader = reader
        self._lock = threading.Lock()
        self._snapshot: Snapshot | None = None
        self._version = -1
        self._together: Together | None = None
        self._parts: dict[Selection, Snapshot] = {}
        self._judgements = Judgements()
        self._shell: tuple[Judgement, Props] | None = None
        self._bodies: dict[tuple[str, Selection], Body] = {}

    def version(self) -> int:
        """The store's version, which grows with every commit of the collector."""
        return self._reader.version()

    def together(self, now: float) -> Together:
        """The newest snapshot, at one instant for all who ask at about `now`: what several need is worked out once."""
        kept, status = self._together, self._reader.status()
        newest = kept is not None and kept.status == status and kept.snapshot.version == self._reader.version()
        if kept is None or not newest or not 0.0 <= now - kept.now < TOGETHER_SECONDS:
            kept = self._together = Together(status, self.snapshot(), now)
        return kept

    def snapshot(self) -> Snapshot:
        """The newest snapshot, loaded once per version."""
        version = self._reader.version()
        with self._lock:
            if self._snapshot is None or version != self._version:
                self._snapshot, self._version = self._reader.snapshot(), version
            whole = self._snapshot
        status = self._reader.status()  # the heartbeat and a full disk come without a new version
        said = {"collector_alive_at": status.alive_at, "store_trouble": status.trouble, "collector_pid": status.pid}
        return replace(whole, meta={**whole.meta, **said, "store_away": status.away})

    def knows(self, view: str) -> bool:
        """True when a page registered `view`."""
        return _page(view) is not None

    def selection(self, view: str, wanted: Mapping[str, str]) -> Selection:
        """The part of `wanted` that the page's `update` takes, in one form and a fixed order."""
        page = _page(view)
        if page is None:
            return ()
        said = {name: normal(name, wanted[name]) for name in sorted({*_takes(page), *EVERYWHERE}) if name in wanted}
        return tuple((name, value) for name, value in said.items() if value)

    def read(self, view: str, selection: Selection, now: float) -> tuple[dict[str, Any], Mapping[str, Any]]:
        """The head of a frame and the properties of `view`. Raises KeyError for a view that no page registered."""
        page = _page(view)
        if page is None:
            raise KeyError(view)
        (_, snapshot, at), known = self.together(now), self._bodies.get((view, selection))
        due = known is None or not 0.0 <= at - known.at < page["refresh_seconds"] - SLACK_SECONDS
        renew = view if due and page.get("judge") else ""
        judged = self.judgement(snapshot, at, renew)
        part = self.part(snapshot, at, selection)
        own = judged if part is snapshot else self.judgement(part, at, renew)
        body = self._body(page, selection, part, at, own)
        return head(snapshot, now), {**body, **self._around(snapshot, at, judged)}

    def part(self, snapshot: Snapshot, now: float, selection: Selection) -> Snapshot:
        """What the figures of a selection are worked out from, narrowed once for all who ask the same."""
        chosen = tuple((name, value) for name, value in selection if name in EVERYWHERE)
        if not chosen:
            return snapshot
        with self._lock:
            kept = self._parts.get(chosen)
        if kept is None or kept.version != snapshot.version:
            kept = narrowed(snapshot, now, dict(chosen))
            with self._lock:
                keep(self._parts, chosen, kept)
        return replace(kept, meta=snapshot.meta)

    def judgement(self, snapshot: Snapshot, now: float, renew: str = "") -> Judgement:
        """How everything stands, worked out once for all who ask (`Judgements`)."""
        return self._judgements.of(snapshot, now, renew)

    def mark(self, snapshot: Snapshot, now: float, view: str, judged: Judgement) -> Hashable:
        """What a page may not wait for: how reading each source goes, the state of the whole, and its own verdict."""
        sources = tuple((row.key, row.word) for row in source_table(snapshot, now))
        own = judged.of(view)
        return sources, judged.whole.status, own.status if own else None

    def beside(self, selection: Mapping[str, str]) -> Present | None:
        """The present, where the past is shown."""
        return None

    def _around(self, snapshot: Snapshot, now: float, judged: Judgement) -> Props:
        """The shell's properties, worked out once per judgement for all views."""
        kept = self._shell
        if kept is None or kept[0] is not judged:
            kept = judged, shell_props(snapshot, now, judged)
            self._shell = kept
        return kept[1]

    def _body(
        self, page: Mapping[str, Any], selection: Selection, snapshot: Snapshot, now: float, judged: Judgement
    ) -> Mapping[str, Any]:
        key, mark = (page["view"], selection), self.mark(snapshot, now, page["view"], judged)
        known = self._bodies.pop(key, None)
        if known is None or known.mark != mark or not 0.0 <= now - known.at < page["refresh_seconds"] - SLACK_SECONDS:
            beside = self.beside(dict(selection))
            known = worked_out(known, mark, page["update"], snapshot, now, judged, dict(selection), beside)
        with self._lock:
            self._bodies[key] = known
            while len(self._bodies) > KEPT_BODIES:
                del self._bodies[next(iter(self._bodies))]
        return known.props


def within(selection: Selection) -> Selection:
    """What a selection chooses at one instant, whichever that is."""
    return tuple((name, value) for name, value in selection if name != AT)


def _takes(page: Mapping[str, Any]) -> list[str]:
    """The names in a page's address that it understands."""
    return selection_of(page["update"])


def _page(view: str) -> dict[str, Any] | None:
    for page in dash.page_registry.values():
        if page.get("view") == view and callable(page.get("update")):
            found: dict[str, Any] = page
            return found
    return None


def views() -> list[dict[str, Any]]:
    """For the browser: which path shows which view, what in its address the server has to know (`takes`), and whether
    it draws `charts`.

    `<name>` in a path is part of that; what else stands in the address is the browser's own.
    """
    return [
        {
            "path": page["path_template"] or page["path"],
            "view": page["view"],
            "takes": [*_takes(page), *EVERYWHERE],
            "charts": any(prop == "figure" for _, prop in page.get("outputs", ())),
        }
        for page in dash.page_registry.values()
        if "view" in page
    ]


def head(snapshot: Snapshot, now: float) -> dict[str, Any]:
    """How fresh the figures are: `sampled` is the time of the newest good read of any source, 0 when there was none."""
    sources = [state for state in snapshot.sources.values() if state.source != "hud"]
    fastest = min((state.interval_seconds for state in sources), default=1.0)
    return {
        "version": snapshot.version,
        "sampled": round(max((state.last_success for state in sources), default=0.0), 3),
        "stale_after": max(STALE_SECONDS, STALE_INTERVALS * fastest),
        "gone": _gone(snapshot, now),
    }


def _gone(snapshot: Snapshot, now: float) -> list[dict[str, Any]]:
    """Who does not deliver, since when and why, the weightiest first; the collector alone when that is gone itself."""
    collector = collector_state(snapshot, now)
    if collector.silent_seconds is None and collector.trouble:
        return [{"source": "collector", "why": f"waiting: {collector.trouble}", "since": 0.0}]
    if not collector.alive:
        source, why = ("store", "cannot be reached") if collector.away else ("collector", "not running")
        return [{"source": source, "why": why, "since": round(now - (collector.silent_seconds or now), 1)}]
    lost = (row for row in source_table(snapshot, now) if row.error is not None or row.word == STALE)
    return [
        {"source": row.key, "why": row.word, "since": round(now - (row.for_seconds or 0.0), 1)}
        for row in sorted(lost, key=lambda row: rank(row.source))
    ]
