"""What a viewer chooses for their own browser, as radio buttons; assets/choices.js makes and reads them.

The theme and the zone are the ones of the switches in the top bar; pausing is that of its button.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from dash import html

from components import aria


@dataclass(frozen=True)
class Choice:
    """One question: `options` are (value, words)."""

    name: str
    title: str
    options: tuple[tuple[str, str], ...]


def choices(prefix: str, questions: Sequence[Choice]) -> html.Div:
    """A fieldset for each; its radio buttons are made in the browser, where what was chosen is known."""
    return html.Div(
        [
            html.Fieldset(
                [html.Legend(one.title), html.Div(className="choice-options")],
                id=f"{prefix}-{one.name}",
                className="choice",
                **aria.data(choice=one.name, options=json.dumps(one.options)),
            )
            for one in questions
        ],
        className="choices",
    )
