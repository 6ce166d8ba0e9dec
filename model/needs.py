"""Which families fill which widget of the RFC: what is missing where a panel says "not reported".

Any one of a widget's families fills it. Where each stands on its page: docs/places.py.
Tests hold both against the pages: without its families a widget says so.
"""

from __future__ import annotations

from typing import NamedTuple

from model.catalogue.otel import SIGNALS
from model.catalogue.source_kinds import KINDS


class Need(NamedTuple):
    """A widget of a page, both by name, and the families of which one fills it."""

    page: str
    widget: str
    families: tuple[str, ...]


EXPORTED = ("sent", "send_failed", "enqueue_failed")
"""What an exporter counts of each signal."""
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


def _page(page: str, *rows: tuple[str, tuple[str, ...]]) -> tuple[Need, ...]:
    return tuple(Need(page, widget, families) for widget, families in rows)


NEEDS: tuple[Need, ...] = (
    *_page(
        "System Health",
        ("Overall status", _STATUS),
        ("Success rate", (_REQUESTS,)),
        ("Requests", (_REQUESTS,)),
        ("P99 latency", (_LATENCY,)),
        ("Auth success", (_AUTH,)),
        ("Active patterns", _STATUS),
        ("Namespaces", _SPACES),
        ("Pattern health", _STATUS),
        ("Latency", (_LATENCY,)),
        ("Throughput", (_REQUESTS,)),
        ("Errors", (_REQUESTS,)),
        ("Backend pools", (*_POOLS, *_SERVERS)),
    ),
    *_page(
        "A pattern",
        ("Status over 24 h", _STATUS),
        ("What it says", _STATUS),
        ("Details", ("prism_pattern_detail", "prism_pattern_detail_info", "launcher_process_info")),
    ),
    *_page(
        "Performance",
        ("SLO compliance", (_LATENCY,)),
        ("SLO verdict", (_LATENCY,)),
        ("SLO bar", (_LATENCY,)),
        ("Last 24 h", (_LATENCY,)),
        ("Last 7 d", ("signoz_compliance_spans", _LATENCY)),
        ("Error budget", ("signoz_compliance_spans", _LATENCY)),
        ("Burn rates", (_LATENCY,)),
        ("P99", (_LATENCY,)),
        ("Latency by operation", (_LATENCY, "signoz_operation_duration_seconds")),
        ("Heatmap", (_LATENCY,)),
        ("Throughput by pattern", (_REQUESTS,)),
    ),
    *_page(
        "Backends",
        ("Connection pools", _POOLS),
        ("Connections over time", _POOLS),
        ("Panel per backend", _POOLS),
        ("Servers", _SERVERS),
    ),
    *_page(
        "Messaging",
        ("Published", ("prism_pubsub_published_total",)),
        ("Delivered", ("prism_pubsub_delivered_total",)),
        ("Dropped", ("prism_pubsub_dropped_total",)),
        ("Pending", ("prism_pubsub_pending",)),
        ("Delivery ratio", ("prism_pubsub_delivered_total",)),
        ("Balance", ("prism_pubsub_delivered_total",)),
        ("Delivery latency", ("prism_pubsub_delivery_duration_seconds",)),
        ("Topics", ("prism_pubsub_published_total",)),
        ("Timeline", ("prism_pubsub_published_total",)),
        ("Subscribers", _SUBSCRIBERS),
        ("Flow", ("prism_pubsub_published_total",)),
    ),
    *_page(
        "Namespaces",
        ("Namespace table", ("prism_namespace_info", _REQUESTS)),
        ("Active namespaces", _SPACES),
        ("Traffic distribution", (_REQUESTS,)),
        ("Traffic shares", (_REQUESTS,)),
        ("Noisy neighbour", (_REQUESTS,)),
    ),
    *_page(
        "A namespace",
        ("Patterns", ("prism_namespace_info",)),
        ("Created", ("prism_namespace_created_timestamp_seconds",)),
        ("Owner", ("prism_namespace_info",)),
        ("Max RPS", ("prism_namespace_max_rps",)),
        ("Top operations", (_REQUESTS,)),
        ("Latency", (_LATENCY,)),
        ("Throughput", (_REQUESTS,)),
        ("Errors", (_REQUESTS,)),
    ),
    *_page(
        "Security",
        ("Token checks", (_AUTH,)),
        ("Without expired tokens", (_AUTH,)),
        ("Verdict", (_AUTH,)),
        ("Token refreshes", ("prism_auth_token_refreshes_total", "dex_http_requests_total")),
        ("Failed attempts", (_AUTH,)),
        ("Dex", ("dex_step_ok",)),
        ("Dex steps", ("dex_step_ok",)),
        ("Dex latency", ("dex_step_duration_seconds",)),
        ("Dex keys", ("dex_keys",)),
        ("Dex checked", ("dex_step_ok",)),
        ("Attempts of 24 h", ("signoz_auth_failures",)),
        ("How far back", ("signoz_auth_failures",)),
        ("Repeats", ("signoz_auth_failures",)),
        ("Failures over time", (_AUTH,)),
        ("Authorization total", (_AUTHZ,)),
        ("Authorized", (_AUTHZ,)),
        ("Denied", (_AUTHZ,)),
        ("Denial reasons", (_AUTHZ,)),
        ("JWKS hits", ("prism_jwks_cache_hits_total",)),
        ("JWKS misses", ("prism_jwks_cache_misses_total",)),
        ("JWKS last refresh", ("prism_jwks_last_refresh_timestamp_seconds",)),
        ("JWKS next refresh", ("prism_jwks_next_refresh_timestamp_seconds",)),
    ),
    *_page(
        "Observability",
        ("Pipeline", ("otelcol_exporter_sent_spans_total", "signoz_newest_span_timestamp_seconds")),
        ("Traces exported", ("otelcol_exporter_sent_spans_total",)),
        ("Metrics exported", ("otelcol_exporter_sent_metric_points_total",)),
        ("Logs exported", ("otelcol_exporter_sent_log_records_total",)),
        ("Export errors", tuple(f"otelcol_exporter_{what}_{signal}_total" for what in EXPORTED for signal in SIGNALS)),
        ("Export latency", ("otelcol_exporter_request_duration_seconds",)),
        ("Queues", ("otelcol_exporter_queue_size",)),
        ("Whole traces", (_COVERAGE,)),
        ("Traces with gaps", (_COVERAGE,)),
        ("Backend span missing", (_COVERAGE,)),
        ("Pattern span missing", (_COVERAGE,)),
        ("Proxy span missing", (_COVERAGE,)),
    ),
    *_page(
        "Resources",
        ("Proxy memory", ("process_resident_memory_bytes",)),
        ("Proxy CPU", ("process_cpu_seconds_total",)),
        ("Threads", ("process_threads",)),
        ("File descriptors", ("process_open_fds",)),
        ("Proxy uptime", ("process_start_time_seconds",)),
        ("Pattern processes", (_MEMORY[1], _CPU[1])),
        ("Total memory", _MEMORY),
        ("Total CPU", _CPU),
        ("Total processes", (_MEMORY[0], "process_start_time_seconds", *_STATUS)),
    ),
)
