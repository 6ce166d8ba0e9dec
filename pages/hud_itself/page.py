"""Does the dashboard itself keep what was promised of it? Below Settings; every 10 s."""

from __future__ import annotations

from dataclasses import dataclass

from dash import dcc, html

from aggregators.overview.promises import PAGE, hud_itself
from components.card import card
from components.heading import page_head, verdict_props
from components.lists.grid import GridRow, grid, grid_props
from components.measure import figure_of
from components.props import Props
from components.status import StatusWord
from model.measure import Measure
from pages.hud_itself import text
from pages.shared import page_shell
from pages.shared.registry import About, register_detail
from store.snapshot import Snapshot

VIEW = "hud-itself"
ABOUT = About(VIEW, PAGE, "The HUD itself", refresh_seconds=10.0)
NO_HOUR, NO_ALERT = "No page has reported what it had.", "Nobody raised an alert."
TABLES = (
    (
        "hi-promises",
        "promises and what was measured",
        text.PROMISE_COLUMNS,
        7,
        "promises",
        "Nothing to show.",
        False,
    ),
    ("hi-hours", "delays by the hour", text.HOUR_COLUMNS, 8, "change-to-pixel", NO_HOUR, False),
    ("hi-alerts", "alerts by who raised them", text.ALERT_COLUMNS, 4, "alerts-by-tool", NO_ALERT, False),
)
"""As `grid` takes them."""


@dataclass(frozen=True)
class HudItselfView:
    """Exactly what the screen says."""

    status: StatusWord
    says: str
    promises: tuple[GridRow, ...]
    hours: tuple[GridRow, ...]
    alerts: tuple[GridRow, ...]
    viewers: Measure


def view_model(snapshot: Snapshot, now: float) -> HudItselfView:
    """What the screen says of `snapshot` at `now`."""
    found = hud_itself(snapshot, now)
    return HudItselfView(
        status=StatusWord(found.status),
        says=found.reason or "It keeps what was promised, as far as it was measured.",
        promises=tuple(map(text.promise, found.promises)),
        hours=tuple(map(text.hour, found.hours)),
        alerts=tuple(map(text.alerts, found.alerts)),
        viewers=found.viewers,
    )


def update(snapshot: Snapshot, now: float) -> Props:
    """The page's properties at `now`: first paint, push and fallback alike."""
    return render(view_model(snapshot, now))


def tree() -> html.Main:
    """The static tree; every id begins with `hi-`."""
    crumbs = html.P([dcc.Link("Settings", href="/settings"), " / the HUD itself"], className="crumbs")
    head = page_head("hi", "The HUD itself", "Does it keep what was promised of it?", refresh="10 s", verdict=True)
    viewers = html.P(["Browsers that looked since midnight UTC: ", html.Span(id="hi-viewers")], className="mt-2 mb-0")
    promises, hours, alerts = (grid(*one) for one in TABLES)
    return page_shell.main(
        VIEW,
        [
            crumbs,
            head,
            card("hi-promise", "Promises", promises, hint="as every open page and every process measured"),
            card("hi-hour", "Change to pixel, by the hour", hours, hint="UTC, newest first", wide=6),
            card("hi-alert", "Alerts of 24 h", [*alerts, viewers], wide=6),
        ],
    )


def render(view: HudItselfView) -> Props:
    """The view as component properties."""
    props = verdict_props("hi", view.status, view.says) | {"hi-viewers": {"children": [figure_of(view.viewers)]}}
    props |= grid_props("hi-promises", view.promises) | grid_props("hi-hours", view.hours)
    return props | grid_props("hi-alerts", view.alerts)


register_detail(__name__, ABOUT, answer=hud_itself, update=update, tree=tree)
