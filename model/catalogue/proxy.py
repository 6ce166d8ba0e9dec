"""The proxy's own exposition (RFC views 1, 2, 5; contracts 4.7)."""

from __future__ import annotations

from model.catalogue.family import NONE, SEC, TS, B, C, G, H, N, S, family

FAMILIES = (
    family("prism_requests_total", C, N, "namespace pattern operation status", "Requests finished; status is success or error.", "proxy", "RFC view 1, 2, 5"),
    family("prism_request_duration_seconds", H, SEC, "namespace pattern operation", "Time to answer a request, as the proxy saw it.", "proxy", "RFC view 1, 2; contracts 4.7"),
    family("prism_auth_requests_total", C, N, "result reason", "JWT validations; result is success or failure, reason says why it failed.", "proxy", "RFC view 1, 6; contracts 4.7"),
    family("prism_auth_token_refreshes_total", C, N, "", "Token refreshes.", "proxy", "RFC view 6"),
    family("prism_authz_decisions_total", C, N, "decision reason", "Authorization decisions; decision is allowed or denied.", "proxy", "RFC view 6; contracts 4.7"),
    family("prism_jwks_cache_hits_total", C, N, "", "Key lookups answered from the JWKS cache.", "proxy", "RFC view 6" ),
    family("prism_jwks_cache_misses_total", C, N, "", "Key lookups that had to fetch the JWKS.", "proxy", "RFC view 6" ),
    family("prism_jwks_last_refresh_timestamp_seconds", G, TS, "", "When the JWKS was last fetched.", "proxy", "RFC view 6"),
    family("prism_jwks_next_refresh_timestamp_seconds", G, TS, "", "When the JWKS will be fetched next.", "proxy", "RFC view 6"),
    family("prism_pubsub_published_total", C, N, "topic", "Messages published.", "proxy", "RFC view 4"),
    family("prism_pubsub_delivered_total", C, N, "topic", "Messages delivered, once per subscriber.", "proxy", "RFC view 4"),
    family("prism_pubsub_dropped_total", C, N, "topic", "Deliveries given up, once per subscriber.", "proxy", "RFC view 4"),
    family("prism_pubsub_pending", G, N, "topic", "Deliveries not yet made, once per subscriber.", "proxy", "RFC view 4" ),
    family("prism_pubsub_subscribers", G, N, "topic", "Active subscribers.", "proxy", "RFC view 4"),
    family("prism_pubsub_delivery_duration_seconds", H, SEC, "topic", "Publish to receive.", "proxy", "RFC view 4"),
    family("prism_pubsub_subscriber_received_total", C, N, "topic subscriber", "Messages received by one subscriber.", "proxy", "RFC view 4"),
    family("prism_pubsub_subscriber_lag_seconds", G, SEC, "topic subscriber", "How far one subscriber is behind.", "proxy", "RFC view 4"),
    family("prism_pool_connections_active", G, N, "backend pattern", "Connections in use.", "proxy", "RFC view 1, 3" ),
    family("prism_pool_connections_idle", G, N, "backend pattern", "Connections open and free.", "proxy", "RFC view 3" ),
    family("prism_pool_connections_max", G, N, "backend pattern", "The pool's limit.", "proxy", "RFC view 3; contracts 4.7"),
    family("prism_pool_waiting", G, N, "backend pattern", "Requests waiting for a connection.", "proxy", "RFC view 3; contracts 4.7"),
    family("prism_pool_acquire_duration_seconds", H, SEC, "backend pattern", "Time to get a connection.", "proxy", "RFC view 3"),
    family("prism_pool_errors_total", C, N, "backend pattern reason", "Connection errors; reason is refused, timeout or reset.", "proxy", "RFC view 3"),
    family("prism_pattern_restarts_total", C, N, "pattern", "Restarts of a pattern's process since the proxy started.", "proxy", "RFC view 1"),
    family("prism_pattern_start_time_seconds", G, TS, "pattern", "When a pattern's process last started.", "proxy", "RFC view 1"),
    family("prism_pattern_phase", S, NONE, "pattern phase", "1 for the phase a pattern is in (spawn, connect, initialize, start, running, …).", "proxy", "RFC view 1"),
    family("prism_pattern_resident_memory_bytes", G, B, "pattern", "A pattern process's resident memory.", "proxy", "RFC view 8"),
    family("prism_pattern_cpu_seconds_total", C, SEC, "pattern", "A pattern process's CPU time.", "proxy", "RFC view 8" ),
    family("prism_pattern_goroutines", G, N, "pattern", "A pattern process's goroutines.", "proxy", "RFC view 8"),
    family("process_resident_memory_bytes", G, B, "", "The proxy's resident memory.", "proxy", "RFC view 8; contracts external F"),
    family("process_memory_limit_bytes", G, B, "", "The proxy's memory limit.", "proxy", "RFC view 8"),
    family("process_cpu_seconds_total", C, SEC, "", "The proxy's CPU time.", "proxy", "RFC view 8"),
    family("process_threads", G, N, "", "The proxy's threads.", "proxy", "RFC view 8"),
    family("process_open_fds", G, N, "", "The proxy's open descriptors.", "proxy", "RFC view 8"),
    family("process_max_fds", G, N, "", "The proxy's descriptor limit.", "proxy", "RFC view 8"),
    family("process_start_time_seconds", G, TS, "", "When the proxy started.", "proxy", "RFC view 8"),
)
