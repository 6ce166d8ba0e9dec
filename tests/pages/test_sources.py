"""Each page with each of its sources absent, empty, stale and broken: what it reports is never shown as fresh."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from dash.development.base_component import Component

from model.catalogue import BY_NAME
from model.needs import NEEDS, Need
from model.series import Scrape
from model.sources import CollectError, ErrorKind
from store.snapshot import Snapshot, snapshot_of
from tests.pages.test_needs import NOT_SIMULATED, STEP_SECONDS, STILL_TOLD, Reported, props_of

OLD_SECONDS = 4 * STEP_SECONDS
OLD = {"is-stale", "is-unreported", "is-error", "is-idle"}
ALSO_TOLD = r"rs-patterns: .* uptime "
"""What another source reports as well: the patterns themselves say when they began."""
STANDS_IN = {"proxy": "signoz"}
"""Whose spans count requests while no proxy can be read (aggregators/requests/spans.py), and say so: it is left out."""
MODES = ("absent", "empty", "stale", "broken")
KINDS = sorted({BY_NAME[name].source for need in NEEDS for name in need.families} - {"redis", "nats", "postgres"})


@pytest.fixture(scope="module")
def reported() -> Iterator[Reported]:
    yield Reported()


def seen(reported: Reported, kind: str, mode: str) -> Snapshot:
    """Everything of a simulated Prism, but one kind of source is in trouble."""
    before = reported.now - OLD_SECONDS
    without = {kind, STANDS_IN.get(kind, kind)}
    others = [one for one in reported.scrapes if one.source not in without]
    states = {key: state for key, state in reported.states.items() if state.source not in without}
    mine = [state for state in reported.states.values() if state.source == kind]
    kept: list[Scrape] = []
    if mode == "empty":
        kept = [Scrape(one.source, one.instance, one.time) for one in reported.scrapes if one.source == kind]
        states |= {state.key: state for state in mine}
    elif mode in ("stale", "broken"):
        kept = [one for one in reported.scrapes if one.source == kind and one.time <= before]
        lost = [replace(state, last_success=before, last_attempt=before) for state in mine]
        error = CollectError(ErrorKind.MALFORMED, "not what was asked for")
        states |= {one.key: one if mode == "stale" else one.failed(reported.now, 0.1, error) for one in lost}
    scrapes = sorted([*others, *kept], key=lambda one: one.time)
    return snapshot_of(scrapes, sources=states.values(), meta={"collector_alive_at": reported.now, "simulated": True})


def looks(what: Any) -> Iterator[tuple[str, set[str]]]:
    """(words, look) of every figure in a tree of components."""
    if isinstance(what, list | tuple):
        for one in what:
            yield from looks(one)
    elif isinstance(what, Component):
        look = set(str(getattr(what, "className", "")).split())
        if "figure" in look:
            yield words(what), look
        else:
            yield from looks(getattr(what, "children", None))


def words(what: Any) -> str:
    if isinstance(what, list | tuple):
        return "".join(map(words, what))
    return words(getattr(what, "children", None)) if isinstance(what, Component) else "" if what is None else str(what)


def cells(rows: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, set[str]]]:
    """(words, look) of every figure in a grid: what has a unit."""
    for row in rows:
        for name, one in row.items():
            if isinstance(one, dict) and "q" in one and "v" in one:
                yield f"{row['id']} {name} {one['v']}", {one.get("c", "")}


def figures(props: Mapping[str, Mapping[str, Any]], element: str) -> list[tuple[str, set[str]]]:
    own = props.get(element, {})
    table = props.get(f"{element}-data", {}).get("data", {})
    look = set(str(own.get("className", "")).split())
    inside = [*looks(own.get("children")), *cells(table.get("rows", []))]
    return [(words(own.get("children")), look)] if "figure" in look else inside


def only_from(kind: str) -> list[Need]:
    """What no other source could report."""
    return [
        need
        for need in NEEDS
        if {BY_NAME[name].source for name in need.families} == {kind}
        and need.element not in (*STILL_TOLD, *NOT_SIMULATED)
    ]


def fresh(reported: Reported, kind: str, snapshot: Snapshot) -> list[str]:
    """The figures that only this kind of source could report and that look as if it did just now."""
    found = []
    for path in {need.path for need in only_from(kind)}:
        props = props_of(path, snapshot, reported.now)
        for need in only_from(kind):
            if need.path == path:
                found += [f"{need.element}: {said}" for said, look in figures(props, need.element) if not look & OLD]
    return [one for one in found if not re.match(ALSO_TOLD, one)]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("kind", KINDS)
def test_no_figure_of_a_source_in_trouble_looks_fresh(reported: Reported, kind: str, mode: str) -> None:
    assert fresh(reported, kind, seen(reported, kind, mode)) == []


def test_without_trouble_they_do_look_fresh(reported: Reported) -> None:
    found = {kind: len(fresh(reported, kind, reported.without())) for kind in KINDS if only_from(kind)}
    assert sum(found.values()) > 60, found
    assert all(found.values()), found
