"""What of Prism's telemetry has arrived in SigNoz: the newest span of each service, the newest row of each signal
(RFC view 7; contracts external A3.6 and A8).
"""

from __future__ import annotations

from string import ascii_uppercase
from typing import Any

from collectors.core.amounts import figure
from collectors.core.redact import redact, text_of
from collectors.core.timestamps import to_epoch
from collectors.signoz.client import NoDataError, SignozClient
from collectors.signoz.envelopes import V5_PATH, taking_apart, v5_request
from collectors.signoz.throttled_queries import Found
from model.catalogue.signoz import PROXY_SERVICE
from model.series import labels_of
from model.sources import CollectError, ErrorKind

WINDOW_SECONDS = 300.0
REMEMBERED_SECONDS = 3600.0
"""A service that went silent is reported for so long."""
MAX_SERVICES = 12
SIGNALS = ("traces", "metrics", "logs")


class NewestSpans:
    """First which patterns' services have sent spans lately, then the newest span of each, the proxy's too."""

    name = "newest span"
    period_seconds = 10.0
    first_version = (0, 92)

    def __init__(self) -> None:
        self._newest: dict[str, float] = {}
        self.forget()

    def forget(self) -> None:
        """Begin with the services again."""
        self._services: list[str] | None = None

    def ask(self, client: SignozClient, now: float) -> list[Found] | None:
        """The services, then the spans. Raises CollectError."""
        if self._services is None:
            self._services = [PROXY_SERVICE, *_pattern_services(client, now)]
            return None
        asked = dict(zip(ascii_uppercase, self._services, strict=False))
        for service, at in _newest(client.post(V5_PATH, _newest_request(asked, now)), asked).items():
            # A clock that is ahead is taken back to ours, or its service would never be forgotten.
            self._newest[service] = max(min(at, now), self._newest.get(service, 0.0))
        self._newest = {name: at for name, at in self._newest.items() if now - at <= REMEMBERED_SECONDS}
        return [
            Found("signoz_newest_span_timestamp_seconds", at, labels_of({"service": redact(service, 200)}))
            for service, at in self._newest.items()
        ]


class Stats:
    """Rows and newest row per signal. It counts everything at each call, so it is asked rarely."""

    name = "stats"
    period_seconds = 30.0
    first_version = (0, 129)

    def forget(self) -> None:
        """Nothing is kept between its requests."""

    def ask(self, client: SignozClient, now: float) -> list[Found]:
        """What SigNoz' statistics say of each signal. Raises CollectError."""
        reported = client.get("/api/v1/stats")
        if not isinstance(reported, dict):
            raise CollectError(ErrorKind.MALFORMED, "no object of statistics in the answer")
        found = []
        for signal in SIGNALS:
            labels = labels_of({"signal": signal})
            rows = figure(reported.get(f"telemetry.{signal}.count"))
            observed = f"telemetry.{signal}.last_observed.time"
            at = to_epoch(reported.get(f"{observed}_unix")) or to_epoch(reported.get(observed))
            if rows is not None:
                found.append(Found("signoz_signal_rows", rows, labels))
            if at is not None:
                found.append(Found("signoz_signal_last_observed_timestamp_seconds", at, labels))
        return found


def quoted(text: str) -> str:
    """A text of somebody else's as a literal of the filter language."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _pattern_services(client: SignozClient, now: float) -> list[str]:
    """Names of the services with pattern spans in the last minutes; none when no span carries the attribute yet."""
    spec = {
        "name": "A",
        "signal": "traces",
        "aggregations": [{"expression": "count()"}],
        "filter": {"expression": "attribute.plugin.name EXISTS"},
        "groupBy": [{"name": "service.name", "fieldContext": "resource"}],
        "order": [{"key": {"name": "count()"}, "direction": "desc"}],
        "limit": MAX_SERVICES,
    }
    try:
        data = client.post(V5_PATH, v5_request("scalar", [spec], (now - WINDOW_SECONDS, now)))
    except NoDataError:
        return []
    with taking_apart("a list of services"):
        (result,) = (one for one in data["data"]["results"] or [{}] if one.get("queryName", "A") == "A")
        names = [text_of(row[0]) for row in result.get("data") or []]
        return [name for name in names if name and name != PROXY_SERVICE][:MAX_SERVICES]


def _newest_request(asked: dict[str, str], now: float) -> dict[str, Any]:
    specs = [
        {
            "name": name,
            "signal": "traces",
            "filter": {"expression": f"service.name = {quoted(service)}"},
            "selectFields": [{"name": "name", "fieldContext": "span"}],
            "order": [{"key": {"name": "timestamp"}, "direction": "desc"}],
            "limit": 1,
        }
        for name, service in asked.items()
    ]
    return v5_request("raw", specs, (now - WINDOW_SECONDS, now))


def _newest(data: Any, asked: dict[str, str]) -> dict[str, float]:
    """When each service's newest span began; services without a span are left out."""
    with taking_apart("a list of spans"):
        reported = {
            asked[result["queryName"]]: to_epoch(result["rows"][0]["timestamp"])
            for result in data["data"]["results"] or []
            if result.get("rows")
        }
    return {service: at for service, at in reported.items() if at is not None}
