"""What may be read through a Prometheus: by which of its metrics a target is known for what it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from collectors.dex.telemetry import NAMES as DEX_NAMES
from collectors.dex.telemetry import WANTED as DEX_WANTED
from collectors.otel.names import spellings
from model.catalogue import admin, proxy
from model.settings import Settings

_PROCESS = tuple(one.name for one in proxy.FAMILIES if one.name.startswith("process_"))
_ADMINS_OWN = tuple(name.removeprefix(admin.PREFIX) for name in admin.OWN)


@dataclass(frozen=True, slots=True)
class Behind:
    """One kind of source. Names are those that are exposed.

    `mark`: what only this kind exposes. `names`: patterns of all that is asked for. `also`: what any process exposes,
    and is this kind's on its targets. `joined`: (name, mark) of what is asked for on targets with the mark only.
    `metrics`: the catalogue's name by the exposed one. `kept`: what the catalogue's names must look like.
    """

    source: str
    mark: re.Pattern[str]
    names: tuple[str, ...]
    also: frozenset[str] = frozenset()
    joined: tuple[tuple[str, str], ...] = ()
    metrics: Mapping[str, str] = field(default_factory=dict)
    kept: re.Pattern[str] = re.compile("")


KINDS = (
    Behind("proxy", re.compile(r"prism_(?!admin_)"), ("prism_.*", *_PROCESS), frozenset(_PROCESS)),
    Behind(
        "admin_metrics",
        re.compile("prism_admin_"),
        ("prism_admin_.*", *_ADMINS_OWN),
        frozenset(_ADMINS_OWN),
        metrics={name: f"{admin.PREFIX}{name}" for name in _ADMINS_OWN},
        kept=re.compile(admin.PREFIX),
    ),
    Behind("otel", re.compile("otelcol_"), ("otelcol_.*",), metrics=spellings()),
    Behind(
        "dex",
        re.compile("dex_build_info$"),
        ("dex_build_info",),
        frozenset(DEX_NAMES),
        tuple((name, "dex_build_info") for name in DEX_NAMES),
        metrics=DEX_NAMES,
        kept=re.compile("|".join(f"{re.escape(name)}$" for name in sorted(DEX_WANTED))),
    ),
)


def read_through(settings: Settings) -> tuple[Behind, ...]:
    """The kinds that have no address of their own: what is read directly is not read a second time."""
    direct = {
        "proxy": bool(settings.scraped_urls),
        "admin_metrics": bool(settings.admin_metrics_url),
        "otel": bool(settings.otel_metrics_url),
        "dex": bool(settings.dex_issuer_url),
    }
    return tuple(kind for kind in KINDS if not direct[kind.source])
