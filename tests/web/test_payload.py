"""Frames: encoded once, complete for newcomers, and only the difference for the rest."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from dash import dcc, html
from hypothesis import given
from hypothesis import strategies as st

from web.hub_delta import apply
from web.hub_payload import Props, Selection, View, encode

NUMBERS = st.dictionaries(
    st.sampled_from("abc"), st.dictionaries(st.sampled_from(["children", "title"]), st.integers(-9, 9))
)


class Script:
    """A feed that says one prepared thing after another."""

    def __init__(self, *says: Props) -> None:
        self.says = list(says)
        self.reads = 0

    def version(self) -> int:
        return self.reads

    def knows(self, view: str) -> bool:
        return True

    def selection(self, view: str, wanted: Mapping[str, str]) -> Selection:
        return tuple(wanted.items())

    def read(self, view: str, selection: Selection, now: float) -> tuple[dict[str, Any], Props]:
        self.reads += 1
        return {"version": self.reads, "sampled": now - 1}, self.says[min(self.reads, len(self.says)) - 1]


def frames(view: View, count: int, step: float = 1.0) -> list[dict[str, Any]]:
    return [json.loads(view.refresh(100.0 + at * step, at * step)) for at in range(count)]


@given(st.lists(NUMBERS, min_size=1, max_size=6), st.integers(0, 5))
def test_a_full_frame_and_the_diffs_after_it_give_what_the_view_says_now(says: list[Props], joined: int) -> None:
    view = View(Script(*says), "v", ())
    shown: dict[str, Any] = {}
    for at in range(len(says)):
        diff = json.loads(view.refresh(float(at), float(at)))["props"]
        if at == min(joined, len(says) - 1):
            shown = dict(json.loads(view.full())["props"])
        elif at > joined:
            shown.update({name: apply(shown.get(name), change) for name, change in diff.items()})
    assert {name: shown[name] for name in says[-1]} == says[-1]


def test_a_diff_names_only_what_changed_and_carries_the_time() -> None:
    view = View(
        Script({"a": {"children": 1}, "b": {"children": 1}}, {"a": {"children": 2}, "b": {"children": 1}}), "v", ()
    )
    first, second = frames(view, 2)
    assert first["props"].keys() == {"a", "b"}
    assert second == {"mode": "diff", "now": 101.0, "version": 2, "sampled": 100.0, "props": {"a": {"children": [2]}}}


def test_figures_travel_every_other_second_while_numbers_travel_each() -> None:
    view = View(Script(*({"c": {"figure": at}, "n": {"children": at}} for at in range(6))), "v", ())
    reported = frames(view, 6)
    assert ["c" in one["props"] for one in reported] == [True, False, True, False, True, False]
    assert all("n" in one["props"] for one in reported)


def test_a_full_frame_is_made_once_for_all_who_ask() -> None:
    view = View(Script({"a": {"children": 1}}), "v", ())
    view.refresh(1.0, 1.0)
    assert view.full() is view.full()


def test_a_view_that_breaks_is_marked_and_recovers() -> None:
    class Broken(Script):
        def read(self, view: str, selection: Selection, now: float) -> tuple[dict[str, Any], Props]:
            if self.reads == 1:
                self.reads += 1
                raise ZeroDivisionError
            return super().read(view, selection, now)

    view = View(Broken({"a": {"children": 1}}), "v", ())
    view.refresh(1.0, 1.0)
    with pytest.raises(ZeroDivisionError):
        view.refresh(2.0, 2.0)
    assert view.failed
    assert json.loads(view.trouble(2.0))["mode"] == "trouble"
    view.refresh(3.0, 3.0)
    assert not view.failed


def test_components_become_what_the_browser_builds_them_from_and_nan_becomes_null() -> None:
    reported = json.loads(encode({"children": [html.B("<script>", id="x"), float("nan")]}))
    assert reported["children"][0] == {
        "props": {"children": "<script>", "id": "x"},
        "type": "B",
        "namespace": "dash_html_components",
    }
    assert reported["children"][1] is None


def test_what_cannot_be_reported_to_a_browser_is_refused() -> None:
    with pytest.raises(TypeError):
        encode({"children": object()})


def test_a_component_is_sent_as_dash_would_send_it() -> None:
    inside = dcc.Link("Redis", href="/patterns/redis", title=None, className="name")
    further: Any = {"data-key": "redis", "aria-label": "Redis"}
    row = html.Tr([html.Td(inside), "text"], id="row", hidden=False, **further)
    for one in (inside, row, html.Br()):
        assert json.loads(encode(one)) == json.loads(json.dumps(one, default=lambda inside: inside.to_plotly_json()))
