"""How a page module takes its place: its address, its answer, and for a view of the rail how it is judged."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import dash
from dash import register_page

from aggregators.alerts.verdict import Judge
from aggregators.overview.overall import Judgement
from store.snapshot import Snapshot

JUDGED = "judged"
"""The parameter by which an `update` or an answer asks for the judgement of the whole."""


def register_view(
    module: str,
    *,
    view: str,
    name: str,
    path: str,
    order: int,
    refresh_seconds: float,
    judge: Judge | None,
    update: Callable[..., Mapping[str, Any]],
    layout: Callable[..., Any],
    answer: Callable[..., Any] | None = None,
) -> None:
    """A view of the rail. `judge` says how it stands; None is for the view of the whole itself."""
    served = {} if answer is None else {"answer": answer}
    register_page(
        module, path=path, name=name, order=order, view=view, refresh_seconds=refresh_seconds, judge=judge,
        update=update, layout=layout, **served,
    )  # fmt: skip


def register_detail(
    module: str,
    *,
    view: str,
    name: str,
    path_template: str,
    refresh_seconds: float,
    update: Callable[..., Mapping[str, Any]],
    layout: Callable[..., Any],
    answer: Callable[..., Any] | None = None,
) -> None:
    """A page below a view, of one pattern or one namespace; the rail has no place for it."""
    served = {} if answer is None else {"answer": answer}
    register_page(
        module, path_template=path_template, name=name, order=99, view=view, refresh_seconds=refresh_seconds,
        update=update, layout=layout, **served,
    )  # fmt: skip


def judged_pages() -> list[dict[str, Any]]:
    """The pages of views that are judged by themselves, in the rail's order."""
    return [page for page in dash.page_registry.values() if page.get("judge") is not None]


def selection_of(function: Callable[..., Any]) -> list[str]:
    """The names in an address that an `update` or an answer takes, after the snapshot and the time."""
    return [name for name in list(inspect.signature(function).parameters)[2:] if name != JUDGED]


def called(
    function: Callable[..., Any], snapshot: Snapshot, now: float, judged: Judgement, selection: Mapping[str, str]
) -> Any:
    """What it says of a selection; the judgement goes along where it is asked for."""
    extra = {JUDGED: judged} if JUDGED in inspect.signature(function).parameters else {}
    return function(snapshot, now, **selection, **extra)
