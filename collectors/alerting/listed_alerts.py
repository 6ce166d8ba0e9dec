"""A tool's list of open alerts, of which no more are followed than fit: whole in what is over, cut in what is new."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from collectors.alerting.open_alerts import (
    FIRING,
    INHIBITED,
    SILENCED,
    OpenAlert,
    alert_of,
    fingerprint_of,
    severity_of,
    severity_word,
    texts,
)
from collectors.core.timestamps import to_epoch
from model.series import Kind, Scrape, Severity

MOST_OF_A_SEVERITY = 1_000
"""So many alerts of each severity are followed: thousands that only inform hide none that is critical."""
LISTED, FOLLOWED = "listed", "followed"

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Listed:
    """What a tool lists as open. `alerts` are followed, the newest first; `beyond` are the fingerprints of the others.

    `counts` are how many of each severity are listed.
    """

    alerts: tuple[OpenAlert, ...]
    beyond: frozenset[str]
    counts: Mapping[Severity, int]

    def add_to(self, scrape: Scrape, tool: str) -> None:
        """The samples of it; `tool` begins the names of its families."""
        for alert in self.alerts:
            labels = {
                **dict(alert.useful),
                "alertname": alert.name,
                "severity": alert.severity,
                "fingerprint": alert.fingerprint,
                "alert_state": alert.alert_state,
                "instance": scrape.instance,
            }
            scrape.add(f"{tool}_alert_active", 1.0, Kind.GAUGE, **labels)
            if alert.starts_at is not None:
                scrape.add(f"{tool}_alert_starts_at_seconds", alert.starts_at, fingerprint=alert.fingerprint)
        followed = Counter(severity_of(alert.severity) for alert in self.alerts)
        for severity in Severity:
            for part, counts in ((LISTED, self.counts), (FOLLOWED, followed)):
                scrape.add(f"{tool}_alerts", float(counts.get(severity, 0)), severity=severity.value, part=part)


def listed(rows: Iterable[Any], known: Collection[str], ignored: Collection[str] = ()) -> Listed:
    """The alerts of a list in Alertmanager's shape. `known` are the fingerprints that were followed before: of each
    severity those stay, and the newest of the others as there is room.
    """
    found: dict[str, Row] = {}
    by_severity: dict[Severity, dict[str, tuple[bool, float, str]]] = {}
    for row in rows:
        if not isinstance(row, dict):
            continue
        labels = texts(row.get("labels"))
        name = fingerprint_of(labels, ignored)
        found[name] = row
        rank = name not in known, -(to_epoch(row.get("startsAt")) or 0.0), name
        by_severity.setdefault(severity_of(severity_word(labels)), {})[name] = rank
    kept = [one for ranks in by_severity.values() for one in sorted(ranks.values())[:MOST_OF_A_SEVERITY]]
    kept.sort(key=lambda rank: rank[1])
    alerts = (alert_of(found[name], -began or None, name, _availability(found[name])) for _, began, name in kept)
    counts = {severity: len(ranks) for severity, ranks in by_severity.items()}
    return Listed(tuple(alerts), frozenset(found.keys() - {name for _, _, name in kept}), counts)


def _availability(reported: Row) -> str:
    """Whether anybody is notified of it. One that was not processed yet counts as firing."""
    status = reported.get("status")
    if not isinstance(status, dict) or status.get("state") != "suppressed":
        return FIRING
    return INHIBITED if status.get("inhibitedBy") and not status.get("silencedBy") else SILENCED
