"""Who is let in, who is not, and why? RFC view 6; drawn every 10 s, at once when a source changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import dash_bootstrap_components as dbc
from dash import html

from aggregators.security.auth_series import auth_series
from aggregators.security.security import Security, security, security_verdict
from components.card import bare_card, card, chart, column, hint_props
from components.charts.marks import Figure, Span
from components.heading import page_head, range_words, verdict_props
from components.lists.fact_list import fact_list, fact_props
from components.lists.grid import GridRow, grid, grid_props
from components.measure import figure_props
from components.props import Props
from components.since import since
from components.status import StatusWord
from model.figures.windows import step_seconds, window_seconds
from pages.security import attempts_text, dex_text
from pages.security import text as words
from pages.security.failure_chart import figure
from pages.shared import page_shell
from pages.shared.registry import About, register_view
from store.snapshot import Snapshot

VIEW = "security"
ABOUT = About(VIEW, "/security", "Security", refresh_seconds=10.0, order=6)
RANGE = "1h"
DAY = "last 24 h, newest first"


@dataclass(frozen=True)
class SecurityView:
    """Exactly what the screen says; `rows` are the attempts, the newest first."""

    found: Security
    rows: tuple[GridRow, ...]
    shown: list[Any]
    figure: Figure
    window: str
    now: float


def view_model(snapshot: Snapshot, now: float, range: str = "", all: str = "", hide: str = "") -> SecurityView:
    """What the screen says of `snapshot` at `now`."""
    found = security(snapshot, now, all, hide)
    rows = found.newest_attempts
    window = window_seconds(range, RANGE)
    lines = auth_series(snapshot, now, window, step_seconds(window))
    href = "?" + urlencode({name: said for name, said in (("range", range), ("hide", hide), ("all", "1")) if said})
    return SecurityView(
        found=found,
        rows=tuple(attempts_text.attempt_row(one, now) for one in rows),
        shown=attempts_text.shown_words(found.attempts, rows, now, href),
        figure=figure(lines, Span(now - window, now)),
        window=range_words(range, RANGE),
        now=now,
    )


def update(snapshot: Snapshot, now: float, range: str = "", all: str = "", hide: str = "") -> Props:
    """The page's properties at `now`: first paint, push and fallback alike."""
    return render(view_model(snapshot, now, range, all, hide))


def tree(range: str = "", all: str = "", hide: str = "") -> html.Main:
    """The static tree; every id begins with `se-`."""
    columns, empty = attempts_text.ATTEMPTS, "No failed attempt to show."
    table = grid("se-attempts", "failed attempts", columns, rows=7, csv="failed-attempts", empty=empty)
    title = html.H3("Denial reasons", className="hint fw-semibold border-top mt-2 pt-2")
    decisions = [fact_list(words.DECISIONS), title, html.Ul(id="se-authz-reasons", className="se-reasons")]
    side = [
        bare_card("se-authz", "Authorization", decisions, hint="last 1 h", look="col"),
        bare_card("se-jwks", "JWKS cache", [fact_list(words.JWKS)], hint="last 1 h", look="col"),
    ]
    verdict = html.P(id="se-verdict", className="d-flex align-items-center gap-2 border-top mt-2 pt-2")
    why = chart("se-why-chart", "Failed token checks per minute, by reason", "se-chart")
    repeats = html.Ul(id="se-repeats", className="se-repeats row row-cols-1 row-cols-md-2 gx-4 gy-0")
    failed = [repeats, html.P(id="se-shown", className="se-shown note mt-1 mb-2"), *table]
    return page_shell.main(
        VIEW,
        [
            page_head("se", "Security", "Who is let in, who is not, and why?", "10 s", RANGE, range, verdict=True),
            card("se-auth", "Authentication health", [fact_list(words.CHECKS), verdict], hint="last 1 h", wide=4),
            card("se-why", "Failed checks by reason", [why], hint=range_words(range, RANGE), wide=4),
            card("se-dex", "Dex connectivity", dex_text.dex_parts(), wide=4),
            card("se-fail", "Failed authentication attempts", failed, hint=DAY, wide=8),
            column(dbc.Stack(side, class_name="h-100 flex-md-row flex-xl-column"), 4),
        ],
        range=range,
        all=all,
        hide=hide,
    )


def render(view: SecurityView) -> Props:
    """The view as component properties."""
    found, now = view.found, view.now
    checks, dex, authz, keys = found.checks, found.dex, found.authorization, found.jwks
    props = fact_props(words.CHECKS, found)
    props |= fact_props(words.DECISIONS, authz)
    props |= fact_props(words.JWKS, keys)
    props |= verdict_props("se", StatusWord(found.status), found.reason)
    props["se-jwks-last"] = words.instant(keys.last_refresh, now)
    props["se-jwks-next"] = words.instant(keys.next_refresh, now)
    lists: dict[str, Any] = {
        "se-verdict": words.verdict(found),
        "se-dex-reason": dex_text.dex_reason(dex),
        "se-dex-steps": dex_text.dex_steps(dex.steps),
        "se-authz-reasons": words.reason_items(authz.reasons, words.no_reasons(authz.denied)),
        "se-repeats": attempts_text.repeat_items(found.attempts.repeats),
        "se-shown": view.shown,
    }
    props |= {name: {"children": children} for name, children in lists.items()}
    props["se-dex-status"] = dex_text.dex_status(dex)
    props["se-dex-checked"] = {"children": since(dex.checked, now), "className": "figure is-value"}
    props["se-dex-latency"] = figure_props(dex.latency)
    props["se-dex-keys"] = {**figure_props(dex.keys), "title": ", ".join(dex.key_ids)}
    props["se-auth-hint"] = hint_props((checks.success, checks.failures), words.window_words(checks.covered_seconds))
    props["se-authz-hint"] = hint_props((authz.total, authz.denied), words.window_words(authz.covered_seconds))
    props["se-jwks-hint"] = hint_props((keys.hits, keys.misses), words.window_words(keys.covered_seconds))
    props["se-fail-hint"] = hint_props((found.attempts.shown,), DAY)
    props["se-dex-hint"] = {"children": dex.issuer, "title": dex.issuer}
    props["se-why-hint"] = {"children": view.window}
    props["se-why-chart"] = {"figure": view.figure}
    return props | grid_props("se-attempts", view.rows)


register_view(__name__, ABOUT, judge=security_verdict, answer=security, update=update, tree=tree)
