"""Every family the HUD knows: name, kind, unit, meaning, and where it comes from (law 3). A file per source.

Names follow the RFC's `prism_requests_total` and Prometheus conventions; what real Prism emits differs by version
(contracts/prism.md section 4.7), so `Aliases` in the settings maps other names to these.
"""

from __future__ import annotations

from model.catalogue import hud, servers
from model.catalogue.family import MetricFamily
from model.catalogue.source_kinds import KINDS

__all__ = ["BY_NAME", "CATALOGUE", "MetricFamily"]

CATALOGUE: tuple[MetricFamily, ...] = (
    *(family for kind in KINDS for family in kind.families),
    *servers.FAMILIES,
    *hud.FAMILIES,
)

BY_NAME = {family.name: family for family in CATALOGUE}
