"""What was wrong in the last 24 hours, and how did it end? RFC view 1's "View All Alerts"; every 2 s."""

from __future__ import annotations

from dataclasses import dataclass

from dash import html

from aggregators.alerts.alert_series import STEP_SECONDS, alert_series
from aggregators.alerts.history import alerts_verdict
from aggregators.incidents.history import alerts_by_cause
from components import aria
from components.alert_form import alert_form, choices_props
from components.card import WRAPPED, card, chart, figures, hint_props
from components.charts import alert_chart
from components.charts.marks import Figure
from components.heading import page_head, verdict_props
from components.lists.grid import GridRow, grid, grid_props
from components.lists.incidents import IncidentLine, incident_items
from components.lists.rows import SOURCES, SourceLine, source_items
from components.measure import figure_props
from components.props import Props
from components.status import StatusWord
from model.measure import Measure
from pages.alerts import filter_text, text
from pages.alerts.filter_text import Choice
from pages.shared import incident_text, page_shell
from pages.shared.registry import About, register_view
from store.snapshot import Snapshot

VIEW = "alerts"
ABOUT = About(VIEW, filter_text.PATH, "Alerts", refresh_seconds=2.0, order=10)
QUESTION = "What was wrong in the last 24 hours, and how did it end?"
COUNTS = (
    ("al-critical", "Critical"),
    ("al-warning", "Warning"),
    ("al-info", "Info"),
    ("al-pending", "Pending"),
    ("al-muted", "Silenced"),
    ("al-resolved", "Resolved"),
)
FILTERS = (("al-state", "State"), ("al-severity", "Severity"), ("al-component", "Component"))


@dataclass(frozen=True)
class AlertsView:
    """Exactly what the screen says. `counts` follow COUNTS, `filters` FILTERS; `dropped` components have no link."""

    counts: tuple[Measure, ...]
    figure: Figure
    filters: tuple[tuple[Choice, ...], ...]
    dropped: int
    chosen: tuple[tuple[str, str], ...]
    incidents: tuple[IncidentLine, ...]
    choices: tuple[tuple[str, str], ...]
    rows: tuple[GridRow, ...]
    total: int
    origins: tuple[SourceLine, ...]
    status: StatusWord
    reason: str
    now: float


def view_model(snapshot: Snapshot, now: float, severity: str = "", component: str = "", state: str = "") -> AlertsView:
    """What the screen says of `snapshot` at `now`, filtered as the address asks."""
    found, series = alerts_by_cause(snapshot, now, severity, component, state), alert_series(snapshot, now)
    counts = found.counts
    chosen = {"severity": severity, "component": component, "state": state}
    worst = filter_text.components(found.by_component)
    return AlertsView(
        counts=(counts.critical, counts.warning, counts.info, counts.pending, counts.muted, counts.resolved),
        figure=alert_chart.open_alerts(series.ends, series.by_severity, STEP_SECONDS),
        filters=(
            filter_text.choices("state", filter_text.states(found.by_state), chosen),
            filter_text.choices("severity", found.by_severity, chosen),
            filter_text.choices("component", worst, chosen),
        ),
        dropped=len(found.by_component) - len(worst),
        chosen=tuple(chosen.items()),
        incidents=tuple(map(incident_text.line, found.incidents)),
        choices=tuple((one.id, one.headline) for one in found.incidents if one.is_active),
        rows=tuple(text.row(one, now) for one in found.alerts),
        total=found.total,
        origins=tuple(map(text.origin_line, found.origins)),
        status=StatusWord(found.status),
        reason=found.reason,
        now=now,
    )


def update(snapshot: Snapshot, now: float, severity: str = "", component: str = "", state: str = "") -> Props:
    """The page's properties at `now`: first paint, push and fallback alike."""
    return render(view_model(snapshot, now, severity, component, state))


def tree(severity: str = "", component: str = "", state: str = "") -> html.Main:
    """The static tree; every id begins with `al-`."""
    filters = [
        html.Nav(
            [html.H3(title, className="hint py-1"), html.Ul(id=name, className="al-links d-flex flex-wrap")],
            className="d-md-flex gap-2",
            **aria.label(f"Filter by {title.lower()}"),
        )
        for name, title in FILTERS
    ]
    table = grid(
        "al-rows", "alerts of the last 24 hours", text.COLUMNS, rows=10, csv="alerts", empty="No alert to show."
    )
    load = chart("al-chart", "How many alerts were open in each half hour of the last 24 hours", "al-chart")
    shown = html.P(id="al-shown", className="note mb-2", role="status")
    history = [html.Div(filters, className=f"{WRAPPED} mb-2"), shown, *table]
    incidents, origins = html.Ul(id="al-incidents", className="alerts"), html.Ul(id="al-tellers", className=SOURCES)
    return page_shell.main(
        VIEW,
        [
            page_head("al", "Alerts", QUESTION, refresh="2 s", verdict=True),
            card("al-now", "Firing now", [figures(COUNTS)], hint="now; resolved in 24 h", wide=4, look="al-now"),
            card("al-load", "Open alerts", [load], hint="last 24 h, in each half hour, by severity", wide=8),
            card("al-causes", "Incidents", [incidents], hint="by cause, its symptoms folded; last 24 hours"),
            card("al-act", "See to it, or silence it for a while", [alert_form("al")], hint="all of an incident"),
            card("al-history", "History", history, hint="last 24 hours"),
            card("al-teller", "Who reports alerts", [origins], hint="the same trouble reported by several is one row"),
        ],
        severity=severity,
        component=component,
        state=state,
    )


def render(view: AlertsView) -> Props:
    """The view as component properties."""
    props: Props = {name: figure_props(one) for (name, _), one in zip(COUNTS, view.counts, strict=True)}
    props["al-now-hint"] = hint_props(view.counts, "now; resolved in 24 h")
    props["al-chart"] = {"figure": view.figure}
    for (name, _), found in zip(FILTERS, view.filters, strict=True):
        props[name] = {"children": filter_text.links(found, view.dropped if name == "al-component" else 0)}
    props["al-shown"] = {"children": filter_text.shown_words(len(view.rows), view.total, dict(view.chosen))}
    props["al-tellers"] = {"children": source_items(view.origins, "Nobody reports alerts.")}
    props["al-incidents"] = {"children": incident_items(view.incidents, view.now, "No incident in the last 24 hours.")}
    props |= choices_props("al", view.choices) | verdict_props("al", view.status, view.reason)
    return props | grid_props("al-rows", view.rows)


register_view(__name__, ABOUT, judge=alerts_verdict, answer=alerts_by_cause, update=update, tree=tree)
