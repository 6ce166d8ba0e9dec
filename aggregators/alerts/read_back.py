"""Our own alerts, sent to another tool and read back from it: they are no alerts of that tool.

What it adds is that nobody is notified of one there; when ours are over is for us to say. What another dashboard has
sent there looks alike, and is none of ours: it is a row like any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from aggregators.alerts.external_alerts import TOOLS
from aggregators.alerts.rows import Alert, AlertState
from aggregators.patterns.restarts import events_since
from model.series import Event

OURS, US = "reported_by", "prism-hud"
"""The label, and its value, by which we know them."""
DAY_SECONDS = 86400.0
SENT_SECONDS = 120.0
"""So long after the end of one of ours what is read back may still be it."""
_MUTED = (AlertState.SILENCED.value, AlertState.INHIBITED.value)


def muted_elsewhere(rows: Iterable[Alert], events: Sequence[Event], now: float) -> list[Alert]:
    """Our alerts with the tools in which their namesakes are silenced or inhibited just now."""
    muted: dict[tuple[str, str], set[str]] = {}
    for tool in TOOLS:
        last: dict[str, Event] = {}
        for event in events_since(events, tool.events, now - DAY_SECONDS, now):
            if event.label(OURS) == US:
                last[event.label("fingerprint") or ""] = event
        for event in last.values():
            if event.label("state") in _MUTED:
                muted.setdefault((event.label("rule") or "", event.label("component") or ""), set()).add(tool.name)
    return [_with(one, sorted(muted.get((one.rule, one.component), ()))) if one.is_active else one for one in rows]


def is_read_back(run: Sequence[Event], ours: Iterable[Alert]) -> bool:
    """Whether a tool's edges, from one beginning on, are those of an alert that we have sent there."""
    first = run[0]
    if first.label(OURS) != US:
        return False
    rule, component = first.label("rule") or "", (first.label("component") or "").removesuffix("…")
    return any(
        one.rule == rule
        and one.component.startswith(component)
        and (one.resolved_at is None or first.time <= one.resolved_at + SENT_SECONDS)
        for one in ours
    )


def _with(alert: Alert, tools: Sequence[str]) -> Alert:
    return replace(alert, muted_in=(*alert.muted_in, *tools)) if tools else alert
