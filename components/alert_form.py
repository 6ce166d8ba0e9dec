"""The form by which an operator acknowledges or silences an incident's alerts: a plain form, which needs no script."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import html

PATH = "/api/alerts/actions"
SPANS = (("900", "15 min"), ("3600", "1 h"), ("14400", "4 h"), ("86400", "24 h"))
CHOOSE = "choose an incident"


def alert_form(prefix: str, incident: str = "") -> html.Form:
    """Of one incident, or, without one, of those that `choices_props` offers in `<prefix>-which`."""
    which: Any = dbc.Input(type="hidden", name="incident", value=incident)
    if not incident:
        which = _field(
            f"{prefix}-which", "Incident", dbc.Select(id=f"{prefix}-which", name="incident", options=[], required=True)
        )
    spans = [{"value": value, "label": label} for value, label in SPANS]
    silent = dbc.Select(id=f"{prefix}-for", name="seconds", value=SPANS[1][0], options=spans)
    buttons = [_button("acknowledge", "Acknowledge"), _button("silence", "Silence"), _button("lift", "Lift both")]
    fields = [
        which,
        _field(f"{prefix}-by", "Who", dbc.Input(id=f"{prefix}-by", name="by", required=True, maxlength=80)),
        _field(f"{prefix}-why", "Why", dbc.Input(id=f"{prefix}-why", name="why", required=True, maxlength=300)),
        _field(f"{prefix}-for", "Silence for", silent),
        html.Div(buttons, className="d-flex flex-wrap gap-2 align-items-end"),
    ]
    return html.Form(fields, action=PATH, method="post", className="alert-form d-flex flex-wrap gap-2")


def choices_props(prefix: str, found: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """What may be chosen: (incident, words)."""
    offered = [{"value": name, "label": words} for name, words in found]
    return {f"{prefix}-which": {"options": offered, "placeholder": CHOOSE if offered else "nothing lasts"}}


def _field(name: str, title: str, control: Any) -> html.Div:
    return html.Div([html.Label(title, htmlFor=name, className="hint"), control])


def _button(verb: str, words: str) -> html.Button:
    return html.Button(words, type="submit", name="action", value=verb, className="btn")
