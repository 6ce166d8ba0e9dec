"""What this web process measures of itself, and what open pages report of what their viewers had (RFC metrics).

A page reports now and then: how late figures were painted, for how long it was open and connected, how soon the first
figure was there, how much memory it takes. Nothing of it says who looks: the name of a viewer is a random number that
the browser keeps.
"""

from __future__ import annotations

import os
import threading
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

from flask import Blueprint, Flask, Response, g, request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from model.process.malloc_tuning import trim
from store.process_memory import proportional_bytes
from store.web_counts import MOST_VIEWERS, Counted, WebCounts
from web.front.origin import from_own_page

PATH = "/api/measured"
ENDPOINT = "own-measures.take"
"""Open to whoever may look: a page says what it measured."""
WRITE_SECONDS = 10.0
DAY_SECONDS = 86400
HEAP_SECONDS = 60.0
PIXEL, PAINT, API = "hud_change_to_pixel_seconds", "hud_first_paint_seconds", "hud_api_request_duration_seconds"
BOUNDS = {
    PIXEL: (0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0),
    PAINT: (0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0),
    API: (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5),
}
"""Upper edges in seconds: each of the RFC's targets is one."""
Span = Annotated[float, Field(ge=0.0, le=600.0, allow_inf_nan=False)]


class PageReport(BaseModel):
    """What one page had since its last report."""

    model_config = ConfigDict(extra="forbid")

    viewer: str = Field(pattern="^[0-9a-f]{32}$")
    delays: list[Span] = Field(max_length=300)
    paint: Span | None = None
    open_seconds: Span
    connected_seconds: Span
    heap_bytes: int | None = Field(default=None, ge=0, le=2**40)


class OwnMeasures:
    """Counts since this process began; written for the collector at most every 10 s."""

    def __init__(self, process: str, clock: Callable[[], float] = time.time) -> None:
        self._process, self._clock = process, clock
        self._lock = threading.Lock()
        self._counts = {name: [0] * (len(bounds) + 1) for name, bounds in BOUNDS.items()}
        self._sums = dict.fromkeys(BOUNDS, 0.0)
        self._open = self._connected = 0.0
        self._heaps: list[tuple[float, int]] = []
        self._day, self._viewers = 0, set[str]()
        self._written = float("-inf")

    def observe(self, name: str, seconds: float) -> None:
        """One observation of a histogram."""
        with self._lock:
            self._counts[name][bisect_left(BOUNDS[name], seconds)] += 1
            self._sums[name] += seconds

    def take(self, report: PageReport) -> None:
        """What a page had."""
        for delay in report.delays:
            self.observe(PIXEL, delay)
        if report.paint is not None:
            self.observe(PAINT, report.paint)
        with self._lock:
            self._open += report.open_seconds
            self._connected += min(report.connected_seconds, report.open_seconds)
            if report.heap_bytes is not None:
                self._heaps.append((self._clock(), report.heap_bytes))
            self._begin_day()
            if len(self._viewers) < MOST_VIEWERS:
                self._viewers.add(report.viewer)

    def write(self, directory: Path) -> None:
        """Leave what was counted for the collector, when that is due."""
        with self._lock:
            now = self._clock()
            if 0.0 <= now - self._written < WRITE_SECONDS:
                return
            self._written = now
            self._begin_day()
            trim()  # 2 ms, and 1 MB of a worker that has just begun, 6 MB after a minute
            figures, day, viewers = list(self._figures(now)), self._day, set(self._viewers)
        WebCounts(directory).put(self._process, figures, day, viewers)

    def _begin_day(self) -> None:
        day = int(self._clock() // DAY_SECONDS)
        if day != self._day:
            self._day, self._viewers = day, set()

    def _figures(self, now: float) -> Iterator[Counted]:
        for name, bounds in BOUNDS.items():
            total = 0
            for bound, count in zip((*map(str, bounds), "+Inf"), self._counts[name], strict=True):
                total += count
                yield Counted(f"{name}_bucket", float(total), (("le", bound),))
            yield Counted(f"{name}_count", float(total))
            yield Counted(f"{name}_sum", self._sums[name])
        yield Counted("hud_page_seconds_total", self._open)
        yield Counted("hud_page_connected_seconds_total", self._connected)
        self._heaps = [(at, size) for at, size in self._heaps if 0.0 <= now - at < HEAP_SECONDS]
        if self._heaps:
            yield Counted("hud_page_heap_bytes", float(max(size for _, size in self._heaps)))
        if (taken := proportional_bytes()) is not None:
            yield Counted("hud_memory_bytes", taken)


def register(server: Flask, directory: Callable[[], Path]) -> None:
    """Measure what `server` answers, and add the route for the pages' reports. `directory` is the store's."""
    blueprint, kept = Blueprint("own-measures", __name__), dict[int, OwnMeasures]()

    def measures() -> OwnMeasures:
        """This process': made after any fork."""
        process = os.getpid()
        return kept.get(process) or kept.setdefault(process, OwnMeasures(str(process)))

    @server.before_request
    def begin() -> None:
        g.measured_from = time.perf_counter()

    @server.after_request
    def end(answer: Response) -> Response:
        if request.path.startswith("/api/") and request.path != PATH and answer.status_code < 500:
            measures().observe(API, time.perf_counter() - g.get("measured_from", time.perf_counter()))
        measures().write(directory())
        return answer

    @blueprint.post(PATH)
    def take() -> Any:
        asks = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")
        if not from_own_page(*asks, request.host, request.scheme):
            return Response("Only our own pages report what they had.\n", 403, mimetype="text/plain")
        try:
            measures().take(PageReport.model_validate(request.get_json(silent=True)))
        except ValidationError:
            return Response("This is no page's report.\n", 400, mimetype="text/plain")
        return Response(status=204)

    server.register_blueprint(blueprint)
