"""From settings to the collectors of the backends' own servers. Their client libraries are only needed when named."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from types import ModuleType

from collectors.core.contract import Collector
from collectors.servers.exporter import BackendExporterCollector
from collectors.servers.exporter_names import POSTGRES, REDIS
from collectors.servers.nats_server import NatsServerCollector
from model.settings import SERVER_SCHEMES, Settings, SettingsError
from model.targets import Target, parse_target


def server_collectors(settings: Settings) -> Iterator[Collector]:
    """One per named server or exporter. Raises SettingsError when its library is not installed."""
    cadence = settings.sources
    for target in _targets(settings, "redis_urls"):
        library = _optional("collectors.servers.redis_server", "redis", "REDIS_URLS")
        yield library.RedisServerCollector(target, cadence.redis)
    for target in _targets(settings, "nats_monitor_urls"):
        yield NatsServerCollector(target, cadence.nats)
    for target in _targets(settings, "postgres_urls"):
        library = _optional("collectors.servers.postgres_server", "postgres", "POSTGRES_URLS")
        yield library.PostgresServerCollector(target, cadence.postgres)
    for target in _targets(settings, "redis_exporter_urls"):
        yield BackendExporterCollector(REDIS, target, cadence.redis)
    for target in _targets(settings, "postgres_exporter_urls"):
        yield BackendExporterCollector(POSTGRES, target, cadence.postgres)


def _targets(settings: Settings, name: str) -> list[Target]:
    entries: list[str] = getattr(settings, name)
    return [parse_target(entry, SERVER_SCHEMES[name]) for entry in entries]


def _optional(module: str, extra: str, setting: str) -> ModuleType:
    try:
        return import_module(module)
    except ImportError as error:
        raise SettingsError(
            f"setting {setting}: it needs a client library that is not installed: "
            f"install the extra {extra!r} of pyproject.toml ({error})"
        ) from None
