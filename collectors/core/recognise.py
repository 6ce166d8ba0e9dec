"""Whose metrics or pages these are, known by what only they have; and the setting where they belong."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from model.sources import CollectError, ErrorKind


class Known(NamedTuple):
    """A program, and what to do with its address ('' where the HUD has no use for it)."""

    name: str
    advice: str = ""

    @property
    def words(self) -> str:
        """Both, for an error."""
        return f"{self.name}; {self.advice}" if self.advice else self.name


_METRICS = (
    ("hud_source_", Known("another Prism HUD", "name what that one reads instead")),
    ("prism_admin_", Known("prism-admin", "its address belongs in ADMIN_METRICS_URL")),
    ("pattern_launcher_", Known("a pattern launcher", "its gRPC address (8982) belongs in LAUNCHER_TARGETS")),
    ("otelcol_", Known("an OTel Collector", "its address belongs in OTEL_METRICS_URL")),
    ("alertmanager_", Known("an Alertmanager", "its address belongs in ALERTMANAGER_URL")),
    ("thanos_", Known("Thanos", "its query address belongs in PROMETHEUS_URL")),
    # These expose what they are made with as well: cortex_ (Grafana and what is made by its makers), vm_ (vmagent and
    # vmalert), etcd_ and node_ (the API server).
    ("loki_", Known("Loki")),
    ("promtail_", Known("Promtail")),
    ("tempo_", Known("Tempo")),
    ("pyroscope_", Known("Pyroscope")),
    ("grafana_", Known("Grafana")),
    ("vmagent_", Known("vmagent", "PROMETHEUS_URL names what it writes to instead")),
    ("vmalert_", Known("vmalert", "PROMETHEUS_URL names what it asks instead")),
    ("vmauth_", Known("vmauth", "its address belongs in PROMETHEUS_URL")),
    ("vl_", Known("VictoriaLogs")),
    ("apiserver_", Known("a Kubernetes API server")),
    ("cortex_", Known("Mimir or Cortex", "its query address belongs in PROMETHEUS_URL")),
    ("prometheus_agent_", Known("a Prometheus in agent mode", "PROMETHEUS_URL names what it writes to instead")),
    ("prometheus_tsdb_", Known("a Prometheus", "its address belongs in PROMETHEUS_URL")),
    ("vm_", Known("a VictoriaMetrics", "its address belongs in PROMETHEUS_URL")),
    ("dex_", Known("Dex", "its address belongs in DEX_TELEMETRY_URL")),
    ("redis_exporter_", Known("an exporter of Redis", "its address belongs in REDIS_EXPORTER_URLS")),
    ("redis_up", Known("an exporter of Redis", "its address belongs in REDIS_EXPORTER_URLS")),
    ("pg_up", Known("an exporter of PostgreSQL", "its address belongs in POSTGRES_EXPORTER_URLS")),
    ("pg_exporter_", Known("an exporter of PostgreSQL", "its address belongs in POSTGRES_EXPORTER_URLS")),
    ("gnatsd_", Known("an exporter of NATS", "NATS_MONITOR_URLS names the server's own monitoring port instead")),
    ("nats_core_", Known("NATS Surveyor", "NATS_MONITOR_URLS names the server's own monitoring port instead")),
    ("pgbouncer_", Known("an exporter of PgBouncer", "POSTGRES_URLS names the server behind it instead")),
    ("liveness_livenodes", Known("CockroachDB", "POSTGRES_URLS names its SQL port instead")),
    ("dragonfly_", Known("Dragonfly", "REDIS_URLS names it by redis:// instead")),
    ("mysql_", Known("an exporter of MySQL")),
    ("mongodb_", Known("an exporter of MongoDB")),
    ("pushgateway_", Known("a Pushgateway")),
    ("statsd_exporter_", Known("a statsd exporter")),
    ("blackbox_exporter_", Known("a blackbox exporter")),
    ("windows_", Known("a Windows exporter", "it reports a machine, not of Prism")),
    ("node_", Known("a node exporter", "it reports a machine, not of Prism")),
    ("signoz_", Known("SigNoz", "its address belongs in SIGNOZ_API_URL")),
    ("etcd_", Known("etcd")),
    ("jaeger_", Known("Jaeger")),
    ("envoy_", Known("Envoy")),
    ("traefik_", Known("Traefik")),
    ("nginx_", Known("nginx")),
    ("haproxy_", Known("HAProxy")),
    ("caddy_", Known("Caddy")),
    ("kube_", Known("kube-state-metrics", "it reports a cluster, not of Prism")),
    ("kubelet_", Known("a kubelet", "it reports a machine, not of Prism")),
    ("container_", Known("cAdvisor", "it reports containers, not of Prism")),
    ("probe_", Known("a blackbox exporter")),
    ("coredns_", Known("CoreDNS")),
    ("vault_", Known("Vault")),
    ("keycloak_", Known("Keycloak")),
    ("rabbitmq_", Known("RabbitMQ")),
    ("kafka_", Known("Kafka")),
    ("minio_", Known("MinIO")),
    ("consul_", Known("Consul")),
)
_PAGES = (
    ("prism hud", Known("another Prism HUD")),
    ("pushgateway", Known("a Pushgateway")),
    ("signoz", Known("SigNoz", "its address belongs in SIGNOZ_API_URL")),
    ("alertmanager", Known("an Alertmanager", "its address belongs in ALERTMANAGER_URL")),
    ("grafana", Known("Grafana")),
    ("jaeger", Known("Jaeger")),
    ("prometheus", Known("a Prometheus", "its address belongs in PROMETHEUS_URL")),
    ("dex", Known("Dex", "its issuer belongs in DEX_ISSUER_URL")),
    ("node exporter", Known("a node exporter", "it reports a machine, not of Prism")),
)

_WORD = re.compile(r"\w+")


def by_metrics(names: Iterable[str]) -> Known | None:
    """Who exposes families of these names; None when it is nobody known."""
    every = set(names)
    return next((known for start, known in _METRICS if any(name.startswith(start) for name in every)), None)


def somebody_elses(names: Iterable[str], wanted: str) -> CollectError:
    """The error for metrics that are not `wanted`, in words ("none begins with otelcol_"): whose they are, if known."""
    known = by_metrics(names)
    words = f"these are the metrics of {known.words}" if known else f"metrics of something else: {wanted}"
    return CollectError(ErrorKind.WRONG_PROTOCOL, words)


def by_title(title: str) -> Known | None:
    """Whose page has this title, in whole words: an index is no Dex."""
    words = f" {' '.join(_WORD.findall(title.lower()))} "
    return next((known for name, known in _PAGES if f" {name} " in words), None)
