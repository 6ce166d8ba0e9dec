"""Reads a NATS server's monitoring: /varz, /connz, /jsz and /healthz (contracts external F).

Only /varz has to answer; what else an older or smaller server does not offer is left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from collectors.contract import Clock
from collectors.fetch import Fetcher, StatusError
from collectors.instants import to_epoch
from collectors.nats_subscribers import Connection, add_subscribers
from collectors.redact import text_of
from collectors.server_words import ITSELF, ServerWords, Told, number, plain
from model.series import Scrape
from model.settings import SourceOptions
from model.sources import CollectError, ErrorKind
from model.targets import Target

PAGE, MAX_PAGES = 1024, 4
MAX_CONSUMERS = 300
OK, NOT_OK, SILENT = "ok", "not ok", "no answer"
_GAUGES = {
    "max_connections": "backend_connections_max",
    "subscriptions": "nats_server_subscriptions",
    "mem": "nats_server_memory_bytes",
}
_COUNTERS = {
    "total_connections": "backend_connections_received_total",
    "slow_consumers": "nats_server_slow_consumers_total",
}
_STORED = {
    "streams": "nats_server_jetstream_streams",
    "messages": "nats_server_jetstream_messages",
    "bytes": "nats_server_jetstream_bytes",
}
_OF_A_CONSUMER = {
    "num_pending": "nats_server_consumer_pending",
    "num_ack_pending": "nats_server_consumer_ack_pending",
    "num_redelivered": "nats_server_consumer_redelivered",
}


class NatsServerCollector:
    """One server's monitoring address."""

    source = "nats"

    def __init__(self, target: Target, options: SourceOptions) -> None:
        self._words = ServerWords(self.source, target, ITSELF)
        self.instance = self._words.instance
        self.address = self._words.address
        self.interval_seconds = options.interval_seconds
        self.timeout_seconds = options.timeout_seconds
        self._fetcher = Fetcher(
            target.url.rstrip("/"),
            timeout_seconds=options.timeout_seconds,
            max_bytes=options.max_bytes,
            headers={"Accept": "application/json"},
            access=options,
        )

    def collect(self, now: Clock) -> Scrape:
        """All of it. Raises CollectError when /varz, or a page of connections, cannot be read."""
        self._fetcher.begin()
        varz = self._json("/varz")
        if "server_id" not in varz:
            raise CollectError(ErrorKind.WRONG_PROTOCOL, "its /varz is not that of NATS")
        told = self._words.scrape(now)
        self._tell(told, varz)
        add_subscribers(told, list(self._connections()))
        if isinstance(varz.get("jetstream"), dict) and varz["jetstream"]:
            self._stored(told)
        self._health(told)
        return told.scrape

    def close(self) -> None:
        """Close the connection."""
        self._fetcher.close()

    def _tell(self, told: Told, varz: Mapping[str, Any]) -> None:
        self._words.introduce(told, varz.get("version"))
        started = to_epoch(varz.get("start"))
        self._words.started(told, started, plain(varz.get("server_id")))
        told.gauge("backend_connections", varz.get("connections"), state="connected")
        for field, family in _GAUGES.items():
            told.gauge(family, varz.get(field))
        for field, family in _COUNTERS.items():
            told.counter(family, varz.get(field))
        told.gauge("nats_server_cpu_cores", varz.get("cpu"), 0.01)
        for way in ("in", "out"):
            told.counter("nats_server_messages_total", varz.get(f"{way}_msgs"), direction=way)
            told.counter("nats_server_bytes_total", varz.get(f"{way}_bytes"), direction=way)

    def _connections(self) -> Iterator[Connection]:
        """Every client, page by page, in the order in which they connected."""
        for page in range(MAX_PAGES):
            query = {"subs": "detail", "limit": str(PAGE), "offset": str(page * PAGE)}
            found = self._json("/connz", query)
            told = found.get("connections")
            clients = [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []
            yield from clients
            if len(clients) < PAGE or (page + 1) * PAGE >= (number(found.get("total")) or 0.0):
                return

    def _stored(self, told: Told) -> None:
        """JetStream's streams, and how far behind its consumers are."""
        try:
            found = self._json("/jsz", {"streams": "1", "consumers": "1"})
        except StatusError:
            return
        for field, family in _STORED.items():
            told.gauge(family, found.get(field))
        consumers = sorted(_consumers(found), key=lambda one: one[:2])
        for stream, consumer, detail in consumers[:MAX_CONSUMERS]:
            for field, family in _OF_A_CONSUMER.items():
                told.gauge(family, detail.get(field), stream=stream, consumer=consumer)

    def _health(self, told: Told) -> None:
        state, detail = OK, ""
        try:
            self._fetcher.get("/healthz")
        except StatusError as error:
            if error.status < 500:  # a version without it
                return
            state, detail = NOT_OK, _said(error.body)
        except CollectError as error:
            state, detail = SILENT, error.detail
        told.info("nats_server_health_info", state=state, detail=plain(detail))

    def _json(self, path: str, query: Mapping[str, str] | None = None) -> Mapping[str, Any]:
        found = self._fetcher.get(path, params=query).json()
        if not isinstance(found, dict):
            raise CollectError(ErrorKind.WRONG_PROTOCOL, f"its {path} is not that of NATS")
        return found


def _consumers(found: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """(stream, consumer, what it tells) over all accounts."""
    for account in _objects(found, "account_details"):
        for stream in _objects(account, "stream_detail"):
            for consumer in _objects(stream, "consumer_detail"):
                yield plain(stream.get("name")), plain(consumer.get("name")), consumer


def _objects(holder: Mapping[str, Any], field: str) -> list[Mapping[str, Any]]:
    found = holder.get(field)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _said(body: bytes) -> str:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    return text_of(found.get("error")) or text_of(found.get("status")) if isinstance(found, dict) else ""
