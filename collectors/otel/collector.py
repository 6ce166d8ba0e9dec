"""Reads the OTel Collector's own telemetry and its health check (RFC view 7; contracts external B)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from collectors.core.configured import Configured
from collectors.core.contract import Clock, Collector, PartialReadError
from collectors.core.recognise import somebody_elses
from collectors.core.redact import redact, text_of
from collectors.http.fetch import Answer, Fetcher, StatusError
from collectors.otel.names import spellings
from collectors.proxy.metrics import ProxyCollector
from model.series import Event, Kind, Scrape
from model.settings import Aliases, Settings, SourceOptions
from model.sources import CollectError

AVAILABLE, UNAVAILABLE, SILENT = "available", "not available", "no answer"
PREFIX = "otelcol_"
HEALTH_SHARE = 0.4
"""Of the time that one read may take; the metrics come first and have the rest."""
MAX_HEALTH_BYTES = 64 * 1024
MAX_DETAIL = 160


class OtelCollector(Configured):
    """One OTel Collector. Either address may be empty; what one of them does not answer costs the other nothing."""

    source = "otel"

    def __init__(self, metrics_url: str, health_url: str, options: SourceOptions, aliases: Aliases) -> None:
        super().__init__(metrics_url or health_url, options)
        health_seconds = options.timeout_seconds * HEALTH_SHARE
        seconds = options.timeout_seconds - (health_seconds if health_url else 0.0)
        named = Aliases(metrics={**spellings(), **aliases.metrics}, labels=aliases.labels)
        reads = options.model_copy(update={"timeout_seconds": seconds})
        self._metrics = ProxyCollector(metrics_url, reads, named, self.instance) if metrics_url else None
        self._health = (
            Fetcher(_whole(health_url), timeout_seconds=health_seconds, max_bytes=MAX_HEALTH_BYTES, access=options)
            if health_url
            else None
        )

    def collect(self, now: Clock) -> Scrape:
        """Counters, queues and health. Raises CollectError; PartialReadError when only the health could be read."""
        scrape, failure = self._counters(now)
        silent = self._add_health(scrape) if self._health else None
        if failure is None and self._metrics is None:
            failure = silent
        if failure is not None:
            raise PartialReadError(failure.kind, failure.detail, scrape) if scrape.series else failure
        return scrape

    def close(self) -> None:
        """Close the connections."""
        for one in (self._metrics, self._health):
            if one is not None:
                one.close()

    def _counters(self, now: Clock) -> tuple[Scrape, CollectError | None]:
        empty = Scrape(self.source, self.instance, now())
        if self._metrics is None:
            return empty, None
        try:
            read = self._metrics.collect(now)
        except CollectError as error:
            return empty, error
        if not any(series.name.startswith(PREFIX) for series in read.series):
            return empty, somebody_elses({series.name for series in read.series}, f"none begins with {PREFIX}")
        return Scrape(self.source, self.instance, read.time, list(read.series), read.values), None

    def _add_health(self, scrape: Scrape) -> CollectError | None:
        """What the extension says of the pipelines; that it does not answer is reported as well, and returned."""
        assert self._health is not None
        self._health.begin()
        try:
            state, detail = _said(self._health.get())
        except StatusError as error:
            if error.status < 500:
                return self._reported(scrape, SILENT, error.detail, error)
            state, detail = UNAVAILABLE, text_of(_decoded(error.body).get("status")) or f"HTTP {error.status}"
        except CollectError as error:
            return self._reported(scrape, SILENT, str(error), error)
        return self._reported(scrape, state, detail, None)

    def _reported(self, scrape: Scrape, state: str, detail: str, error: CollectError | None) -> CollectError | None:
        words = redact(detail, MAX_DETAIL)
        scrape.add("otelcol_health_info", 1.0, Kind.INFO, state=state, detail=words)
        return error


def configured(settings: Settings, _: Iterable[Event] = ()) -> Iterator[Collector]:
    """The OTel Collector, by whichever of its addresses is named."""
    yield OtelCollector(settings.otel_metrics_url, settings.otel_health_url, settings.sources.otel, settings.aliases)


def _whole(url: str) -> str:
    """The first version of the extension answers on / only; the second on a path of its own."""
    return url if urlsplit(url).path else f"{url}/"


def _said(answer: Answer) -> tuple[str, str]:
    """A good status means that the pipelines run, whatever the words; only version 2 of the extension can disagree."""
    answer.refuse_foreign("a health check")
    reported = _decoded(answer.body)
    if reported.get("healthy") in (False, "false"):
        return UNAVAILABLE, text_of(reported.get("error")) or text_of(reported.get("status")) or "not healthy"
    return AVAILABLE, ""


def _decoded(body: bytes) -> Mapping[str, Any]:
    """The body as an object; an empty one when it is none."""
    try:
        reported = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return reported if isinstance(reported, dict) else {}
