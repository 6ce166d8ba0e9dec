"""From settings to the collectors of the backends' own servers. Their client libraries are only needed when named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from importlib import import_module
from types import ModuleType

from collectors.core.contract import Collector
from collectors.core.redact import instance_of
from collectors.servers.exporter import BackendExporterCollector
from collectors.servers.exporter_names import POSTGRES, REDIS
from collectors.servers.nats_server import NatsServerCollector
from model.series import Event
from model.settings import SERVER_SCHEMES, Settings, SettingsError
from model.targets import Target, parse_target


def redis(settings: Settings, _: Iterable[Event] = ()) -> Iterator[Collector]:
    """Redis servers and their exporters. Raises SettingsError when the library of the former is not installed."""
    for target in _targets(settings, "redis_urls"):
        library = optional("collectors.servers.redis_server", "redis", "REDIS_URLS")
        yield library.RedisServerCollector(target, settings.sources.redis)
    for target in _targets(settings, "redis_exporter_urls"):
        yield BackendExporterCollector(REDIS, target, settings.sources.redis)


def nats(settings: Settings, _: Iterable[Event] = ()) -> Iterator[Collector]:
    """NATS servers by their monitoring."""
    for target in _targets(settings, "nats_monitor_urls"):
        yield NatsServerCollector(target, settings.sources.nats)


def postgres(settings: Settings, _: Iterable[Event] = ()) -> Iterator[Collector]:
    """PostgreSQL servers and their exporters. Raises SettingsError when the library of the former is not installed."""
    targets = _targets(settings, "postgres_urls")
    servers = Counter(instance_of(target.url) for target in targets)
    for target in targets:
        library = optional("collectors.servers.postgres_server", "postgres", "POSTGRES_URLS")
        pooled = servers[instance_of(target.url)] > 1
        yield library.PostgresServerCollector(target, settings.sources.postgres, by_database=pooled)
    for target in _targets(settings, "postgres_exporter_urls"):
        yield BackendExporterCollector(POSTGRES, target, settings.sources.postgres)


def _targets(settings: Settings, name: str) -> list[Target]:
    return [parse_target(entry, SERVER_SCHEMES[name]) for entry in getattr(settings, name)]


def optional(module: str, extra: str, setting: str) -> ModuleType:
    """A module that needs an extra of pyproject.toml. Raises SettingsError where that is not installed."""
    try:
        return import_module(module)
    except ImportError as error:
        raise SettingsError(
            f"setting {setting}: it needs a client library that is not installed: "
            f"install the extra {extra!r} of pyproject.toml ({error})"
        ) from None
