"""The card "Servers": a panel for each backend's own server, under a heading that says whose connections they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from dash import html

from components.lists.backend_panels import PanelView, panels_of

TITLE = "Servers"
WHOSE = "what each server reports: server connections (all clients), never Prism's pool"


class ServerPanel(PanelView):
    """A panel whose id is not that of a pattern of the same name."""

    @property
    def key(self) -> str:
        """Its id; a server is known by its name and where it is reported."""
        return f"bk-server-{quote(f'{self.name} {self.about}', safe='').replace('.', '%2E')}"


def servers_of(views: Sequence[PanelView]) -> list[Any]:
    """The heading and the panels; nothing where no server is read."""
    if not views:
        return []
    head = html.Div(
        [html.H2(TITLE, className="card-title"), html.Span(WHOSE, className="hint")],
        className="d-flex align-items-baseline gap-2 mt-1",
    )
    return [head, html.Div(panels_of(views, ""), className="bk-panels")]
