"""SigNoz (RFC view 1, 2; contracts external A)."""

from __future__ import annotations

from model.catalogue.family import NONE, SEC, TS, G, I, N, family

FAMILIES = (
    family("signoz_operation_duration_seconds", G, SEC, "operation quantile", "Span duration quantiles of the last 5 minutes, as SigNoz answers; quantile max is the maximum.", "signoz", "RFC view 1, 2; external A3.1"),
    family("signoz_operation_spans", G, N, "operation", "Spans of the last 5 minutes, as SigNoz counts them.", "signoz", "external A3.1"),
    family("signoz_operation_error_spans", G, N, "operation", "Failed spans of the last 5 minutes.", "signoz", "external A3.2"),
    family("signoz_alert_active", G, NONE, "alertname severity fingerprint", "1 per alert open in SigNoz; the alert's own labels come too.", "signoz", "external A7"),
    family("signoz_alerts", G, N, "severity part", "Alerts open in SigNoz: part listed is how many there are, part followed how many of them the dashboard follows.", "signoz", "external A7"),
    family("signoz_alert_starts_at_seconds", G, TS, "fingerprint", "When an open SigNoz alert began.", "signoz", "external A7"),
    family("signoz_newest_span_timestamp_seconds", G, TS, "service", "When the newest span of a service began that SigNoz holds.", "signoz", "RFC view 7; external A3.6"),
    family("signoz_trace_coverage_traces", G, N, "part", "Traces of the window by what they hold: complete, backend_missing, pattern_missing, proxy_missing.", "signoz", "RFC view 7; external A3.5"),
    family("signoz_trace_coverage_start_seconds", G, TS, "", "Where the window of the coverage begins.", "signoz", "RFC view 7"),
    family("signoz_trace_coverage_end_seconds", G, TS, "", "Where it ends: a minute before it was asked, since the newest traces are never whole.", "signoz", "RFC view 7"),
    family("signoz_pattern_traces", G, N, "part", "Traces with a pattern's span in ten of the last seconds: all, and backend_missing without a span of its backend.", "signoz", "RFC view 7; external A3.5"),
    family("signoz_signal_rows", G, N, "signal", "Rows of traces, metrics or logs that SigNoz holds.", "signoz", "external A8"),
    family("signoz_signal_last_observed_timestamp_seconds", G, TS, "signal", "When the newest row of a signal was observed.", "signoz", "RFC view 7; external A8"),
    family("signoz_question_info", I, NONE, "question state detail", "How a question that is asked rarely was answered: answered, no data, not offered or failed.", "signoz", "external A6"),
    family("signoz_auth_failures", G, N, "window reason", "Failed token checks of the last 10 min or 24 h, as SigNoz counts their spans.", "signoz", "RFC view 6; external A3.2"),
    family("signoz_auth_failures_by_address", G, N, "window source_ip", "The same by address, the 20 with the most.", "signoz", "RFC view 6"),
    family("signoz_auth_failure_users", G, N, "window source_ip", "How many users each of these addresses tried.", "signoz", "RFC view 6"),
    family("signoz_auth_failures_by_user", G, N, "window user", "The same by user, the 20 with the most.", "signoz", "RFC view 6"),
    family("signoz_auth_failure_addresses", G, N, "window user", "From how many addresses each of these users came.", "signoz", "RFC view 6"),
    family("signoz_auth_failures_counted_timestamp_seconds", G, TS, "window", "Where the window of these counts ends.", "signoz", "RFC view 6"),
    family("signoz_compliance_spans", G, N, "", "Spans of the proxy in the last 7 days.", "signoz", "RFC view 2; external A3.4"),
    family("signoz_compliance_fast_spans", G, N, "", "Those of them that took less than the objective's threshold.", "signoz", "RFC view 2; external A3.4"),
    family("signoz_compliance_covered_seconds", G, SEC, "", "How much of the 7 days there are spans of, by the hour.", "signoz", "RFC view 2"),
    family("signoz_compliance_threshold_seconds", G, SEC, "", "The threshold that was asked for.", "signoz", "RFC view 2"),
)
