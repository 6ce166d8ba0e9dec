"""Checks Dex step by step: discovery, issuer, keys, and what else it offers (RFC view 6; contracts external C2).

A failing step is reported as samples. The read itself fails only when no key was read: with its keys tokens can be
checked.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from collectors.core.configured import Configured
from collectors.core.contract import Clock, Collector, PartialReadError
from collectors.core.redact import redact
from collectors.dex.telemetry import TELEMETRY_SHARE, DexTelemetry
from collectors.http.fetch import Fetcher, StatusError
from collectors.http.transport import share_of_time
from model.series import Event, Kind, Scrape
from model.settings import Settings, SourceOptions
from model.sources import CollectError, ErrorKind
from model.targets import HTTP

DISCOVERY, ISSUER, KEYS, HEALTH, TELEMETRY = "discovery", "issuer", "keys", "health", "telemetry"
DISCOVERY_PATH = "/.well-known/openid-configuration"
HEALTH_PATH = "/healthz"
MAX_BYTES = 1024 * 1024
MAX_KEYS = 50
MAX_NAME, MAX_DETAIL = 120, 200
SHARES = {DISCOVERY: 0.5, KEYS: 0.6}
"""Of the time that is left, for steps after which others come: one that hangs costs no other its answer."""
NOT_OFFERED = (404, 405)
"""Statuses by which another OpenID provider says that it has no such check."""


class DexCollector(Configured):
    """One issuer, and its telemetry listener when `telemetry_url` is given."""

    source = "dex"

    def __init__(self, issuer: str, telemetry_url: str, options: SourceOptions) -> None:
        super().__init__(issuer, options)
        self._issuer = issuer
        self._base = issuer.rstrip("/")  # paths are appended without its last slash, which still counts in comparing
        seconds = options.timeout_seconds * (1.0 - TELEMETRY_SHARE if telemetry_url else 1.0)
        limit, wanted = min(MAX_BYTES, options.max_bytes), {"Accept": "application/json"}
        self._fetcher = Fetcher("", timeout_seconds=seconds, max_bytes=limit, headers=wanted, access=options)
        anybody = options.anonymous()
        self._elsewhere = Fetcher("", timeout_seconds=seconds, max_bytes=limit, headers=wanted, access=anybody)
        self._telemetry = DexTelemetry(telemetry_url, options, self.instance) if telemetry_url else None
        self._keys_address = ""
        self._keys_read_at = 0.0

    def collect(self, now: Clock) -> Scrape:
        """Every step. Raises PartialReadError, with what the steps reported, when no key could be read."""
        self._fetcher.begin()
        scrape = Scrape(self.source, self.instance, now())
        undiscovered = failure = self._step(scrape, DISCOVERY, lambda: self._discovered(scrape))
        if self._keys_address:
            unread = self._step(scrape, KEYS, lambda: self._keys(scrape))
            failure = (failure or unread) if unread else None
        if undiscovered is None or undiscovered.kind is not ErrorKind.DOWN:
            self._step(scrape, HEALTH, self._health)
        if self._telemetry is not None:
            self._step(scrape, TELEMETRY, lambda: self._reported(scrape))
        scrape.time = now()
        if self._keys_read_at:
            scrape.add("dex_keys_read_timestamp_seconds", self._keys_read_at)
        if failure is not None:
            raise PartialReadError(failure.kind, failure.detail, scrape)
        return scrape

    def close(self) -> None:
        """Close the connections."""
        self._fetcher.close()
        self._elsewhere.close()
        if self._telemetry is not None:
            self._telemetry.close()

    def _step(self, scrape: Scrape, name: str, run: Callable[[], bool]) -> CollectError | None:
        """One step, reported as samples unless `run` says that it is not offered."""
        began = time.monotonic()
        error = None
        try:
            with share_of_time(SHARES.get(name, 1.0)):
                if not run():
                    return None
        except CollectError as caught:
            error = caught
            if caught.kind is ErrorKind.TIMED_OUT:
                waited = time.monotonic() - began
                error = CollectError(ErrorKind.TIMED_OUT, f"no complete answer within {waited:.1f} s")
        scrape.add("dex_step_duration_seconds", time.monotonic() - began, step=name)
        _report(scrape, name, error)
        return error

    def _discovered(self, scrape: Scrape) -> bool:
        """The discovery document; whether it names our issuer is a step of its own, which takes no time."""
        reported = self._json(self._base + DISCOVERY_PATH)
        address = reported.get("jwks_uri")
        if not isinstance(address, str) or not _has_host(address):
            raise CollectError(ErrorKind.MALFORMED, "names no jwks_uri")
        self._keys_address = address
        issuer = reported.get("issuer")
        _report(scrape, ISSUER, None if issuer == self._issuer else _other_issuer(issuer, self._issuer))
        return True

    def _keys(self, scrape: Scrape) -> bool:
        """The JWKS, from where discovery says, or last said."""
        keys = self._json(self._keys_address).get("keys")
        if not isinstance(keys, list):
            raise CollectError(ErrorKind.MALFORMED, "no list of keys")
        found = [key for key in keys if isinstance(key, dict)]
        scrape.add("dex_keys", float(len(found)))
        for kid, alg in sorted({(_text(key.get("kid")), _text(key.get("alg"))) for key in found[:MAX_KEYS]}):
            scrape.add("dex_key_info", 1.0, Kind.INFO, kid=kid, alg=alg)
        if not found:
            raise CollectError(ErrorKind.MALFORMED, "the JWKS holds no key")
        self._keys_read_at = scrape.time
        return True

    def _health(self) -> bool:
        """Dex's own check of its storage; other providers have none."""
        try:
            self._fetcher.get(self._base + HEALTH_PATH)
        except StatusError as error:
            if error.status in NOT_OFFERED:
                return False
            raise
        return True

    def _reported(self, scrape: Scrape) -> bool:
        assert self._telemetry is not None
        self._telemetry.add(scrape)
        return True

    def _json(self, address: str) -> Mapping[str, Any]:
        """An object. Who we are is asked to the issuer's own server only, wherever discovery leads."""
        own = urlsplit(address)[:2] == urlsplit(self._issuer)[:2]
        reported = (self._fetcher if own else self._elsewhere).get(address).json()
        if not isinstance(reported, dict):
            raise CollectError(ErrorKind.MALFORMED, "answered JSON that is no object")
        return reported


def configured(settings: Settings, _: Iterable[Event] = ()) -> Iterator[Collector]:
    """The issuer, where it is named."""
    if settings.dex_issuer_url:  # its telemetry alone says nothing of sign-in
        yield DexCollector(settings.dex_issuer_url, settings.dex_telemetry_url, settings.sources.dex)


def _report(scrape: Scrape, step: str, error: CollectError | None) -> None:
    scrape.add("dex_step_ok", 0.0 if error else 1.0, step=step)
    if error is not None:
        detail = redact(error.detail, MAX_DETAIL)
        scrape.add("dex_step_failure_info", 1.0, Kind.INFO, step=step, error=error.kind.value, detail=detail)


def _has_host(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme in HTTP and bool(parts.hostname)
    except ValueError:  # such as http://[
        return False


def _other_issuer(reported: Any, configured: str) -> CollectError:
    named = _text(reported) or "none"
    return CollectError(ErrorKind.MALFORMED, f"it names the issuer {named}, configured is {configured}")


def _text(value: Any) -> str:
    return redact(value, MAX_NAME) if isinstance(value, str) else ""
