"""An objective as a bar: how far the share is, where it should be, and the same in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dash import html

from components import aria
from components import format as fmt
from components.status import mark
from model.measure import Measure
from model.status import Reading

SCALE_BUDGETS = 10.0
"""The bar shows so many error budgets: at 99.9 % it begins at 99 %. On one from 0 to 100 % all objectives look met."""


@dataclass(frozen=True)
class Verdict:
    """`kind` is the look of its mark, `word` in capitals, `words` what follows it."""

    kind: str
    word: str
    words: str = ""


def verdict(reported: Verdict) -> list[Any]:
    """Shape, word and what follows."""
    parts: list[Any] = [mark(reported.kind), html.Span(reported.word, className="status-word")]
    return [*parts, html.Span(reported.words, className="text-body-secondary")] if reported.words else parts


def slo_bar(name: str) -> html.Div:
    """The static tree: the bar `<name>`, its marker `<name>-goal`, the ends of its scale and the marker's words."""
    return html.Div(
        [
            html.Div(
                [
                    html.Span(id=name, className="slo-fill"),
                    html.Span(id=f"{name}-goal", className="slo-goal"),
                ],
                className="slo-track",
                **aria.DECORATION,
            ),
            html.Div(
                [
                    html.Span(id=f"{name}-low"),
                    html.Span(id=f"{name}-words", className="slo-goal-words"),
                    html.Span("100 %"),
                ],
                className="slo-scale",
            ),
        ],
        className="mt-1 mb-2",
    )


def slo_bar_props(name: str, sli: Measure, objective: float, kind: str) -> dict[str, dict[str, Any]]:
    """`kind` colours a bar that misses."""
    low = max(0.0, 1.0 - SCALE_BUDGETS * (1.0 - objective))
    share = 0.0 if sli.value is None else min(1.0, max(0.0, (sli.value - low) / (1.0 - low)))
    goal = f"{(objective - low) / (1.0 - low) * 100:.2f}%"
    stale = " is-stale" if sli.reading is Reading.STALE else ""
    below = sli.value is not None and sli.value < low
    return {
        name: {"style": {"width": f"{share * 100:.2f}%"}, "className": f"slo-fill slo-{kind}{stale}"},
        f"{name}-goal": {"style": {"left": goal}},
        f"{name}-low": {"children": f"below {round_percent(low)}" if below else round_percent(low)},
        f"{name}-words": {"children": f"objective {round_percent(objective)}", "style": {"left": goal}},
    }


def round_percent(ratio: float) -> str:
    """'99.9 %': a share that somebody chose, without the zeros of a measurement."""
    digits = f"{ratio * 100:.6f}"
    return f"{fmt.without_zeros(digits)} %"
