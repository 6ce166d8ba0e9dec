"""Alerts as the rows and links of the Alerts page."""

from __future__ import annotations

from collections.abc import Iterator

from aggregators.alerts.alerts import HUD, Alert, AlertState, Ending
from aggregators.alerts.history import NOT_CONFIGURED, AlertOrigin, whom
from components import format as fmt
from components.format import Style
from components.lists.grid import Cell, GridColumn, GridRow, cell, link_cell, text_cell, time_cell
from components.lists.rows import SourceLine
from components.lists.table import pattern_href
from components.status import SEVERITIES
from model.measure import Measure
from model.series import Severity, Unit
from model.sources import ErrorKind
from pages.shared import alert_text
from pages.shared.source_text import NOT_KEPT

COLUMNS = (
    GridColumn("state", "State", "status"),
    GridColumn("severity", "Severity", "status", minor=True),
    GridColumn("what", "What", flex=12),
    GridColumn("component", "Component", flex=2, minor=True),
    GridColumn("started", "Started", "time", flex=3, minor=True),
    GridColumn("lasted", "Lasted", "number"),
    GridColumn("ended", "How it ended", flex=2, minor=True),
    GridColumn("reported", "Reported by", flex=2, minor=True),
)
LOUD = (AlertState.RESOLVED, AlertState.PENDING, AlertState.INHIBITED, AlertState.SILENCED, AlertState.FIRING)
"""From the quietest to the loudest, as the column sorts."""


def row(alert: Alert, now: float) -> GridRow:
    """One alert."""
    kind = look(alert)
    return GridRow(
        alert.id,
        {
            "state": _state_cell(alert, kind),
            "severity": {
                **text_cell(alert.severity.value),
                "v": list(Severity).index(alert.severity),
                "x": alert.severity.value,
            },
            "what": link_cell(alert.words or alert.title, href(alert)),
            "component": text_cell(whom(alert)),
            "started": time_cell(alert.started, now),
            "lasted": cell(Measure.of(alert.duration_seconds, Unit.SECONDS), Style.DURATION),
            "ended": text_cell(ended(alert)),
            "reported": text_cell(", ".join(alert.sources), _reported(alert)),
        },
        f"row-{kind}",
    )


def look(alert: Alert) -> str:
    """The look of its mark."""
    if alert.state is AlertState.FIRING:
        return SEVERITIES[alert.severity]
    return "healthy" if alert.state is AlertState.RESOLVED else "unknown"


def _state_cell(alert: Alert, kind: str) -> Cell:
    loudness = LOUD.index(alert.state) * 10 + list(Severity).index(alert.severity)
    word = alert.state.value
    return {"v": loudness, "x": word, "n": word.capitalize(), "k": kind, "t": f"{word}, {alert.severity.value}"}


def href(alert: Alert) -> str:
    """Where to look next."""
    return pattern_href(alert.component) if alert.page.startswith("/patterns/") else alert.page


def ended(alert: Alert) -> str:
    """How it came to its end: "cleared by itself after 4m 12s", "resolved in SigNoz", "source gone: not known"."""
    where = " and ".join(alert.sources)
    lasted = fmt.duration(alert.duration_seconds)
    words = {
        Ending.OPEN: _availability(alert),
        Ending.CLEARED: f"cleared by itself after {lasted}",
        Ending.ELSEWHERE: f"resolved in {where}",
        Ending.UNSEEN: f"over; when, {where} did not report",
        Ending.LEFT: Ending.LEFT.value,
        Ending.UNKNOWN: Ending.UNKNOWN.value,
    }[alert.ending]
    back = f"came back {alert.refires}×" if alert.refires else ""
    return "; ".join(filter(None, (words, *alert_text.done_about(alert), back, *_course(alert))))


def _course(alert: Alert) -> Iterator[str]:
    """How it began and its worst, where what is said now says neither."""
    if alert.began_as not in ("", alert.words, alert.worst):
        yield f"began as: {alert.began_as}"
    if alert.is_active and alert.worst not in ("", alert.words):
        yield f"at its worst: {alert.worst}"


def _availability(alert: Alert) -> str:
    muted = f" in {' and '.join(alert.muted_in)}" if alert.muted_in else ""
    return {
        AlertState.PENDING: "to be confirmed",
        AlertState.SILENCED: f"silenced{muted}",
        AlertState.INHIBITED: f"inhibited{muted}: another alert stands for it",
    }.get(alert.state, f"still firing{_where(alert)}{f', muted{muted}' if muted else ''}")


def _where(alert: Alert) -> str:
    """Where it still fires, when it does not everywhere."""
    over = [name for name in alert.sources if name not in alert.open_in]
    return f" in {' and '.join(alert.open_in)}; over in {' and '.join(over)}" if over else ""


def _reported(alert: Alert) -> str:
    still = f"open in {' and '.join(alert.open_in)}" if alert.open_in else "open nowhere"
    return f"{', '.join(alert.sources)}: {still}"


def origin_line(one: AlertOrigin) -> SourceLine:
    """Who reports alerts, and how reading it goes."""
    if one.word == NOT_CONFIGURED:
        return SourceLine(one.name, "", "unknown", f"{one.word}: {one.detail}", one.detail)
    if one.word == "ok":
        did = "looked" if one.name == HUD else "read"
        cut = f"; the first {one.followed:,} of {one.listed:,} alerts" if one.listed > one.followed else ""
        return SourceLine(one.name, "", "healthy", f"{did} {fmt.ago(one.age_seconds or 0.0)}{cut}", one.detail)
    if one.word == ErrorKind.NOT_KEPT.value:
        return SourceLine(one.name, "", "unknown", NOT_KEPT, one.word)
    lasting = f" for {fmt.duration(one.for_seconds)}" if one.for_seconds is not None else ""
    kind = "degraded" if one.word == "slow" else "unknown" if one.age_seconds is None else "unhealthy"
    return SourceLine(one.name, "", kind, f"{one.word}{lasting}", one.detail)
