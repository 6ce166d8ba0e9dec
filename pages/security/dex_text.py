"""What is said of Dex: whether it can be reached, and at which step that ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html

from aggregators.security.dex import CONNECTED, Dex, Step
from components import format as fmt
from components.card import WRAPPED, figures
from components.status import MARKS, mark

DEX_FIGURES = (("se-dex-latency", "Discovery took"), ("se-dex-keys", "Keys"), ("se-dex-checked", "Checked"))


def dex_parts() -> list[Any]:
    """The static tree of what is said of it."""
    status = html.P(id="se-dex-status", className="status se-status")
    reason = html.P(id="se-dex-reason", className="note se-reason two-lines mb-2")
    return [status, reason, figures(DEX_FIGURES), html.Ul(id="se-dex-steps", className=f"se-steps {WRAPPED} mt-2")]


def dex_status(found: Dex) -> dict[str, Any]:
    """Mark and word; an old check says its age."""
    age = found.age.value if found.age is not None else None
    kind = MARKS.get(found.status, "unknown") if age is None else "stale"
    parts: list[Any] = [mark(kind), html.Span(found.word, className="status-word")]
    if age is not None:
        parts.append(html.Span(fmt.age(age), className="status-age"))
    return {"children": parts, "className": f"status status-{kind} se-status"}


def dex_reason(found: Dex) -> str:
    """Which step failed, or who answers."""
    if found.word == CONNECTED and found.version:
        return f"{found.reason} · Dex {found.version}"
    return found.reason


def dex_steps(steps: Sequence[Step]) -> list[Any]:
    """Each step with its mark, in the order in which they are tried."""
    return [html.Li(_step(step), title=step.detail or _untried(step)) for step in steps]


def _step(step: Step) -> list[Any]:
    kind, word = {True: ("healthy", "ok"), False: ("unhealthy", "failed"), None: ("unknown", "not tried")}[step.ok]
    return [mark(kind), html.Span(step.name), html.Span(f": {word}", className="visually-hidden")]


def _untried(step: Step) -> str:
    return fmt.words(step.duration) if step.duration.value is not None else "not tried, or not offered"
