"""Every family the HUD knows: name, kind, unit, meaning, and where it comes from (law 3).

Names follow the RFC's `prism_requests_total` and Prometheus conventions; what real Prism emits differs by version
(contracts/prism.md section 4.7), so `Aliases` in the settings maps other names to these.
"""

from __future__ import annotations

from dataclasses import dataclass

from model.series import Kind, Unit


@dataclass(frozen=True, slots=True)
class MetricFamily:
    """One family. `source` is the collector that reads it; `origin` the RFC or contract section that names it."""

    name: str
    kind: Kind
    unit: Unit
    labels: tuple[str, ...]
    help: str
    source: str
    origin: str


def _family(name: str, kind: Kind, unit: Unit, labels: str, help_: str, source: str, origin: str) -> MetricFamily:
    return MetricFamily(name, kind, unit, tuple(labels.split()), help_, source, origin)


_C, _G, _H, _I, _S = Kind.COUNTER, Kind.GAUGE, Kind.HISTOGRAM, Kind.INFO, Kind.STATESET
_N, _SEC, _B, _TS = Unit.COUNT, Unit.SECONDS, Unit.BYTES, Unit.TIMESTAMP

CATALOGUE: tuple[MetricFamily, ...] = (
    # The proxy's own exposition (RFC views 1, 2, 5; contracts 4.7).
    _family(
        "prism_requests_total",
        _C,
        _N,
        "namespace pattern operation status",
        "Requests finished; status is success or error.",
        "proxy",
        "RFC view 1, 2, 5",
    ),
    _family(
        "prism_request_duration_seconds",
        _H,
        _SEC,
        "namespace pattern operation",
        "Time to answer a request, as the proxy saw it.",
        "proxy",
        "RFC view 1, 2; contracts 4.7",
    ),
    _family(
        "prism_auth_requests_total",
        _C,
        _N,
        "result reason",
        "JWT validations; result is success or failure, reason says why it failed.",
        "proxy",
        "RFC view 1, 6; contracts 4.7",
    ),
    _family("prism_auth_token_refreshes_total", _C, _N, "", "Token refreshes.", "proxy", "RFC view 6"),
    _family(
        "prism_authz_decisions_total",
        _C,
        _N,
        "decision reason",
        "Authorization decisions; decision is allowed or denied.",
        "proxy",
        "RFC view 6; contracts 4.7",
    ),
    _family(
        "prism_jwks_cache_hits_total", _C, _N, "", "Key lookups answered from the JWKS cache.", "proxy", "RFC view 6"
    ),
    _family(
        "prism_jwks_cache_misses_total", _C, _N, "", "Key lookups that had to fetch the JWKS.", "proxy", "RFC view 6"
    ),
    _family(
        "prism_jwks_last_refresh_timestamp_seconds",
        _G,
        _TS,
        "",
        "When the JWKS was last fetched.",
        "proxy",
        "RFC view 6",
    ),
    _family(
        "prism_jwks_next_refresh_timestamp_seconds",
        _G,
        _TS,
        "",
        "When the JWKS will be fetched next.",
        "proxy",
        "RFC view 6",
    ),
    _family("prism_pubsub_published_total", _C, _N, "topic", "Messages published.", "proxy", "RFC view 4"),
    _family(
        "prism_pubsub_delivered_total",
        _C,
        _N,
        "topic",
        "Messages delivered, once per subscriber.",
        "proxy",
        "RFC view 4",
    ),
    _family(
        "prism_pubsub_dropped_total",
        _C,
        _N,
        "topic",
        "Deliveries given up, once per subscriber.",
        "proxy",
        "RFC view 4",
    ),
    _family(
        "prism_pubsub_pending", _G, _N, "topic", "Deliveries not yet made, once per subscriber.", "proxy", "RFC view 4"
    ),
    _family("prism_pubsub_subscribers", _G, _N, "topic", "Active subscribers.", "proxy", "RFC view 4"),
    _family("prism_pubsub_delivery_duration_seconds", _H, _SEC, "topic", "Publish to receive.", "proxy", "RFC view 4"),
    _family(
        "prism_pubsub_subscriber_received_total",
        _C,
        _N,
        "topic subscriber",
        "Messages received by one subscriber.",
        "proxy",
        "RFC view 4",
    ),
    _family(
        "prism_pubsub_subscriber_lag_seconds",
        _G,
        _SEC,
        "topic subscriber",
        "How far one subscriber is behind.",
        "proxy",
        "RFC view 4",
    ),
    _family(
        "prism_pool_connections_active", _G, _N, "backend pattern", "Connections in use.", "proxy", "RFC view 1, 3"
    ),
    _family(
        "prism_pool_connections_idle", _G, _N, "backend pattern", "Connections open and free.", "proxy", "RFC view 3"
    ),
    _family(
        "prism_pool_connections_max",
        _G,
        _N,
        "backend pattern",
        "The pool's limit.",
        "proxy",
        "RFC view 3; contracts 4.7",
    ),
    _family(
        "prism_pool_waiting",
        _G,
        _N,
        "backend pattern",
        "Requests waiting for a connection.",
        "proxy",
        "RFC view 3; contracts 4.7",
    ),
    _family(
        "prism_pool_acquire_duration_seconds",
        _H,
        _SEC,
        "backend pattern",
        "Time to get a connection.",
        "proxy",
        "RFC view 3",
    ),
    _family(
        "prism_pool_errors_total",
        _C,
        _N,
        "backend pattern reason",
        "Connection errors; reason is refused, timeout or reset.",
        "proxy",
        "RFC view 3",
    ),
    _family(
        "prism_pattern_restarts_total",
        _C,
        _N,
        "pattern",
        "Restarts of a pattern's process since the proxy started.",
        "proxy",
        "RFC view 1",
    ),
    _family(
        "prism_pattern_start_time_seconds",
        _G,
        _TS,
        "pattern",
        "When a pattern's process last started.",
        "proxy",
        "RFC view 1",
    ),
    _family(
        "prism_pattern_phase",
        _S,
        Unit.NONE,
        "pattern phase",
        "1 for the phase a pattern is in (spawn, connect, initialize, start, running, …).",
        "proxy",
        "RFC view 1",
    ),
    _family(
        "prism_pattern_resident_memory_bytes",
        _G,
        _B,
        "pattern",
        "A pattern process's resident memory.",
        "proxy",
        "RFC view 8",
    ),
    _family(
        "prism_pattern_cpu_seconds_total", _C, _SEC, "pattern", "A pattern process's CPU time.", "proxy", "RFC view 8"
    ),
    _family("prism_pattern_goroutines", _G, _N, "pattern", "A pattern process's goroutines.", "proxy", "RFC view 8"),
    _family(
        "process_resident_memory_bytes",
        _G,
        _B,
        "",
        "The proxy's resident memory.",
        "proxy",
        "RFC view 8; contracts external F",
    ),
    _family("process_memory_limit_bytes", _G, _B, "", "The proxy's memory limit.", "proxy", "RFC view 8"),
    _family("process_cpu_seconds_total", _C, _SEC, "", "The proxy's CPU time.", "proxy", "RFC view 8"),
    _family("process_threads", _G, _N, "", "The proxy's threads.", "proxy", "RFC view 8"),
    _family("process_open_fds", _G, _N, "", "The proxy's open descriptors.", "proxy", "RFC view 8"),
    _family("process_max_fds", _G, _N, "", "The proxy's descriptor limit.", "proxy", "RFC view 8"),
    _family("process_start_time_seconds", _G, _TS, "", "When the proxy started.", "proxy", "RFC view 8"),
    # Pattern health over gRPC (RFC view 1, 3; contracts section 5).
    _family(
        "prism_pattern_status",
        _S,
        Unit.NONE,
        "pattern status service",
        "1 for the status a pattern reports; service says which health service told.",
        "patterns",
        "contracts 5.2, 5.3",
    ),
    _family(
        "prism_pattern_message_info",
        _I,
        Unit.NONE,
        "pattern message",
        "The words a pattern gave with its status, credentials removed.",
        "patterns",
        "contracts 5.3",
    ),
    _family(
        "prism_pattern_detail",
        _G,
        Unit.NONE,
        "pattern key",
        "A numeric entry of a pattern's health details.",
        "patterns",
        "contracts 5.4",
    ),
    _family(
        "prism_pattern_detail_info",
        _I,
        Unit.NONE,
        "pattern key value",
        "A textual entry of a pattern's health details, credentials removed.",
        "patterns",
        "contracts 5.4",
    ),
    _family(
        "prism_pattern_check_duration_seconds",
        _G,
        _SEC,
        "pattern",
        "How long the health call took.",
        "patterns",
        "contracts 5.3",
    ),
    # The Admin API (RFC view 5; contracts section 6).
    _family(
        "prism_namespace_info",
        _I,
        Unit.NONE,
        "namespace owner status patterns",
        "1 per namespace; patterns is a comma-separated list.",
        "admin",
        "RFC view 5; contracts 6",
    ),
    _family(
        "prism_namespace_created_timestamp_seconds",
        _G,
        _TS,
        "namespace",
        "When a namespace was created.",
        "admin",
        "RFC view 5; contracts 6",
    ),
    _family(
        "prism_namespace_max_rps",
        _G,
        Unit.PER_SECOND,
        "namespace",
        "A namespace's configured limit.",
        "admin",
        "RFC view 5; contracts 6",
    ),
    # SigNoz (RFC view 1, 2; contracts external A).
    _family(
        "signoz_operation_duration_seconds",
        _G,
        _SEC,
        "operation quantile",
        "Span duration quantiles of the last 5 minutes, as SigNoz answers; quantile max is the maximum.",
        "signoz",
        "RFC view 1, 2; external A3.1",
    ),
    _family(
        "signoz_operation_spans",
        _G,
        _N,
        "operation",
        "Spans of the last 5 minutes, as SigNoz counts them.",
        "signoz",
        "external A3.1",
    ),
    _family(
        "signoz_operation_error_spans",
        _G,
        _N,
        "operation",
        "Failed spans of the last 5 minutes.",
        "signoz",
        "external A3.2",
    ),
    _family(
        "signoz_alert_active",
        _G,
        Unit.NONE,
        "alertname severity fingerprint",
        "1 per alert open in SigNoz; the alert's own labels come too.",
        "signoz",
        "external A7",
    ),
    _family(
        "signoz_alert_starts_at_seconds",
        _G,
        _TS,
        "fingerprint",
        "When an open SigNoz alert began.",
        "signoz",
        "external A7",
    ),
    # The HUD itself, written by the scheduler for each attempt.
    _family(
        "hud_source_success",
        _G,
        Unit.NONE,
        "source target",
        "1 when the last read of a source succeeded, else 0.",
        "hud",
        "law 2",
    ),
    _family(
        "hud_source_duration_seconds",
        _G,
        _SEC,
        "source target",
        "How long the last read of a source took.",
        "hud",
        "law 2",
    ),
    _family(
        "hud_exposition_skipped_lines",
        _G,
        _N,
        "",
        "Lines of the last exposition that could not be read, when there were any.",
        "proxy",
        "law 2",
    ),
    _family("hud_source_samples", _G, _N, "source target", "Samples in the last read of a source.", "hud", "law 2"),
)

BY_NAME = {family.name: family for family in CATALOGUE}
