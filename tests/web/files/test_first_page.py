"""The page that comes with the layout."""

from __future__ import annotations

import dash
import pytest

import app
from web.files import first_page
from web.lanes import BusyError


def test_a_page_that_cannot_be_worked_out_is_left_to_the_callback(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def busy(**selection: object) -> None:
        asked.append(selection)
        raise BusyError

    monkeypatch.setitem(dash.page_registry["pages.performance.page"], "layout", busy)
    with app.server.test_request_context("/_dash-layout", headers={"Referer": "http://hud/performance?range=1h"}):
        assert first_page.container(app.app.strip_relative_path) is first_page.EMPTY
    assert asked == [{"range": "1h", "here": {}}]


@pytest.mark.parametrize("said", ["http://[", "nonsense", "http://hud/\x00"])
def test_an_address_that_is_none_is_left_to_it_too(said: str) -> None:
    with app.server.test_request_context("/_dash-layout", environ_overrides={"HTTP_REFERER": said}):
        assert first_page.container(app.app.strip_relative_path) is first_page.EMPTY


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/", "System Health · Prism HUD"),
        ("/performance?range=1h", "Performance · Prism HUD"),
        ("/patterns/a%2Fb", "Pattern a/b · Prism HUD"),
        ("/follow/sh-p99", "Where it comes from · Prism HUD"),
    ],
)
def test_the_tab_says_of_what_the_page_is(path: str, title: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for page in dash.page_registry.values():
        monkeypatch.setitem(page, "layout", lambda **_: None)
    with app.server.test_request_context("/_dash-layout", headers={"Referer": f"http://hud{path}"}):
        found = first_page.container(app.app.strip_relative_path)
    (store,) = [one for one in found.children if one.id == first_page.TITLE]
    assert store.data == {"title": title}


@pytest.mark.parametrize(
    ("path", "status"), [("/", 200), ("/patterns/redis", 200), ("/patterns/a%2Fb", 200), ("/nonsense", 404)]
)
def test_an_address_of_no_page_is_not_found(path: str, status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.server.before_request_funcs, None, [])
    assert app.server.test_client().get(path).status_code == status


def test_what_stands_there_is_a_page_with_the_way_on() -> None:
    lost = dash.page_registry["pages.not_found_404"]
    assert lost["title"] == "No such page · Prism HUD"
    assert "System Health" in str(lost["layout"](here={}, anything="x"))
