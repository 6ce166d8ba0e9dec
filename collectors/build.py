"""From settings to collectors. An empty address switches a source off."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from urllib.parse import urlsplit

from collectors.admin.metrics import AdminMetricsCollector
from collectors.admin.namespaces import AdminCollector
from collectors.alerting.alertmanager import AlertmanagerCollector
from collectors.core.contract import Collector, key_of
from collectors.core.redact import instance_of, query_of
from collectors.dex.discovery import DexCollector
from collectors.otel.collector import OtelCollector
from collectors.patterns.launcher import LauncherCollector
from collectors.patterns.pattern import PatternCollector
from collectors.prometheus.collector import PrometheusCollector
from collectors.prometheus.target_kinds import read_through
from collectors.proxy.proxy import ProxySource
from collectors.quiet_default import QuietDefault
from collectors.servers.build import server_collectors
from collectors.signoz.collector import SignozCollector
from model.series import Event
from model.settings import Settings

log = logging.getLogger("hud.collectors")


def build_collectors(settings: Settings, reported: Iterable[Event] = ()) -> list[Collector]:
    """One collector per configured source; an address given twice is read once. `reported`: the events stored already.

    A default address that nobody named is only tried (`QuietDefault`).
    """
    cadence = settings.sources
    proxies = [
        ProxySource(url, cadence.proxy, settings.aliases, instance)
        for instance, url in _proxies(settings.scraped_urls).items()
    ]
    wanted = [_named_or_tried(one, "proxy_metrics_url", settings) for one in proxies]
    for target in settings.pattern_health_targets:
        name, _, address = target.partition("=")
        wanted.append(PatternCollector(name, address, cadence.patterns, settings.aliases))
    wanted += [LauncherCollector(target, cadence.launcher, settings.aliases) for target in settings.launcher_targets]
    if settings.signoz_api_url:
        signoz = SignozCollector(
            settings.signoz_api_url,
            settings.signoz_api_key,
            settings.signoz_api_version,
            cadence.signoz,
            settings.auth_spans,
            settings.slo,
        )
        signoz.restore(reported)
        wanted.append(_named_or_tried(signoz, "signoz_api_url", settings))
    if settings.admin_api_url:
        admin = AdminCollector(settings.admin_api_url, cadence.admin)
        wanted.append(_named_or_tried(admin, "admin_api_url", settings))
    if settings.admin_metrics_url:
        wanted.append(AdminMetricsCollector(settings.admin_metrics_url, cadence.admin_metrics, settings.aliases))
    if settings.otel_metrics_url or settings.otel_health_url:
        wanted.append(
            OtelCollector(settings.otel_metrics_url, settings.otel_health_url, cadence.otel, settings.aliases)
        )
    if settings.dex_issuer_url:
        wanted.append(DexCollector(settings.dex_issuer_url, settings.dex_telemetry_url, cadence.dex))
    if settings.alertmanager_url:
        alertmanager = AlertmanagerCollector(settings.alertmanager_url, cadence.alertmanager)
        alertmanager.restore(reported)
        wanted.append(alertmanager)
    wanted += server_collectors(settings)
    if settings.prometheus_url:
        kinds = read_through(settings)
        wanted.append(
            PrometheusCollector(
                settings.prometheus_url, cadence.prometheus, settings.prometheus, kinds, settings.aliases
            )
        )
    return _once_each(wanted)


def _named_or_tried(one: Collector, field: str, settings: Settings) -> Collector:
    return one if settings.names(field) else QuietDefault(one)


def _proxies(urls: Iterable[str]) -> dict[str, str]:
    """Address by instance. Two proxies behind one host and port are distinguished by their path and query."""
    found: dict[str, str] = {}
    for url in dict.fromkeys(filter(None, urls)):
        instance = instance_of(url)
        found[f"{instance}{urlsplit(url).path}{query_of(url)}" if instance in found else instance] = url
    return found


def _once_each(wanted: list[Collector]) -> list[Collector]:
    kept: dict[str, Collector] = {}
    for one in wanted:
        if key_of(one) in kept:
            log.warning("%s is configured twice: %s is left out", key_of(one), one.address)
            one.close()
        else:
            kept[key_of(one)] = one
    return list(kept.values())
