"""Whose metrics or pages these are, reported from what only they have; and the setting where they belong."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Known(NamedTuple):
    """A program, and what to do with its address ('' where the HUD has no use for it)."""

    name: str
    advice: str = ""

    @property
    def words(self) -> str:
        """Both, for an error."""
        return f"{self.name}; {self.advice}" if self.advice else self.name


_METRICS = (
    ("prism_admin_", Known("prism-admin", "its address belongs in ADMIN_METRICS_URL")),
    ("pattern_launcher_", Known("a pattern launcher", "its gRPC address (8982) belongs in LAUNCHER_TARGETS")),
    ("otelcol_", Known("an OTel Collector", "its address belongs in OTEL_METRICS_URL")),
    ("alertmanager_", Known("an Alertmanager", "its address belongs in ALERTMANAGER_URL")),
    ("prometheus_tsdb_", Known("a Prometheus", "its address belongs in PROMETHEUS_URL")),
    ("vm_", Known("a VictoriaMetrics", "its address belongs in PROMETHEUS_URL")),
    ("dex_", Known("Dex", "its address belongs in DEX_TELEMETRY_URL")),
    ("redis_exporter_", Known("an exporter of Redis", "its address belongs in REDIS_EXPORTER_URLS")),
    ("redis_up", Known("an exporter of Redis", "its address belongs in REDIS_EXPORTER_URLS")),
    ("pg_up", Known("an exporter of PostgreSQL", "its address belongs in POSTGRES_EXPORTER_URLS")),
    ("pg_exporter_", Known("an exporter of PostgreSQL", "its address belongs in POSTGRES_EXPORTER_URLS")),
    ("gnatsd_", Known("an exporter of NATS", "NATS_MONITOR_URLS names the server's own monitoring port instead")),
    ("node_", Known("a node exporter", "it reports a machine, not of Prism")),
    ("signoz_", Known("SigNoz", "its address belongs in SIGNOZ_API_URL")),
    ("etcd_", Known("etcd")),
    ("grafana_", Known("Grafana")),
)
_PAGES = (
    ("prism hud", Known("another Prism HUD")),
    ("signoz", Known("SigNoz", "its address belongs in SIGNOZ_API_URL")),
    ("alertmanager", Known("an Alertmanager", "its address belongs in ALERTMANAGER_URL")),
    ("prometheus", Known("a Prometheus", "its address belongs in PROMETHEUS_URL")),
    ("dex", Known("Dex", "its issuer belongs in DEX_ISSUER_URL")),
    ("node exporter", Known("a node exporter", "it reports a machine, not of Prism")),
)


def by_metrics(names: Iterable[str]) -> Known | None:
    """Who exposes families of these names; None when it is nobody known."""
    every = set(names)
    return next((known for start, known in _METRICS if any(name.startswith(start) for name in every)), None)


def by_title(title: str) -> Known | None:
    """Whose page has this title."""
    return next((known for word, known in _PAGES if word in title.lower()), None)
