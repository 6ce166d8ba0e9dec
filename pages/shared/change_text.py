"""What changed as the lines that the screen shows, each a link to the page of what it is about; shared by the pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import html

from aggregators.changes.change import Change
from aggregators.changes.changes import ChangeSpan
from aggregators.requests.attribution import NAMESPACE
from components import format as fmt
from components.card import card, column
from components.lists.events import EventGroup, EventLine, grouped_items
from components.lists.table import namespace_href, pattern_href
from components.props import Props
from components.status import SEVERITIES
from pages.shared.choices import AT
from pages.shared.selections import EVERYWHERE

REPORTS = ("15m", "1h", "6h", "24h")
EMPTY = "No change seen in the last 24 hours, as far as it was watched."


def changes_card(prefix: str) -> dbc.Col:
    """The card of what changed; `changes_props` fills it."""
    inside = [html.Ul(id=f"{prefix}-changes", className="events changes")]
    return card(f"{prefix}-changed", "What changed", inside, hint="newest first")


def folded_card(prefix: str) -> dbc.Col:
    """The same in one line that unfolds, with links to reports: for the page that is seen without scrolling."""
    links = [part for span in REPORTS for part in (" ", report_link(span, f"range={span}"))]
    title = html.H2("What changed", id=f"{prefix}-changed-title", className="card-title")
    newest = html.Span(id=f"{prefix}-changed-newest", className="name", dir="auto")
    summary = html.Summary([title, newest, html.Span(id=f"{prefix}-changed-hint", className="hint")])
    inside = [
        summary,
        html.Ul(id=f"{prefix}-changes", className="events changes"),
        html.P(["Report of the last", *links], className="crumbs mt-1"),
    ]
    return column(dbc.Card(html.Details(inside, className="card-body changes-fold")))


def report_link(words: str, query: str) -> html.A:
    """A link to a report; it is a file of its own, and no page."""
    return html.A(words, href=f"/report?{query}", target="_blank", rel="noopener")


def changes_props(prefix: str, spans: Sequence[ChangeSpan], now: float) -> Props:
    """What the card says."""
    groups = [EventGroup(_title(one.seconds), tuple(map(line, one.changes)), one.more) for one in spans]
    items: list[Any] = grouped_items(groups, now, EMPTY)
    return {f"{prefix}-changes": {"children": items}}


def folded_props(prefix: str, spans: Sequence[ChangeSpan], now: float) -> Props:
    """What the folded card says: the newest change, how many there were, and all of it inside."""
    newest = next((one.words for span in spans for one in span.changes), "nothing in the last 24 hours")
    counted, said = 0, []
    for span in spans:
        counted += len(span.changes) + span.more
        said.append(f"{counted:,} in {_title(span.seconds).removeprefix('Last ')}")
    head = {f"{prefix}-changed-newest": {"children": newest, "title": newest}}
    return changes_props(prefix, spans, now) | head | {f"{prefix}-changed-hint": {"children": ", ".join(said)}}


def line(one: Change) -> EventLine:
    """One change with its link."""
    return EventLine(one.time, SEVERITIES[one.severity], one.kind.value.capitalize(), one.words, href=href(one))


def href(one: Change) -> str:
    """The page of the component; of the second at which it changed, where pages can show one."""
    page = one.page
    if page.startswith("/pattern"):
        page = pattern_href(one.component)
    elif one.component.startswith(NAMESPACE):
        page = namespace_href(one.component.removeprefix(NAMESPACE))
    return f"{page}{'&' if '?' in page else '?'}{AT}={fmt.iso(one.time)}" if AT in EVERYWHERE else page


def _title(seconds: float) -> str:
    return f"Last {seconds / 60:.0f} min" if seconds < 3600 else f"Last {seconds / 3600:.0f} h"
