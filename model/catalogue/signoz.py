"""SigNoz (RFC view 1, 2; contracts external A)."""

from __future__ import annotations

from model.catalogue.family import NONE, SEC, TS, G, N, family

FAMILIES = (
    family("signoz_operation_duration_seconds", G, SEC, "operation quantile", "Span duration quantiles of the last 5 minutes, as SigNoz answers; quantile max is the maximum.", "signoz", "RFC view 1, 2; external A3.1"),
    family("signoz_operation_spans", G, N, "operation", "Spans of the last 5 minutes, as SigNoz counts them.", "signoz", "external A3.1"),
    family("signoz_operation_error_spans", G, N, "operation", "Failed spans of the last 5 minutes.", "signoz", "external A3.2"),
    family("signoz_alert_active", G, NONE, "alertname severity fingerprint", "1 per alert open in SigNoz; the alert's own labels come too.", "signoz", "external A7"),
    family("signoz_alert_starts_at_seconds", G, TS, "fingerprint", "When an open SigNoz alert began.", "signoz", "external A7"),
)
