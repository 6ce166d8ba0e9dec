"""Reads prism-admin's own metrics: its Raft, its state's counts, its process (contracts 4.1).

Its listener answers every path with these metrics and status 200: an answer proves nothing but that they can be read.
Families that any process has are named after it here: `process_open_fds` of prism-admin is not the proxy's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from collectors.core.configured import Configured
from collectors.core.contract import Clock, Collector
from collectors.core.recognise import somebody_elses
from collectors.proxy.metrics import ProxyCollector
from model.catalogue.admin import OWN, PREFIX
from model.series import Event, Scrape
from model.settings import Aliases, Settings, SourceOptions

SOURCE = "admin_metrics"


class AdminMetricsCollector(Configured):
    """One prism-admin."""

    source = SOURCE

    def __init__(self, url: str, options: SourceOptions, aliases: Aliases) -> None:
        super().__init__(url, options)
        own = {name.removeprefix(PREFIX): name for name in OWN}
        named = Aliases(metrics={**own, **aliases.metrics}, labels=aliases.labels)
        self._metrics = ProxyCollector(url, options, named, self.instance)

    def collect(self, now: Clock) -> Scrape:
        """What it says of itself. Raises CollectError; WRONG_PROTOCOL when these are somebody else's metrics.

        9090 is Prometheus' port too. The Go runtime's many families are nobody's question here and are left out.
        """
        read = self._metrics.collect(now)
        scrape = Scrape(self.source, self.instance, read.time)
        for series, value in zip(read.series, read.values, strict=True):
            if series.name.startswith(PREFIX):
                scrape.series.append(series)
                scrape.values.append(value)
        if all(series.name in OWN for series in scrape.series):
            raise somebody_elses({series.name for series in read.series} - set(OWN), f"none begins with {PREFIX}")
        return scrape

    def close(self) -> None:
        """Close the connection."""
        self._metrics.close()


def configured(settings: Settings, _: Iterable[Event] = ()) -> Iterator[Collector]:
    """prism-admin's own metrics."""
    yield AdminMetricsCollector(settings.admin_metrics_url, settings.sources.admin_metrics, settings.aliases)
