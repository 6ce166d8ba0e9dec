"""Which families fill which widget of the RFC: what is missing where a panel says "not reported".

Any one of a widget's families fills it. Tests hold this table against the pages: without its families a widget says so.
"""

from __future__ import annotations

from typing import NamedTuple

from model.catalogue.otel import SIGNALS
from model.catalogue.source_kinds import KINDS


class Need(NamedTuple):
    """A widget of a page by the element that shows it, and the families of which one fills it."""

    page: str
    path: str
    widget: str
    element: str
    families: tuple[str, ...]


SETTINGS = {kind.name: kind.setting for kind in KINDS}
"""The setting that names a source of a kind."""


def fills(**by_kind: str) -> str:
    """What would fill a figure that nobody reports: what each kind of source would have to report, and its setting."""
    return ", or ".join(f"{what} ({SETTINGS[kind]})" for kind, what in by_kind.items()) + " would fill it"


_REQUESTS, _LATENCY = "prism_requests_total", "prism_request_duration_seconds"
_STATUS = ("prism_pattern_status", "launcher_process_state")
_POOLS = ("prism_pool_connections_active", "prism_pattern_detail")
_SERVERS = ("redis_server_memory_used_bytes", "nats_server_subscriptions", "postgres_server_transactions_total")
_SPACES = ("prism_namespace_info", "prism_admin_admin_namespaces_total", _REQUESTS)
_AUTH, _AUTHZ = "prism_auth_requests_total", "prism_authz_decisions_total"
_SUBSCRIBERS = ("prism_pubsub_subscriber_received_total", "nats_server_subscriber_messages_total")
_COVERAGE = "signoz_trace_coverage_traces"
_MEMORY = ("process_resident_memory_bytes", "prism_pattern_resident_memory_bytes")
_CPU = ("process_cpu_seconds_total", "prism_pattern_cpu_seconds_total")


def _page(page: str, path: str, *rows: tuple[str, str, tuple[str, ...]]) -> tuple[Need, ...]:
    return tuple(Need(page, path, widget, element, families) for widget, element, families in rows)


NEEDS: tuple[Need, ...] = (
    *_page(
        "System Health", "/",
        ("Overall status", "sh-status", _STATUS),
        ("Success rate", "sh-success", (_REQUESTS,)),
        ("Requests", "sh-rps", (_REQUESTS,)),
        ("P99 latency", "sh-p99", (_LATENCY,)),
        ("Auth success", "sh-auth", (_AUTH,)),
        ("Active patterns", "sh-patterns", _STATUS),
        ("Namespaces", "sh-namespaces", _SPACES),
        ("Pattern health", "sh-patterns-rows", _STATUS),
        ("Latency", "sh-lat-chart", (_LATENCY,)),
        ("Throughput", "sh-thr-chart", (_REQUESTS,)),
        ("Errors", "sh-err-chart", (_REQUESTS,)),
        ("Backend pools", "sh-pools", (*_POOLS, *_SERVERS)),
    ),
    *_page(
        "A pattern", "/patterns/redis",
        ("Status over 24 h", "pd-day-chart", _STATUS),
        ("What it says", "pd-known", _STATUS),
        ("Details", "pd-details", ("prism_pattern_detail", "prism_pattern_detail_info", "launcher_process_info")),
    ),
    *_page(
        "Performance", "/performance",
        ("SLO compliance", "pf-slo", (_LATENCY,)),
        ("SLO verdict", "pf-verdict", (_LATENCY,)),
        ("SLO bar", "pf-bar", (_LATENCY,)),
        ("Last 24 h", "pf-day", (_LATENCY,)),
        ("Last 7 d", "pf-week", ("signoz_compliance_spans", _LATENCY)),
        ("Error budget", "pf-budget", ("signoz_compliance_spans", _LATENCY)),
        ("Burn rates", "pf-burns", (_LATENCY,)),
        ("P99", "pf-p99", (_LATENCY,)),
        ("Latency by operation", "pf-operations", (_LATENCY, "signoz_operation_duration_seconds")),
        ("Heatmap", "pf-heat-chart", (_LATENCY,)),
        ("Throughput by pattern", "pf-flow-chart", (_REQUESTS,)),
    ),
    *_page(
        "Backends", "/backends",
        ("Connection pools", "bk-pools", _POOLS),
        ("Connections over time", "bk-conns-chart", _POOLS),
        ("Panel per backend", "bk-panels", _POOLS),
        ("Servers", "bk-servers", _SERVERS),
    ),
    *_page(
        "Messaging", "/messaging",
        ("Published", "ms-published", ("prism_pubsub_published_total",)),
        ("Delivered", "ms-delivered", ("prism_pubsub_delivered_total",)),
        ("Dropped", "ms-dropped", ("prism_pubsub_dropped_total",)),
        ("Pending", "ms-pending", ("prism_pubsub_pending",)),
        ("Delivery ratio", "ms-fanout", ("prism_pubsub_delivered_total",)),
        ("Balance", "ms-balance", ("prism_pubsub_delivered_total",)),
        ("Delivery latency", "ms-p99", ("prism_pubsub_delivery_duration_seconds",)),
        ("Topics", "ms-topics", ("prism_pubsub_published_total",)),
        ("Timeline", "ms-timeline-chart", ("prism_pubsub_published_total",)),
        ("Subscribers", "ms-subscribers", _SUBSCRIBERS),
        ("Flow", "ms-flow", ("prism_pubsub_published_total",)),
    ),
    *_page(
        "Namespaces", "/namespaces",
        ("Namespace table", "ns-rows", ("prism_namespace_info", _REQUESTS)),
        ("Active namespaces", "ns-active", _SPACES),
        ("Traffic distribution", "ns-pie", (_REQUESTS,)),
        ("Traffic shares", "ns-shares", (_REQUESTS,)),
        ("Noisy neighbour", "ns-noisy", (_REQUESTS,)),
    ),
    *_page(
        "A namespace", "/namespaces/payments",
        ("Patterns", "nd-patterns", ("prism_namespace_info",)),
        ("Created", "nd-created", ("prism_namespace_created_timestamp_seconds",)),
        ("Owner", "nd-owner", ("prism_namespace_info",)),
        ("Max RPS", "nd-max", ("prism_namespace_max_rps",)),
        ("Top operations", "nd-operations", (_REQUESTS,)),
        ("Latency", "nd-lat-chart", (_LATENCY,)),
        ("Throughput", "nd-thr-chart", (_REQUESTS,)),
        ("Errors", "nd-err-chart", (_REQUESTS,)),
    ),
    *_page(
        "Security", "/security",
        ("Token checks", "se-success", (_AUTH,)),
        ("Without expired tokens", "se-unexpired", (_AUTH,)),
        ("Verdict", "se-verdict", (_AUTH,)),
        ("Token refreshes", "se-refreshes", ("prism_auth_token_refreshes_total", "dex_http_requests_total")),
        ("Failed attempts", "se-failed", (_AUTH,)),
        ("Dex", "se-dex-status", ("dex_step_ok",)),
        ("Dex steps", "se-dex-steps", ("dex_step_ok",)),
        ("Dex latency", "se-dex-latency", ("dex_step_duration_seconds",)),
        ("Dex keys", "se-dex-keys", ("dex_keys",)),
        ("Dex checked", "se-dex-checked", ("dex_step_ok",)),
        ("Attempts of 24 h", "se-attempts", ("signoz_auth_failures",)),
        ("How far back", "se-shown", ("signoz_auth_failures",)),
        ("Repeats", "se-repeats", ("signoz_auth_failures",)),
        ("Failures over time", "se-why-chart", (_AUTH,)),
        ("Authorization total", "se-authz-total", (_AUTHZ,)),
        ("Authorized", "se-authz-allowed", (_AUTHZ,)),
        ("Denied", "se-authz-denied", (_AUTHZ,)),
        ("Denial reasons", "se-authz-reasons", (_AUTHZ,)),
        ("JWKS hits", "se-jwks-hits", ("prism_jwks_cache_hits_total",)),
        ("JWKS misses", "se-jwks-misses", ("prism_jwks_cache_misses_total",)),
        ("JWKS last refresh", "se-jwks-last", ("prism_jwks_last_refresh_timestamp_seconds",)),
        ("JWKS next refresh", "se-jwks-next", ("prism_jwks_next_refresh_timestamp_seconds",)),
    ),
    *_page(
        "Observability", "/observability",
        ("Pipeline", "ob-hops", ("otelcol_exporter_sent_spans_total", "signoz_newest_span_timestamp_seconds")),
        ("Traces exported", "ob-traces", ("otelcol_exporter_sent_spans_total",)),
        ("Metrics exported", "ob-metrics", ("otelcol_exporter_sent_metric_points_total",)),
        ("Logs exported", "ob-logs", ("otelcol_exporter_sent_log_records_total",)),
        ("Export errors", "ob-errors", tuple(f"otelcol_exporter_sent_{signal}_total" for signal in SIGNALS)),
        ("Export latency", "ob-latency", ("otelcol_exporter_request_duration_seconds",)),
        ("Queues", "ob-exporters", ("otelcol_exporter_queue_size",)),
        ("Whole traces", "ob-complete", (_COVERAGE,)),
        ("Traces with gaps", "ob-incomplete", (_COVERAGE,)),
        ("Backend span missing", "ob-no-backend", (_COVERAGE,)),
        ("Pattern span missing", "ob-no-pattern", (_COVERAGE,)),
        ("Proxy span missing", "ob-no-proxy", (_COVERAGE,)),
    ),
    *_page(
        "Resources", "/resources",
        ("Proxy memory", "rs-memory", ("process_resident_memory_bytes",)),
        ("Proxy CPU", "rs-cpu", ("process_cpu_seconds_total",)),
        ("Threads", "rs-threads", ("process_threads",)),
        ("File descriptors", "rs-fds", ("process_open_fds",)),
        ("Proxy uptime", "rs-uptime", ("process_start_time_seconds",)),
        ("Pattern processes", "rs-patterns", (_MEMORY[1], _CPU[1])),
        ("Total memory", "rs-total-memory", _MEMORY),
        ("Total CPU", "rs-total-cpu", _CPU),
        ("Total processes", "rs-total-processes", (_MEMORY[0], "process_start_time_seconds", *_STATUS)),
    ),
)  # fmt: skip

NEEDS_NOTHING = frozenset({"sh-alerts", "pf-target"})
"""Widgets that say something whatever is read: a list of our own alerts, a setting."""
NEEDS_NOTHING_ON = ("/alerts", "/settings")
