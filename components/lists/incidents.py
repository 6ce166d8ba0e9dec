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


def incident_items(incidents: Sequence[IncidentLine], now: float, empty: str) -> list[Any]:
    """The items of the list; `empty` says what would be here."""
    if not incidents:
        return [html.Li(empty, className="empty")]
    return [alert_item(one.head, now, _below(one, now)) for one in incidents]


def _below(one: IncidentLine, now: float) -> list[Any]:
    if not one.symptoms:
        return []
    words = html.Summary([fmt.many(len(one.symptoms), "symptom"), html.Span(f" · {one.cause}", className="origin")])
    symptoms = html.Ul([alert_item(symptom, now) for symptom in one.symptoms])
    return [html.Details([words, symptoms], className="symptoms")]
