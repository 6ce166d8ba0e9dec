"""What is the matter with this pattern, and since when? RFC view 1, a row of its grid; at the latest every 2 s."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dash import dcc, html

from aggregators.changes.changes import ChangeSpan
from aggregators.overview.pattern import pattern, pattern_series
from components.banner import Stat, banner, banner_props
from components.card import card, chart
from components.charts.kinds import Figure
from components.lists.alerts import AlertLine, alert_items
from components.lists.events import EventLine, event_items
from components.lists.panels import Panel, panel
from components.lists.rows import DETAIL_COLUMNS, detail_rows
from components.lists.table import pattern_href, table, undotted
from components.props import Props
from components.status import StatusWord
from pages.pattern_detail import text
from pages.shared import alert_text, answer_text, change_text, page_shell
from pages.shared import charts as graphs
from pages.shared.alert_text import NO_ALERT
from pages.shared.detail import known_or_not, known_props, nothing_called
from pages.shared.registry import About, register_detail
from store.snapshot import Snapshot

VIEW = "pattern"
ABOUT = About(VIEW, "/patterns/<name>", "Pattern", refresh_seconds=0.0)
STATS = (
    ("rps", "Requests"),
    ("success", "Success rate"),
    ("p50", "P50 latency"),
    ("p99", "P99 latency"),
    ("uptime", "Uptime"),
    ("restarts", "Restarts 24 h"),
)
PANELS = tuple(
    Panel(name, title, (), f"{title} of this pattern over the last 5 minutes", wide=4, medium=12)
    for name, title in (("pd-lat", "Latency"), ("pd-thr", "Throughput"), ("pd-err", "Errors"))
)
MOST = 5


@dataclass(frozen=True)
class PatternDetailView:
    """Exactly what the screen says of one pattern; `known` is False when nothing reports it."""

    name: str
    known: bool
    status: StatusWord
    reason: str
    stats: tuple[Stat, ...]
    charts: tuple[tuple[str, Figure], ...]
    day: str
    errors: tuple[EventLine, ...]
    restarts: tuple[EventLine, ...]
    details: tuple[tuple[str, str], ...]
    alerts: tuple[AlertLine, ...]
    changes: tuple[ChangeSpan, ...]
    now: float


def view_model(snapshot: Snapshot, now: float, name: str) -> PatternDetailView:
    """What the screen says of the pattern `name` at `now`."""
    found, series, here = pattern(snapshot, now, name), pattern_series(snapshot, now, name), pattern_href(name)
    bad = [event for event in found.status_events if text.is_trouble(event)]
    return PatternDetailView(
        name=name,
        known=found.known,
        status=StatusWord(found.verdict.status),
        reason=text.sentence(found.health, found.verdict, now),
        stats=(
            answer_text.stat(found.requests, "last 5 s"),
            answer_text.stat(found.success, "last 5 min"),
            answer_text.stat(found.latency_p50, "last 5 min"),
            answer_text.stat(found.latency_p99, "last 5 min"),
            *text.life_stats(found.health),
        ),
        charts=(
            ("pd-day-chart", graphs.history(series.day, now)),
            *graphs.of_requests("pd", series.lines, found.requests, now, graphs.event_moments(found.restart_events)),
        ),
        day=text.day(series.day),
        errors=tuple(text.change(event) for event in bad[:MOST]),
        restarts=tuple(text.restarts(found.restart_events, found.restarts)[:MOST]),
        details=text.details(found.health),
        alerts=tuple(alert_text.alert_line(alert, here) for alert in found.alerts[:MOST]),
        changes=found.changes,
        now=now,
    )


def update(snapshot: Snapshot, now: float, name: str = "") -> Props:
    """The page's properties at `now`: first paint, push and fallback alike."""
    return render(view_model(snapshot, now, undotted(name)))


def tree(name: str) -> html.Main:
    """The static tree; every id begins with `pd-`."""
    crumbs = html.P([dcc.Link("System Health", href="/"), " / patterns"], className="crumbs")
    strip = chart("pd-day-chart", "Status over the last 24 hours", "chart-strip")
    day = [strip, html.P(id="pd-day-words", className="note")]
    errors, restarts = (html.Ul(id=one, className="events") for one in ("pd-errors", "pd-restarts-list"))
    details = table("pd-details", "What its health service reports", DETAIL_COLUMNS)
    known = [
        banner("pd", STATS),
        card("pd-day", "Last 24 hours", day, hint="worst of each 5 min, not read: empty"),
        *map(panel, PANELS),
        card("pd-bad", "Last errors", [errors], hint="24 h", wide=3, medium=6),
        card("pd-again", "Restarts", [restarts], hint="24 h", wide=3, medium=6),
        card("pd-alerting", "Alerts", [html.Ul(id="pd-alerts", className="alerts")], hint="24 h", wide=3, medium=6),
        card("pd-detail", "Backend details", [details], hint="as it reports them", wide=3, medium=6),
        change_text.changes_card("pd"),
    ]
    inside = known_or_not(
        "pd",
        crumbs,
        known,
        nothing_called("pattern", name),
        "No source reports it. A pattern shows here once it has a health service or traffic of its own.",
        dcc.Link("All patterns", href="/"),
    )
    return page_shell.main(VIEW, inside, name=name)


def render(view: PatternDetailView) -> Props:
    """The view as component properties."""
    stats = [(key, stat) for (key, _), stat in zip(STATS, view.stats, strict=True)]
    props = banner_props("pd", view.status, view.name, view.reason, stats)
    props |= {slot: {"figure": figure} for slot, figure in view.charts}
    lists: dict[str, Any] = {
        "pd-day-words": view.day,
        "pd-errors": event_items(view.errors, view.now, "No trouble in the last 24 hours, as far as it was watched."),
        "pd-restarts-list": event_items(view.restarts, view.now, "No restart seen in the last 24 hours."),
        "pd-alerts": alert_items(view.alerts, view.now, NO_ALERT),
        "pd-details": detail_rows(view.details, "Its health service has reported no details."),
    }
    props |= {name: {"children": children} for name, children in lists.items()}
    return props | change_text.changes_props("pd", view.changes, view.now) | known_props("pd", view.known)


register_detail(__name__, ABOUT, answer=pattern, update=update, tree=tree)
