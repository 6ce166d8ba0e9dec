"""A Measure as a figure on the page: five states, five looks (law 2)."""

from __future__ import annotations

from typing import Any

from dash import html

from components import aria
from components import format as fmt
from components.format import Style
from model.measure import Measure
from model.status import Reading

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


def figure_of(measure: Measure, style: Style = Style.PLAIN, noun: str = "") -> html.Span:
    """A figure without an id, for a table's cell."""
    return html.Span(**figure_props(measure, style, noun))


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
