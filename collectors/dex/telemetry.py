"""Dex's telemetry listener: which version it is, and how many requests it answered (contracts external C1)."""

from __future__ import annotations

from collectors.core.contract import Clock
from collectors.core.recognise import somebody_elses
from collectors.proxy.metrics import ProxyCollector
from model.series import Scrape
from model.settings import Aliases, SourceOptions

TELEMETRY_SHARE = 0.4
"""Of the time that one read may take."""
REQUESTS = "dex_http_requests_total"
WANTED = frozenset({REQUESTS, "dex_build_info"})
NAMES = {"http_requests_total": REQUESTS}
"""Go's own families, which it exposes too, are nobody's question here."""


class DexTelemetry:
    """One telemetry listener; its address has no path of its own."""

    def __init__(self, url: str, options: SourceOptions, instance: str) -> None:
        seconds = options.timeout_seconds * TELEMETRY_SHARE
        reads = options.model_copy(update={"timeout_seconds": seconds})
        self._metrics = ProxyCollector(f"{url.rstrip('/')}/metrics", reads, Aliases(metrics=NAMES), instance)

    def add(self, scrape: Scrape) -> None:
        """Put its counters into `scrape`. Raises CollectError."""
        read = self._metrics.collect(_at(scrape.time))
        chosen = [(one, value) for one, value in zip(read.series, read.values, strict=True) if one.name in WANTED]
        if not chosen:
            raise somebody_elses({one.name for one in read.series}, "no http_requests_total, which Dex has")
        for series, value in chosen:
            scrape.series.append(series)
            scrape.values.append(value)

    def close(self) -> None:
        """Close the connection."""
        self._metrics.close()


def _at(time: float) -> Clock:
    return lambda: time
