"""Trace coverage as lines of the screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dash import html

from aggregators.observability.ingest import Coverage
from components import format as fmt
from components.lists.fact_list import Fact, Said


def _gap(part: str) -> Callable[[Coverage], Said]:
    """The traces that miss one kind of span."""

    def said(found: Coverage) -> Said:
        one = next(one for one in found.gaps if one.part == part)
        return Said(one.traces, also=one.share)

    return said


def _complete(found: Coverage) -> Said:
    return Said(found.complete, also=found.complete_share, share=found.complete_share)


WHOLE_FACTS: tuple[Fact[Coverage], ...] = (
    Fact("ob-complete", "Traces with all spans", _complete, also=True, bar=True),
    Fact(
        "ob-incomplete", "Traces missing spans", lambda one: Said(one.incomplete, also=one.incomplete_share), also=True
    ),
)
GAP_FACTS: tuple[Fact[Coverage], ...] = (
    Fact("ob-no-backend", "Backend span missing", _gap("backend"), also=True),
    Fact("ob-no-pattern", "Pattern span missing", _gap("pattern"), also=True),
    Fact("ob-no-proxy", "Proxy span missing", _gap("proxy"), also=True),
)


def coverage_note(found: Coverage, now: float) -> list[Any]:
    """Over which window it was counted, and what limits it; or why there is nothing."""
    if found.traces.value is None:
        return [f"{fmt.reading_words(found.traces).capitalize()}: {found.traces.note}."]
    window: list[Any] = []
    if found.window_start.value is not None and found.window_end.value is not None:
        clocks = [
            html.Time(fmt.clock(edge.value or 0.0, now), dateTime=fmt.iso(edge.value or 0.0))
            for edge in (found.window_start, found.window_end)
        ]
        window = ["Requests from ", clocks[0], " to ", clocks[1], ". "]
    return [*window, found.note]
