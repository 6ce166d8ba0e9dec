"""What a view says, as properties by component id: the one form for first paint, push and fallback."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dash.development.base_component import Component

Props = dict[str, dict[str, Any]]
"""Component id → property → value (JSON, or Dash components)."""
DRAWN = frozenset({"figure", "data"})
"""Properties that a library of the browser draws: a chart's figure, what the Store of a table or diagram holds."""


def apply(tree: Component, props: Mapping[str, Mapping[str, Any]]) -> Component:
    """Set `props` on the components of `tree` and return it.

    What is DRAWN is left out: its slot stays empty, at its reserved height, until the browser has its library.
    Raises KeyError for an id that the tree lacks.
    """
    known = components_of(tree)
    for name, values in props.items():
        component = known[name]
        for prop, value in values.items():
            if prop not in DRAWN:
                setattr(component, prop, value)
    return tree


def components_of(tree: Any) -> dict[str, Component]:
    """Every component of a tree that has an id, by its id."""
    return {name: one for one in components_in(tree) if (name := getattr(one, "id", None))}


def ids_of(tree: Any) -> set[str]:
    """Every id in a tree."""
    return set(components_of(tree))


def components_in(tree: Any) -> Iterator[Component]:
    """Every component of a tree, itself included."""
    if isinstance(tree, Component):
        yield tree
        yield from components_in(getattr(tree, "children", None))
    elif isinstance(tree, list | tuple):
        for one in tree:
            yield from components_in(one)
