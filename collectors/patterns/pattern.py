"""Asks one pattern how it is, over gRPC or HTTP (RFC views 1 and 3; contracts section 5)."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import Protocol

from collectors.core.amounts import figure
from collectors.core.configured import Configured
from collectors.core.contract import Clock, Collector
from collectors.core.redact import REMOVED, address_of, identity, is_secret_name, place_of_target, redact
from collectors.core.timestamps import go_seconds
from collectors.patterns.grpc_health import GrpcHealth
from collectors.patterns.health_calls import Health
from collectors.patterns.http_health import SCHEMES, HttpHealth, place_of
from model.catalogue.details import is_figure
from model.series import Event, Kind, Scrape
from model.settings import Aliases, Settings, SourceOptions
from model.status import Status

NO_ALIASES = Aliases()
MAX_DETAILS = 64
MAX_KEY = 64
SETTLE_SECONDS = 10.0
"""Words that change with every answer (`up 2m13s`) are taken over this often, so that they do not become a new series
each second. A changed status takes them over at once."""

Infos = tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


class HealthSource(Protocol):
    """Who can be asked how a pattern is."""

    def ask(self) -> Health:
        """One read. Raises CollectError."""

    def close(self) -> None:
        """Close the connection."""


class PatternCollector(Configured):
    """One pattern's health: gRPC at `host:port`, of one `host:port/service`, or HTTP at an `http://` address.

    `service` says which health service reported.
    """

    source = "patterns"

    def __init__(self, name: str, target: str, options: SourceOptions, aliases: Aliases = NO_ALIASES) -> None:
        web = target.startswith(SCHEMES)
        instance, address = (place_of(target), address_of(target)) if web else (_instance_of(target), target)
        super().__init__(target, options, instance=instance, address=f"{name} at {address}")
        self.name = name
        self._health: HealthSource = HttpHealth(target, options) if web else GrpcHealth(name, target, options, aliases)
        self._infos: Infos = ()
        self._infos_of: tuple[Status, str] | None = None
        self._settled_at = 0.0

    def collect(self, now: Clock) -> Scrape:
        """Status, message, details and the time it took. Raises CollectError."""
        began = time.monotonic()
        health = self._health.ask()
        took = time.monotonic() - began
        scrape = Scrape(self.source, self.instance, now())
        scrape.add("prism_pattern_check_duration_seconds", took, pattern=self.name)
        for status in Status:
            value = 1.0 if status is health.status else 0.0
            scrape.add(
                "prism_pattern_status",
                value,
                Kind.STATESET,
                pattern=self.name,
                status=status.value,
                service=health.service,
            )
        self._add_words(scrape, health)
        return scrape

    def close(self) -> None:
        """Close the connection."""
        self._health.close()

    def _add_words(self, scrape: Scrape, health: Health) -> None:
        infos: list[tuple[str, tuple[tuple[str, str], ...]]] = []
        if health.message:
            infos.append(("prism_pattern_message_info", (("message", redact(health.message)),)))
        figures: set[str] = set()
        known_first = sorted(health.details.items(), key=lambda one: (not is_figure(one[0]), one))
        for key, text in known_first[:MAX_DETAILS]:
            shown, value = _figure(identity(key, MAX_KEY), text)
            if shown in figures and value is not None:
                continue  # `idle: 5s` beside `idle_seconds: 5` is one figure
            figures.add(shown)
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


def _instance_of(target: str) -> str:
    """`host:port`, with the service's name where the target has one."""
    where, slash, service = target.rstrip("/").partition("/")
    return f"{place_of_target(where)}{slash}{service}"


def configured(settings: Settings, _: Iterable[Event] = ()) -> Iterator[Collector]:
    """One per named pattern."""
    for target in settings.pattern_health_targets:
        name, _, address = target.partition("=")
        yield PatternCollector(name, address, settings.sources.patterns, settings.aliases)


def _figure(key: str, text: str) -> tuple[str, float | None]:
    """(name, value) of a detail; a duration is reported in seconds, and its name says so. None for words, as which some
    details come (contracts 12.11).
    """
    seconds = go_seconds(text)
    if seconds is None:
        return key, figure(text)
    return key if key.endswith("_seconds") else f"{key}_seconds", seconds
