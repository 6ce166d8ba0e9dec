"""Is Prism working, and if not, what broke? RFC view 1; drawn with each new version, at the latest every 2 s."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dash import dcc, html

from aggregators.alerts.alerts import alerts, recent
from aggregators.backends.pools import pools
from aggregators.backends.servers import backend_servers
from aggregators.overview.active_namespaces import active_namespaces
from aggregators.overview.overall import Judgement
from aggregators.patterns.health import active_patterns, by_trouble, pattern_health
from aggregators.patterns.restarts import recent_restarts
from aggregators.requests.traffic import traffic
from aggregators.security.auth import auth_success
from aggregators.series.sources import source_table
from components.banner import Stat, banner, banner_props
from components.card import card, hint_props
from components.charts.kinds import Figure
from components.lists.alerts import AlertLine, alert_items
from components.lists.panels import Figures, panel, panel_props
from components.lists.rows import (
    PATTERN_COLUMNS,
    PatternLine,
    PoolLine,
    SourceLine,
    pattern_rows,
    pool_items,
    source_items,
)
from components.lists.table import table
from components.props import Props
from components.status import StatusWord
from pages.shared import answer_text, page_shell
from pages.shared import charts as graphs
from pages.shared.judges import judgement
from pages.shared.registry import register_view
from store.snapshot import Snapshot

VIEW = "system-health"
STATS = (
    ("success", "Success rate"), ("rps", "Requests"), ("p99", "P99 latency"),
    ("auth", "Auth success"), ("patterns", "Active patterns"), ("namespaces", "Namespaces"),
)  # fmt: skip
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
    alerts: tuple[AlertLine, ...]
    sources: tuple[SourceLine, ...]
    now: float


def view_model(snapshot: Snapshot, now: float, judged: Judgement | None = None) -> SystemHealthView:
    """What the screen says of `snapshot` at `now`; the judgement is worked out when it is not given."""
    patterns, rows = pattern_health(snapshot, now), source_table(snapshot, now)
    requests, auth = traffic(snapshot, now), auth_success(snapshot, now)
    known = alerts(snapshot, now)
    whole = (judged or judgement(snapshot, now)).whole
    spaces = active_namespaces(snapshot, now)
    marks = graphs.moments(recent_restarts(snapshot, now, graphs.WINDOW_SECONDS))
    return SystemHealthView(
        status=StatusWord(whole.status),
        headline=f"System {whole.status.value}",
        reason=answer_text.sentence(whole, now),
        stats=(
            answer_text.stat(requests.success_ratio, "last 5 min"),
            answer_text.stat(requests.per_second, "last 5 s"),
            answer_text.stat(requests.p99, "last 5 min"),
            answer_text.stat(auth.success_ratio, "last 5 min"),
            answer_text.stat(active_patterns(patterns), f"of {whole.known_patterns} known"),
            answer_text.stat(spaces, spaces.note.partition(",")[0] or "active"),
        ),
        patterns=tuple(answer_text.pattern_line(one) for one in by_trouble(patterns)),
        figures=graphs.figures(requests),
        charts=graphs.of_requests("sh", requests, now, marks),
        pools=answer_text.pool_lines(pools(snapshot, now, patterns), backend_servers(snapshot, now)),
        alerts=tuple(answer_text.alert_line(alert, "/") for alert in recent(known)),
        sources=answer_text.source_lines(rows, answer_text.pattern_names(patterns)),
        now=now,
    )


def update(snapshot: Snapshot, now: float, judged: Judgement | None = None) -> Props:
    """The page's properties at `now`: first paint, push and fallback alike."""
    return render(view_model(snapshot, now, judged))


def tree() -> html.Main:
    """The static tree; every id begins with `sh-`."""
    return page_shell.main(
        VIEW,
        [
            banner("sh", STATS),
            card(
                "sh-grid",
                "Pattern health",
                [table("sh-patterns-rows", "Patterns, the worst first", PATTERN_COLUMNS)],
                hint="worst first",
                look="span-8 grid-patterns",
            ),
            card(
                "sh-alerting",
                "Recent alerts",
                [
                    html.Ul(id="sh-alerts", className="alerts"),
                    html.P(dcc.Link("View all alerts →", href="/alerts"), className="all-alerts"),
                ],
                look="span-4",
            ),
            html.H2("Critical metrics, last 5 minutes", className="sr-only"),
            *map(panel, PANELS),
            card(
                "sh-pool",
                "Backend pools",
                [html.Ul(id="sh-pools", className="pools")],
                hint="in use / limit",
                look="span-3",
                level=3,
            ),
            card("sh-source", "Sources", [html.Ul(id="sh-sources", className="sources")], hint="what the HUD reads"),
        ],
    )


def render(view: SystemHealthView) -> Props:
    """The View as component properties."""
    stats = [(key, stat) for (key, _), stat in zip(STATS, view.stats, strict=True)]
    props = banner_props("sh", view.status, view.headline, view.reason, stats)
    props |= panel_props(PANELS, view.figures)
    props |= {slot: {"figure": figure} for slot, figure in view.charts}
    lists: dict[str, list[Any]] = {
        "sh-patterns-rows": pattern_rows(view.patterns, "No pattern has reported itself yet."),
        "sh-alerts": alert_items(view.alerts, view.now, "No alert in the last 24 hours."),
        "sh-pools": pool_items(view.pools, "No source reports connection pools."),
        "sh-sources": source_items(view.sources, "No source has been read yet."),
    }
    props["sh-pool-hint"] = hint_props((pool.used for pool in view.pools if not pool.words), "in use / limit")
    return props | {name: {"children": items} for name, items in lists.items()}


register_view(
    __name__, path="/", name="System Health", order=1, view=VIEW, refresh_seconds=0.0,
    judge=None, update=update, tree=tree,
)  # fmt: skip
