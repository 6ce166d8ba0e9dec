"""The past beside the present: figures of then and now, with what differs marked by a sign and in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dash import html
from dash.development.base_component import Component

from components import format as fmt
from components.card import bare_card
from components.measure import figure_of
from components.props import Props
from components.status import StatusWord, badge_parts
from model.measure import Measure
from model.series import Unit

DIFFERS_RATIO = 0.1
"""Of its own value: a figure that differs by less is as it was."""
DIFFERS_POINTS = 0.001
"""The same for a share of a whole, of the whole."""
SAME = "as it was"
HINT = "≠ marks what differs"


@dataclass(frozen=True)
class ThenNow:
    """One figure of both instants."""

    name: str
    then: Measure
    now: Measure
    noun: str = ""


@dataclass(frozen=True)
class Compared:
    """What a page compares; `clock` is the present's time in words."""

    then: StatusWord
    now: StatusWord
    rows: Sequence[ThenNow]
    clock: str


def compare_box(prefix: str) -> html.Div:
    """A card that is there while the past is shown."""
    inside = [html.Dl(id=f"{prefix}-compared", className="then-now row row-cols-2 row-cols-md-4 row-cols-xl-6 g-2")]
    card = bare_card(f"{prefix}-compare", "Then and now", inside, hint=HINT)
    return html.Div(card, id=f"{prefix}-compare-box", className="col-12", hidden=True)


def compare_props(prefix: str, found: Compared | None) -> Props:
    """What it says; without a past it is not there."""
    if found is None:
        return {
            f"{prefix}-compare-box": {"hidden": True},
            f"{prefix}-compared": {"children": []},
            f"{prefix}-compare-hint": {"children": HINT},
        }
    then, now = found.then, found.now
    status = _cell("Status", _worded(then), _worded(now), then.status, now.status)
    figures = [_figures(one) for one in found.rows]
    return {
        f"{prefix}-compare-box": {"hidden": False},
        f"{prefix}-compared": {"children": [status, *figures]},
        f"{prefix}-compare-hint": {"children": f"{HINT}; now is {found.clock}"},
    }


def difference(then: Measure, now: Measure) -> str:
    """How much more or less it is now, in words; SAME when that is little."""
    if then.value is None or now.value is None:
        return SAME if then.reading is now.reading else f"{fmt.reading_words(then)}, now {fmt.reading_words(now)}"
    by = now.value - then.value
    if not by:
        return SAME
    sign = "+" if by > 0 else "−"
    if then.unit is Unit.RATIO:
        points = fmt.without_zeros(fmt.parts(Measure.of(abs(by) * 100, Unit.NONE)).number)
        return f"{sign}{points} points" if abs(by) >= DIFFERS_POINTS else SAME
    if abs(by) < DIFFERS_RATIO * max(abs(then.value), abs(now.value)):
        return SAME
    if not then.value:
        return "none then"
    times = now.value / then.value
    return f"{times:.1f} times" if times >= 2 else f"{sign}{fmt.without_zeros(fmt.percent(abs(times - 1)).number)} %"


def _worded(one: StatusWord) -> list[Component]:
    return [html.Span(badge_parts(one), className=f"status status-{one.kind}")]


def _figures(one: ThenNow) -> html.Div:
    then: list[Component] = [figure_of(one.then, noun=one.noun)]
    now: list[Component] = [figure_of(one.now, noun=one.noun)]
    return _cell(one.name, then, now, SAME, difference(one.then, one.now))


def _cell(name: str, then: list[Component], now: list[Component], was: str, becomes: str) -> html.Div:
    differs = was != becomes
    mark = [html.Span("≠ ", className="then-now-mark")] if differs else []
    note = becomes if was == SAME else ""
    return html.Div(
        [
            html.Dt([*mark, name]),
            html.Dd([html.Span("then ", className="note"), *then]),
            html.Dd([html.Span("now ", className="note"), *now]),
            html.Dd(note, className="note"),
        ],
        className="differs" if differs else "",
    )
