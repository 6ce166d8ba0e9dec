"""What is the dashboard set to, and does it get what it reads? Every 5 s; faults are injected here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dash import dcc, html

from aggregators.incidents.notices import KINDS
from aggregators.overview.promises import PAGE
from aggregators.overview.settings import DEFAULT, settings, settings_verdict
from components import fault_panel
from components.card import WRAPPED, bare_card, card
from components.choices import Choice, choices
from components.heading import page_head, verdict_props
from components.lists.facts import facts
from components.lists.grid import GridRow, grid, grid_props
from components.props import Props
from components.status import StatusWord
from pages.settings import facts_text, text
from pages.shared import page_shell
from pages.shared.registry import About, register_view
from store.snapshot import Snapshot

VIEW = "settings"
ABOUT = About(VIEW, "/settings", "Settings", refresh_seconds=5.0, order=11)
STORE = (
    ("st-alive", "Collector"),
    ("st-pid", "Process id"),
    ("st-version", "Version of the store"),
    ("st-size", "On disk"),
    ("st-events", "Events of 24 h"),
    ("st-trouble", "Trouble"),
)
SLO = (
    ("st-slo-objective", "Fast enough must be"),
    ("st-slo-threshold", "Fast enough is within"),
    ("st-slo-window", "Over"),
    ("st-slo-whence", "From"),
)
CHOICES = (
    Choice("theme", "Theme", (("", "as the system"), ("light", "light"), ("dark", "dark"))),
    Choice("zone", "Times in", (("utc", "UTC"), ("local", "local time"))),
    Choice("updates", "Updates", (("live", "live"), ("paused", "paused"))),
    Choice("keys", "Keys of one character", (("", "on"), ("off", "off"))),
)
NOTIFY = (
    Choice("notify", "Call me by this browser", (("", "never"), ("critical", "for what is critical"))),
    Choice("kinds", "and for warnings of", tuple((kind, kind) for kind in KINDS), several=True),
)
ITSELF = html.P(dcc.Link("What the HUD promises and keeps", href=PAGE), className="mt-2 mb-0")
NO_SETTINGS = "No collector has reported its settings yet."
QUESTION = "What is the dashboard set to, and does it get what it reads?"
TABLES = (
    ("st-sources", "sources", text.SOURCE_COLUMNS, 10, "sources", "No source is configured."),
    ("st-limits", "detections and their limits", text.LIMIT_COLUMNS, 14, "detections"),
    ("st-settings", "settings", text.SETTING_COLUMNS, 12, "settings", NO_SETTINGS),
)
"""As `grid` takes them."""


@dataclass(frozen=True)
class SettingsView:
    """Exactly what the screen says; `lines` are the facts by component id."""

    sources: tuple[GridRow, ...]
    settings: tuple[GridRow, ...]
    limits: tuple[GridRow, ...]
    lines: tuple[tuple[str, Any], ...]
    versions: tuple[tuple[str, str], ...]
    set_count: int
    simulated: bool
    status: StatusWord
    says: str


def view_model(snapshot: Snapshot, now: float) -> SettingsView:
    """What the screen says of `snapshot` at `now`."""
    reported = settings(snapshot, now)
    lines = facts_text.store(reported.store, now) | facts_text.objective(reported.slo)
    return SettingsView(
        sources=tuple(text.source(row, reported.pattern_names) for row in reported.sources),
        settings=tuple(map(text.setting, reported.settings)),
        limits=tuple(map(text.limits, reported.limits)),
        lines=tuple(lines.items()),
        versions=tuple((one.name, one.version) for one in reported.versions),
        set_count=sum(one.whence != DEFAULT for one in reported.settings),
        simulated=reported.simulated,
        status=StatusWord(reported.status),
        says=reported.reason,
    )


def update(snapshot: Snapshot, now: float) -> Props:
    """The page's properties at `now`: first paint, push and fallback alike."""
    return render(view_model(snapshot, now))


def tree() -> html.Main:
    """The static tree; every id begins with `st-`."""
    sources, limits, settings = (grid(*one) for one in TABLES)
    notify = [choices("st", NOTIFY), html.P(id="st-call-says", className="hint mt-1 mb-0")]
    versions = html.Ul(id="st-versions", className=f"{WRAPPED} mt-1 text-body-secondary")
    objective = [facts(SLO), html.H3("Versions", className="card-title mt-3"), versions]
    hint = "for trying out; a real Prism is never touched"
    faults = bare_card("st-fault", "Faults of the simulated Prism", fault_panel.panel("st"), hint=hint)
    return page_shell.main(
        VIEW,
        [
            page_head("st", "Settings", QUESTION, refresh="5 s", verdict=True),
            card("st-source", "Sources", sources, hint="in trouble first"),
            card("st-look", "Display", [choices("st", CHOICES)], hint="for this browser", wide=3, medium=6),
            card("st-call", "Notifications", notify, hint="for this browser", wide=3, medium=6),
            card("st-store", "Store and collector", [facts(STORE), ITSELF], wide=3, medium=6),
            card("st-slo", "Latency objective", objective, wide=3, medium=6),
            html.Div(faults, id="st-simulated", hidden=True),
            card("st-limit", "Detections", limits, hint="the likeliest cause first"),
            card("st-setting", "Configuration", settings),
        ],
    )


def render(view: SettingsView) -> Props:
    """The view as component properties."""
    props: Props = {name: {"children": line} for name, line in view.lines}
    props |= verdict_props("st", view.status, view.says)
    props["st-versions"] = {"children": [html.Li(f"{name} {version}") for name, version in view.versions]}
    props["st-setting-hint"] = {
        "children": f"{view.set_count} set; credentials hidden" if view.settings else NO_SETTINGS
    }
    props["st-simulated"] = {"hidden": not view.simulated}
    props |= grid_props("st-sources", view.sources)
    return props | grid_props("st-limits", view.limits) | grid_props("st-settings", view.settings)


register_view(__name__, ABOUT, judge=settings_verdict, answer=settings, update=update, tree=tree)
