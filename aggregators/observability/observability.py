"""Is telemetry getting through, and is it whole? RFC view 7, in one answer."""

from __future__ import annotations

from dataclasses import dataclass

from aggregators.alerts.verdict import Look, Verdict, judged, leads_to
from aggregators.observability.exports import Exports, exports, flows
from aggregators.observability.ingest import Coverage, coverage, last_observed
from aggregators.observability.pipeline import Hop, hops
from aggregators.observability.queues import Exporter, exporters
from model.measure import Timestamp
from model.status import Status
from store.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Arrival:
    """When SigNoz observed its newest row of a signal."""

    signal: str
    observed: Timestamp


@dataclass(frozen=True, slots=True)
class Observability:
    """The pipeline hop by hop, what the collector exported in the last 5 minutes, and the traces' completeness."""

    status: Status
    reason: str
    hops: tuple[Hop, ...]
    exports: Exports
    exporters: tuple[Exporter, ...]
    arrivals: tuple[Arrival, ...]
    coverage: Coverage


def observability(snapshot: Snapshot, now: float) -> Observability:
    """The pipeline hop by hop, exports, queues and trace coverage at `now`; the status is the worst hop's."""
    recent = flows(snapshot, now)
    found = exporters(snapshot, now, recent)
    way = hops(snapshot, now, found)
    arrived = last_observed(snapshot, now)
    verdict = _verdict(Look(snapshot, now), way)
    return Observability(
        status=verdict.status,
        reason=verdict.reason,
        hops=way,
        exports=exports(snapshot, now, recent),
        exporters=found,
        arrivals=tuple(Arrival(signal, observed) for signal, observed in arrived.items()),
        coverage=coverage(snapshot, now),
    )


def observability_verdict(look: Look) -> Verdict:
    """As bad as the worst hop."""
    snapshot, now = look.snapshot, look.now
    return _verdict(look, hops(snapshot, now, exporters(snapshot, now, flows(snapshot, now))))


def _verdict(look: Look, way: tuple[Hop, ...]) -> Verdict:
    parts = [(hop.status, "" if hop.status is Status.HEALTHY else f"{hop.name}: {hop.reason}") for hop in way]
    return judged(look, parts, leads_to("/observability"))
