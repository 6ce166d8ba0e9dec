"""What a viewer chooses for their own browser, as radio buttons or boxes; assets/choices.js knows what is chosen.

The theme and the zone are the ones of the switches in the top bar; pausing is that of its button.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import dash_bootstrap_components as dbc
from dash import html

from components import aria


@dataclass(frozen=True)
class Choice:
    """One question: `options` are (value, words); `several` of them may be chosen, or one."""

    name: str
    title: str
    options: tuple[tuple[str, str], ...]
    several: bool = False


def choices(prefix: str, questions: Sequence[Choice]) -> dbc.Stack:
    """A fieldset for each, its buttons `<prefix>-<name>`; set in the browser, which knows what is chosen."""
    return dbc.Stack([html.Fieldset(_inside(prefix, one), **aria.data(choice=one.name)) for one in questions])


def _inside(prefix: str, one: Choice) -> list[Any]:
    options = [{"value": value, "label": words} for value, words in one.options]
    buttons = dbc.Checklist if one.several else dbc.RadioItems
    return [
        html.Legend(one.title, className="text-body-secondary mb-1"),
        buttons(id=f"{prefix}-{one.name}", options=options, inline=True),
    ]
