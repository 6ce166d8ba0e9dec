"""Which histograms of a scrape are none that can be worked with, and why: what `--check` says of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from model.catalogue import BY_NAME
from model.histogram_shape import NO_BUCKETS, PLAIN, SUMMARY, histogram_fault
from model.series import Kind, Scrape, Series

Labels = tuple[tuple[str, str], ...]


class Unusable(NamedTuple):
    """A family that should be a histogram. `some`: of others of its series the buckets can be worked with."""

    family: str
    reason: str
    some: bool = False


def unusable_histograms(scrape: Scrape) -> tuple[Unusable, ...]:
    """In the order of their names; our own sums are left out, which are as their parts are."""
    parts: dict[str, dict[str, list[tuple[Series, float]]]] = {}
    for one, value in zip(scrape.series, scrape.values, strict=True):
        family, part = _part_of(one.name)
        if family in BY_NAME and BY_NAME[family].kind is Kind.HISTOGRAM and not family.startswith("hud_"):
            parts.setdefault(family, {}).setdefault(part, []).append((one, value))
    found = (_judged(family, samples) for family, samples in sorted(parts.items()))
    return tuple(one for one in found if one is not None)


def _part_of(name: str) -> tuple[str, str]:
    part = next((part for part in ("_bucket", "_sum", "_count") if name.endswith(part)), "")
    return name.removesuffix(part), part


def _judged(family: str, samples: Mapping[str, Iterable[tuple[Series, float]]]) -> Unusable | None:
    if "_bucket" not in samples:
        bare = [one for one, _ in samples.get("", ())]
        quantiles = any(one.label("quantile") for one in bare)
        return Unusable(family, SUMMARY if quantiles else PLAIN if bare else NO_BUCKETS)
    histograms: dict[Labels, dict[str, float]] = {}
    for one, value in samples["_bucket"]:
        identity = tuple(pair for pair in one.labels if pair[0] != "le")
        histograms.setdefault(identity, {})[one.label("le") or ""] = value
    faults = Counter(filter(None, map(histogram_fault, histograms.values())))
    if not faults:
        return None
    (reason, _), *more = faults.most_common()
    bad = faults.total()
    others = f" (and {len(more)} other faults)" if len(more) > 1 else " (and another fault)" if more else ""
    return Unusable(family, f"{reason}{others}", bad < len(histograms))
