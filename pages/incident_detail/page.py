"""What broke first, what does it touch, and what had changed before? One incident; RFC view 1, drilled down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from dash import dcc, html

from aggregators.incidents.detail import incident_detail
from components.alert_form import alert_form
from components.banner import Stat, banner, banner_props
from components.card import card
from components.format import Style
from components.lists.alerts import AlertLine, alert_items
from components.lists.events import EventLine, event_items
from components.props import Props
from components.status import StatusWord
from model.measure import Measure
from model.series import Unit
from model.status import Status
from pages.incident_detail import text
from pages.shared import alert_text, answer_text, change_text, page_shell
from pages.shared.detail import known_or_not, known_props
from pages.shared.registry import About, register_detail
from store.snapshot import Snapshot

VIEW = "incident"
ABOUT = About(VIEW, "/incidents/<name>", "Incident", refresh_seconds=1.0)
STATS = (("lasted", "Lasted"), ("share", "Of all requests"), ("namespaces", "Namespaces"), ("alerts", "Alerts"))
NOTHING = "The last 24 hours are kept."


@dataclass(frozen=True)
class IncidentDetailView:
    """Exactly what the screen says of one incident. `stats` follow STATS."""

    known: bool
    status: StatusWord
    headline: str
    standing: str
    stats: tuple[Stat, ...]
    steps: tuple[EventLine, ...]
    cause: tuple[Any, ...]
    touched: tuple[Any, ...]
    before: tuple[EventLine, ...]
    alerts: tuple[AlertLine, ...]
    now: float


def view_model(snapshot: Snapshot, now: float, name: str) -> IncidentDetailView:
    """What the screen says of the incident `name` at `now`."""
    found = incident_detail(snapshot, now, name)
    one, touches = found.incident, found.touches
    lasted = (
        Measure.not_reported(Unit.SECONDS, NOTHING) if one is None else Measure.of(one.duration_seconds, Unit.SECONDS)
    )
    return IncidentDetailView(
        known=found.known,
        status=StatusWord(text.status(one) if one else Status.UNKNOWN),
        headline=one.headline if one else "",
        standing=text.standing(one, now) if one else "",
        stats=(
            Stat(lasted, "so far" if one and one.is_active else "", style=Style.DURATION),
            answer_text.stat(touches.share, "of the last minute" if one and one.is_active else "of its last minute"),
            answer_text.stat(Measure.of(float(len(touches.namespaces)), Unit.COUNT), "that ask there"),
            answer_text.stat(Measure.of(float(len(one.alerts) if one else 0), Unit.COUNT), "of one cause"),
        ),
        steps=text.steps(one) if one else (),
        cause=tuple(text.cause(one.cause)) if one else (),
        touched=tuple(text.touched(found)),
        before=tuple(map(change_text.line, found.before)),
        alerts=tuple(alert_text.alert_line(alert, "") for alert in one.alerts) if one else (),
        now=now,
    )


def update(snapshot: Snapshot, now: float, name: str = "") -> Props:
    """The page's properties at `now`: first paint, push and fallback alike."""
    return render(view_model(snapshot, now, name))


def tree(name: str) -> html.Main:
    """The static tree; every id begins with `in-`."""
    report = change_text.report_link("Report", urlencode({"incident": name or "-"}))
    crumbs = html.P([dcc.Link("Alerts", href="/alerts"), " / incidents · ", report], className="crumbs")
    steps, before = html.Ul(id="in-steps", className="events"), html.Ul(id="in-before", className="events")
    alerts, form = html.Ul(id="in-alert-list", className="alerts"), alert_form("in", name or "-")
    known = [
        banner("in", STATS),
        card("in-order", "What broke first", [steps], hint="as each first left its normal range", wide=8),
        card("in-why", "Likely cause", [html.Div(id="in-cause")], wide=4),
        card("in-alerting", "Its alerts", [alerts], hint="the cause's first", wide=4, medium=6),
        card("in-hit", "What it touches", [html.Div(id="in-touched")], hint="by requests", wide=4, medium=6),
        card("in-past", "What changed before", [before], hint="in the 15 min before", wide=4),
        card("in-act", "See to it, or silence it for a while", [form], hint="all its alerts"),
    ]
    inside = known_or_not(
        "in", crumbs, known, "No such incident is known", NOTHING, dcc.Link("All alerts", href="/alerts")
    )
    return page_shell.main(VIEW, inside, name=name)


def render(view: IncidentDetailView) -> Props:
    """The view as component properties."""
    stats = [(key, stat) for (key, _), stat in zip(STATS, view.stats, strict=True)]
    props = banner_props("in", view.status, view.headline, view.standing, stats)
    lists: dict[str, Any] = {
        "in-steps": event_items(view.steps, view.now, "Nothing left its normal range."),
        "in-cause": list(view.cause),
        "in-alert-list": alert_items(view.alerts, view.now, "No alert."),
        "in-touched": list(view.touched),
        "in-before": event_items(view.before, view.now, "No change seen in the 15 min before."),
    }
    props |= {name: {"children": children} for name, children in lists.items()}
    return props | known_props("in", view.known)


register_detail(__name__, ABOUT, answer=incident_detail, update=update, tree=tree)
