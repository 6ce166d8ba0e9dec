"""Which families fill which figure of the pages, where it stands, and the PromQL that gives the same number.

Any one of a widget's families fills it: what is missing where a panel says "not reported". Tests hold NEEDS against
the pages: without its families a widget says so. "Where from" (`aggregators/follow`) leads from a figure to all this.
"""

from __future__ import annotations

from typing import NamedTuple

from model.catalogue.otel import SIGNALS
from model.catalogue.source_kinds import KINDS
from model.figures import promql as q

_PAGES_OF = {"/patterns": "pattern", "/namespaces": "namespace"}


class Need(NamedTuple):
    """A figure of a page, both by name; the page's path and the element that shows it; the families of which one fills
    it; and the question to a Prometheus ('' where no metric gives it).
    """

    page: str
    path: str
    widget: str
    element: str
    families: tuple[str, ...]
    promql: str = ""

    @property
    def label(self) -> str:
        """What its page is of, as series call it: namespace, pattern, or '' for everything."""
        return _PAGES_OF.get(self.path.rpartition("/")[0], "")


EXPORTED = ("sent", "send_failed", "enqueue_failed")
"""What an exporter counts of each signal."""
SETTINGS = {kind.name: kind.setting for kind in KINDS}
"""The setting that names a source of a kind."""


def fills(**by_kind: str) -> str:
    """What would fill a figure that nobody reports: what each kind of source would have to report, and its setting."""
    return ", or ".join(f"{what} ({SETTINGS[kind]})" for kind, what in by_kind.items()) + " would fill it"


_REQUESTS, _LATENCY = q.REQUESTS, q.LATENCY
_STATUS = ("prism_pattern_status", "launcher_process_state")
_POOLS = ("prism_pool_connections_active", "prism_pattern_detail")
_SERVERS = ("redis_server_memory_used_bytes", "nats_server_subscriptions", "postgres_server_transactions_total")
_SPACES = ("prism_namespace_info", "prism_admin_admin_namespaces_total", _REQUESTS)
_AUTH, _AUTHZ = "prism_auth_requests_total", "prism_authz_decisions_total"
_SUBSCRIBERS = ("prism_pubsub_subscriber_received_total", "nats_server_subscriber_messages_total")
_COVERAGE = "signoz_trace_coverage_traces"
_MEMORY = ("process_resident_memory_bytes", "prism_pattern_resident_memory_bytes")
_CPU = ("process_cpu_seconds_total", "prism_pattern_cpu_seconds_total")
_PUBLISHED, _DELIVERED, _DROPPED = (f"prism_pubsub_{one}_total" for one in ("published", "delivered", "dropped"))
_ARRIVAL = "prism_pubsub_delivery_duration_seconds"
_SPENT = ("signoz_compliance_spans", _LATENCY)
_HITS, _MISSES = "prism_jwks_cache_hits_total", "prism_jwks_cache_misses_total"

_P99 = q.quantile(0.99, _LATENCY, "5m")
_P99_OVER_TIME = q.quantile(0.99, _LATENCY, "$step")
_ERRORS_OVER_TIME = q.grown(_REQUESTS, "1m", q.BAD)
_IN_USE = q.now(_POOLS[0], "backend, pattern")
_OF_ALL = q.share(q.rate(_REQUESTS, "15s", by="namespace"), f"on () group_left () {q.rate(_REQUESTS, '15s')}")
_CHECKED = q.share(q.grown(_AUTH, "1h", q.LET_IN), q.grown(_AUTH, "1h"))
_UNEXPIRED = q.share(q.grown(_AUTH, "1h", q.LET_IN), q.grown(_AUTH, "1h", 'reason!~"(?i).*expired.*"'))
_FANOUT = q.share(q.grown(_DELIVERED, "5m"), q.grown(_PUBLISHED, "5m"))
_BURN = f"(1 - {q.fast('1h')}) / $budget"
_EXPORTS = tuple(f"otelcol_exporter_{what}_{signal}_total" for what in EXPORTED for signal in SIGNALS)
_LOST = " + ".join(f"({q.grown(one, '5m')} or vector(0))" for one in _EXPORTS if "_failed_" in one)
_EXPORT_TIME = "otelcol_exporter_request_duration_seconds"


def _exported(items: str) -> tuple[tuple[str, ...], str]:
    """Two exporters of one signal usually send the same items."""
    family = f"otelcol_exporter_sent_{items}_total"
    return (family,), f"max({q.grown(family, '5m', by='exporter')})"


def of_page(page: str, path: str, *rows: tuple[str, str, tuple[str, ...], str]) -> tuple[Need, ...]:
    """The needs of one page: (widget, element, families, PromQL) each."""
    return tuple(Need(page, path, *row) for row in rows)


NEEDS: tuple[Need, ...] = (
    *of_page(
        "System Health", "/",
        ("Overall status", "sh-status", _STATUS, ""),
        ("Success rate", "sh-success", (_REQUESTS,), q.succeeded("5m")),
        ("Requests", "sh-rps", (_REQUESTS,), q.rate(_REQUESTS, "5s")),
        ("P99 latency", "sh-p99", (_LATENCY,), _P99),
        ("Auth success", "sh-auth", (_AUTH,), q.share(q.grown(_AUTH, "5m", q.LET_IN), q.grown(_AUTH, "5m"))),
        ("Active patterns", "sh-patterns", _STATUS, ""),
        ("Namespaces", "sh-namespaces", _SPACES, ""),
        ("Pattern health", "sh-patterns-rows", _STATUS, ""),
        ("Latency", "sh-lat-chart", (_LATENCY,), _P99_OVER_TIME),
        ("Throughput", "sh-thr-chart", (_REQUESTS,), q.rate(_REQUESTS, "$step")),
        ("Errors", "sh-err-chart", (_REQUESTS,), _ERRORS_OVER_TIME),
        ("Backend pools", "sh-pools", (*_POOLS, *_SERVERS), _IN_USE),
    ),
    *of_page(
        "A pattern", "/patterns/redis",
        ("Status over 24 h", "pd-day-chart", _STATUS, ""),
        ("What it says", "pd-known", _STATUS, ""),
        ("Details", "pd-details", ("prism_pattern_detail", "prism_pattern_detail_info", "launcher_process_info"), ""),
    ),
    *of_page(
        "Performance", "/performance",
        ("SLO compliance", "pf-slo", (_LATENCY,), q.fast("5m")),
        ("SLO verdict", "pf-verdict", (_LATENCY,), q.fast("5m")),
        ("SLO bar", "pf-bar", (_LATENCY,), q.fast("5m")),
        ("Last 24 h", "pf-day", (_LATENCY,), q.fast("24h")),
        ("Last 7 d", "pf-week", _SPENT, ""),
        ("Error budget", "pf-budget", _SPENT, ""),
        ("Burn rates", "pf-burns", (_LATENCY,), _BURN),
        ("P99", "pf-p99", (_LATENCY,), _P99),
        ("Latency by operation", "pf-operations", (_LATENCY, "signoz_operation_duration_seconds"),
         q.quantile(0.99, _LATENCY, "1h", "pattern, operation")),
        ("Heatmap", "pf-heat-chart", (_LATENCY,), q.grown(f"{_LATENCY}_bucket", "$step", by="le")),
        ("Throughput by pattern", "pf-flow-chart", (_REQUESTS,), q.rate(_REQUESTS, "$step", by="pattern")),
    ),
    *of_page(
        "Backends", "/backends",
        ("Connection pools", "bk-pools", _POOLS, _IN_USE),
        ("Connections over time", "bk-conns-chart", _POOLS, _IN_USE),
        ("Panel per backend", "bk-panels", _POOLS, _IN_USE),
        ("Servers", "bk-servers", _SERVERS, ""),
    ),
    *of_page(
        "Messaging", "/messaging",
        ("Published", "ms-published", (_PUBLISHED,), q.grown(_PUBLISHED, "5m")),
        ("Delivered", "ms-delivered", (_DELIVERED,), q.grown(_DELIVERED, "5m")),
        ("Dropped", "ms-dropped", (_DROPPED,), q.grown(_DROPPED, "5m")),
        ("Pending", "ms-pending", ("prism_pubsub_pending",), q.now("prism_pubsub_pending")),
        ("Delivery ratio", "ms-fanout", (_DELIVERED,), _FANOUT),
        ("Balance", "ms-balance", (_DELIVERED,), ""),
        ("Delivery latency", "ms-p99", (_ARRIVAL,), q.quantile(0.99, _ARRIVAL, "5m")),
        ("Topics", "ms-topics", (_PUBLISHED,), q.rate(_PUBLISHED, "15s", by="topic")),
        ("Timeline", "ms-timeline-chart", (_PUBLISHED,), q.rate(_PUBLISHED, "$step")),
        ("Subscribers", "ms-subscribers", _SUBSCRIBERS, q.grown(_SUBSCRIBERS[0], "5m", by="topic, subscriber")),
        ("Flow", "ms-flow", (_PUBLISHED,), q.rate(_PUBLISHED, "15s", by="topic")),
    ),
    *of_page(
        "Namespaces", "/namespaces",
        ("Namespace table", "ns-rows", ("prism_namespace_info", _REQUESTS), q.rate(_REQUESTS, "15s", by="namespace")),
        ("Active namespaces", "ns-active", _SPACES, ""),
        ("Traffic distribution", "ns-pie", (_REQUESTS,), _OF_ALL),
        ("Traffic shares", "ns-shares", (_REQUESTS,), _OF_ALL),
        ("Noisy neighbour", "ns-noisy", (_REQUESTS,), _OF_ALL),
    ),
    *of_page(
        "A namespace", "/namespaces/payments",
        ("Patterns", "nd-patterns", ("prism_namespace_info",), ""),
        ("Created", "nd-created", ("prism_namespace_created_timestamp_seconds",), ""),
        ("Owner", "nd-owner", ("prism_namespace_info",), ""),
        ("Max RPS", "nd-max", ("prism_namespace_max_rps",), ""),
        ("Top operations", "nd-operations", (_REQUESTS,), q.rate(_REQUESTS, "15s", by="pattern, operation")),
        ("Latency", "nd-lat-chart", (_LATENCY,), _P99_OVER_TIME),
        ("Throughput", "nd-thr-chart", (_REQUESTS,), q.rate(_REQUESTS, "$step")),
        ("Errors", "nd-err-chart", (_REQUESTS,), q.failed("$step")),
    ),
    *of_page(
        "Security", "/security",
        ("Token checks", "se-success", (_AUTH,), _CHECKED),
        ("Without expired tokens", "se-unexpired", (_AUTH,), _UNEXPIRED),
        ("Verdict", "se-verdict", (_AUTH,), _UNEXPIRED),
        ("Token refreshes", "se-refreshes", ("prism_auth_token_refreshes_total", "dex_http_requests_total"),
         q.grown("prism_auth_token_refreshes_total", "1h")),
        ("Failed attempts", "se-failed", (_AUTH,), q.grown(_AUTH, "1h", q.TURNED_AWAY)),
        ("Dex", "se-dex-status", ("dex_step_ok",), ""),
        ("Dex steps", "se-dex-steps", ("dex_step_ok",), ""),
        ("Dex latency", "se-dex-latency", ("dex_step_duration_seconds",), ""),
        ("Dex keys", "se-dex-keys", ("dex_keys",), ""),
        ("Dex checked", "se-dex-checked", ("dex_step_ok",), ""),
        ("Attempts of 24 h", "se-attempts", ("signoz_auth_failures",), ""),
        ("How far back", "se-shown", ("signoz_auth_failures",), ""),
        ("Repeats", "se-repeats", ("signoz_auth_failures",), ""),
        ("Failures over time", "se-why-chart", (_AUTH,), q.grown(_AUTH, "$step", q.TURNED_AWAY, "reason")),
        ("Authorization total", "se-authz-total", (_AUTHZ,), q.grown(_AUTHZ, "1h")),
        ("Authorized", "se-authz-allowed", (_AUTHZ,), q.grown(_AUTHZ, "1h", q.ALLOWED)),
        ("Denied", "se-authz-denied", (_AUTHZ,), q.grown(_AUTHZ, "1h", q.DENIED)),
        ("Denial reasons", "se-authz-reasons", (_AUTHZ,), q.grown(_AUTHZ, "1h", q.DENIED, "reason")),
        ("JWKS hits", "se-jwks-hits", (_HITS,), q.grown(_HITS, "1h")),
        ("JWKS misses", "se-jwks-misses", (_MISSES,), q.grown(_MISSES, "1h")),
        ("JWKS last refresh", "se-jwks-last", ("prism_jwks_last_refresh_timestamp_seconds",),
         "min(prism_jwks_last_refresh_timestamp_seconds{$only})"),
        ("JWKS next refresh", "se-jwks-next", ("prism_jwks_next_refresh_timestamp_seconds",),
         "min(prism_jwks_next_refresh_timestamp_seconds{$only})"),
    ),
    *of_page(
        "Observability", "/observability",
        ("Pipeline", "ob-hops", ("otelcol_exporter_sent_spans_total", "signoz_newest_span_timestamp_seconds"), ""),
        ("Traces exported", "ob-traces", *_exported("spans")),
        ("Metrics exported", "ob-metrics", *_exported("metric_points")),
        ("Logs exported", "ob-logs", *_exported("log_records")),
        ("Export errors", "ob-errors", _EXPORTS, _LOST),
        ("Export latency", "ob-latency", (_EXPORT_TIME,), q.quantile(0.99, _EXPORT_TIME, "5m")),
        ("Queues", "ob-exporters", ("otelcol_exporter_queue_size",), q.now("otelcol_exporter_queue_size", "exporter")),
        ("Whole traces", "ob-complete", (_COVERAGE,), ""),
        ("Traces with gaps", "ob-incomplete", (_COVERAGE,), ""),
        ("Backend span missing", "ob-no-backend", (_COVERAGE,), ""),
        ("Pattern span missing", "ob-no-pattern", (_COVERAGE,), ""),
        ("Proxy span missing", "ob-no-proxy", (_COVERAGE,), ""),
    ),
    *of_page(
        "Resources", "/resources",
        ("Proxy memory", "rs-memory", (_MEMORY[0],), q.now(_MEMORY[0], only="$proxies")),
        ("Proxy CPU", "rs-cpu", (_CPU[0],), q.rate(_CPU[0], "1m", only="$proxies")),
        ("Threads", "rs-threads", ("process_threads",), q.now("process_threads", only="$proxies")),
        ("File descriptors", "rs-fds", ("process_open_fds",), q.now("process_open_fds", only="$proxies")),
        ("Proxy uptime", "rs-uptime", ("process_start_time_seconds",),
         "time() - max(process_start_time_seconds{$proxies})"),
        ("Pattern processes", "rs-patterns", (_MEMORY[1], _CPU[1]), q.now(_MEMORY[1], "pattern")),
        ("Total memory", "rs-total-memory", _MEMORY, f"{q.now(_MEMORY[0], only='$proxies')} + {q.now(_MEMORY[1])}"),
        ("Total CPU", "rs-total-cpu", _CPU, f"{q.rate(_CPU[0], '1m', only='$proxies')} + {q.rate(_CPU[1], '1m')}"),
        ("Total processes", "rs-total-processes", (_MEMORY[0], "process_start_time_seconds", *_STATUS), ""),
    ),
)  # fmt: skip
