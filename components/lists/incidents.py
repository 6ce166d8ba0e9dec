"""Incidents as a list: one headline each, its symptoms folded under it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dash import html

from components import format as fmt
from components.lists.alerts import AlertLine, alert_item


@dataclass(frozen=True)
class IncidentLine:
    """One incident: its headline with a link to its own page, what broke first, and its other alerts."""

    head: AlertLine
    cause: str
    symptoms: tuple[AlertLine, ...] = ()
    lasting: int = 0
    over: int = 0
    """How many symptoms it has, those that are not listed included."""


def incident_items(incidents: Sequence[IncidentLine], now: float, empty: str) -> list[Any]:
    """The items of the list; `empty` says what would be here."""
    if not incidents:
        return [html.Li(empty, className="empty")]
    return [alert_item(one.head, now, _below(one, now)) for one in incidents]


def _below(one: IncidentLine, now: float) -> list[Any]:
    if not one.symptoms:
        return []
    words = html.Summary([_counted(one), html.Span(f" · {one.cause}", className="origin")])
    symptoms = [alert_item(symptom, now) for symptom in one.symptoms]
    if more := one.lasting + one.over - len(symptoms):
        symptoms.append(html.Li(f"and {more:,} more", className="empty"))
    return [html.Details([words, html.Ul(symptoms)], className="symptoms")]


def _counted(one: IncidentLine) -> str:
    """'2 symptoms' that last, as the banner counts them, then those that are over: '1 symptom, 3 over'."""
    if not one.lasting:
        return fmt.many(one.over, "symptom") + (" over" if one.head.ended is None else "")
    return fmt.many(one.lasting, "symptom") + (f", {one.over:,} over" if one.over else "")
