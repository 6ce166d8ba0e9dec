"""What a view says, as properties by component id: the one form for first paint, push and fallback."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash.development.base_component import Component

Props = dict[str, dict[str, Any]]
"""Component id → property → value (JSON, or Dash components)."""
DRAWN = frozenset({"figure", "table", "diagram"})
"""Properties that a library of the browser draws in their slot (assets/live.js)."""


def apply(tree: Component, props: Mapping[str, Mapping[str, Any]]) -> Component:
    """Set `props` on the components of `tree` and return it.

    What is DRAWN is left out: its slot stays empty, at its reserved height, until the browser has its library.
    Raises KeyError for an id that the tree lacks.
    """
    known = {name: component for component in _components(tree) if (name := getattr(component, "id", None))}
    for name, values in props.items():
        component = known[name]
        for prop, value in values.items():
            if prop not in DRAWN:
                setattr(component, prop, value)
    return tree


def ids_of(tree: Component) -> set[str]:
    """Every id in a tree."""
    return {name for component in _components(tree) if (name := getattr(component, "id", None))}


def _components(tree: Component) -> list[Component]:
    parts = tree._traverse()
    return [tree, *(part for part in parts if isinstance(part, Component))]
