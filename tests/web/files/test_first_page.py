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
