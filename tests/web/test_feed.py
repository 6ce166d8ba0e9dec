"""The feed: the shell as fresh as the store, a page's figures at its own beat, and at once when a state changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import dash
import pytest
from dash import html

import app
from components import ids, shell
from components.props import Props, ids_of
from components.status import MARKS
from model.series import Event, Severity, labels_of
from model.sources import CollectError, ErrorKind, SourceState
from model.status import Status
from pages.shared import page_shell
from store.snapshot import Snapshot, snapshot_of
from tests.aggregators.requests.test_proxies import NOW as SITE_NOW
from tests.aggregators.requests.test_proxies import site
from tests.web.fake_reader import FakeReader
from web.feed import StoreFeed, head, views

Build = Callable[..., Snapshot]
SHELL_IDS = {
    *(ids.TOP_STATUS, ids.TOP_SOURCES, ids.TOP_SIMULATED, ids.TOP_PROXIES, ids.TOP_PROXIES_BOX),
    *(ids.ANNOUNCE, ids.NOTICES, ids.rail("system-health")),
}


@pytest.fixture
def counted() -> Iterator[list[float]]:
    """When the figures of a page called "counted" were worked out; it redraws every 10 s."""
    seen: list[float] = []

    def update(snapshot: Snapshot, now: float, name: str = "") -> Props:
        seen.append(now)
        return {"counted-figure": {"children": name or str(len(seen))}}

    dash.page_registry["counted"] = {
        "view": "counted", "path": "/counted", "path_template": None, "name": "Counted", "update": update,
        "refresh_seconds": 10.0, "layout": html.Div(),
    }  # fmt: skip
    yield seen
    del dash.page_registry["counted"]


def test_a_page_is_worked_out_at_its_own_beat_and_the_shell_with_every_version(
    prism: Build, now: float, counted: list[float]
) -> None:
    reader = FakeReader(prism())
    feed = StoreFeed(reader)
    around = []
    for second in range(21):
        reader.held = prism(version=1 + second // 7)
        _, props = feed.read("counted", (), now + second / 10)
        around.append(props[ids.TOP_STATUS])
    assert counted == [now]
    feed.read("counted", (), now + 10)
    assert counted == [now, now + 10]
    assert len({id(one) for one in around}) == 3


def test_a_source_that_is_lost_is_on_every_page_at_once(prism: Build, now: float, counted: list[float]) -> None:
    reader = FakeReader(prism())
    feed = StoreFeed(reader)
    feed.read("counted", (), now)
    reader.held = prism(lost=("proxy",), version=2)
    _, props = feed.read("counted", (), now + 1)
    assert counted == [now, now + 1]
    assert "proxy p:8980 down" in str(props[ids.TOP_SOURCES])


def test_each_selection_has_figures_of_its_own(prism: Build, now: float, counted: list[float]) -> None:
    feed = StoreFeed(FakeReader(prism()))
    reported = [feed.read("counted", (("name", name),), now)[1]["counted-figure"] for name in ("a", "b", "a")]
    assert [one["children"] for one in reported] == ["a", "b", "a"]
    assert len(counted) == 2


def test_what_the_address_says_for_the_browser_alone_is_not_sent(prism: Build, counted: list[float]) -> None:
    feed = StoreFeed(FakeReader(prism()))
    assert feed.selection("counted", {"name": "x", "theme": "dark", "table.q": "pay"}) == (("name", "x"),)
    assert {"path": "/counted", "view": "counted", "takes": ["name", "proxy", "at"], "charts": False} in views()


def test_the_shell_has_a_place_for_all_that_is_said(prism: Build, now: float) -> None:
    props = page_shell.shell_props(prism(), now)
    rail = {ids.rail(one.view) for one in app.rail()}
    assert {one for one in props if not one.startswith("rail-")} | {ids.rail("system-health")} == SHELL_IDS
    assert ids_of(shell.shell(app.rail(), None)) >= SHELL_IDS | rail


def test_a_firing_alert_marks_the_view_that_shows_it_and_a_resolved_one_does_not(prism: Build, now: float) -> None:
    def marks(state: str) -> dict[str, Any]:
        labels = {"id": "auth_success:auth", "rule": "auth_success", "component": "auth", "state": state}
        known = [Event(now - 60, "alert", Severity.CRITICAL, labels_of({**labels, "state": "firing"}), "tokens fail")]
        last = Event(now - 9, "alert", Severity.CRITICAL, labels_of(labels), "tokens fail")
        return dict(page_shell.shell_view(prism(events=[*known, last]), now).views)

    assert marks("firing")["security"].status is Status.UNHEALTHY
    assert marks("firing")["alerts"].status is Status.UNHEALTHY
    assert marks("resolved")["security"].status is Status.HEALTHY
    assert MARKS[Status.UNHEALTHY] == marks("firing")["security"].kind


def test_a_healthy_whole_is_announced_in_two_words(prism: Build, now: float) -> None:
    assert page_shell.shell_view(prism(patterns={"a": "HEALTHY"}), now).announcement == "System HEALTHY"


def test_system_health_waits_for_no_beat(prism: Build, now: float) -> None:
    reader = FakeReader(prism())
    feed = StoreFeed(reader)
    first = feed.read("system-health", (), now)[1]["sh-rps"]
    reader.held = prism(absent=("prism_requests_total",), version=2)
    assert feed.read("system-health", (), now + 0.05)[1]["sh-rps"] != first


def test_the_sources_that_are_gone_are_named_by_their_weight(now: float) -> None:
    keys = ("admin@a:1", "alertmanager@a:2", "dex@a:3", "otel@a:4", "patterns@a:5", "proxy@a:6", "signoz@a:7")
    lost = [
        SourceState(key, key.partition("@")[0], key, key, 1.0).failed(now, 0.1, CollectError(ErrorKind.DOWN, "refused"))
        for key in keys
    ]
    gone = head(snapshot_of([], sources=lost, meta={"collector_alive_at": now}), now)["gone"]
    assert [one["source"].partition("@")[0] for one in gone] == [
        "proxy", "patterns", "signoz", "admin", "otel", "dex", "alertmanager",
    ]  # fmt: skip


def test_every_view_and_answer_is_of_the_proxy_that_its_address_names() -> None:
    feed = StoreFeed(FakeReader(site(("a:1", 10.0, 0.0, 0.0), ("b:1", 30.0, 6.0, 0.0))))
    assert feed.selection("system-health", {"proxy": "b:1"}) == (("proxy", "b:1"),)
    assert feed.selection("system-health", {"proxy": "all"}) == ()

    def said(*selection: tuple[str, str]) -> str:
        return str(feed.read("system-health", selection, SITE_NOW)[1]["sh-rps"])

    figures = said(), said(("proxy", "b:1")), said(("proxy", "a:1"))
    assert ["40" in figures[0], "30" in figures[1], "10" in figures[2]] == [True] * 3, figures
    rows = feed.read("performance", (), SITE_NOW)[1]
    assert rows["pf-fleet-box"] == {"hidden": False}
    assert rows["top-proxies-box"] == {"hidden": False}
    assert feed.judgement(feed.part(feed.snapshot(), SITE_NOW, (("proxy", "a:1"),)), SITE_NOW).views


def test_charts_stand_for_as_long_as_they_are_sent_and_figures_do_not(prism: Build, now: float) -> None:
    asked: list[bool] = []

    def update(snapshot: Snapshot, now: float, drawn: bool = True) -> Props:
        asked.append(drawn)
        charts = {"drawing-chart": {"figure": {"at": now}}} if drawn else {}
        return {"drawing-figure": {"children": str(len(asked))}, **charts}

    dash.page_registry["drawing"] = {
        "view": "drawing", "path": "/drawing", "path_template": None, "name": "Drawing", "update": update,
        "refresh_seconds": 0.0, "layout": html.Div(),
    }  # fmt: skip
    try:
        feed = StoreFeed(FakeReader(prism()))
        seen = [feed.read("drawing", (), now + after)[1] for after in (0.0, 0.5, 1.5, 2.0, 2.5)]
    finally:
        del dash.page_registry["drawing"]
    assert asked == [True, False, False, True, False]
    assert [props["drawing-figure"]["children"] for props in seen] == ["1", "2", "3", "4", "5"]
    drawn = [props["drawing-chart"] for props in seen]
    assert drawn[0] is drawn[1] is drawn[2]
    assert drawn[3] is drawn[4]
    assert drawn[3]["figure"]["at"] == now + 2.0
