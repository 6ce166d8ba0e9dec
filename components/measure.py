"""A Measure as a figure on the page: five states, five looks (law 2)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from dash import dcc, html
from dash.development.base_component import Component

from components import aria
from components import format as fmt
from components.format import Style
from components.props import components_in, components_of
from model.figures.parts import FIGURES
from model.measure import Measure
from model.status import Reading

FOLLOW = "/follow/"
"""Below it is a page for each figure: where it comes from."""
FOLLOWED = ("name", "range")
"""What the address of a page selects that its figures come from."""
LOOKS = {
    Reading.VALUE: "is-value",
    Reading.NO_TRAFFIC: "is-idle",
    Reading.NOT_REPORTED: "is-unreported",
    Reading.STALE: "is-stale",
    Reading.ERROR: "is-error",
}


def figure(name: str) -> html.Span:
    """A place for a figure, to be filled by `figure_props`."""
    return html.Span(id=name, className="figure")


def figure_name(name: str, title: str) -> html.Dt:
    """The name of the figure `name`: a link to where the figure comes from, as far as that is written down."""
    return html.Dt(follow_link(name, title) if name in FIGURES else title)


def follow_link(name: str, words: str, look: str = "") -> dcc.Link:
    """A link to where the figure `name` comes from; its page puts what its address selects into it."""
    look = f"follow {look}".strip()
    return dcc.Link(words, href=f"{FOLLOW}{name}", title=f"{words}: where it comes from", className=look)


def whole_of(children: Any) -> str:
    """The id of what a card shows as a whole, a chart or a list; '' for one of single figures, or of none."""
    known = components_of(children).items()
    single = (html.Span, html.Dd)
    return next((name for name, one in known if name in FIGURES and not isinstance(one, single)), "")


def narrow_follow_links(tree: Component, selection: Mapping[str, str]) -> None:
    """Put what a page's address selects into the links from its figures: whose page it is, the window of its charts."""
    components: list[Any] = list(components_in(tree))
    said = {name: selection.get(name, "") for name in FOLLOWED}
    for one in components:
        if "range" in selection and str(getattr(one, "id", "")).endswith("-ranges"):
            said["range"] = str(one.value)
    query = urlencode({name: value for name, value in said.items() if value})
    for one in components if query else ():
        if str(getattr(one, "href", "")).startswith(FOLLOW):
            one.href = f"{one.href}?{query}"


def figure_of(measure: Measure, style: Style = Style.PLAIN, noun: str = "") -> html.Span:
    """A figure without an id, for a table's cell."""
    return html.Span(**figure_props(measure, style, noun))


@lru_cache(256)
def figure_props(measure: Measure, style: Style = Style.PLAIN, noun: str = "") -> dict[str, Any]:
    """The properties of a figure. What is only reported by its look or on hover is also there for screen readers."""
    return {
        "className": f"figure {LOOKS[measure.reading]}",
        "title": measure.note,
        "children": _children(measure, style, noun),
    }


def _children(measure: Measure, style: Style, noun: str) -> list[Any]:
    if measure.value is None:
        return _without_value(measure)
    number, unit = fmt.parts(measure, style, noun)
    children: list[Any] = [html.Span(number, className="num")]
    if unit:
        children += [" ", html.Span(unit, className="unit")]
    if measure.reading is Reading.STALE and measure.age_seconds is not None:
        children += [" ", html.Span(fmt.age(measure.age_seconds), className="age")]
    return children


def _without_value(measure: Measure) -> list[Any]:
    words = fmt.reading_words(measure)
    heard = f"{words}: {measure.note}" if measure.note and not measure.note.startswith(words) else measure.note or words
    if measure.reading is Reading.NOT_REPORTED:
        shown = html.Span(fmt.DASH, className="num", **aria.DECORATION)
    else:
        shown = html.Span(words, className="why", **aria.DECORATION)
    return [shown, html.Span(heard, className="visually-hidden")]
