"""Every family the HUD knows: name, kind, unit, meaning, and where it comes from (law 3). A file per source.

Names follow the RFC's `prism_requests_total` and Prometheus conventions; what real Prism emits differs by version
(contracts/prism.md section 4.7), so `Aliases` in the settings maps other names to these.
"""

from __future__ import annotations

from model.catalogue import (
    admin,
    alertmanager,
    dex,
    hud,
    launcher,
    nats,
    otel,
    patterns,
    postgres,
    proxy,
    redis,
    servers,
    signoz,
)
from model.catalogue.family import MetricFamily

__all__ = ["BY_NAME", "CATALOGUE", "MetricFamily"]

CATALOGUE: tuple[MetricFamily, ...] = (
    *proxy.FAMILIES,
    *patterns.FAMILIES,
    *admin.FAMILIES,
    *signoz.FAMILIES,
    *otel.FAMILIES,
    *dex.FAMILIES,
    *alertmanager.FAMILIES,
    *launcher.FAMILIES,
    *servers.FAMILIES,
    *redis.FAMILIES,
    *nats.FAMILIES,
    *postgres.FAMILIES,
    *hud.FAMILIES,
)

BY_NAME = {family.name: family for family in CATALOGUE}
