"""What happened, the newest first: when, how bad, and in which words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dash import html

from components import format as fmt
from components.lists.alerts import moment
from components.status import mark


@dataclass(frozen=True)
class EventLine:
    """One event: `time` in seconds since 1970, `kind` the look of its mark, `word` what the mark means."""

    time: float
    kind: str
    word: str
    words: str
    origin: str = ""


def event_items(lines: Sequence[EventLine], now: float, empty: str) -> list[Any]:
    """The items of an event list; `empty` says what would be here."""
    if not lines:
        return [html.Li(empty, className="empty")]
    return [_item(line, now) for line in lines]


def _item(line: EventLine, now: float) -> html.Li:
    what = [html.Span(line.words, dir="auto")]
    if line.origin:
        what.append(html.Span(f" · {line.origin}", className="origin"))
    return html.Li(
        [
            html.Span([mark(line.kind), html.Span(line.word)], className=f"status status-{line.kind}"),
            html.Span(
                [moment(fmt.clock(line.time, now), line.time, now), f" · {fmt.ago(now - line.time)}"],
                className="event-when",
            ),
            html.Span(what, className="event-words"),
        ]
    )
