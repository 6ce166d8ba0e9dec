"""A proxy and an Admin API that report namespaces, as snapshots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from model.series import Event, Kind, Scrape
from model.sources import CollectError, ErrorKind, SourceState
from store.snapshot import Snapshot, snapshot_of

NOW = 1_790_000_040.0
EDGES = ("0.001", "0.002", "0.01", "0.1", "+Inf")
REQUESTS, BUCKET = "prism_requests_total", "prism_request_duration_seconds_bucket"


@dataclass(frozen=True)
class Tenant:
    """One flow: requests and failures per second, and how long every request takes."""

    namespace: str
    per_second: float
    failures: float = 0.0
    seconds: float = 0.0005
    pattern: str = "redis"
    operation: str = "KeyValue.Get"


def proxy(
    time: float, elapsed: float, tenants: Sequence[Tenant], leave_out: Sequence[str] = (), instance: str = "p:1"
) -> Scrape:
    """One read of a proxy whose counters began `elapsed` seconds ago. `leave_out` are labels or families."""
    scrape = Scrape("proxy", instance, time)
    for one in tenants:
        labels = {"namespace": one.namespace, "pattern": one.pattern, "operation": one.operation}
        labels = {name: value for name, value in labels.items() if name not in leave_out}
        asked = one.per_second * elapsed
        if "status" in leave_out:
            scrape.add(REQUESTS, asked, Kind.COUNTER, **labels)
        elif REQUESTS not in leave_out:
            scrape.add(REQUESTS, asked - one.failures * elapsed, Kind.COUNTER, status="success", **labels)
            scrape.add(REQUESTS, one.failures * elapsed, Kind.COUNTER, status="error", **labels)
        if BUCKET not in leave_out:
            for edge in EDGES:
                scrape.add(BUCKET, asked if one.seconds <= float(edge) else 0.0, Kind.HISTOGRAM, le=edge, **labels)
    scrape.add("process_threads", 7)
    return scrape


def admin(time: float, configs: Mapping[str, Mapping[str, object]]) -> Scrape:
    """One read of the Admin API: fields by namespace."""
    scrape = Scrape("admin", "a:1", time)
    for name, fields in configs.items():
        texts = {key: str(fields.get(key, "")) for key in ("owner", "status", "patterns", "backends")}
        scrape.add("prism_namespace_info", 1, Kind.INFO, namespace=name, **texts)
        for key, family in (
            ("limit", "prism_namespace_max_rps"), ("reads", "prism_namespace_max_read_rps"),
            ("writes", "prism_namespace_max_write_rps"), ("created", "prism_namespace_created_timestamp_seconds"),
        ):  # fmt: skip
            if key in fields:
                scrape.add(family, float(str(fields[key])), namespace=name)
    return scrape


def world(
    tenants: Sequence[Tenant],
    configs: Mapping[str, Mapping[str, object]] | None = None,
    *,
    seconds: int = 40,
    leave_out: Sequence[str] = (),
    lost: Sequence[str] = (),
    never: Sequence[str] = (),
    events: Sequence[Event] = (),
    extra: Sequence[Scrape] = (),
    meta: Mapping[str, object] | None = None,
) -> Snapshot:
    """What is stored after so many seconds. `lost` sources fail since 14 s, `never` ones never answered."""
    scrapes = [proxy(NOW - seconds + at, at, tenants, leave_out) for at in range(seconds + 1)]
    scrapes.append(admin(NOW, configs or {}))
    states = [
        SourceState(f"{kind}@{instance}", kind, instance, instance, 1.0).succeeded(NOW, 0.01, 5)
        for kind, instance in (("proxy", "p:1"), ("admin", "a:1"))
    ]
    if "admin" in lost:
        scrapes.append(admin(NOW - 14, configs or {}))
    scrapes = [one for one in [*scrapes, *extra] if one.source not in lost or one.time <= NOW - 14]
    scrapes = [one for one in scrapes if one.source not in never]
    reported = [_failed(state, lost, never) for state in states]
    whole = {"collector_alive_at": NOW, **(meta or {})}
    return snapshot_of(scrapes, sources=reported, events=events, meta=whole)


def _failed(state: SourceState, lost: Sequence[str], never: Sequence[str]) -> SourceState:
    if state.source not in (*lost, *never):
        return state
    error = CollectError(ErrorKind.DOWN, "connection refused")
    since = replace(state, last_success=0.0 if state.source in never else NOW - 14)
    return since.failed(NOW - 13, 0.01, error).failed(NOW, 0.01, error)
