"""Sends what fires to an Alertmanager, as Prometheus does: again and again while it lasts, and that it is over.

It is asked for by a setting of its own. How it goes is seen like the reading of a source: an Alertmanager that cannot
be reached is a source that is lost. Nothing is remembered here but what was sent last: after a restart the same is sent
again, and Alertmanager knows it by its labels.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from collectors.core.configured import Configured
from collectors.core.contract import Clock
from collectors.http.fetch import fetcher_of
from model.series import Labels, Scrape
from model.settings import SourceOptions

PATH = "/api/v2/alerts"
RESEND_SECONDS = 15.0
"""Far below Alertmanager's own resolve_timeout of 5 minutes, after which what is not sent again is over."""
INTERVAL_SECONDS = 1.0
"""How soon something new is sent."""


class Sent(Protocol):
    """One alert to be sent. Times are seconds since 1970; `ends` is None while it fires."""

    @property
    def labels(self) -> Labels:
        """What makes it the same alert."""

    @property
    def words(self) -> str:
        """What it says now."""

    @property
    def page(self) -> str:
        """Where to look next, on the dashboard."""

    @property
    def starts(self) -> float:
        """When it began."""

    @property
    def ends(self) -> float | None:
        """When it ended."""


class AlertPush(Configured):
    """One Alertmanager of version 0.16 or later. `outgoing` gives all that is to be said at an instant."""

    source = "alertmanager_push"

    def __init__(self, url: str, options: SourceOptions, outgoing: Callable[[float], Sequence[Sent]]) -> None:
        super().__init__(url, options)
        self.interval_seconds = INTERVAL_SECONDS
        self._fetcher = fetcher_of(url.rstrip("/"), options)
        self._outgoing = outgoing
        self._sent: Sequence[tuple[Labels, float, float | None]] | None = None
        self._sent_at = 0.0

    def collect(self, now: Clock) -> Scrape:
        """Send what is new, or all of it again when it is time. Raises CollectError."""
        at = now()
        alerts = self._outgoing(at)
        state = [(one.labels, one.starts, one.ends) for one in alerts]
        if state != self._sent or not 0.0 <= at - self._sent_at < RESEND_SECONDS:
            self._sent = None
            self._fetcher.begin()
            self._fetcher.post(PATH, [_as_json(one) for one in alerts])
            self._sent, self._sent_at = state, at
        return Scrape(self.source, self.instance, now())

    def close(self) -> None:
        """Close the connection."""
        self._fetcher.close()


def _as_json(one: Sent) -> Mapping[str, Any]:
    said: dict[str, Any] = {
        "labels": {name: value for name, value in one.labels if value},
        "annotations": {"summary": one.words, "page": one.page},
        "startsAt": _stamp(one.starts),
    }
    return said if one.ends is None else said | {"endsAt": _stamp(one.ends)}


def _stamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()
