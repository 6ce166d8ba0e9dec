"""Every kind of source, the one that most depends on first: in this order they stand on the screen and in docs/.

Settings, collectors, `--check`, the catalogue, docs and words derive from these records (docs/extend.md).
"""

from __future__ import annotations

from model.addresses import (
    HEALTH_SERVICES,
    HOSTS_AND_PORTS,
    HTTP,
    HTTP_SERVERS,
    HTTP_VERBATIM,
    POSTGRES_SERVERS,
    PROXIES,
    REDIS_SERVERS,
    AddressSetting,
)
from model.catalogue import (
    admin,
    alertmanager,
    dex,
    launcher,
    nats,
    otel,
    patterns,
    postgres,
    proxy,
    redis,
    signoz,
)
from model.catalogue.source_kind import MIB, SourceKind

KINDS: tuple[SourceKind, ...] = (
    SourceKind(
        "proxy",
        title="The proxy's metrics endpoint",
        subject="the proxy",
        unseen="what passes through it is",
        collectors="collectors.proxy.proxy:configured",
        addresses=(
            AddressSetting("proxy_metrics_url", PROXIES, "the proxies' metrics addresses, separated by commas", default="http://localhost:8980/metrics"),
        ),
        asked="GET of its metrics",
        interval_seconds=1.0,
        timeout_seconds=1.0,
        families=proxy.FAMILIES,
        exposition=True,
    ),
    SourceKind(
        "patterns",
        title="Pattern health over gRPC",
        subject="a pattern's health service",
        unseen="how that pattern is is",
        collectors="collectors.patterns.pattern:configured",
        addresses=(
            AddressSetting("pattern_health_targets", HEALTH_SERVICES, "`name=host:port` of each pattern's gRPC health service, or `name=http://host:port/health` of its health page, separated by commas; Prism cannot list them"),
        ),
        asked="gRPC prism.interfaces.LifecycleInterface/HealthCheck, else grpc.health.v1.Health/Check",
        interval_seconds=1.0,
        timeout_seconds=1.0,
        families=patterns.FAMILIES,
        grpc=True,
    ),
    SourceKind(
        "launcher",
        title="The pattern launcher",
        subject="the launcher",
        unseen="which processes run is",
        collectors="collectors.patterns.launcher:configured",
        addresses=(
            AddressSetting("launcher_targets", HOSTS_AND_PORTS, "`host:port` of each pattern launcher's gRPC service, such as `prism-1:8982`, separated by commas"),
        ),
        asked="gRPC prism.launcher.PatternLauncher",
        interval_seconds=5.0,
        timeout_seconds=2.0,
        families=launcher.FAMILIES,
        grpc=True,
        is_what_it_offers=True,
    ),
    SourceKind(
        "signoz",
        title="SigNoz",
        subject="SigNoz",
        unseen="traces, failed logins and its alerts are",
        collectors="collectors.signoz.collector:configured",
        addresses=(
            AddressSetting("signoz_api_url", HTTP, "SigNoz; may hold a path", default="http://localhost:8080", key_setting="signoz_api_key"),
        ),
        asked="POST /api/v5/query_range (or /api/v3/query_range), GET /api/v1/alerts",
        interval_seconds=2.0,
        timeout_seconds=2.5,
        families=signoz.FAMILIES,
        over_several_reads=True,
    ),
    SourceKind(
        "admin",
        title="The Admin API",
        subject="the Admin API",
        unseen="namespaces and their limits are",
        collectors="collectors.admin.namespaces:configured",
        addresses=(AddressSetting("admin_api_url", HTTP, "the Admin API", default="http://localhost:8090"),),
        asked="GET /api/v1/namespaces",
        interval_seconds=2.0,
        timeout_seconds=2.5,
        families=tuple(one for one in admin.FAMILIES if one.source == "admin"),
    ),
    SourceKind(
        "admin_metrics",
        title="prism-admin's own metrics",
        subject="prism-admin",
        unseen="the control plane is",
        collectors="collectors.admin.metrics:configured",
        addresses=(
            AddressSetting("admin_metrics_url", HTTP, "prism-admin's own metrics, such as `http://prism-admin:9090/metrics`"),
        ),
        asked="GET of its metrics",
        interval_seconds=5.0,
        timeout_seconds=2.5,
        families=tuple(one for one in admin.FAMILIES if one.source == "admin_metrics"),
        exposition=True,
    ),
    SourceKind(
        "otel",
        title="The OpenTelemetry Collector",
        subject="the OTel Collector",
        unseen="whether telemetry gets through is",
        collectors="collectors.otel.collector:configured",
        addresses=(
            AddressSetting("otel_metrics_url", HTTP, "the OTel Collector's own telemetry, such as `http://collector:8888/metrics`; any spelling of its names"),
            AddressSetting("otel_health_url", HTTP, "its health_check extension, such as `http://collector:13133/`"),
        ),
        asked="GET of its metrics",
        interval_seconds=2.0,
        timeout_seconds=2.5,
        families=otel.FAMILIES,
        exposition=True,
    ),
    SourceKind(
        "dex",
        title="Dex",
        subject="Dex",
        unseen="sign-in is",
        collectors="collectors.dex.discovery:configured",
        addresses=(
            AddressSetting("dex_issuer_url", HTTP_VERBATIM, "Dex's issuer exactly as it is configured there, its last slash too, such as `http://dex:5556/dex`"),
            AddressSetting("dex_telemetry_url", HTTP, "Dex's telemetry listener, such as `http://dex:5558`"),
        ),
        asked="GET of its discovery document, its keys and its telemetry",
        interval_seconds=3.0,
        timeout_seconds=2.5,
        families=dex.FAMILIES,
    ),
    SourceKind(
        "alertmanager",
        title="Alertmanager",
        subject="Alertmanager",
        unseen="its alerts are",
        collectors="collectors.alerting.alertmanager:configured",
        addresses=(
            AddressSetting("alertmanager_url", HTTP, "an Alertmanager with API v2, such as `http://alertmanager:9093`"),
        ),
        asked="GET /api/v2/alerts",
        interval_seconds=2.0,
        timeout_seconds=2.5,
        families=alertmanager.FAMILIES,
    ),
    SourceKind(
        "redis",
        title="Redis servers",
        subject="a Redis server",
        unseen="its connections and commands are",
        collectors="collectors.servers.build:redis",
        addresses=(
            AddressSetting("redis_urls", REDIS_SERVERS, "Redis servers, such as `cache=redis://user:password@redis:6379/0`, separated by commas"),
            AddressSetting("redis_exporter_urls", HTTP_SERVERS, "Prometheus exporters of Redis, such as `http://redis-exporter:9121/metrics`"),
        ),
        asked="INFO, or GET of an exporter's metrics",
        interval_seconds=2.0,
        timeout_seconds=1.5,
        families=redis.FAMILIES,
        server="Redis",
    ),
    SourceKind(
        "nats",
        title="NATS servers",
        subject="a NATS server",
        unseen="its connections and messages are",
        collectors="collectors.servers.build:nats",
        addresses=(
            AddressSetting("nats_monitor_urls", HTTP_SERVERS, "NATS servers' monitoring, such as `events=http://nats:8222`"),
        ),
        asked="GET /varz, /connz and /jsz",
        interval_seconds=2.0,
        timeout_seconds=2.0,
        families=nats.FAMILIES,
        server="NATS",
    ),
    SourceKind(
        "postgres",
        title="PostgreSQL servers",
        subject="a PostgreSQL server",
        unseen="its connections and transactions are",
        collectors="collectors.servers.build:postgres",
        addresses=(
            AddressSetting("postgres_urls", POSTGRES_SERVERS, "PostgreSQL servers, such as `orders=postgresql://prism_hud:password@db:5432/postgres`"),
            AddressSetting("postgres_exporter_urls", HTTP_SERVERS, "Prometheus exporters of PostgreSQL, such as `http://postgres-exporter:9187/metrics`"),
        ),
        asked="SELECT from the pg_stat_ views, or GET of an exporter's metrics",
        interval_seconds=5.0,
        timeout_seconds=2.5,
        families=postgres.FAMILIES,
        server="PostgreSQL",
    ),
    SourceKind(
        "prometheus",
        title="Prometheus",
        subject="Prometheus",
        unseen="all that is read through it is",
        collectors="collectors.prometheus.collector:configured",
        addresses=(
            AddressSetting("prometheus_url", HTTP, "a Prometheus, Thanos, Mimir or VictoriaMetrics that scrapes Prism, to be read instead of Prism itself"),
        ),
        asked="GET /api/v1/query",
        interval_seconds=5.0,
        timeout_seconds=4.0,
        max_bytes=64 * MIB,
        is_what_it_offers=True,
    ),
)

SERVERS = {kind.name: kind.server for kind in KINDS if kind.server}
"""What the kinds that are backends' servers are called."""
BY_KIND = {kind.name: kind for kind in KINDS}
ADDRESSES = {address.name: address for kind in KINDS for address in kind.addresses}
"""Every setting that names a source, by its name."""


def rank(name: str) -> int:
    """The place of a kind among the others, the one that most depends on first; one that is not known comes last."""
    return next((place for place, kind in enumerate(KINDS) if kind.name == name), len(KINDS))


def shown(name: str) -> str:
    """What the screen calls a kind."""
    return BY_KIND[name].shown if name in BY_KIND else name
