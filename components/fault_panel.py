"""The panel that injects and clears faults of the simulated Prism; web/api/fault_actions.py passes its wishes on."""

from __future__ import annotations

from typing import Any

import dash_bootstrap_components as dbc
from dash import html


def panel(prefix: str) -> list[Any]:
    """The places of the form and of the active faults; assets/simulated.js fills them from what can be injected."""
    active = [
        html.H3("Active faults", className="card-title"),
        html.Div(id=f"{prefix}-fault-active", className="fault-active"),
    ]
    form = html.Div(id=f"{prefix}-fault-form", className="fault-form")
    return [dbc.Row([dbc.Col(form, xl=8), dbc.Col(active)], style={"minHeight": "152px"})]
