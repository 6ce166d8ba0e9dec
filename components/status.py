"""Status as shape, word and colour, so that none of them carries it alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from dash import html

from components import aria
from components import format as fmt
from model.series import Severity
from model.status import Status

MARKS = {Status.HEALTHY: "healthy", Status.DEGRADED: "degraded", Status.UNHEALTHY: "unhealthy"}
"""Circle, triangle, octagon; all else is the hollow ring. The shapes are drawn in assets/hud.css."""
SEVERITIES = {Severity.CRITICAL: "unhealthy", Severity.WARNING: "degraded", Severity.INFO: "unknown"}
TROUBLE = (Status.UNHEALTHY, Status.DEGRADED, Status.UNKNOWN, Status.HEALTHY)
"""Worst first, the order of every grid."""


@dataclass(frozen=True)
class StatusWord:
    """A status to be shown; `age_seconds` is set when what is known of it is stale."""

    status: Status
    age_seconds: float | None = None

    @property
    def kind(self) -> str:
        """The name of its look in the style sheet."""
        return "stale" if self.age_seconds is not None else MARKS.get(self.status, "unknown")


@cache
def mark(kind: str) -> html.Span:
    """The shape alone; a word always stands beside it."""
    return html.Span(className=f"mark mark-{kind}", **aria.DECORATION)


def badge(word: StatusWord) -> html.Span:
    """Shape and word; a stale status keeps its word and says its age."""
    return html.Span(badge_parts(word), className=f"status status-{word.kind}")


def status_line(status: str, words: str) -> html.P:
    """Places for a badge and for what is said of it, with these ids."""
    said = [html.Span(id=status, className="status"), html.Span(id=words, className="name", dir="auto")]
    return html.P(said, className="verdict-line")


def badge_parts(word: StatusWord) -> list[Any]:
    """The inside of a badge, for a component that is already there."""
    parts: list[Any] = [mark(word.kind), html.Span(word.status.value, className="status-word")]
    if word.age_seconds is not None:
        parts.append(html.Span(fmt.age(word.age_seconds), className="status-age"))
    return parts
