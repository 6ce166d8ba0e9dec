"""The figures of all namespaces as of one instant, how well each kind of them is known, and whose are bad (view 5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aggregators.namespaces.flows import (
    Asked,
    Seen,
    asked_by,
    own_error_ratios,
    own_p99s,
    p99_by,
    seen,
    timed_by,
)
from aggregators.namespaces.status import Trouble, trouble
from aggregators.requests.labels import REQUESTS
from aggregators.series.availability import Availability, availability
from aggregators.series.counters import Counter, counters
from aggregators.series.grouping import column
from aggregators.series.quantiles import Quantile
from aggregators.series.sources import reach, read_until
from model.status import Reading
from store.frames import Frame
from store.snapshot import Snapshot

BY = ("namespace",)
OWN_WINDOW = "as the proxy works it out, over a window that it does not report"
NO_STATUS = f"{REQUESTS} has no status label; one would fill it"
NO_NAMESPACE = "the proxy's figures have no namespace label; one would fill it"


@dataclass(frozen=True, slots=True)
class Figures:
    """By namespace, from what was `seen`. `stands`, `errors`, `latency`: how rates, error ratios, P99 (s) are known.

    `ready` is False before two reads; `patterns` are those that it asked in the last 5 minutes.
    """

    seen: Seen
    stands: Availability
    errors: Availability
    latency: Availability
    ready: bool
    asked: Asked
    error_ratios: Mapping[str, float]
    p99: Mapping[str, Quantile]
    patterns: Mapping[str, tuple[str, ...]]
    trouble: Trouble

    def per_second(self, name: str) -> float | None:
        """Requests per second; 0 when it asks nothing, None before two reads."""
        return self.asked.per_second.get((name,), 0.0) if self.ready else None

    def has_traffic(self, name: str) -> bool:
        """True when it asked anything in the last 5 minutes."""
        return self.asked.requests.get((name,), 0.0) > 0


def figures(snapshot: Snapshot, now: float, whole: Snapshot | None = None) -> Figures:
    """What the proxies report. `whole` is what `snapshot` was narrowed from: what one lacks may be reported others."""
    everything, at = whole or snapshot, read_until(snapshot, now, "proxy")
    requests, latencies = seen(snapshot, at, whole)
    known = counters(requests)
    asked = asked_by(known, at, BY)
    stands = _availability(everything, now, requests)
    errors, ratios = _errors(snapshot, stands, asked)
    latency = _availability(everything, now, latencies)
    timed = timed_by(counters(latencies), at, BY) if latency.reports else {}
    p99 = {name: value for (name,), value in p99_by(timed).items()}
    if stands.reports and latency.reading is Reading.NOT_REPORTED:
        latency, p99 = _own_latency(snapshot, stands, latency)
    return Figures(
        seen=Seen(requests, latencies),
        stands=stands,
        errors=errors,
        latency=latency,
        ready=bool(asked.per_second),
        asked=asked,
        error_ratios=ratios,
        p99=p99,
        patterns=_patterns(known, at),
        trouble=trouble(snapshot, asked, timed, ratios, p99) if stands.reports else {},
    )


def _availability(whole: Snapshot, now: float, frame: Frame) -> Availability:
    """How a family is known by namespace; what the frame of a single one lacks may be reported others."""
    stands = availability(whole, now, frame)
    if stands.reports and _has_label(frame):
        return stands
    if stands.reports or stands.reading is Reading.NOT_REPORTED:
        at = read_until(whole, now, "proxy")
        frame = whole.frame(frame.name, at - reach(whole, "proxy"), at, coarse=True, fine=0.0)
        stands = availability(whole, now, frame)
        if stands.reports and not _has_label(frame):
            return Availability(Reading.NOT_REPORTED, stands.at, NO_NAMESPACE)
    return stands


def _has_label(frame: Frame) -> bool:
    return any(bool((column(block.labels, "namespace") != "").any()) for block in frame.blocks)


def _errors(snapshot: Snapshot, stands: Availability, asked: Asked) -> tuple[Availability, Mapping[str, float]]:
    """Error ratios: from the requests' status, else as the proxy reports them itself."""
    if not stands.reports:
        return stands, {}
    if asked.counted:
        ratios = {group: asked.error_ratio(group) for group in asked.counted}
        return stands, {name: ratio for (name,), ratio in ratios.items() if ratio is not None}
    own = own_error_ratios(snapshot, stands.at)
    if own:
        return Availability(stands.reading, stands.at, OWN_WINDOW, stands.age_seconds), own
    return (Availability(Reading.NOT_REPORTED, stands.at, NO_STATUS) if asked.requests else stands), {}


def _own_latency(
    snapshot: Snapshot, stands: Availability, otherwise: Availability
) -> tuple[Availability, dict[str, Quantile]]:
    """P99 as the proxy reports it itself, where it has no histogram by namespace."""
    own = own_p99s(snapshot, stands.at)
    if not own:
        return otherwise, {}
    reported = Availability(stands.reading, stands.at, OWN_WINDOW, stands.age_seconds)
    return reported, {name: Quantile(value) for name, value in own.items()}


def _patterns(known: tuple[Counter, ...], at: float) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for (name, pattern), grown in asked_by(known, at, (*BY, "pattern")).requests.items():
        if grown > 0 and pattern:
            found.setdefault(name, []).append(pattern)
    return {name: tuple(sorted(patterns)) for name, patterns in found.items()}
