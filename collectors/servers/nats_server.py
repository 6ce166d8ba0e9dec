"""Reads a NATS server's monitoring: /varz, /connz, /jsz and /healthz (contracts external F).

Only /varz has to answer: what else does not come, or not whole, is missing with its reason and costs nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from collectors.core.amounts import figure
from collectors.core.configured import Configured
from collectors.core.contract import Clock
from collectors.core.redact import text_of
from collectors.core.timestamps import to_epoch
from collectors.http.fetch import StatusError, fetcher_of
from collectors.http.transport import share_of_time
from collectors.servers.nats_connections import Connections
from collectors.servers.nats_consumers import add_consumers, objects
from collectors.servers.nats_subscribers import add_subscribers
from collectors.servers.server_scrape import ITSELF, Reported, ServerWords, plain
from model.catalogue.servers import CONNECTIONS, STREAMS
from model.series import Scrape
from model.settings import SourceOptions
from model.sources import CollectError, ErrorKind
from model.targets import Target

ACCOUNTS_PAGE, MAX_ACCOUNTS = 1024, 16 * 1024
"""How many accounts a server reports at a time, and how many we read."""
SHARE = 0.4
"""Of the time that is left, for each page that may be missing."""
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


class NatsServerCollector(Configured):
    """One server's monitoring address."""

    source = "nats"

    def __init__(self, target: Target, options: SourceOptions) -> None:
        self._words = ServerWords(self.source, target, ITSELF)
        super().__init__(target.url, options, instance=self._words.instance, address=self._words.address)
        self._fetcher = fetcher_of(target.url.rstrip("/"), options)

    def collect(self, now: Clock) -> Scrape:
        """All of it. Raises CollectError when /varz cannot be read."""
        self._fetcher.begin()
        varz = self._json("/varz")
        if "server_id" not in varz:
            raise CollectError(ErrorKind.WRONG_PROTOCOL, "its /varz is not that of NATS")
        reported = self._words.scrape(now)
        self._report(reported, varz)
        with share_of_time(SHARE):
            self._health(reported)
        with share_of_time(SHARE):
            self._connections(reported)
        if isinstance(varz.get("jetstream"), dict) and varz["jetstream"]:
            self._stored(reported)
        return reported.scrape

    def close(self) -> None:
        """Close the connection."""
        self._fetcher.close()

    def _report(self, reported: Reported, varz: Mapping[str, Any]) -> None:
        self._words.introduce(reported, varz.get("version"))
        started, clock = to_epoch(varz.get("start")), to_epoch(varz.get("now"))
        self._words.started(reported, started, plain(varz.get("server_id")), clock)
        reported.gauge("backend_connections", varz.get("connections"), state="connected")
        for field, family in _GAUGES.items():
            reported.gauge(family, varz.get(field))
        for field, family in _COUNTERS.items():
            reported.counter(family, varz.get(field))
        reported.gauge("nats_server_cpu_cores", varz.get("cpu"), 0.01)
        for way in ("in", "out"):
            reported.counter("nats_server_messages_total", varz.get(f"{way}_msgs"), direction=way)
            reported.counter("nats_server_bytes_total", varz.get(f"{way}_bytes"), direction=way)

    def _connections(self, reported: Reported) -> None:
        """Every client, with what waits for it; as far as they come, and none where none comes."""
        found = Connections(self._json)
        try:
            found.read()
        except CollectError as error:
            if not found.clients:
                reported.unread(CONNECTIONS, error)
                return
        add_subscribers(reported, found.clients)
        if found.missing:
            reported.cut(
                CONNECTIONS, f"{len(found.clients):,} of {len(found.clients) + found.missing:,} connections read"
            )

    def _stored(self, reported: Reported) -> None:
        """JetStream's streams, and how far behind its consumers are; the sums alone where the list does not come."""
        try:
            with share_of_time(SHARE):
                found = list(self._accounts())
        except CollectError as error:
            reported.unread(STREAMS, error)
            with suppress(CollectError), share_of_time(SHARE):
                _report_stored(reported, self._json("/jsz"))
            return
        _report_stored(reported, found[0])
        add_consumers(reported, found)
        seen, total = sum(len(objects(page, "account_details")) for page in found), figure(found[0].get("accounts"))
        if total is not None and seen < total:
            reported.cut(STREAMS, f"{seen:,} of {total:,.0f} accounts read")

    def _accounts(self) -> Iterator[Mapping[str, Any]]:
        """JetStream account by account, as many at a time as the server gives."""
        seen = 0
        while True:
            paged = {"offset": str(seen)} if seen else {}
            page = self._json("/jsz", {"streams": "1", "consumers": "1", **paged})
            yield page
            count = len(objects(page, "account_details"))
            seen += count
            total = figure(page.get("accounts"))
            if not count or seen >= total if total is not None else count < ACCOUNTS_PAGE:
                return
            if seen > MAX_ACCOUNTS:
                raise CollectError(ErrorKind.TOO_LARGE, f"more than {MAX_ACCOUNTS:,} accounts")

    def _health(self, reported: Reported) -> None:
        state, detail = OK, ""
        try:
            self._fetcher.get("/healthz")
        except StatusError as error:
            if error.status < 500:  # a version without it
                return
            state, detail = NOT_OK, _said(error.body)
        except CollectError as error:
            state, detail = SILENT, error.detail
        reported.info("nats_server_health_info", state=state, detail=plain(detail))

    def _json(self, path: str, query: Mapping[str, str] | None = None) -> Mapping[str, Any]:
        found = self._fetcher.get(path, params=query).json()
        if not isinstance(found, dict):
            raise CollectError(ErrorKind.WRONG_PROTOCOL, f"its {path} is not that of NATS")
        return found


def _report_stored(reported: Reported, jsz: Mapping[str, Any]) -> None:
    for field, family in _STORED.items():
        reported.gauge(family, jsz.get(field))


def _said(body: bytes) -> str:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    return text_of(found.get("error")) or text_of(found.get("status")) if isinstance(found, dict) else ""
