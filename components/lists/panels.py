"""Panels: a card with a few figures over one chart, all of the same window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import dash_bootstrap_components as dbc

from components.card import card, chart, figures, hint_props
from components.measure import figure_props
from components.props import Props
from model.measure import Measure

Figures = Sequence[tuple[str, Measure, str]]
"""(component id, figure, the noun of a count)."""


@dataclass(frozen=True)
class Panel:
    """`entries` are (component id, name); `words` describe the chart, whose slot is `<name>-chart`."""

    name: str
    title: str
    entries: tuple[tuple[str, str], ...]
    words: str
    window: str = "last 5 min"
    wide: int = 3
    medium: int = 6


def panel(one: Panel) -> dbc.Col:
    """The static tree."""
    inside = [figures(one.entries)] if one.entries else []
    slot = chart(f"{one.name}-chart", one.words)
    return card(
        one.name,
        one.title,
        [*inside, slot],
        hint=one.window,
        wide=one.wide,
        medium=one.medium,
        level=3 if inside else 2,
    )


def panel_props(panels: Sequence[Panel], found: Figures) -> Props:
    """The figures of panels, and the age of each panel when its figures are stale."""
    props = {name: figure_props(measure, noun=noun) for name, measure, noun in found}
    for one in panels:
        places = {name for name, _ in one.entries}
        props[f"{one.name}-hint"] = hint_props((m for name, m, _ in found if name in places), one.window)
    return props
