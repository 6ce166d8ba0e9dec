"""One incident as the lines of its page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import dcc, html

from aggregators.alerts.alerts import AlertState
from aggregators.incidents.detail import IncidentDetail
from aggregators.incidents.incident import SAMPLES, Cause, Incident, Onset
from components import format as fmt
from components.lists.events import EventLine
from components.lists.table import namespace_href, pattern_href
from components.status import SEVERITIES
from model.series import Severity
from model.status import Status
from pages.shared.incident_text import SURENESS

OF_SEVERITY = {Severity.CRITICAL: Status.UNHEALTHY, Severity.WARNING: Status.DEGRADED}
MOST_NAMES = 12


def status(one: Incident) -> Status:
    """As bad as its loudest alert; over is well, and a mere note colours nothing."""
    return OF_SEVERITY.get(one.severity, Status.UNKNOWN) if one.is_active else Status.HEALTHY


def standing(one: Incident, now: float) -> str:
    """'Firing since 13:04:10 UTC, 3 components', 'Over after 4m 12s'."""
    parts = fmt.many(len(one.steps), "component")
    if one.resolved_at is not None:
        return f"Over since {fmt.clock(one.resolved_at, now)}, after {fmt.duration(one.duration_seconds)}; {parts}"
    word = "Lasts" if one.state is AlertState.FIRING else one.state.value.capitalize() + ", lasts"
    return f"{word} since {fmt.clock(one.started, now)}; {parts}"


def steps(one: Incident) -> tuple[EventLine, ...]:
    """The components in the order in which they left their normal range, the likely cause marked."""
    return tuple(_step(step, one) for step in one.steps)


def _step(step: Onset, one: Incident) -> EventLine:
    how = "figures left their range" if step.seen_by == SAMPLES else ""
    via = f"through {fmt.listed(list(step.through[:-1]), 4)}" if len(step.through) > 1 else ""
    role = "likely cause" if step.component == one.cause.component or step.is_cause else ""
    kind = SEVERITIES[one.severity] if role else "unknown"
    return EventLine(
        step.time, kind, step.kind.value.capitalize(), step.words, " · ".join(filter(None, (role, how, via)))
    )


def cause(found: Cause) -> list[Any]:
    """What broke first, how sure that is and why, and where to look."""
    sure = SURENESS[found.sureness].capitalize()
    return [
        html.P([html.Strong([f"{sure} ", html.Span(found.component, dir="auto"), " first"])]),
        html.P(found.words, dir="auto"),
        html.P(["Why: ", found.why, "."], className="note", dir="auto"),
        html.P(dcc.Link("Where to look next →", href=_href(found.component, found.page)), className="crumbs mt-1"),
    ]


def _href(component: str, page: str) -> str:
    return pattern_href(component) if page.startswith("/patterns/") and " " not in component else page


def touched(found: IncidentDetail) -> list[Any]:
    """The namespaces and patterns that it touches, each with a link."""
    return [
        _linked("Namespaces", [(name, namespace_href(name)) for name in found.touches.namespaces]),
        _linked("Patterns", [(name, pattern_href(name)) for name in found.touches.patterns]),
    ]


def _linked(title: str, names: Sequence[tuple[str, str]]) -> html.Div:
    links: list[Any] = []
    for name, href in names[:MOST_NAMES]:
        links += [dcc.Link(html.Span(name, dir="auto"), href=href), " "]
    more = f"and {len(names) - MOST_NAMES:,} more" if len(names) > MOST_NAMES else "" if names else "none known"
    return html.Div([html.H3(title, className="hint"), html.P([*links, more])])
