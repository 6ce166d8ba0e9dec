"""Reads a proxy's own metrics: Prometheus text or OpenMetrics over HTTP (RFC views 1, 2, 5; contracts 4)."""

from __future__ import annotations

from collectors.core.configured import Configured
from collectors.core.contract import Clock
from collectors.exposition.naming import Naming
from collectors.exposition.own_times import as_of
from collectors.exposition.parser import Exposition, ExpositionCache, parse_exposition
from collectors.exposition.rollup import RollUps
from collectors.http.fetch import Fetcher, fetcher_of
from model.series import Kind, Scrape
from model.settings import Aliases, SourceOptions
from store.snapshot import Snapshot

ACCEPT = "text/plain;version=0.0.4, application/openmetrics-text;version=1.0.0;q=0.5, */*;q=0.1"
SKIPPED = "hud_exposition_skipped_lines"


class ProxyCollector(Configured):
    """One proxy. Every sample carries its `instance`, so that many proxies are one more label."""

    source = "proxy"

    def __init__(self, url: str, options: SourceOptions, aliases: Aliases, instance: str = "") -> None:
        super().__init__(url, options, instance=instance)
        self._fetcher = fetcher_of(url, options, ACCEPT)
        self._cache = ExpositionCache(Naming(self.instance, aliases))
        self._rollups = RollUps()

    def restore(self, before: Snapshot) -> None:
        """Go on with the sums that an earlier run stored."""
        self._rollups.restore(before, f"{self.source}@{self.instance}")

    def collect(self, now: Clock) -> Scrape:
        """All that the proxy exposes, and its sums over all namespaces, as of when it was asked. Raises CollectError.

        As Prometheus has it. On a busy machine the answer waits for us longer than the question for the proxy: against
        its counters, with 16 processes on two processors, the asking was off by 16 ms (p90), the receiving by 68.
        """
        self._fetcher.begin()
        asked_at = now()
        exposition = exposed(self._fetcher, self._cache)
        series, values, time = as_of(exposition, asked_at, self.interval_seconds)
        scrape = Scrape(self.source, self.instance, time, series, values)
        if exposition.skipped:
            scrape.series = list(series)  # the cache's own list must stay as it is
            scrape.add(SKIPPED, float(exposition.skipped), Kind.GAUGE)
        self._rollups.add(scrape)
        return scrape

    def close(self) -> None:
        """Close the connection."""
        self._fetcher.close()


def exposed(fetcher: Fetcher, cache: ExpositionCache) -> Exposition:
    """What the address of `fetcher` exposes now, as Prometheus text or OpenMetrics. Raises CollectError."""
    answer = fetcher.get()
    openmetrics = "openmetrics" in answer.content_type.lower()
    return parse_exposition(answer.text("metrics"), cache, openmetrics=openmetrics, declared=answer.declared)
