"""The page that the browser is at, in the layout that Dash asks for first: one answer and one drawing instead of two.

Referer says which document asks. Where a browser does not send it, Dash's own callback gives the page a moment later.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import SplitResult, parse_qs, urlsplit

import dash
from dash import html
from dash.development.base_component import Component
from flask import has_request_context, request

EMPTY: Component = dash.page_container
LOCATION, CONTENT, TITLE, _ = (one.id for one in dash.page_container.children)
"""What Dash's callback of the pages reads and fills, by the ids that it gave them."""

log = logging.getLogger("hud.web")


def container(page_path: Callable[[str], str | None]) -> Component:
    """Dash's `page_container` with the page in it; `page_path` takes the path's prefix and last slash off."""
    asks = request.referrer if has_request_context() else None
    try:
        return _filled(urlsplit(asks), page_path) if asks else EMPTY
    except Exception:  # the callback tries again, with the shell around it
        log.debug("%r cannot be given with the layout", asks, exc_info=True)
        return EMPTY


def is_page(path: str) -> bool:
    """Whether some page has this path; a name in it may have slashes, which are no more encoded here."""
    named = (str(page.get("path_template") or "").partition("<")[0] for page in dash.page_registry.values())
    return _page(path) is not None or any(start and path.startswith(start) for start in named)


def _filled(address: SplitResult, page_path: Callable[[str], str | None]) -> Component:
    found = _page(page_path(address.path) or "")
    if found is None:
        return EMPTY
    page, names = found
    title = page["title"]
    asked = {name: values[0] for name, values in parse_qs(address.query).items()}
    given = {
        LOCATION: {"pathname": address.path, "search": f"?{address.query}" if address.query else ""},
        CONTENT: {"children": page["layout"](**{**names, **asked, "here": {}})},
        TITLE: {"data": {"title": title(**names) if callable(title) else title}},
    }
    return html.Div([_with(one, given.get(one.id, {})) for one in dash.page_container.children])


def _page(path: str) -> tuple[Any, dict[str, str]] | None:
    """The registered page of a path, and what its address names."""
    for page in dash.page_registry.values():
        form = re.sub(r"<(\w+)>", r"(?P<\1>[^/]+)", re.escape((page["path_template"] or page["path"]).strip("/")))
        if known := re.fullmatch(form, path.strip("/")):
            return page, known.groupdict()
    return None


def _with(component: Component, properties: dict[str, Any]) -> Component:
    """A copy of a component with further properties."""
    return type(component)(**{**component.to_plotly_json()["props"], **properties})
