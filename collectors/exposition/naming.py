"""What a series of an exposition is called here: aliases, base units, kinds (laws 3 and 9)."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Set

from model.catalogue import BY_NAME
from model.series import Kind, Series
from model.settings import Aliases

HISTOGRAM_PARTS = ("_bucket", "_sum", "_count")
_PARTS = (*HISTOGRAM_PARTS, "_gcount", "_gsum")
_SUMMED_PARTS = ("_sum", "_count")
_UNITS = {
    "seconds": {
        "milliseconds": 1e-3, "ms": 1e-3, "microseconds": 1e-6, "us": 1e-6, "nanoseconds": 1e-9, "ns": 1e-9,
        "minutes": 60.0, "hours": 3600.0, "days": 86400.0,
    },
    "bytes": {
        "kilobytes": 1e3, "kb": 1e3, "megabytes": 1e6, "mb": 1e6, "gigabytes": 1e9, "gb": 1e9, "kibibytes": 2.0**10,
        "kib": 2.0**10, "mebibytes": 2.0**20, "mib": 2.0**20, "gibibytes": 2.0**30, "gib": 2.0**30,
    },
    "ratio": {"percent": 1e-2, "pct": 1e-2},
}  # fmt: skip
"""By base unit what other units are of it: how many of the first is one of the second."""

_MILLISECONDS_UNSAID = ("rpc_client_duration", "http_client_duration")
"""Names of OpenTelemetry's older conventions that do not say their unit."""

METRIC_ALIASES: Mapping[str, str] = {
    "prism_connection_pool_active": "prism_pool_connections_active",
    "prism_connection_pool_max": "prism_pool_connections_max",
    "prism_namespace_requests_total": "prism_requests_total",
    "prism_namespace_latency_ms": "prism_namespace_latency_seconds",
}
"""Rival names in Prism's own documents (contracts 4.7) whose meaning and unit are truly the same. `prism_pool_size` is
not here: it does not say whether it is the limit or what is open now."""

LABEL_ALIASES: Mapping[str, str] = {"tenant_id": "namespace"}

_BY_TYPE = {
    "counter": Kind.COUNTER,
    "gauge": Kind.GAUGE,
    "histogram": Kind.HISTOGRAM,
    "info": Kind.INFO,
    "stateset": Kind.STATESET,
    "gaugehistogram": Kind.GAUGE,
}

PAIRS_KEPT = 65_536
"""Labels with their values that are known again; what comes and goes for ever must not fill the memory."""
Pairs = list[tuple[str, str]]


class Naming:
    """Turns names as exposed into series of the catalogue. `instance` is added to every one of them."""

    def __init__(self, instance: str, aliases: Aliases) -> None:
        self.instance = instance
        self._metrics = {**METRIC_ALIASES, **aliases.metrics}
        self._labels = {**LABEL_ALIASES, **aliases.labels}
        self.targets = frozenset(f"{name}{part}" for name in self._metrics.values() for part in ("", *_PARTS))
        """Every sample name that an alias may stand for."""
        self._pairs: dict[tuple[str, str], tuple[str, str]] = {}

    def series(self, exposed: str, pairs: Pairs, types: Mapping[str, str], native: Set[str]) -> tuple[Series, float]:
        """The series of a line and the factor its value is multiplied by.

        `types`: family → TYPE word. `native`: the sample names in the exposition, of `targets` at least; a name that
        is exposed itself is not taken from an alias as well, or it would be counted twice.
        """
        name, factor = exposed, 1.0
        family, part = family_of(exposed, types)
        for known, suffix in ((exposed, ""), (family, part)):
            target = self._metrics.get(known)
            if target is not None and target + suffix not in native:
                scale = unit_factor(known, target)
                name = target + suffix
                pairs = _rescaled(pairs, scale)
                factor = 1.0 if suffix in ("_bucket", "_count") else scale
                break
        kind = kind_of(name, exposed, pairs, types)
        return Series(sys.intern(name), self._canonical(pairs), kind), factor

    def _canonical(self, pairs: Pairs) -> tuple[tuple[str, str], ...]:
        """A label without a value is none, as everywhere that Prometheus' data model holds."""
        pairs = [(name, value) for name, value in pairs if value]
        given = {name for name, _ in pairs}
        labels: dict[str, str] = {}
        for name, value in pairs:
            alias = self._labels.get(name, name)
            labels[name if alias != name and alias in given else alias] = value
        if "instance" in labels:
            labels["exported_instance"] = labels["instance"]
        if "le" in labels:
            labels["le"] = _edge(labels["le"])
        labels["instance"] = self.instance
        return tuple(sorted(map(self._pair, labels.items())))

    def _pair(self, pair: tuple[str, str]) -> tuple[str, str]:
        """The one copy of a label and its value: thousands of series share each, and were five pairs large."""
        known = self._pairs.get(pair)
        if known is None:
            if len(self._pairs) >= PAIRS_KEPT:
                self._pairs.clear()
            name, value = pair
            known = sys.intern(name), sys.intern(value)
            self._pairs[known] = known
        return known


def _edge(text: str) -> str:
    """A bucket's edge in one spelling: OpenMetrics and Prometheus 3 write 1.0 for what the text format writes 1."""
    try:
        return f"{float(text):.12g}" if text != "+Inf" else text
    except ValueError:
        return text


def family_of(sample: str, types: Mapping[str, str]) -> tuple[str, str]:
    """(family, suffix) of a sample name: `x_bucket` belongs to `x` when a histogram or a summary is called so."""
    for part in _PARTS:
        if sample.endswith(part):
            family = sample.removesuffix(part)
            known = BY_NAME.get(family)
            if types.get(family) in ("histogram", "summary", "gaugehistogram") or (
                known is not None and known.kind is Kind.HISTOGRAM
            ):
                return family, part
    return sample, ""


def kind_of(name: str, exposed: str, pairs: Pairs, types: Mapping[str, str]) -> Kind:
    """How a series behaves: by the catalogue, else by its TYPE, else by its name."""
    for family in (name, family_of(name, types)[0]):
        if family in BY_NAME:
            return BY_NAME[family].kind
    family, part = family_of(exposed, types)
    word = types.get(exposed) or types.get(family)
    if word is None and exposed.endswith(("_total", "_info", "_created")):
        word = types.get(exposed.rpartition("_")[0])  # OpenMetrics names the family without the suffix
        if exposed.endswith("_created"):
            return Kind.GAUGE
    if word == "summary":
        return Kind.COUNTER if part in _SUMMED_PARTS else Kind.GAUGE
    if word in _BY_TYPE:
        return _BY_TYPE[word]
    if exposed.endswith("_total"):
        return Kind.COUNTER
    if exposed.endswith("_bucket") and any(label == "le" for label, _ in pairs):
        return Kind.HISTOGRAM
    return Kind.UNKNOWN


def unit_factor(name: str, target: str) -> float:
    """What values of `name` are multiplied by to become `target`: 0.001 from `…_ms` to `…_seconds`, else 1."""
    unit, base = (one.removesuffix("_total").rpartition("_")[2] for one in (name, target))
    if base == "seconds" and name.endswith(_MILLISECONDS_UNSAID):
        return 1e-3
    return _UNITS.get(base, {}).get(unit, 1.0)


def _rescaled(pairs: Pairs, factor: float) -> Pairs:
    """Bucket bounds in base units."""
    if factor == 1.0:
        return pairs
    return [(name, _bound(value, factor) if name == "le" else value) for name, value in pairs]


def _bound(text: str, factor: float) -> str:
    try:
        bound = float(text)
    except ValueError:
        return text
    # A bound of 0.3 ms is 0.0003 s, not 0.00029999999999999997.
    return text if bound in (float("inf"), float("-inf")) else f"{bound * factor:.12g}"
