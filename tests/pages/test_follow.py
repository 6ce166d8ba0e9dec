"""The name of every figure leads to where it comes from, narrowed as its page is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import dash
import pytest

import app
from components import ids
from components.props import components_in, ids_of
from model.figures.parts import FIGURES
from pages.follow import page
from store.snapshot import snapshot_of
from tests.aggregators.tenants import NOW, Tenant, world

assert app.server, "importing the application registers its pages"
SHOWN_WITHIN = {"pd-known": "the page as a whole", "bk-servers": "beside the panels", "se-shown": "above its table"}
"""Of these nothing has a name of its own."""


def paths() -> list[str]:
    return sorted({one.path for one in FIGURES.values()})


def tree(path: str, **selection: str) -> Any:
    for one in dash.page_registry.values():
        template = one["path_template"] or one["path"]
        match = re.fullmatch(re.sub(r"<(\w+)>", r"(?P<\1>[^/]+)", template), path)
        if match:
            return one["tree"](**{**dict.fromkeys(one["takes"], ""), **match.groupdict(), **selection})
    raise AssertionError(f"no page at {path}")


def links(within: Any) -> list[str]:
    hrefs = [str(getattr(one, "href", "")) for one in components_in(within)]
    return [one for one in hrefs if one.startswith("/follow/")]


def names(within: Any) -> set[str]:
    return {urlsplit(one).path.removeprefix("/follow/") for one in links(within)}


def cards(within: Any) -> Iterator[Any]:
    yield from (one for one in components_in(within) if type(one).__name__ in ("Card", "Main"))


@pytest.mark.parametrize("path", paths())
def test_every_figure_of_a_page_has_a_link_that_leads_somewhere(path: str) -> None:
    whole = tree(path)
    linked = names(whole)
    assert linked <= FIGURES.keys()
    boxed = {name for card in cards(whole) if type(card).__name__ == "Card" and names(card) for name in ids_of(card)}
    wanted = {one.element for one in FIGURES.values() if one.path == path}
    assert wanted - linked - boxed - SHOWN_WITHIN.keys() - {"sh-status", "bk-panels"} == set()


def test_a_link_keeps_whose_page_it_is_and_the_window_of_its_charts() -> None:
    found = {urlsplit(one).path: parse_qs(urlsplit(one).query) for one in links(tree("/namespaces/a%2Fb", name="a/b"))}
    assert found["/follow/nd-rps"] == {"name": ["a/b"], "range": ["1h"]}
    found = {urlsplit(one).path: parse_qs(urlsplit(one).query) for one in links(tree("/performance", range="6h"))}
    assert found["/follow/pf-flow-chart"] == {"range": ["6h"]}


def test_a_page_without_a_window_of_its_own_gives_none() -> None:
    assert [one for one in links(tree("/")) if "?" in one] == []


@pytest.mark.parametrize("name", ["a/b c", "<script>", "..", "🦄"])
def test_the_way_back_is_the_page_that_one_came_from(name: str) -> None:
    hrefs = [str(one.href) for one in components_in(page.tree("nd-rps", name, "6h")) if hasattr(one, "href")]
    assert hrefs[0].startswith("/namespaces/")
    assert hrefs[0].endswith("?range=6h")
    assert "<script>" not in hrefs[0]


def test_the_page_says_question_series_and_source() -> None:
    said = page.update(world([Tenant("shop", 10.0)]), NOW, figure="rs-memory")
    assert said["fo-first"] == said["fo-second"] == {"hidden": False}
    assert "process_resident_memory_bytes" in said["fo-first-promql"]["children"]
    assert "process_memory_limit_bytes" in said["fo-second-promql"]["children"]
    rows = page.update(world([Tenant("shop", 10.0)]), NOW, figure="sh-rps")[f"fo-series{ids.DATA}"]["data"]["rows"]
    assert [one["value"]["n"] for one in rows] == ["0", "400"]
    assert 'namespace="shop"' in rows[0]["labels"]["n"]
    assert "proxy@p:1" in str(said["fo-sources"])


def test_a_figure_without_a_metric_names_the_call() -> None:
    said = page.update(world([Tenant("shop", 10.0)]), NOW, figure="nd-owner", name="shop")
    assert said["fo-none"] == {"hidden": False}
    assert "GET /api/v1/namespaces" in str(said["fo-families"])


def test_what_is_no_figure_says_so() -> None:
    assert page.update(snapshot_of([]), NOW, figure="<b>")["fo-known"] == {"hidden": True}


def test_lines_are_shown_as_they_came_and_as_text() -> None:
    line = 'prism_requests_total{namespace="<script>"} 1'
    entry = {"time": NOW, "lines": {"prism_requests_total": [line]}, "left_out": {}}
    said = page.update(world([Tenant("shop", 1.0)], meta={"lines": {"proxy@p:1": entry}}), NOW, figure="sh-rps")
    (_, pre) = said["fo-lines"]["children"]
    assert (type(pre).__name__, pre.children) == ("Pre", line)
    assert said["fo-no-lines"] == {"children": ""}
