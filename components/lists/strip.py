"""A strip of components in trouble: each a link with its mark, its word, and what is special about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dash import dcc, html

from components.status import mark


@dataclass(frozen=True)
class StripItem:
    """One component: `kind` is the look of its mark, `word` what that means, `note` stands beside it in a frame."""

    words: str
    kind: str
    word: str
    note: str = ""
    title: str = ""
    href: str = ""


def strip_items(items: Sequence[StripItem]) -> list[Any]:
    """The items of a strip."""
    return [_item(one) for one in items]


def _item(one: StripItem) -> html.Li:
    inside: list[Any] = [mark(one.kind), dcc.Link(html.Span(one.words, className="name", dir="auto"), href=one.href)]
    inside += [html.Span(one.word, className="status-word")] if one.word else []
    inside += [first(one.note)] if one.note else []
    return html.Li(inside, className=f"row-{one.kind}", title=one.title)


def first(note: str) -> html.Span:
    """A few words in a frame of their own."""
    return html.Span(note, className="map-first")
