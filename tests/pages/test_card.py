"""The card: each view a page with callbacks, its charts dcc.Graph, Interval and socket setting the same properties."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import dash
import pytest
from dash import dcc, html
from dash.development.base_component import Component

import app
from components import ids
from components.props import components_of
from pages.shared.page_shell import SHELL, shell_props
from pages.shared.registration import ViewError, companions, page_parts
from store.snapshot import Snapshot, snapshot_of
from tests.pages.conftest import NOW, Build
from web import feed
from web.hub_payload import DRAWN_PROPERTY

PAGES = sorted(page["module"] for page in dash.page_registry.values() if "view" in page)


@pytest.fixture(scope="module", autouse=True)
def callbacks() -> None:
    """Dash takes the callbacks of its pages over with the first request."""
    app.app._setup_server()  # type: ignore[no-untyped-call]


def page_of(module: str) -> dict[str, Any]:
    found: dict[str, Any] = dash.page_registry[module]
    return found


def outputs(key: str) -> set[tuple[str, str]]:
    """(component id, property) of a callback in the graph."""
    parts = key.strip(".").split("...") if key.startswith("..") else [key]
    return {(name, prop.partition("@")[0]) for name, _, prop in (part.rpartition(".") for part in parts)}


def walk(tree: Any) -> Iterator[Any]:
    """Every component of a tree."""
    for one in tree if isinstance(tree, list | tuple) else [tree]:
        if isinstance(one, Component):
            yield one
            yield from walk(getattr(one, "children", None))


def by_clock(view: str) -> set[tuple[str, str]]:
    """What the dcc.Interval of a view sets."""
    clock = {"id": f"{view}-clock", "property": "n_intervals"}
    (found,) = [key for key, one in app.app.callback_map.items() if clock in one["inputs"]]
    return outputs(found) - {(f"{view}-head", "data")}


def inputs() -> Iterator[tuple[str, str]]:
    for one in app.app._callback_list:
        yield from ((each["id"], each["property"]) for each in one["inputs"])


@pytest.mark.parametrize("module", PAGES)
def test_each_view_is_a_page_module_with_callbacks_of_its_own(module: str) -> None:
    assert by_clock(page_of(module)["view"])


@pytest.mark.parametrize("module", PAGES)
def test_each_view_and_the_shell_are_made_of_bootstrap_components(module: str) -> None:
    page = page_of(module)
    for tree in (page["tree"](**dict.fromkeys(page["takes"], "")), app.app.layout):
        made = {one._type for one in walk(tree) if one._namespace == "dash_bootstrap_components"}
        assert made >= ({"NavLink", "Button"} if tree is app.app.layout else {"Container", "Row", "Col", "Card"})


@pytest.mark.parametrize("module", PAGES)
def test_what_frames_push_is_painted_without_dash(module: str, prism: Build) -> None:
    page = page_of(module)
    pushed = page["update"](prism(), NOW, **({"name": "redis"} if page["path_template"] else {}))
    for name, own in pushed.items():
        kinds = {(one._namespace, one._type) for one in walk(list(own.values()))}
        assert {kind for kind in kinds if kind[0] != "dash_html_components"} <= {("dash_core_components", "Link")}, name


@pytest.mark.parametrize("module", PAGES)
def test_interval_and_socket_set_the_same_properties(module: str, prism: Build) -> None:
    page = page_of(module)
    selection = {"name": "redis"} if page["path_template"] else {}
    for snapshot in (prism(), prism(lost=("proxy",)), prism(patterns={}), snapshot_of([])):
        pushed = page["update"](snapshot, NOW, **selection)
        assert {(name, prop) for name, own in pushed.items() for prop in own} <= by_clock(page["view"])


def test_the_shell_has_its_own_clock_for_what_the_socket_pushes_around_every_page(prism: Build) -> None:
    for snapshot in (prism(), prism(lost=("proxy",)), snapshot_of([])):
        pushed = shell_props(snapshot, NOW)
        assert {(name, prop) for name, own in pushed.items() for prop in own} == by_clock(SHELL)


@pytest.mark.parametrize("module", PAGES)
def test_every_chart_is_a_graph_that_keeps_its_zoom(module: str, prism: Build) -> None:
    page = page_of(module)
    tree = components_of(page["tree"](**dict.fromkeys(page["takes"], "")))
    props = page["update"](prism(), NOW, **({"name": "redis"} if page["path_template"] else {}))
    for name in (name for name, own in props.items() if DRAWN_PROPERTY in own):
        graph = tree[name]
        assert isinstance(graph, dcc.Graph), name
        assert graph.to_plotly_json()["props"]["animate"] is False
        assert props[name][DRAWN_PROPERTY]["layout"]["uirevision"], name


@pytest.mark.parametrize("module", PAGES)
def test_a_window_of_the_charts_is_chosen_into_the_address(module: str) -> None:
    page = page_of(module)
    choices = [
        one for one in components_of(page["tree"](**dict.fromkeys(page["takes"], ""))) if one.endswith("-ranges")
    ]
    assert bool(choices) == ("range" in page["takes"])
    for name in choices:
        assert (name, "value") in set(inputs())
    assert ids.ADDRESS in components_of(app.app.layout)


def test_a_slow_answer_lets_the_clock_rest_instead_of_being_thrown_away() -> None:
    waiting = [one["running"] for one in app.app._callback_list if one["inputs"][0]["property"] == "n_intervals"]
    assert len(waiting) == len(PAGES) + 1
    assert all("max_intervals" in json.dumps(one) for one in waiting)


def test_what_a_callback_sets_stands_on_its_page() -> None:
    """Dash does not check it: a page may be left while its answer is under way."""
    assert app.app.config.suppress_callback_exceptions
    for module in PAGES:
        page = page_of(module)
        known = set(components_of(page["tree"](**dict.fromkeys(page["takes"], ""))))
        assert {name for name, _ in by_clock(page["view"])} <= known


def update(snapshot: Snapshot, now: float, range: str = "") -> dict[str, dict[str, Any]]:
    return {"x-figure": {"children": str(now)}}


def refused(tree: Any, template: str = "") -> str:
    with pytest.raises(ViewError) as told:
        page_parts("x", update, tree, template)
    return str(told.value)


def test_a_name_without_a_place_is_refused_at_import_and_named() -> None:
    def placed(child: Any) -> Any:
        return lambda range: html.Main(child)

    figure = html.Span(id="x-figure")
    assert "'x-figure'" in refused(placed(html.Span(id="x-other")))
    assert "no 'children'" in refused(placed(dcc.Store(id="x-figure")))
    assert "['page']" in refused(lambda page: html.Main(figure))
    assert "<name>" in refused(placed(figure), "/x/<name>")
    assert not any("x-clock" in key for key in app.app.callback_map)


def test_every_view_that_the_browser_can_reach_has_a_clock_that_rests_until_it_is_needed() -> None:
    for one in feed.views():
        clock = components_of(companions(one["view"], {}))[f"{one['view']}-clock"]
        assert clock.to_plotly_json()["props"]["disabled"]
