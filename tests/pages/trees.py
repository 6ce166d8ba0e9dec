"""What a tree of components says, as one reads it."""

from __future__ import annotations

from typing import Any

from dash.development.base_component import Component

from components.props import Props


def said(component: Any) -> str:
    """All text of a tree."""
    if isinstance(component, list | tuple):
        return " ".join(filter(None, (said(part) for part in component)))
    if isinstance(component, Component):
        return said(getattr(component, "children", None) or "")
    return "" if component is None else str(component)


def text(props: Props, name: str) -> str:
    """All text that a component is given, in one line."""
    return " ".join(said(props[name]["children"]).split())
