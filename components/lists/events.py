"""What happened, the newest first: when, how bad, and in which words; in groups where it reaches far back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from dash import dcc, html

from components import format as fmt
from components.status import mark


@dataclass(frozen=True)
class EventLine:
    """One event: `time` in seconds since 1970, `kind` the look of its mark, `word` what the mark means.

    `href` is where it can be seen, '' for nowhere else.
    """

    time: float
    kind: str
    word: str
    words: str
    origin: str = ""
    href: str = ""


@dataclass(frozen=True)
class EventGroup:
    """The events of one span of time, such as 'Last hour', and how many `more` there were."""

    title: str
    lines: tuple[EventLine, ...]
    more: int


def event_items(lines: Sequence[EventLine], now: float, empty: str) -> list[Any]:
    """The items of an event list; `empty` says what would be here."""
    if not lines:
        return [html.Li(empty, className="empty")]
    return [_item(line, now) for line in lines]


def grouped_items(groups: Sequence[EventGroup], now: float, empty: str) -> list[Any]:
    """The items of a list whose groups have headings; `empty` says what would be here when all groups are empty."""
    if not any(group.lines for group in groups):
        return [html.Li(empty, className="empty")]
    return [item for group in groups for item in _group(group, now)]


def _group(group: EventGroup, now: float) -> list[html.Li]:
    said = "" if group.lines else "nothing"
    head = html.Li([html.H3(group.title), html.Span(said, className="origin")], className="event-span")
    items = [head, *(_item(line, now) for line in group.lines)]
    if group.more:
        items.append(html.Li(f"and {group.more:,} more", className="empty"))
    return items


def _item(line: EventLine, now: float) -> html.Li:
    return _said(line, fmt.clock(line.time, now), fmt.ago(now - line.time))


@lru_cache(256)
def _said(line: EventLine, clock: str, ago: str) -> html.Li:
    """Kept, for a list is drawn anew with each look, and most of it says what it said before."""
    words = html.Span(line.words, dir="auto")
    what: list[Any] = [dcc.Link(words, href=line.href) if line.href else words]
    if line.origin:
        what.append(html.Span(f" · {line.origin}", className="origin"))
    return html.Li(
        [
            html.Span([mark(line.kind), html.Span(line.word)], className=f"status status-{line.kind}"),
            html.Span(
                [html.Time(clock, dateTime=fmt.iso(line.time), title=clock), f" · {ago}"], className="event-when"
            ),
            html.Span(what, className="event-words"),
        ]
    )
