"""A view's callbacks: its figures by the clock while there is no socket, and its choices into the address."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Protocol

import orjson
from dash import Input, Output, State, callback, clientside_callback, no_update
from dash.development.base_component import Component
from flask import current_app

from aggregators.overview.overall import Judgement
from components import ids
from components.props import Props, components_of
from pages.shared.selections import Present
from store.snapshot import Snapshot

EXTENSION = "hud"
SELECTED_BY = {"ranges": "range", "proxies": "proxy"}
"""Which name of an address a component with a `value` chooses, by the last part of its id."""
Answer = Callable[[Mapping[str, str]], tuple[Any, Mapping[str, Mapping[str, Any]]]]
"""From a selection to (the head of a frame, the properties by component id)."""
Outputs = tuple[tuple[str, str], ...]
"""(component id, property) of all that a view says."""


class Moment(NamedTuple):
    """What is known at `now`, in seconds since 1970, and how a snapshot of then is judged."""

    snapshot: Snapshot
    now: float
    judgement: Callable[[Snapshot, float], Judgement]
    present: Present | None = None


class Running(Protocol):
    """What the application puts at `server.extensions["hud"]`."""

    def moment(self, selection: Mapping[str, str]) -> Moment:
        """The instant that an address asks for: now, or one of the past."""

    def full(self, view: str, selection: Mapping[str, str]) -> bytes:
        """A full frame of a view as JSON, worked out once for all who ask the same."""

    def ask_lines(self, families: Sequence[str]) -> None:
        """Have the next scrapes' lines of these families kept for a while."""

    def turn(self, selection: Mapping[str, str]) -> AbstractContextManager[None]:
        """For the time that it takes to work out a page of `selection`; raises when too many want that."""


def running() -> Running:
    """The application's feed and hub."""
    found: Running = current_app.extensions[EXTENSION]
    return found


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
    """Choices of the page go into its address, and from there into the figures; what else stands there remains.

    Dash calls this for a page that has just come too, whatever is said of the first call: what is chosen already, or
    by default, is no choice, or the page would be asked for and drawn twice.
    """
    for name, component in components_of(tree).items():
        selected = selected_by(name)
        if selected in takes:
            usual = json.dumps(getattr(component, "value", None))
            said = f"{json.dumps(selected)}, value, {usual}"
            clientside_callback(
                f"function (value) {{ return window.hudChosen({said}); }}",
                Output(ids.ADDRESS, "search", allow_duplicate=True),
                Input(name, "value"),
                prevent_initial_call=True,
            )


def selected_by(name: str) -> str | None:
    """The name of the address that a component chooses, by its id; None for one that chooses none."""
    return SELECTED_BY.get(name.rpartition("-")[2])
