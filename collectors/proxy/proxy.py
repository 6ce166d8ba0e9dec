"""One proxy, by whatever it offers: its metrics where it has them, else only whether it answers gRPC and how fast."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from collectors.core.configured import Configured
from collectors.core.contract import Clock, Collector
from collectors.core.recognise import by_metrics, somebody_elses
from collectors.core.redact import instance_of, query_of
from collectors.exposition.naming import family_of
from collectors.http.errors import SpeaksHttp2Error
from collectors.proxy.grpc_probe import FAMILY, GrpcProbe
from collectors.proxy.metrics import ProxyCollector
from model.catalogue import BY_NAME
from model.series import Event, Scrape
from model.settings import Aliases, Settings, SourceOptions
from model.sources import CollectError
from store.snapshot import Snapshot

GRPC = ("grpc", "grpcs")
AGAIN_SECONDS = 60.0
"""How often a port that speaks gRPC is asked for metrics again."""
ANYBODYS = ("process_", "go_")


class ProxySource(Configured):
    """`http://host:port/metrics`, or `grpc://host:port` for a proxy without metrics."""

    source = "proxy"

    def __init__(self, url: str, options: SourceOptions, aliases: Aliases, instance: str = "") -> None:
        scheme = urlsplit(url).scheme
        super().__init__(url, options, instance=instance)
        self.note = ""
        """What to say of a proxy that answers gRPC only."""
        self._metrics = None if scheme in GRPC else ProxyCollector(url, options, aliases, self.instance)
        self._probe = GrpcProbe(instance_of(url), options, tls=scheme in ("https", "grpcs"))
        self._ask_again_at = 0.0

    def restore(self, before: Snapshot) -> None:
        """Go on with the sums that an earlier run stored."""
        if self._metrics is not None:
            self._metrics.restore(before)

    def collect(self, now: Clock) -> Scrape:
        """Its metrics, or how long an answer over gRPC took. Raises CollectError."""
        if self._metrics is not None and time.monotonic() >= self._ask_again_at:
            try:
                scrape = self._metrics.collect(now)
            except SpeaksHttp2Error:
                self._ask_again_at = time.monotonic() + AGAIN_SECONDS
            else:
                self.note = ""
                refuse_strangers(scrape)
                return scrape
        return self._probed(now)

    def close(self) -> None:
        """Close the connections."""
        self._probe.close()
        if self._metrics is not None:
            self._metrics.close()

    def _probed(self, now: Clock) -> Scrape:
        self.note = ""
        try:
            scrape = self._probe.collect(self.source, self.instance, now)
        except CollectError:
            self._ask_again_at = 0.0  # whoever comes back may have metrics
            raise
        self.note = f"up, answers gRPC in {1000 * scrape.values[0]:.1f} ms, no metrics"
        return scrape


def configured(settings: Settings, _: Iterable[Event] = ()) -> Iterator[Collector]:
    """Every proxy that is scraped by ourselves."""
    for instance, url in _by_instance(settings.scraped_urls).items():
        yield ProxySource(url, settings.sources.proxy, settings.aliases, instance)


def _by_instance(urls: Iterable[str]) -> dict[str, str]:
    """Address by instance. Two proxies behind one host and port are distinguished by their path and query; an address
    that is written in two ways is one.
    """
    found: dict[str, str] = {}
    once = {
        (parts := urlsplit(url))._replace(netloc=instance_of(url), path=parts.path or "/", fragment=""): url
        for url in reversed([*filter(None, urls)])
    }
    for parts, url in reversed(once.items()):
        place = f"{parts.netloc}{parts.path}{query_of(url)}"
        names = (parts.netloc, place, f"{parts.scheme}://{place}")
        found[next((name for name in names if name not in found), names[-1])] = url
    return found


def refuse_strangers(scrape: Scrape) -> None:
    """Raises CollectError (WRONG_PROTOCOL) for metrics that are known to be of another program, and none of a proxy."""
    names = {family_of(name, {})[0] for name in {series.name for series in scrape.series}}
    own = (BY_NAME.get(name) for name in names if not name.startswith(ANYBODYS) and name != FAMILY)
    if any(one is not None and one.source == "proxy" and not one.name.startswith("hud_") for one in own):
        return
    if by_metrics(names) is not None:
        raise somebody_elses(names, "")
