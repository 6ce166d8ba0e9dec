"""What registering a view does: its callbacks, and a check that all it says has a place.

A page's properties come to the browser in three ways, and are the same in all: painted into the layout, pushed by the
hub over the websocket and set with Dash's `set_props`, and while there is no socket fetched by the page's own
`dcc.Interval` and the callback that is registered here.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Protocol

import orjson
from dash import Input, Output, State, callback, clientside_callback, dcc, html, no_update
from dash.development.base_component import Component
from flask import current_app

from aggregators.overview.overall import Judgement
from components import ids
from components.lists.table import page_name
from components.props import Props, apply, components_of
from pages.shared.selections import called, selection_of
from store.snapshot import Snapshot, snapshot_of

EXTENSION = "hud"
POLL_MILLISECONDS = 2000
SELECTED_BY = {"ranges": "range"}
"""Which name of an address a component with a `value` chooses, by the last part of its id."""
Update = Callable[..., Mapping[str, Mapping[str, Any]]]
Answer = Callable[[Mapping[str, str]], tuple[Any, Mapping[str, Mapping[str, Any]]]]
"""From a selection to (the head of a frame, the properties by component id)."""
Outputs = tuple[tuple[str, str], ...]
"""(component id, property) of all that a view says."""


class ViewError(ValueError):
    """A view that says something for which its tree has no place, or whose address knows a name that it does not."""


class Running(Protocol):
    """What the application puts at `server.extensions["hud"]`."""

    def snapshot(self) -> Snapshot:
        """The newest snapshot."""

    def now(self) -> float:
        """The time, in seconds since 1970."""

    def judgement(self, snapshot: Snapshot, now: float) -> Judgement:
        """The judgement that the live pages word just now."""

    def full(self, view: str, selection: Mapping[str, str]) -> bytes:
        """A full frame of a view as JSON, worked out once for all who ask the same."""


def page_parts(view: str, update: Update, tree: Callable[..., html.Main], path_template: str = "") -> dict[str, Any]:
    """What a page of Dash's registry needs besides its address, with its callbacks registered. Raises ViewError."""
    takes = tuple(selection_of(update))
    _check_address(view, takes, tree, path_template)
    skeleton = tree(**dict.fromkeys(takes, ""))
    outputs = places(view, skeleton, update(snapshot_of([]), 0.0, **dict.fromkeys(takes, "")))

    def layout(here: object = None, **asked: str) -> Component:
        """The page with the figures of this instant; without an address, when Dash validates callbacks, bare ids."""
        if here is None:
            return html.Div([*_bare(skeleton, {one for one, _ in outputs}), *companions(view, {})])
        chosen = {one: asked.get(one, "") for one in takes}
        chosen |= {one: page_name(chosen[one]) for one in takes if f"<{one}>" in path_template}
        page = painted(tree(**chosen), update, **chosen)
        page.children = [*page.children, *companions(view, chosen)]
        return page

    register_callbacks(view, outputs, frame_of(view))
    register_selections(skeleton, takes)
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
    """`tree` with the live figures of this instant, so that they are there before the socket is."""
    live = running()
    snapshot, now = live.snapshot(), live.now()
    apply(tree, called(update, snapshot, now, live.judgement(snapshot, now), selection))
    return tree


def running() -> Running:
    """The application's feed and hub."""
    found: Running = current_app.extensions[EXTENSION]
    return found


def companions(view: str, selection: Mapping[str, str]) -> list[Component]:
    """What a page has besides its tree: its clock, what its address selects, and how fresh its last answer was."""
    return [
        dcc.Interval(id=f"{view}-clock", interval=POLL_MILLISECONDS, disabled=True),
        dcc.Store(id=f"{view}-selection", data=dict(selection)),
        dcc.Store(id=f"{view}-head"),
    ]


def frame_of(view: str) -> Answer:
    """How the callback of a page asks for its frame: the hub's, the same for all who select the same."""

    def answer(selection: Mapping[str, str]) -> tuple[Any, Props]:
        frame = orjson.loads(running().full(view, selection))
        return frame, frame.pop("props")

    return answer


def register_callbacks(view: str, outputs: Outputs, answer: Answer) -> None:
    """The way round a lost socket: the clock asks, and the answer sets the same properties that the socket does.

    The clock rests while the socket lives (live.js), and while an answer is under way: answers slower than the clock
    would otherwise all be thrown away.
    """

    @callback(
        Output(f"{view}-head", "data"),
        *(Output(name, prop) for name, prop in outputs),
        Input(f"{view}-clock", "n_intervals"),
        State(f"{view}-selection", "data"),
        running=[(Output(f"{view}-clock", "max_intervals"), 0, -1)],
        prevent_initial_call=True,
    )
    def figures(_: int | None, selection: Mapping[str, str] | None) -> list[Any]:
        head, props = answer(selection or {})
        return [head, *(props.get(name, {}).get(prop, no_update) for name, prop in outputs)]

    _in_browser("function (head) { window.hudLive.polled(head); }", f"{view}-head")
    asking = f"function (left) {{ window.hudLive.asking({json.dumps(view)}, left === 0); }}"
    _in_browser(asking, f"{view}-clock", "max_intervals")
    for name, prop in outputs:
        if prop == "data":
            slot = json.dumps(name.removesuffix(ids.DATA))
            _in_browser(f"function (data) {{ window.hudDraw({slot}, data); }}", name)


def _in_browser(script: str, name: str, prop: str = "data") -> None:
    """A callback in the browser, for whatever comes into a component by the socket or by the clock."""
    clientside_callback(script, Input(name, prop), prevent_initial_call=True)


def register_selections(tree: Component, takes: Sequence[str]) -> None:
    """Choices of the page go into its address, and from there into the figures; what else stands there remains."""
    for name in components_of(tree):
        selected = _selected_by(name)
        if selected in takes:
            clientside_callback(
                f"function (value) {{ return window.hudAddress({json.dumps(selected)}, value); }}",
                Output(ids.ADDRESS, "search", allow_duplicate=True),
                Input(name, "value"),
                prevent_initial_call=True,
            )


def _bare(tree: Component, filled: Collection[str]) -> list[Component]:
    """The components of `tree` that a callback names, with nothing else: what Dash validates callbacks against."""
    named = {one: known for one, known in components_of(tree).items() if one in filled or _selected_by(one)}
    return [type(known)(id=one) for one, known in named.items()]


def _selected_by(name: str) -> str | None:
    return SELECTED_BY.get(name.rpartition("-")[2])
