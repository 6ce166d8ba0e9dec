"""What registering a view does: its callbacks, and a check that all it says has a place.

A page's properties come to the browser in three ways, and are the same in all: painted into the layout, pushed by the
hub over the websocket and set with Dash's `set_props`, and while there is no socket fetched by the page's own
`dcc.Interval` and the callback that is registered here.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from components.lists.table import page_name
from components.props import apply, components_of
from pages.shared.callbacks import Outputs, frame_of, register_callbacks, register_selections, running
from pages.shared.choices import normal
from pages.shared.selections import EVERYWHERE, called, narrowed, permitted, selection_of
from store.snapshot import snapshot_of

POLL_MILLISECONDS = 2000
Update = Callable[..., Mapping[str, Mapping[str, Any]]]


class ViewError(ValueError):
    """A view that says something for which its tree has no place, or whose address knows a name that it does not."""


def page_parts(view: str, update: Update, tree: Callable[..., html.Main], path_template: str = "") -> dict[str, Any]:
    """What a page of Dash's registry needs besides its address, with its callbacks registered. Raises ViewError."""
    takes = tuple(selection_of(update))
    _check_address(view, takes, tree, path_template)
    plain = tree(**dict.fromkeys(takes, ""))
    outputs = places(view, plain, update(snapshot_of([]), 0.0, **dict.fromkeys(takes, "")))

    def layout(here: object = None, **asked: str) -> Component:
        """The page with the figures of this instant; `here` is what Dash's router hands to every page."""
        asked = permitted(asked)
        given = {one: asked.get(one, "") for one in (*takes, *EVERYWHERE)}
        given |= {one: page_name(given[one]) for one in takes if f"<{one}>" in path_template}
        chosen = {one: normal(one, value) for one, value in given.items()}
        page = painted(tree(**{one: chosen[one] for one in takes}), update, **chosen)
        page.children = [*page.children, *companions(view, chosen)]
        return page

    register_callbacks(view, outputs, frame_of(view))
    register_selections(plain, takes)
    return {"update": update, "tree": tree, "takes": takes, "outputs": outputs, "layout": layout}


def places(view: str, tree: Component, props: Mapping[str, Mapping[str, Any]]) -> Outputs:
    """(component id, property) of all that `props` says. Raises ViewError when `tree` has no place for one of them."""
    known = components_of(tree)
    for name, values in props.items():
        if name not in known:
            raise ViewError(f"view {view}: its tree has no component {name!r}, for which update has {sorted(values)}")
        for prop in values:
            if not _takes(known[name], prop):
                raise ViewError(f"view {view}: {name!r} is a {type(known[name]).__name__}, which has no {prop!r}")
    return tuple((name, prop) for name, values in props.items() for prop in values)


def _takes(component: Component, prop: str) -> bool:
    """True for a property that this kind of component has; `data-` and `aria-` ones only where it has such."""
    wild = tuple(getattr(component, "available_wildcard_properties", ()))
    return prop in getattr(component, "available_properties", ()) or prop.startswith(wild)


def _check_address(view: str, takes: Sequence[str], tree: Callable[..., Component], template: str) -> None:
    shown = set(inspect.signature(tree).parameters)
    if shown != set(takes):
        raise ViewError(f"view {view}: tree takes {sorted(shown)} of its address, and update {sorted(takes)}")
    for name in (part[1:-1] for part in template.split("/") if part.startswith("<")):
        if name not in takes:
            raise ViewError(f"view {view}: its address has <{name}>, which update does not take")


def painted(tree: html.Main, update: Update, **selection: str) -> html.Main:
    """`tree` with the figures of the instant that is asked for, so that they are there before the socket is."""
    live = running()
    with live.turn({name: value for name, value in selection.items() if value}):
        whole, now, judgement, present = live.moment(selection)
        snapshot = narrowed(whole, now, selection)
        apply(tree, called(update, snapshot, now, judgement(snapshot, now), selection, present))
    return tree


def companions(view: str, selection: Mapping[str, str]) -> list[Component]:
    """What a page has besides its tree: its clock, what its address selects, and how fresh its last answer was."""
    return [
        dcc.Interval(id=f"{view}-clock", interval=POLL_MILLISECONDS, disabled=True),
        dcc.Store(id=f"{view}-selection", data=dict(selection)),
        dcc.Store(id=f"{view}-head"),
    ]
