"""What cannot be seen: which sources are lost or were never reached, and what only they could report."""

from __future__ import annotations

from collections.abc import Sequence

from aggregators.patterns.health import PatternHealth
from aggregators.series.sources import SourceRow, source_table
from model.sources import ErrorKind
from store.snapshot import Snapshot

TELLS = {
    "proxy": ("the proxy", "what passes through it is"),
    "patterns": ("a pattern's health service", "how that pattern is is"),
    "launcher": ("the launcher", "which processes run is"),
    "admin": ("the Admin API", "namespaces and their limits are"),
    "admin_metrics": ("prism-admin", "the control plane is"),
    "signoz": ("SigNoz", "traces, failed logins and its alerts are"),
    "otel": ("the OTel Collector", "whether telemetry gets through is"),
    "dex": ("Dex", "sign-in is"),
    "alertmanager": ("Alertmanager", "its alerts are"),
    "prometheus": ("Prometheus", "all that is read through it is"),
    "redis": ("a Redis server", "its connections and commands are"),
    "nats": ("a NATS server", "its connections and messages are"),
    "postgres": ("a PostgreSQL server", "its connections and transactions are"),
}
"""By kind of source: what it is called, and what is not seen without it."""


def unseen(snapshot: Snapshot, now: float, patterns: Sequence[PatternHealth]) -> tuple[str, ...]:
    """A sentence for each kind of source that cannot be reached, and one for patterns that only a launcher knows."""
    gone = (row for row in source_table(snapshot, now) if row.lost or (row.never_reached and _faulty(row)))
    kinds = sorted({row.source for row in gone} & set(TELLS), key=list(TELLS).index)
    reported = [f"{_capital(TELLS[kind][0])} cannot be reached: {TELLS[kind][1]} not seen" for kind in kinds]
    launched = sum(one.only_launched for one in patterns)
    if launched:
        run = "1 pattern runs" if launched == 1 else f"{launched} patterns run"
        reported.append(f"{run}, as the launcher reports: more of their health is not seen (PATTERN_HEALTH_TARGETS)")
    return tuple(reported)


def _faulty(row: SourceRow) -> bool:
    """One that offers no such thing was reached."""
    return row.error is not ErrorKind.NOT_OFFERED


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
