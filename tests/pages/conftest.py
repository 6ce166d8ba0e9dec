"""Half a minute of a small Prism, as the collectors would have read it; and the application whose pages are tested."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

import app
from components.props import ids_of
from model.series import Event, Kind, Scrape
from model.sources import CollectError, ErrorKind, SourceState
from store.snapshot import Snapshot, snapshot_of

NOW = 1_790_000_030.0
SECONDS = 30
PATTERNS = {"memstore": "HEALTHY", "redis": "HEALTHY", "nats": "DEGRADED"}

assert app.server, "importing the application registers its pages"

Build = Callable[..., Snapshot]


def _proxy(time: float, elapsed: int, patterns: Sequence[str], absent: Sequence[str]) -> Scrape:
    scrape = Scrape("proxy", "p:8980", time)
    for name in patterns:
        labels = {"pattern": name, "namespace": "shop"}
        for operation, per_second in (("Get", 60), ("Set", 40)):
            for status, share in (("success", 0.99), ("error", 0.01)):
                scrape.add("prism_requests_total", elapsed * per_second * share, Kind.COUNTER,
                           operation=operation, status=status, **labels)  # fmt: skip
        for edge, share in (("0.0005", 0.5), ("0.001", 0.995), ("0.01", 1.0), ("+Inf", 1.0)):
            scrape.add("prism_request_duration_seconds_bucket", elapsed * 100 * share, Kind.HISTOGRAM,
                       le=edge, operation="Get", **labels)  # fmt: skip
        scrape.add("prism_pattern_restarts_total", 2 if name == "nats" else 0, Kind.COUNTER, pattern=name)
        scrape.add("prism_pattern_start_time_seconds", NOW - 8100, pattern=name)
        scrape.add("prism_pattern_phase", 1, Kind.STATESET, pattern=name, phase="running")
        scrape.add("prism_pool_connections_active", 7, backend=name, pattern=name)
        scrape.add("prism_pool_connections_max", 10, backend=name, pattern=name)
    scrape.add("prism_auth_requests_total", elapsed * 998, Kind.COUNTER, result="success", reason="")
    scrape.add("prism_auth_requests_total", elapsed * 2, Kind.COUNTER, result="failure", reason="expired")
    kept = [(one, value) for one, value in zip(scrape.series, scrape.values, strict=True) if one.name not in absent]
    reported = Scrape("proxy", "p:8980", time)
    for one, value in kept:
        reported.series.append(one)
        reported.values.append(value)
    return reported


def _pattern(time: float, name: str, status: str) -> Scrape:
    scrape = Scrape("patterns", f"{abs(hash(name))}:50051", time)
    for one in ("HEALTHY", "DEGRADED", "UNHEALTHY", "UNKNOWN"):
        scrape.add(
            "prism_pattern_status", float(one == status), Kind.STATESET, pattern=name, status=one, service="lifecycle"
        )
    if status != "HEALTHY":
        scrape.add("prism_pattern_message_info", 1, Kind.INFO, pattern=name, message="reconnecting to its server")
    scrape.add("prism_pattern_detail", 12, pattern=name, key="total_conns")
    return scrape


def _state(scrape: Scrape) -> SourceState:
    key = f"{scrape.source}@{scrape.instance}"
    return SourceState(key, scrape.source, scrape.instance, scrape.instance, 1.0).succeeded(scrape.time, 0.01, 5)


@pytest.fixture
def now() -> float:
    return NOW


@pytest.fixture
def prism() -> Build:
    """Builds a snapshot: `patterns` by name and status, `absent` families, `lost` kinds of source, `events`."""

    def build(
        patterns: dict[str, str] | None = None,
        absent: Sequence[str] = (),
        lost: Sequence[str] = (),
        events: Sequence[Event] = (),
        simulated: bool = False,
        version: int = 1,
    ) -> Snapshot:
        reported = PATTERNS if patterns is None else patterns
        scrapes = []
        for second in range(SECONDS + 1):
            time = NOW - SECONDS + second
            scrapes += [_pattern(time, name, status) for name, status in reported.items()]
            scrapes.append(_proxy(time, second, list(reported), absent))
        admin = Scrape("admin", "a:8090", NOW)
        for namespace in ("shop", "search"):
            admin.add(
                "prism_namespace_info", 1, Kind.INFO, namespace=namespace, status="ACTIVE", owner="x", patterns=""
            )
        scrapes.append(admin)
        states = {state.key: state for state in map(_state, scrapes)}
        if lost:
            scrapes = [one for one in scrapes if one.source not in lost or one.time <= NOW - 14]
            states = {key: _lost(state) if state.source in lost else state for key, state in states.items()}
        meta = {"collector_alive_at": NOW, "simulated": simulated}
        return snapshot_of(scrapes, sources=states.values(), events=events, meta=meta, version=version)

    return build


def _lost(state: SourceState) -> SourceState:
    error = CollectError(ErrorKind.DOWN, "connection refused")
    failed = replace(state, last_success=NOW - 14).failed(NOW - 13, 0.01, error)
    return failed.failed(NOW, 0.01, error)


def places_of(tree: Any) -> set[str]:
    """The ids of a tree without those of the viewer's own tools: a table's filter and export."""
    return {name for name in ids_of(tree) if not name.endswith("-filter")}
