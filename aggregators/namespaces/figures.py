"""The figures of all namespaces as of one instant, how well each kind of them is known, and whose are bad (view 5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from aggregators.namespaces.flows import (
    Asked,
    Seen,
    asked_by,
    own_error_ratios,
    own_p99s,
    p99_by,
    seen,
    seen_by_spans,
    timed_by,
)
from aggregators.namespaces.status import Trouble, trouble
from aggregators.requests.labels import REQUESTS
from aggregators.requests.spans import all_spans
from aggregators.series.availability import Availability, availability_of
from aggregators.series.counters import Counter, counters
from aggregators.series.grouping import column
from aggregators.series.quantiles import Quantile
from aggregators.series.sources import read_until
from aggregators.series.window import Window
from model.status import Reading
from store.frames import Frame
from store.snapshot import Snapshot

BY = ("namespace",)
OWN_WINDOW = "as the proxy works it out, over a window that it does not report"
NO_STATUS = f"{REQUESTS} has no status label; one would fill it"
NO_NAMESPACE = "the proxy's figures have no namespace label; one would fill it"


@dataclass(frozen=True, slots=True)
class Figures:
    """By namespace, from what was `seen`. `availability` is that of rates, `errors` of error ratios, `latency` of P99.

    `ready` is False before two reads; `patterns` are those that it asked in the last 5 minutes.
    """

    seen: Seen
    availability: Availability
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
    """What the proxies report. `whole` is what `snapshot` was narrowed from: others may have what one lacks."""
    everything, spans = whole or snapshot, all_spans(whole or snapshot, now)
    at = spans.at if spans else read_until(snapshot, now, "proxy")
    requests, latencies = seen_by_spans(replace(spans, snapshot=snapshot)) if spans else seen(snapshot, at, whole)
    known = counters(requests)
    asked = asked_by(known, at, BY)
    availability = spans.availability if spans else _availability(everything, now, requests)
    errors, ratios = _errors(snapshot, now, availability, asked)
    latency = spans.availability if spans else _availability(everything, now, latencies)
    timed = timed_by(counters(latencies), at, BY) if latency.reports else {}
    p99 = {name: value for (name,), value in p99_by(timed).items()}
    if availability.reports and latency.reading is Reading.NOT_REPORTED:
        latency, p99 = _own_latency(snapshot, now, availability, latency)
    return Figures(
        seen=Seen(requests, latencies),
        availability=availability,
        errors=errors,
        latency=latency,
        ready=bool(asked.per_second),
        asked=asked,
        error_ratios=ratios,
        p99=p99,
        patterns=_patterns(known, at),
        trouble=trouble(snapshot, asked, timed, ratios, p99) if availability.reports else {},
    )


def _availability(whole: Snapshot, now: float, frame: Frame) -> Availability:
    """How a family is known by namespace; others may have what the frame of a single one lacks."""
    availability = availability_of(whole, now, frame)
    if availability.reports and _has_label(frame):
        return availability
    if availability.reports or availability.reading is Reading.NOT_REPORTED:
        newest = Window.newest(whole, now, frame.name)
        availability = newest.availability
        if availability.reports and not _has_label(newest.frame):
            return Availability(Reading.NOT_REPORTED, availability.at, NO_NAMESPACE)
    return availability


def _has_label(frame: Frame) -> bool:
    return any(bool((column(block.labels, "namespace") != "").any()) for block in frame.blocks)


def _errors(
    snapshot: Snapshot, now: float, availability: Availability, asked: Asked
) -> tuple[Availability, Mapping[str, float]]:
    """Error ratios: from the requests' status, else as the proxy reports them itself."""
    if not availability.reports:
        return availability, {}
    if asked.counted:
        ratios = {group: asked.error_ratio(group) for group in asked.counted}
        return availability, {name: ratio for (name,), ratio in ratios.items() if ratio is not None}
    own = own_error_ratios(snapshot, now)
    if own:
        return Availability(availability.reading, availability.at, OWN_WINDOW, availability.age_seconds), own
    return (Availability(Reading.NOT_REPORTED, availability.at, NO_STATUS) if asked.requests else availability), {}


def _own_latency(
    snapshot: Snapshot, now: float, availability: Availability, otherwise: Availability
) -> tuple[Availability, dict[str, Quantile]]:
    """P99 as the proxy reports it itself, where it has no histogram by namespace."""
    own = own_p99s(snapshot, now)
    if not own:
        return otherwise, {}
    reported = Availability(availability.reading, availability.at, OWN_WINDOW, availability.age_seconds)
    return reported, {name: Quantile(value) for name, value in own.items()}


def _patterns(known: tuple[Counter, ...], at: float) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for (name, pattern), grown in asked_by(known, at, (*BY, "pattern")).requests.items():
        if grown > 0 and pattern:
            found.setdefault(name, []).append(pattern)
    return {name: tuple(sorted(patterns)) for name, patterns in found.items()}
