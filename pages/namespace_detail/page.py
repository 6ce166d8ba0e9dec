"""How is this namespace configured, how much of that does it use, and how does it fare? RFC view 5, drilled down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dash import dcc, html

from aggregators.namespaces.detail import NamespaceDetail, namespace_detail
from aggregators.namespaces.namespace_series import namespace_series
from components.banner import Stat, banner, banner_props
from components.card import card, hint_props
from components.charts.kinds import Figure
from components.heading import range_choice, range_words
from components.lists.alerts import AlertLine, alert_items
from components.lists.facts import facts, linked_items, text_fact
from components.lists.panels import Panel, panel
from components.lists.table import namespace_href, table, undotted
from components.props import Props
from components.status import StatusWord
from model.figures.windows import step_seconds, window_seconds
from pages.namespace_detail import text as words
from pages.shared import alert_text, change_text, page_shell
from pages.shared.alert_text import NO_ALERT
from pages.shared.detail import known_or_not, known_props, nothing_called
from pages.shared.registry import About, register_detail
from store.snapshot import Snapshot

VIEW, RANGE = "namespace", "1h"
ABOUT = About(VIEW, "/namespaces/<name>", "Namespace", refresh_seconds=10.0)
STATS = (
    ("rps", "Requests"),
    ("use", "Of max RPS"),
    ("share", "Of all requests"),
    ("success", "Success rate"),
    ("errors", "Error rate"),
    ("p99", "P99 latency"),
)
FACTS = (
    ("nd-patterns", "Patterns"),
    ("nd-created", "Created"),
    ("nd-owner", "Owner"),
    ("nd-max", "Max RPS"),
    ("nd-reads", "Max reads"),
    ("nd-writes", "Max writes"),
    ("nd-admin", "Admin status"),
)
CHARTS = (("nd-lat", "P99 latency"), ("nd-thr", "Throughput"), ("nd-err", "Error rate"))
MOST = 5


@dataclass(frozen=True)
class NamespaceDetailView:
    """Exactly what the screen says of one namespace."""

    name: str
    reported: NamespaceDetail
    status: StatusWord
    stats: tuple[Stat, ...]
    charts: tuple[tuple[str, Figure], ...]
    alerts: tuple[AlertLine, ...]
    now: float


def view_model(snapshot: Snapshot, now: float, name: str, range: str = "") -> NamespaceDetailView:
    """What the screen says of the namespace `name` at `now`."""
    reported, window = namespace_detail(snapshot, now, name), window_seconds(range, RANGE)
    lines = namespace_series(snapshot, now, name, window, step_seconds(window))
    here = namespace_href(name)
    return NamespaceDetailView(
        name=name,
        reported=reported,
        status=StatusWord(reported.namespace.status, reported.age_seconds),
        stats=words.stats(reported),
        charts=words.figures(lines, now, window),
        alerts=tuple(alert_text.alert_line(one, here) for one in reported.alerts[:MOST]),
        now=now,
    )


def update(snapshot: Snapshot, now: float, name: str = "", range: str = "") -> Props:
    """The page's properties at `now`: first paint, push and fallback alike."""
    return render(view_model(snapshot, now, undotted(name), range))


def tree(name: str, range: str = "") -> html.Main:
    """The static tree; every id begins with `nd-`."""
    above: list[Any] = [dcc.Link("System Health", href="/"), " / ", dcc.Link("Namespaces", href="/namespaces"), " / "]
    crumbs = html.P([*above, html.Span(name, dir="auto")], className="crumbs text-truncate")
    heading = [html.H2("Performance", className="card-title"), range_choice("nd", RANGE, range)]
    window = range_words(range, RANGE)
    panels = [
        Panel(one, title, (), f"{title} of this namespace, {window}", window, wide=4, medium=12)
        for one, title in CHARTS
    ]
    operations = table("nd-operations", "What it asks, the busiest first", words.OPERATIONS)
    known = [
        banner("nd", STATS),
        card(
            "nd-config", "Configuration", [facts(FACTS)], hint="as the Admin API reports it", wide=4, look="nd-config"
        ),
        card("nd-top", "Top operations", [operations], hint="by RPS of the last 15 s", wide=8, look="nd-top"),
        html.Div(heading, className="d-flex align-items-center gap-3"),
        *map(panel, panels),
        card("nd-alerting", "Alerts", [html.Ul(id="nd-alerts", className="alerts nd-alerts")], hint="24 h"),
        change_text.changes_card("nd"),
    ]
    inside = known_or_not(
        "nd",
        crumbs,
        known,
        nothing_called("namespace", name),
        "No source reports it. A namespace shows here once the Admin API lists it or it makes requests.",
        dcc.Link("All namespaces", href="/namespaces"),
    )
    return page_shell.main(VIEW, inside, name=name, range=range)


def render(view: NamespaceDetailView) -> Props:
    """The view as component properties."""
    reported, stats = view.reported, [(key, stat) for (key, _), stat in zip(STATS, view.stats, strict=True)]
    props = banner_props("nd", view.status, view.name, words.verdict(reported), stats)
    props |= {slot: {"figure": figure} for slot, figure in view.charts}
    lists: dict[str, Any] = {
        "nd-patterns": html.Ul(linked_items(words.patterns(reported.patterns), "not reported")),
        "nd-created": words.created(reported, view.now),
        "nd-owner": text_fact(reported.owner, reported.config_note or "the Admin API does not report it"),
        "nd-max": words.limit(reported.all_requests),
        "nd-reads": words.limit(reported.reads),
        "nd-writes": words.limit(reported.writes),
        "nd-admin": text_fact(reported.admin_status, reported.config_note or "the Admin API does not report it"),
        "nd-operations": words.operation_rows(
            reported.operations, reported.operations_known, words.no_operations(reported)
        ),
        "nd-alerts": alert_items(view.alerts, view.now, NO_ALERT),
    }
    props |= {name: {"children": children} for name, children in lists.items()}
    for name, one in (("nd-reads", reported.reads), ("nd-writes", reported.writes)):
        props[f"{name}-row"] = {"hidden": one.limit_per_second.value is None}
    config = hint_props((reported.created,), "as the Admin API reports it")
    props["nd-config-hint"] = (
        config if not reported.config_note else {"children": reported.config_note, "className": "hint"}
    )
    props["nd-top-hint"] = hint_props((reported.namespace.per_second,), "by RPS of the last 15 s")
    props |= change_text.changes_props("nd", reported.changes, view.now)
    return props | known_props("nd", reported.known)


register_detail(__name__, ABOUT, answer=namespace_detail, update=update, tree=tree)
