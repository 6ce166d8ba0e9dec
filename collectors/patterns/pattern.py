"""Asks one pattern how it is, over gRPC (RFC views 1 and 3; contracts section 5)."""

from __future__ import annotations

import math
import time

import grpc

from collectors.core.contract import Clock
from collectors.core.redact import REMOVED, is_secret_name, redact
from collectors.core.timestamps import go_seconds
from collectors.patterns.grpc_calls import CallError
from collectors.patterns.health_calls import LIFECYCLE, STANDARD, Health, HealthCalls
from model.series import Kind, Scrape
from model.settings import Aliases, SourceOptions
from model.sources import CollectError, ErrorKind
from model.status import Status

DRIVER_NAMES = {"postgresql": "postgres", "postgres": "postgresql", "in-memory": "memstore", "memory": "memstore"}
"""What else a driver may be called in grpc.health.v1 than its pattern is called here."""
_REFUSALS = (grpc.StatusCode.PERMISSION_DENIED, grpc.StatusCode.UNAUTHENTICATED)
NO_ALIASES = Aliases()
MAX_DETAILS = 64
MAX_KEY = 64
SETTLE_SECONDS = 10.0
"""Words that change with every answer (`up 2m13s`) are taken over this often, so that they do not become a new series
each second. A changed status takes them over at once."""

Infos = tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


class PatternCollector:
    """One pattern's health at `host:port`, or of one `host:port/service`. `service` says which health service told."""

    source = "patterns"

    def __init__(self, name: str, target: str, options: SourceOptions, aliases: Aliases = NO_ALIASES) -> None:
        self.name = name
        address, slash, service = target.partition("/")
        self.instance = target.rstrip("/")
        self.address = f"{name} at {target}"
        self.interval_seconds = options.interval_seconds
        self.timeout_seconds = options.timeout_seconds
        self._calls = HealthCalls(address, options.timeout_seconds, options)
        self._only = service if slash else None
        self._names = aliases.of_service(LIFECYCLE)
        self._lifecycle: tuple[str, ...] = self._names
        self._infos: Infos = ()
        self._infos_of: tuple[Status, str] | None = None
        self._settled_at = 0.0

    def collect(self, now: Clock) -> Scrape:
        """Status, message, details and the time it took. Raises CollectError."""
        self._calls.begin()
        began = time.monotonic()
        try:
            health = self._ask()
        except CollectError:
            self._lifecycle = self._names  # whoever comes back may be another build
            raise
        took = time.monotonic() - began
        scrape = Scrape(self.source, self.instance, now())
        scrape.add("prism_pattern_check_duration_seconds", took, pattern=self.name)
        for status in Status:
            value = 1.0 if status is health.status else 0.0
            scrape.add(
                "prism_pattern_status", value, Kind.STATESET,
                pattern=self.name, status=status.value, service=health.service,
            )  # fmt: skip
        self._add_words(scrape, health)
        return scrape

    def close(self) -> None:
        """Close the connection."""
        self._calls.close()

    def _ask(self) -> Health:
        """Lifecycle first: it knows DEGRADED. Then the standard service by driver name, then as a whole."""
        if self._only is not None:
            return self._named(self._only)
        refusal: CallError | None = None
        if self._lifecycle:
            try:
                health = self._calls.lifecycle(self._lifecycle)
                self._lifecycle = (health.service,)
                return health
            except CallError as error:
                if error.code is grpc.StatusCode.UNIMPLEMENTED:
                    self._lifecycle = ()
                elif error.code in _REFUSALS:
                    refusal = error
                else:
                    raise
        return self._standard(refusal)

    def _standard(self, refusal: CallError | None) -> Health:
        """What the standard service says; `refusal` is how Lifecycle refused, None where there is no Lifecycle.

        Prism's own drivers, whose server as a whole is always SERVING, refuse nobody: of a server that does, the whole
        is believed.
        """
        names = [self.name, DRIVER_NAMES.get(self.name.lower(), "")]
        for service in dict.fromkeys([*names, ""]):
            try:
                return self._calls.standard(service, believed=refusal is not None)
            except CallError as error:
                if error.code is grpc.StatusCode.NOT_FOUND:
                    continue
                if refusal is not None:
                    raise refusal from None
                if error.code is grpc.StatusCode.UNIMPLEMENTED:
                    raise CollectError(ErrorKind.NOT_OFFERED, "offers no health service") from None
                raise
        raise refusal or CollectError(ErrorKind.NOT_OFFERED, "its health service does not know this pattern")

    def _named(self, service: str) -> Health:
        """The one service that the settings name, and no other."""
        try:
            return self._calls.standard(service, believed=True)
        except CallError as error:
            if error.code is grpc.StatusCode.UNIMPLEMENTED:
                raise CollectError(ErrorKind.NOT_OFFERED, f"offers no {STANDARD}") from None
            if error.code is grpc.StatusCode.NOT_FOUND:
                raise CollectError(ErrorKind.NOT_OFFERED, f"its health service knows no {redact(service)!r}") from None
            raise

    def _add_words(self, scrape: Scrape, health: Health) -> None:
        infos: list[tuple[str, tuple[tuple[str, str], ...]]] = []
        if health.message:
            infos.append(("prism_pattern_message_info", (("message", redact(health.message)),)))
        for key, text in sorted(health.details.items())[:MAX_DETAILS]:
            shown, value = _figure(redact(key, MAX_KEY), text)
            if is_secret_name(key):
                infos.append(("prism_pattern_detail_info", (("key", shown), ("value", REMOVED))))
            elif value is None:
                infos.append(("prism_pattern_detail_info", (("key", shown), ("value", redact(text)))))
            else:
                scrape.add("prism_pattern_detail", value, pattern=self.name, key=shown)
        for name, labels in self._settled(tuple(infos), health, scrape.time):
            scrape.add(name, 1.0, Kind.INFO, pattern=self.name, **dict(labels))

    def _settled(self, infos: Infos, health: Health, at: float) -> Infos:
        source = (health.status, health.service)
        if source != self._infos_of or not 0 <= at - self._settled_at < SETTLE_SECONDS:
            self._infos, self._infos_of, self._settled_at = infos, source, at
        return self._infos


def _figure(key: str, text: str) -> tuple[str, float | None]:
    """(name, value) of a detail; a duration is told in seconds, and its name says so. None for words."""
    seconds = go_seconds(text)
    if seconds is None:
        return key, number(text)
    return key if key.endswith("_seconds") else f"{key}_seconds", seconds


def number(text: str) -> float | None:
    """A finite number, or None: all details are texts, and some are words (contracts 12.11)."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
