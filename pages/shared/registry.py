"""How a page module takes its place: its address, its answer, and for a view of the rail how it is judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import dash
from dash import html, register_page

from aggregators.alerts.verdict import Judge
from components.lists.table import page_name
from pages.shared.registration import page_parts

PRODUCT = "Prism HUD"


@dataclass(frozen=True)
class About:
    """What is known of a page besides what it shows.

    `view` names it in `/ws` and `/api`; `path` may have parts as `<name>`; `name` and `order` are for the rail, and
    `refresh_seconds` is the longest that its figures may stand.
    """

    view: str
    path: str
    name: str
    refresh_seconds: float
    order: int = 99


def register_view(
    module: str,
    about: About,
    *,
    judge: Judge | None,
    answer: Callable[..., Any],
    update: Callable[..., Mapping[str, Any]],
    tree: Callable[..., html.Main],
) -> None:
    """A view of the rail. `judge` says how it stands; None is for the view of the whole itself.

    `update(snapshot, now, **selection)` gives the properties by component id, `tree(**selection)` the static tree with
    a place for each; the names of the selection are those that the address may say. `answer` is what the page words
    and /api serves. Raises ViewError for a name that has no place.
    """
    _register(module, about, page_parts(about.view, update, tree), judge=judge, answer=answer)


def register_detail(
    module: str,
    about: About,
    *,
    answer: Callable[..., Any],
    update: Callable[..., Mapping[str, Any]],
    tree: Callable[..., html.Main],
) -> None:
    """A page below a view, such as of one pattern; the rail has no place for it. See `register_view`."""
    _register(module, about, page_parts(about.view, update, tree, about.path), answer=answer)


def _register(module: str, about: About, parts: Mapping[str, Any], **more: Any) -> None:
    known = asdict(about)
    path = known.pop("path")
    known["title"] = (
        (lambda name="", **_: titled(f"{about.name} {page_name(name)}")) if "<" in path else titled(about.name)
    )
    register_page(module, **{"path_template" if "<" in path else "path": path}, **known, **parts, **more)


def titled(name: str) -> str:
    """What the browser's tab and history call a page: what it is of first, which is what a narrow tab shows."""
    return f"{name.strip()} · {PRODUCT}"


def judged_pages() -> list[dict[str, Any]]:
    """The pages of views that are judged by themselves, in the rail's order."""
    return [page for page in dash.page_registry.values() if page.get("judge") is not None]
