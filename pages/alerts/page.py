"""What was wrong in the last 24 hours, and how did it end? RFC view 1's "View All Alerts"; every 2 s."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from dash import html

from aggregators.alerts.alerts import Alert, AlertState, alerts
from aggregators.alerts.history import (
    SEVERITIES,
    STEP_SECONDS,
    alert_history,
    alerts_verdict,
    filtered,
    load,
    origins,
    unfollowed,
)
from aggregators.alerts.verdict import Look, Verdict
from aggregators.series.sources import collector_state
from components import aria
from components.card import card, chart, figures, hint_props
from components.charts import alert_chart
from components.charts.frame import Figure
from components.heading import page_head, verdict_props
from components.lists.grid import GridRow, grid, grid_props
from components.lists.rows import SourceLine, source_items
from components.measure import figure_props
from components.props import Props
from components.status import StatusWord
from model.measure import Measure
from model.series import Unit
from pages.alerts import text
from pages.alerts.text import Choice
from pages.shared import page_shell
from pages.shared.registry import register_view
from store.snapshot import Snapshot

VIEW = "alerts"
QUESTION = "What was wrong in the last 24 hours, and how did it end?"
COUNTS = (
    ("al-critical", "Critical"), ("al-warning", "Warning"), ("al-info", "Info"), ("al-pending", "Pending"),
    ("al-muted", "Silenced"), ("al-resolved", "Resolved"),
)  # fmt: skip
FILTERS = (("al-state", "State"), ("al-severity", "Severity"), ("al-component", "Component"))


@dataclass(frozen=True)
class AlertsView:
    """Exactly what the screen says. `counts` follow COUNTS, `filters` FILTERS; `dropped` components have no link."""

    counts: tuple[Measure, ...]
    figure: Figure
    filters: tuple[tuple[Choice, ...], ...]
    dropped: int
    chosen: tuple[tuple[str, str], ...]
    rows: tuple[GridRow, ...]
    total: int
    origins: tuple[SourceLine, ...]
    verdict: Verdict


def view_model(snapshot: Snapshot, now: float, severity: str = "", component: str = "", state: str = "") -> AlertsView:
    """What the screen says of `snapshot` at `now`, filtered as the address asks."""
    found = alerts(snapshot, now, every_run=True)
    verdict = alerts_verdict(Look(snapshot, now))
    reported = filtered(found, origins(snapshot, now), verdict, severity, component, state)
    over_time = load(snapshot, now, found)
    chosen = {"severity": severity, "component": component, "state": state}
    worst = text.components(reported.by_component)
    return AlertsView(
        counts=_counts(snapshot, now, found),
        figure=alert_chart.open_alerts(over_time.ends, over_time.by_severity, STEP_SECONDS),
        filters=(
            text.choices("state", text.states(reported.by_state), chosen),
            text.choices("severity", reported.by_severity, chosen),
            text.choices("component", worst, chosen),
        ),
        dropped=len(reported.by_component) - len(worst),
        chosen=tuple(chosen.items()),
        rows=tuple(text.row(one, now) for one in reported.alerts),
        total=reported.total,
        origins=tuple(map(text.teller_line, reported.origins)),
        verdict=verdict,
    )


def _counts(snapshot: Snapshot, now: float, found: Sequence[Alert]) -> tuple[Measure, ...]:
    """How many fire by severity, wait, are muted, and are over. Unknown while nobody ever watched; at least so many
    where a tool has more of a severity than are followed.
    """
    collector, by = collector_state(snapshot, now), Counter(one.state for one in found)
    firing = Counter(one.severity for one in found if one.state is AlertState.FIRING)
    counts = [firing[severity] for severity in SEVERITIES]
    counts += [by[AlertState.PENDING], by[AlertState.SILENCED] + by[AlertState.INHIBITED], by[AlertState.RESOLVED]]
    if collector.silent_seconds is None:
        none = Measure.not_reported(Unit.COUNT, "the collector has never run: nobody has looked for alerts")
        return (none,) * len(COUNTS)
    cut = unfollowed(snapshot, now)
    beyond = [severity in cut for severity in SEVERITIES] + [False, bool(cut), False]
    known = [
        Measure.of(float(count), Unit.COUNT, "≥" if more else "") for count, more in zip(counts, beyond, strict=True)
    ]
    return tuple(known if collector.alive else [one.stale(collector.silent_seconds) for one in known])


def update(snapshot: Snapshot, now: float, severity: str = "", component: str = "", state: str = "") -> Props:
    """The page's properties at `now`: first paint, push and fallback alike."""
    return render(view_model(snapshot, now, severity, component, state))


def tree(severity: str = "", component: str = "", state: str = "") -> html.Main:
    """The static tree; every id begins with `al-`."""
    filters = [
        html.Nav([html.H3(title), html.Ul(id=name, className="al-links")], **aria.label(f"Filter by {title.lower()}"))
        for name, title in FILTERS
    ]
    table = grid("al-rows", "alerts of the last 24 hours", text.COLUMNS, rows=10, csv="alerts",
                 empty="No alert to show.")  # fmt: skip
    return page_shell.main(
        VIEW,
        [
            page_head("al", "Alerts", QUESTION, refresh="2 s", verdict=True),
            card("al-now", "Firing now", [figures(COUNTS)], hint="now; resolved in 24 h", look="span-4 al-now"),
            card("al-load", "Open alerts, last 24 hours",
                 [chart("al-chart", "How many alerts were open in each half hour of the last 24 hours", "al-chart")],
                 hint="in each half hour, by severity", look="span-8"),
            card("al-history", "History", [html.Div(filters, className="al-filters"),
                 html.P(id="al-shown", className="note", role="status"), *table], hint="last 24 hours"),
            card("al-teller", "Who reports alerts", [html.Ul(id="al-tellers", className="sources")],
                 hint="the same trouble reported by several is one row"),
        ],
        severity=severity, component=component, state=state,
    )  # fmt: skip


def render(view: AlertsView) -> Props:
    """The View as component properties."""
    props: Props = {name: figure_props(one) for (name, _), one in zip(COUNTS, view.counts, strict=True)}
    props["al-now-hint"] = hint_props(view.counts, "now; resolved in 24 h")
    props["al-chart"] = {"figure": view.figure}
    for (name, _), found in zip(FILTERS, view.filters, strict=True):
        props[name] = {"children": text.links(found, view.dropped if name == "al-component" else 0)}
    props["al-shown"] = {"children": text.shown_words(len(view.rows), view.total, dict(view.chosen))}
    props["al-tellers"] = {"children": source_items(view.origins, "Nobody reports alerts.")}
    props |= verdict_props("al", StatusWord(view.verdict.status), view.verdict.reason)
    return props | grid_props("al-rows", view.rows)


register_view(
    __name__, path=text.PATH, name="Alerts", order=9, view=VIEW,
    judge=alerts_verdict, refresh_seconds=2.0, answer=alert_history,
    update=update, tree=tree,
)  # fmt: skip
