"""Reads Alertmanager's open alerts and reports their edges (contracts external D).

Alerts that are resolved vanish from its list at once, so the edges are reported from our own memory of it. All of them
vanish too when it is restarted, since it keeps none: when one is missing it is asked how long it has been up.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from collectors.alerting.alert_transitions import AlertTransitions
from collectors.alerting.listed_alerts import Listed, listed
from collectors.core.configured import Configured
from collectors.core.contract import Clock, Collector
from collectors.core.redact import redact, text_of
from collectors.core.timestamps import to_epoch
from collectors.http.fetch import StatusError, fetcher_of
from model.series import Event, Scrape
from model.settings import Settings, SourceOptions
from model.sources import CollectError, ErrorKind

PATH, STATUS = "/api/v2/alerts", "/api/v2/status"
KIND = "alertmanager_alert"


class AlertmanagerCollector(Configured):
    """One Alertmanager, of version 0.16 or later (API v2)."""

    source = "alertmanager"

    def __init__(self, url: str, options: SourceOptions) -> None:
        super().__init__(url, options)
        self._fetcher = fetcher_of(url, options)
        self._edges = AlertTransitions(self.instance, KIND)

    def restore(self, events: Iterable[Event]) -> None:
        """Take over the edges that an earlier run reported, so that none is reported twice."""
        self._edges.restore(events)

    def collect(self, now: Clock) -> Scrape:
        """Open alerts and their edges. Raises CollectError."""
        self._fetcher.begin()
        found = self._alerts()
        scrape = Scrape(self.source, self.instance, now())
        found.add_to(scrape, self.source)
        started = self._started() if self._edges.lacks(found) else 0.0
        scrape.events += self._edges.seen(found, scrape.time, started)
        return scrape

    def close(self) -> None:
        """Close the connection."""
        self._fetcher.close()

    def _alerts(self) -> Listed:
        """What is open now."""
        try:
            reported = self._fetcher.get(PATH).json()
        except StatusError as error:
            raise _refused(error) from None
        if not isinstance(reported, list):
            raise CollectError(ErrorKind.WRONG_PROTOCOL, "no bare list of alerts: not Alertmanager's API v2")
        return listed(reported, self._edges.open)

    def _started(self) -> float:
        """When it was started; 0.0 when it does not say."""
        try:
            reported = self._fetcher.get(STATUS).json()
        except CollectError:
            return 0.0
        return to_epoch(reported.get("uptime")) or 0.0 if isinstance(reported, dict) else 0.0


def configured(settings: Settings, reported: Iterable[Event] = ()) -> Iterator[Collector]:
    """The Alertmanager, going on from the alerts that it reported before."""
    one = AlertmanagerCollector(settings.alertmanager_url, settings.sources.alertmanager)
    one.restore(reported)
    yield one


def _refused(error: StatusError) -> CollectError:
    """A bad status in its own words, which are a bare JSON text (400), or an object with a message (404)."""
    try:
        said = json.loads(error.body)
    except (ValueError, RecursionError):
        return CollectError(error.kind, error.detail)
    words = text_of(said.get("message") if isinstance(said, dict) else said)
    return CollectError(error.kind, redact(f"HTTP {error.status}: {words}") if words else error.detail)
