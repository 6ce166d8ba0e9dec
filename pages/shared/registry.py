"""How a page module takes its place: its address, its answer, and for a view of the rail how it is judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import dash
from dash import html, register_page

from aggregators.alerts.verdict import Judge
from pages.shared.registration import page_parts


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
    tree: Callable[..., html.Main],
    answer: Callable[..., Any],
) -> None:
    """A view of the rail. `judge` says how it stands; None is for the view of the whole itself.

    `update(snapshot, now, **selection)` gives the properties by component id, `tree(**selection)` the static tree with
    a place for each; the names of the selection are those that the address may say. `answer` is what the page words
    and /api serves, and `refresh_seconds` the longest that the figures may stand. Raises ViewError for a name that has
    no place.
    """
    parts = page_parts(view, update, tree)
    register_page(
        module, path=path, name=name, order=order, view=view, refresh_seconds=refresh_seconds, judge=judge,
        answer=answer, **parts,
    )  # fmt: skip


def register_detail(
    module: str,
    *,
    view: str,
    name: str,
    path_template: str,
    refresh_seconds: float,
    update: Callable[..., Mapping[str, Any]],
    tree: Callable[..., html.Main],
    answer: Callable[..., Any],
) -> None:
    """A page below a view, such as of one pattern; the rail has no place for it. See `register_view`."""
    parts = page_parts(view, update, tree, path_template)
    address = {"path_template": path_template} if "<" in path_template else {"path": path_template}
    register_page(
        module,
        **address,
        name=name,
        order=99,
        view=view,
        refresh_seconds=refresh_seconds,
        answer=answer,
        **parts,
    )


def judged_pages() -> list[dict[str, Any]]:
    """The pages of views that are judged by themselves, in the rail's order."""
    return [page for page in dash.page_registry.values() if page.get("judge") is not None]
