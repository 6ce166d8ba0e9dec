"""How much memory and CPU does it take, and how near are the limits? RFC view 8; drawn every 10 s."""

from __future__ import annotations

from dataclasses import dataclass

from dash import html

from aggregators.resources.control_plane import ControlPlane
from aggregators.resources.processes import ProxyProcess
from aggregators.resources.resource_series import resource_series
from aggregators.resources.resources import Totals, resources, resources_verdict
from components.card import bare_card, card, chart, hint_props
from components.charts.marks import Figure, Span
from components.heading import page_head, range_words
from components.lists.fact_list import fact_list, fact_props
from components.lists.grid import GridRow, grid, grid_props
from components.props import Props
from components.status import StatusWord, badge_parts, status_line
from model.figures.windows import step_seconds, window_seconds
from model.measure import Measure
from pages.resources import rows_text
from pages.resources import text as words
from pages.shared import page_shell
from pages.shared.registry import About, register_view
from store.snapshot import Snapshot

VIEW = "resources"
ABOUT = About(VIEW, "/resources", "Resources", refresh_seconds=10.0, order=8)
RANGE = "15m"
QUESTION = "How much memory and CPU does it take, and how near are the limits?"


@dataclass(frozen=True)
class ResourcesView:
    """Exactly what the screen says."""

    status: StatusWord
    reason: str
    title: str
    proxy: ProxyProcess
    proxies: list[GridRow]
    patterns: list[GridRow]
    totals: Totals
    charts: tuple[tuple[str, Figure], ...]
    window: str
    used: tuple[Measure, ...]
    control: ControlPlane


def view_model(snapshot: Snapshot, now: float, chosen: str = "") -> ResourcesView:
    """What the screen says of `snapshot` at `now`, its charts over the window that the address asks for."""
    found = resources(snapshot, now)
    window = window_seconds(chosen, RANGE)
    lines = resource_series(snapshot, now, window, step_seconds(window))
    return ResourcesView(
        status=StatusWord(found.status),
        reason=found.reason or found.proxy.reason,
        title=words.title(found),
        proxy=found.proxy,
        proxies=rows_text.proxy_rows(found.proxies if len(found.proxies) > 1 else ()),
        patterns=rows_text.pattern_rows(found.patterns),
        totals=found.totals,
        charts=words.figures(lines, Span(now - window, now)),
        window=range_words(chosen, RANGE),
        used=(found.proxy.memory, found.proxy.cpu, found.proxy.threads, found.proxy.descriptors),
        control=found.control_plane,
    )


def update(snapshot: Snapshot, now: float, range: str = "") -> Props:  # the address says ?range=
    """The page's properties at `now`: first paint, push and fallback alike."""
    return render(view_model(snapshot, now, range))


def tree(range: str = "") -> html.Main:
    """The static tree; every id begins with `rs-`."""
    columns, empty = rows_text.PATTERNS, "No pattern has reported itself yet."
    patterns = grid("rs-patterns", "pattern processes", columns, rows=6, csv="pattern-processes", empty=empty)
    proxies = grid("rs-proxies", "proxies", rows_text.PROXIES, rows=5, csv="proxies", empty="No proxy is read.")
    fleet = bare_card("rs-fleet", "Proxies", proxies, hint="nearest to a limit first")
    proxy = [status_line("rs-status", "rs-reason"), fact_list(words.PROXY_FACTS)]
    plane = [status_line("rs-control-status", "rs-control-role"), fact_list(words.CONTROL_FACTS)]
    control = bare_card("rs-control", "Control plane", plane, hint=words.CONTROL_HINT)
    cores = chart("rs-cpu-chart", "Cores in use by each process over time", "rs-chart")
    return page_shell.main(
        VIEW,
        [
            page_head("rs", "System Resources", QUESTION, refresh="10 s", ranges=RANGE, chosen=range),
            card("rs-proxy", "Prism Proxy", proxy, hint="now", wide=4),
            card("rs-pattern", "Pattern processes", patterns, hint="worst first; CPU in % of one core", wide=8),
            html.Div(fleet, id="rs-fleet", hidden=True),
            card("rs-total", "System totals", [fact_list(words.TOTAL_FACTS)], hint="all processes", wide=4),
            card("rs-mem", "Memory", [chart("rs-mem-chart", "Memory of each process over time", "rs-chart")], wide=4),
            card("rs-core", "CPU", [cores], wide=4),
            html.Div(control, id="rs-control-plane", hidden=True),
        ],
        range=range,
    )


def render(view: ResourcesView) -> Props:
    """The view as component properties."""
    props = fact_props(words.PROXY_FACTS, view.proxy) | fact_props(words.TOTAL_FACTS, view.totals)
    props |= grid_props("rs-patterns", view.patterns) | grid_props("rs-proxies", view.proxies)
    props |= {slot: {"figure": figure} for slot, figure in view.charts}
    props["rs-status"] = {"children": badge_parts(view.status), "className": f"status status-{view.status.kind}"}
    props["rs-reason"] = {"children": view.reason, "title": view.reason}
    props |= fact_props(words.CONTROL_FACTS, view.control)
    control, role = StatusWord(view.control.status), words.control_role(view.control)
    props["rs-control-status"] = {"children": badge_parts(control), "className": f"status status-{control.kind}"}
    props["rs-control-role"] = {"children": role, "title": role}
    props["rs-control-hint"] = hint_props((view.control.term,), words.CONTROL_HINT)
    props["rs-control-plane"] = {"hidden": not view.control.configured}
    props["rs-proxy-title"] = {"children": view.title}
    props["rs-proxy-hint"] = hint_props(view.used, "now; CPU over 1 min")
    props["rs-fleet"] = {"hidden": not view.proxies}
    props |= {f"{name}-hint": {"children": view.window} for name in ("rs-mem", "rs-core")}
    return props


register_view(__name__, ABOUT, judge=resources_verdict, answer=resources, update=update, tree=tree)
