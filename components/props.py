"""What a view says, as properties by component id: the one form for first paint, push and fallback."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from dash.development.base_component import Component

Props = dict[str, dict[str, Any]]
"""Component id → property → value (JSON, or Dash components)."""
DRAWN = frozenset({"figure", "data"})
"""Properties that a library of the browser draws: a chart's figure, what the Store of a table or diagram holds."""
MOST_PAINTED = 300
"""Components of one property that come with the layout. At every change of a page Dash looks at each that it made:
2,150 on Backends of 200 patterns kept a browser busy for 16 s, and assets/paint.js draws them in less than one.
"""


def apply(tree: Component, props: Mapping[str, Mapping[str, Any]]) -> Component:
    """Set `props` on the components of `tree` and return it.

    What is DRAWN is left out: its slot stays empty, at its reserved height, until the browser has its library. So is
    what has more than MOST_PAINTED components, until the first frame comes. Raises KeyError for an id that the tree
    lacks.
    """
    known = components_of(tree)
    for name, values in props.items():
        component = known[name]
        for prop, value in values.items():
            if prop not in DRAWN and not _many(value):
                setattr(component, prop, value)
    return tree


def _many(value: Any) -> bool:
    return next(islice(components_in(value), MOST_PAINTED, None), None) is not None


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
