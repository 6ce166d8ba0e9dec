"""What the web processes count, as a read of their own beside the collector's: taken from their files now and then."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from pathlib import Path

from model.catalogue import BY_NAME
from model.series import Kind, Scrape
from store.web_counts import Counted, ProcessCounts, WebCounts

LOOK_SECONDS = 10.0
GAUGE_SECONDS = 60.0
"""What a process said of its memory longer ago is not said of now."""
VIEWERS = "hud_viewers"
_PARTS = ("_bucket", "_count", "_sum")


class WebScrape:
    """Reads the files of the web processes at most every 10 s."""

    def __init__(self, directory: Path, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._counts = WebCounts(directory)
        self._monotonic = monotonic
        self._looked = float("-inf")

    def __call__(self, now: float) -> Scrape | None:
        """A read as of `now`; None until the next is due, and while no process has counted anything."""
        if self._monotonic() - self._looked < LOOK_SECONDS:
            return None
        self._looked = self._monotonic()
        found = self._counts.read(now)
        if not found:
            return None
        scrape = Scrape("hud", "web", now)
        for process in found:
            _add(scrape, process)
        today = [one.viewers for one in found if one.day == int(now // 86400)]
        scrape.add(VIEWERS, float(len(frozenset().union(*today))))
        return scrape


def _add(scrape: Scrape, process: ProcessCounts) -> None:
    """Its figures, as far as the catalogue knows them and they are amounts."""
    for one in process.figures:
        kind = _kind(one)
        is_old = kind is Kind.GAUGE and process.age_seconds > GAUGE_SECONDS
        if kind is not None and not is_old and math.isfinite(one.value) and one.value >= 0:
            scrape.add(one.name, one.value, kind, **dict(one.labels) | {"process": process.process})


def _kind(one: Counted) -> Kind | None:
    family = next((one.name.removesuffix(part) for part in _PARTS if one.name.removesuffix(part) in BY_NAME), one.name)
    known = BY_NAME.get(family)
    return known.kind if known is not None and known.source == "hud" else None
