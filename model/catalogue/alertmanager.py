"""Alertmanager's API v2 (contracts external D)."""

from __future__ import annotations

from model.catalogue.family import NONE, TS, G, N, family

FAMILIES = (
    family("alertmanager_alert_active", G, NONE, "alertname severity fingerprint alert_state", "1 per alert open in Alertmanager, silenced and inhibited ones too; the alert's own labels come as well.", "alertmanager", "external D"),
    family("alertmanager_alerts", G, N, "severity part", "Alerts open in Alertmanager: part listed is how many there are, part followed how many of them the dashboard follows.", "alertmanager", "external D"),
    family("alertmanager_alert_starts_at_seconds", G, TS, "fingerprint", "When an open Alertmanager alert began.", "alertmanager", "external D"),
)
