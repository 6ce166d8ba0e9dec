"""Is Prism working, and if not, what broke? RFC view 1; drawn with each new version, at the latest every 2 s."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dash import dcc, html

from aggregators.changes.changes import ChangeSpan
from aggregators.incidents.wiring import health_keys
from aggregators.overview.overall import Judgement
from aggregators.overview.system_health import system_health
from components.banner import Stat, banner, banner_props
from components.card import card, hint_props
from components.charts.kinds import Figure
from components.lists.incidents import IncidentLine, incident_items
from components.lists.panels import Figures, panel, panel_props
from components.lists.rows import (
    PATTERN_COLUMNS,
    SOURCES,
    PatternLine,
    PoolLine,
    SourceLine,
    pattern_rows,
    pool_items,
    source_items,
)
from components.lists.strip import StripItem
from components.lists.table import table
from components.lists.then_now import Compared, compare_box, compare_props
from components.props import Props
from components.status import StatusWord
from pages.shared import answer_text, change_text, incident_text, map_text, page_shell, source_text
from pages.shared import charts as graphs
from pages.shared.alert_text import NO_ALERT
from pages.shared.registry import About, register_view
from pages.shared.selections import Present
from pages.system_health.beside import answer, beside
from pages.system_health.charts import of_all
from store.snapshot import Snapshot

VIEW = "system-health"
ABOUT = About(VIEW, "/", "System Health", refresh_seconds=0.0, order=1)
STATS = (
    ("success", "Success rate"),
    ("rps", "Requests"),
    ("p99", "P99 latency"),
    ("auth", "Auth success"),
    ("patterns", "Active patterns"),
    ("namespaces", "Namespaces"),
)
PATTERN_HINT = "as each reports, worst first"
PANELS = graphs.panels()


@dataclass(frozen=True)
class SystemHealthView:
    """Exactly what the screen says. `stats` follow STATS; `figures` (with a count's noun) and `charts` are by id."""

    status: StatusWord
    headline: str
    reason: str
    stats: tuple[Stat, ...]
    patterns: tuple[PatternLine, ...]
    figures: Figures
    charts: tuple[tuple[str, Figure], ...]
    pools: tuple[PoolLine, ...]
    incidents: tuple[IncidentLine, ...]
    sources: tuple[SourceLine, ...]
    changes: tuple[ChangeSpan, ...]
    in_trouble: tuple[StripItem, ...]
    compared: Compared | None
    now: float


def view_model(
    snapshot: Snapshot, now: float, judged: Judgement | None = None, present: Present | None = None, drawn: bool = True
) -> SystemHealthView:
    """What the screen says of `snapshot` at `now`, charts where they are `drawn`; judged where it is not yet."""
    found = answer(snapshot, now, judged)
    return SystemHealthView(
        status=StatusWord(found.status),
        headline=f"System {found.status.value}",
        reason=answer_text.sentence(found.whole, now),
        stats=(
            answer_text.stat(found.success, "last 5 min"),
            answer_text.stat(found.requests, "last 5 s"),
            answer_text.stat(found.latency_p99, "last 5 min"),
            answer_text.stat(found.auth_success, "last 5 min"),
            answer_text.stat(found.active_patterns, f"of {len(found.pattern_health)} known"),
            answer_text.stat(found.namespaces, found.namespaces.note.partition(",")[0] or "active"),
        ),
        patterns=tuple(map(answer_text.pattern_line, found.pattern_health)),
        figures=graphs.figures(found),
        charts=of_all(snapshot, now, found.requests) if drawn else (),
        pools=answer_text.pool_lines(found.pools, found.servers),
        incidents=tuple(map(incident_text.line, found.recent_incidents)),
        sources=source_text.source_lines(found.sources, health_keys(found.pattern_health)),
        changes=found.changes,
        in_trouble=map_text.strip(found.in_trouble),
        compared=beside(found, present),
        now=now,
    )


def update(
    snapshot: Snapshot, now: float, judged: Judgement | None = None, present: Present | None = None, drawn: bool = True
) -> Props:
    """The page's properties at `now`: first paint, push and fallback alike."""
    return render(view_model(snapshot, now, judged, present, drawn))


def tree() -> html.Main:
    """The static tree; every id begins with `sh-`."""
    patterns = table("sh-patterns-rows", "Patterns, the worst first", PATTERN_COLUMNS)
    more = html.P(dcc.Link("View all alerts →", href="/alerts"), className="crumbs mt-1")
    pools, sources = html.Ul(id="sh-pools", className="pools"), html.Ul(id="sh-sources", className=SOURCES)
    inside = [
        banner("sh", STATS),
        compare_box("sh"),
        card("sh-grid", "Pattern health", [patterns], hint=PATTERN_HINT, wide=8, look="grid-patterns"),
        card("sh-alerting", "Recent alerts", [html.Ul(id="sh-alerts", className="alerts"), more], wide=4),
        map_text.box("sh-map"),
        html.H2("Critical metrics, last 5 minutes", className="visually-hidden"),
        *map(panel, PANELS),
        card("sh-pool", "Backend pools", [pools], hint="in use / limit", wide=3, medium=6, level=3),
        change_text.folded_card("sh"),
        card("sh-source", "Sources", [sources], hint="what the HUD reads", look="card-line"),
    ]
    return page_shell.main(VIEW, inside)


def render(view: SystemHealthView) -> Props:
    """The view as component properties."""
    stats = [(key, stat) for (key, _), stat in zip(STATS, view.stats, strict=True)]
    props = banner_props("sh", view.status, view.headline, view.reason, stats) | compare_props("sh", view.compared)
    props |= panel_props(PANELS, view.figures) | {slot: {"figure": figure} for slot, figure in view.charts}
    props |= change_text.folded_props("sh", view.changes, view.now) | map_text.box_props("sh-map", view.in_trouble)
    lists: dict[str, list[Any]] = {
        "sh-patterns-rows": pattern_rows(view.patterns, "No pattern has reported itself yet."),
        "sh-alerts": incident_items(view.incidents, view.now, NO_ALERT),
        "sh-pools": pool_items(view.pools, "No source reports connection pools."),
        "sh-sources": source_items(view.sources, "No source has been read yet."),
    }
    props["sh-pool-hint"] = hint_props((pool.used for pool in view.pools if not pool.words), "in use / limit")
    return props | {name: {"children": items} for name, items in lists.items()}


register_view(__name__, ABOUT, judge=None, answer=system_health, update=update, tree=tree)
