"""The figures beside the RFC's widgets: more of the same panels, in the same words as `model.needs`."""

from __future__ import annotations

from model.figures import promql as q
from model.needs import NEEDS, Need, of_page

_REQUESTS, _LATENCY = q.REQUESTS, q.LATENCY
_STATUS = ("prism_pattern_status", "launcher_process_state")
_AUTHZ, _COVERAGE = "prism_authz_decisions_total", "signoz_trace_coverage_traces"
_HITS, _MISSES = "prism_jwks_cache_hits_total", "prism_jwks_cache_misses_total"
_MEMORY, _CPU, _FDS = "process_resident_memory_bytes", "process_cpu_seconds_total", "process_open_fds"
_SPACES = ("prism_namespace_info", "prism_admin_admin_namespaces_total", _REQUESTS)
_CORES = ("process_cpu_seconds_total", "prism_pattern_cpu_seconds_total")
_SIGNALS = ("spans", "metric_points", "log_records")
_LOST = tuple(f"otelcol_exporter_send_failed_{one}_total" for one in _SIGNALS)
_DROPPED = tuple(f"otelcol_exporter_enqueue_failed_{one}_total" for one in _SIGNALS)
_REFUSED = tuple(f"otelcol_receiver_refused_{one}_total" for one in _SIGNALS)
_SENT = tuple(f"otelcol_exporter_sent_{one}_total" for one in _SIGNALS)


def _every(families: tuple[str, ...]) -> str:
    return " + ".join(f"({q.grown(one, '5m')} or vector(0))" for one in families)


def _of_decisions(matchers: str) -> str:
    return q.share(q.grown(_AUTHZ, "1h", matchers), q.grown(_AUTHZ, "1h"))


def _of_lookups(family: str) -> str:
    return f"{q.grown(family, '1h')} / ({q.grown(_HITS, '1h')} + {q.grown(_MISSES, '1h')})"


def _of_limit(family: str, limit: str) -> str:
    return q.share(q.now(family, only="$proxies"), q.now(limit, only="$proxies"))


def _admin(family: str, exposed: str = "") -> tuple[tuple[str, ...], str]:
    """A gauge of prism-admin; `exposed` where it is called otherwise there."""
    return (family,), f"{exposed or family}{{$admin}}"


def _requests(prefix: str, rate: str = "5s") -> tuple[tuple[str, str, tuple[str, ...], str], ...]:
    return (
        ("Requests", f"{prefix}-rps", (_REQUESTS,), q.rate(_REQUESTS, rate)),
        ("Success rate", f"{prefix}-success", (_REQUESTS,), q.succeeded("5m")),
        ("P99 latency", f"{prefix}-p99", (_LATENCY,), q.quantile(0.99, _LATENCY, "5m")),
    )


PARTS: tuple[Need, ...] = (
    *of_page(
        "System Health", "/",
        *((f"P{name}", f"sh-lat-p{name}", (_LATENCY,), q.quantile(of, _LATENCY, "5m"))
          for name, of in (("50", 0.5), ("99", 0.99), ("999", 0.999))),
        ("Reads", "sh-thr-read", (_REQUESTS,), q.rate(_REQUESTS, "5s", "$reads")),
        ("Writes", "sh-thr-write", (_REQUESTS,), q.rate(_REQUESTS, "5s", "$writes")),
        ("All requests", "sh-thr-total", (_REQUESTS,), q.rate(_REQUESTS, "5s")),
        ("Error rate", "sh-err-ratio", (_REQUESTS,), q.failed("5m")),
        ("Errors, last minute", "sh-err-count", (_REQUESTS,), q.grown(_REQUESTS, "1m", q.BAD)),
    ),
    *of_page(
        "A pattern", "/patterns/redis",
        *_requests("pd"),
        ("P50 latency", "pd-p50", (_LATENCY,), q.quantile(0.5, _LATENCY, "5m")),
        ("Uptime", "pd-uptime", ("prism_pattern_start_time_seconds", "launcher_process_started_timestamp_seconds"),
         "time() - max(prism_pattern_start_time_seconds{$only})"),
        ("Restarts", "pd-restarts", ("prism_pattern_restarts_total", "launcher_process_info"),
         q.grown("prism_pattern_restarts_total", "24h")),
        ("Latency", "pd-lat-chart", (_LATENCY,), q.quantile(0.99, _LATENCY, "$step")),
        ("Throughput", "pd-thr-chart", (_REQUESTS,), q.rate(_REQUESTS, "$step")),
        ("Errors", "pd-err-chart", (_REQUESTS,), q.grown(_REQUESTS, "1m", q.BAD)),
    ),
    *of_page("Performance", "/performance",
           ("Proxies", "pf-proxies", (_LATENCY, _REQUESTS), q.rate(_REQUESTS, "15s", by="instance"))),
    *of_page("Messaging", "/messaging",
           ("Delivery ratio", "ms-ratio", ("prism_pubsub_delivered_total",),
            q.share(q.grown("prism_pubsub_delivered_total", "5m"), q.grown("prism_pubsub_published_total", "5m")))),
    *of_page(
        "Namespaces", "/namespaces",
        ("With traffic", "ns-traffic", (_REQUESTS,), f"count({q.rate(_REQUESTS, '15s', by='namespace')} > 0)"),
        ("Configured but idle", "ns-idle", _SPACES, ""),
        ("Not in the Admin API", "ns-unlisted", _SPACES, ""),
        ("All requests", "ns-total", (_REQUESTS,), q.rate(_REQUESTS, "15s")),
    ),
    *of_page(
        "A namespace", "/namespaces/payments",
        *_requests("nd", "15s"),
        ("Error rate", "nd-errors", (_REQUESTS,), q.failed("5m")),
        ("Of all requests", "nd-share", (_REQUESTS,),
         q.share(q.rate(_REQUESTS, "15s"), q.rate(_REQUESTS, "15s", only="$all"))),
        ("Of max RPS", "nd-use", ("prism_namespace_max_rps", _REQUESTS), ""),
        ("Max reads", "nd-reads", ("prism_namespace_max_read_rps",), ""),
        ("Max writes", "nd-writes", ("prism_namespace_max_write_rps",), ""),
        ("Admin status", "nd-admin", ("prism_namespace_info",), ""),
    ),
    *of_page(
        "Security", "/security",
        ("Authorized, share", "se-authz-allowed-also", (_AUTHZ,), _of_decisions(q.ALLOWED)),
        ("Denied, share", "se-authz-denied-also", (_AUTHZ,), _of_decisions(q.DENIED)),
        ("JWKS hits, share", "se-jwks-hits-also", (_HITS, _MISSES), _of_lookups(_HITS)),
        ("JWKS misses, share", "se-jwks-misses-also", (_HITS, _MISSES), _of_lookups(_MISSES)),
    ),
    *of_page(
        "Observability", "/observability",
        ("Export errors, share", "ob-errors-also", (*_SENT, *_LOST, *_DROPPED),
         f"({_every((*_LOST, *_DROPPED))}) / ({_every((*_SENT, *_LOST, *_DROPPED))})"),
        ("Refused at the door", "ob-refused", _REFUSED, _every(_REFUSED)),
        ("Dropped before the queue", "ob-dropped", _DROPPED, _every(_DROPPED)),
        *((f"{what}, share", f"ob-{name}-also", (_COVERAGE,), "") for what, name in (
            ("Whole traces", "complete"), ("Traces with gaps", "incomplete"), ("Backend span missing", "no-backend"),
            ("Pattern span missing", "no-pattern"), ("Proxy span missing", "no-proxy"))),
    ),
    *of_page(
        "Resources", "/resources",
        ("Of its memory", "rs-memory-also", (_MEMORY,), _of_limit(_MEMORY, "process_memory_limit_bytes")),
        ("Of its cores", "rs-cpu-also", (_CPU,),
         q.share(q.rate(_CPU, "1m", only="$proxies"), q.now("process_cpu_limit_cores", only="$proxies"))),
        ("Of its descriptors", "rs-fds-also", (_FDS,), _of_limit(_FDS, "process_max_fds")),
        ("Proxies", "rs-proxies", (_MEMORY, _CPU), q.now(_MEMORY, "instance", "$proxies")),
        ("Memory over time", "rs-mem-chart", (_MEMORY, "prism_pattern_resident_memory_bytes"),
         q.now("prism_pattern_resident_memory_bytes", "pattern")),
        ("CPU over time", "rs-cpu-chart", _CORES, q.rate("prism_pattern_cpu_seconds_total", "1m", by="pattern")),
        ("Raft term", "rs-raft-term", *_admin("prism_admin_raft_term")),
        ("Last log index", "rs-raft-index", *_admin("prism_admin_raft_last_index")),
        ("Leader changes", "rs-raft-changes", ("prism_admin_raft_leader_changes_total",),
         q.grown("prism_admin_raft_leader_changes_total", "24h", only="$admin")),
        ("Servers configured", "rs-raft-servers", *_admin("prism_admin_cluster_size")),
        *((f"{one.capitalize()} registered", f"rs-admin-{one}", *_admin(f"prism_admin_admin_{one}_total"))
          for one in ("namespaces", "proxies", "launchers", "patterns")),
        ("prism-admin's memory", "rs-admin-memory",
         *_admin("prism_admin_process_resident_memory_bytes", "process_resident_memory_bytes")),
        ("prism-admin's uptime", "rs-admin-uptime", ("prism_admin_process_start_time_seconds",),
         "time() - process_start_time_seconds{$admin}"),
    ),
)  # fmt: skip
FIGURES = {one.element: one for one in (*NEEDS, *PARTS)}
"""Every figure that can be followed, by the element that shows it."""
