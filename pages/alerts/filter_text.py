"""The filters of the Alerts page: their links, and what they leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from dash import dcc, html

from aggregators.alerts.history import ACTIVE, Tally
from pages.shared.alert_text import NO_ALERT

PATH = "/alerts"
MOST_COMPONENTS = 12
LONGEST_NAME = 40


@dataclass(frozen=True)
class Choice:
    """One link of a filter. `name` is '' for no filter."""

    name: str
    words: str
    count: int | None
    href: str
    chosen: bool


def choices(name: str, tallies: Sequence[Tally], chosen: dict[str, str]) -> tuple[Choice, ...]:
    """The links of one filter: everything, then each tally; the others' choices stay. What is chosen is among them."""
    now = chosen.get(name, "").lower()
    listed = list(tallies)
    if now and now not in [one.name.lower() for one in listed]:
        listed.append(Tally(chosen[name], 0, 0))
    everything = Choice("", "all", None, _href({**chosen, name: ""}), not now)
    return (everything, *(_choice(name, one, chosen, now) for one in listed))


def _choice(name: str, one: Tally, chosen: dict[str, str], now: str) -> Choice:
    words = one.name if len(one.name) <= LONGEST_NAME else f"{one.name[: LONGEST_NAME - 1]}…"
    return Choice(one.name, words, one.count, _href({**chosen, name: one.name}), one.name.lower() == now)


def components(tallies: Sequence[Tally]) -> tuple[Tally, ...]:
    """The components with the most trouble: active alerts first, then by how many."""
    ordered = sorted(tallies, key=lambda one: (-one.active, -one.count, one.name))
    return tuple(ordered[:MOST_COMPONENTS])


def states(tallies: Sequence[Tally]) -> tuple[Tally, ...]:
    """ "active" before the states themselves."""
    active = sum(one.active for one in tallies)
    return (Tally(ACTIVE, active, active), *tallies)


def _href(chosen: dict[str, str]) -> str:
    query = urlencode({name: value for name, value in chosen.items() if value})
    return f"{PATH}?{query}" if query else PATH


def links(found: Sequence[Choice], dropped: int = 0) -> list[Any]:
    """A filter's links."""
    items: list[Any] = [html.Li(_link(one)) for one in found]
    if dropped:
        items.append(html.Li(f"and {dropped} more: filter the table for them", className="hint"))
    return items


def _link(one: Choice) -> dcc.Link:
    count: list[Any] = (
        [" ", html.Span(f"{one.count:,}", className="text-body-secondary")] if one.count is not None else []
    )
    heard = [html.Span(" (shown)", className="visually-hidden")] if one.chosen else []
    name = html.Span(one.words, className="name", dir="auto")
    look = "btn active" if one.chosen else "btn"
    inside: list[Any] = [name, *count, *heard]
    return dcc.Link(inside, href=one.href, className=look, title=one.name or None)


def shown_words(shown: int, total: int, chosen: dict[str, str]) -> list[Any]:
    """How many of how many, and by which filter; what is not there is said."""
    wanted = " and ".join(f"{name} {value[:LONGEST_NAME]}" for name, value in chosen.items() if value)
    if not wanted:
        return [f"{total:,} in 24 h, active and worst first" if total else NO_ALERT]
    said = f"{shown:,} of {total:,} with {wanted}. " if shown else f"No alert of the last 24 hours has {wanted}. "
    return [html.Span(said, dir="auto"), dcc.Link("Show all", href=PATH)]
