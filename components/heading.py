"""The head of a page below System Health: what it answers, how often it redraws, and the window of its charts."""

from __future__ import annotations

from typing import Any

import dash_bootstrap_components as dbc
from dash import html

from components import aria
from components.props import Props
from components.status import StatusWord, badge_parts, status_line
from model.figures.windows import RANGES, window_seconds


def range_words(wanted: str, default: str = "5m") -> str:
    """'last 5 min', for the hint of a card."""
    seconds = window_seconds(wanted, default)
    return f"last {seconds / 60:.0f} min" if seconds < 3600 else f"last {seconds / 3600:.0f} h"


def page_head(
    prefix: str,
    title: str,
    question: str,
    refresh: str = "",
    ranges: str = "",
    chosen: str = "",
    verdict: bool = False,
) -> html.Header:
    """The H1 row. `ranges` is the page's own window ('5m') when its charts have one, `chosen` what the address says.

    `verdict`: the view's status and the reason stand below; their ids are `<prefix>-status` and `<prefix>-says`.
    """
    parts: list[Any] = [html.H1(title, className="fs-5 fw-semibold"), html.P(question, className="page-question")]
    if ranges:
        parts.append(range_choice(prefix, ranges, chosen))
    if refresh:
        parts.append(dbc.Badge(f"every {refresh}", color=""))
    if verdict:
        parts.append(status_line(f"{prefix}-status", f"{prefix}-says"))
    return html.Header(parts, className="page-head d-flex flex-wrap align-items-baseline column-gap-3 row-gap-1")


def verdict_props(prefix: str, status: StatusWord, reason: str) -> Props:
    """What the place of the verdict says."""
    return {
        f"{prefix}-status": {"children": badge_parts(status), "className": f"status status-{status.kind}"},
        f"{prefix}-says": {"children": reason, "title": reason},
    }


def range_choice(prefix: str, default: str, chosen: str) -> html.Div:
    """The windows that the charts of a page can have; `<prefix>-ranges` is the chosen one, as the address says it."""
    now = chosen if chosen in RANGES else default
    choice = dbc.RadioItems(
        id=f"{prefix}-ranges",
        options=list(RANGES),
        value=now,
        inline=True,
        class_name="ranges",
        input_class_name="btn-check",
        label_class_name="btn",
        label_checked_class_name="active",
    )
    return html.Div(choice, role="group", **aria.label("Window of the charts"))
