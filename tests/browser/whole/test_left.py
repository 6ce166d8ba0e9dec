"""A page that is left while its answer is under way, where no socket can be had."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route

from tests.browser.conftest import Watched
from tests.browser.whole.full_site import Whole
from tests.patience import until

pytestmark = [pytest.mark.browser, pytest.mark.server]


def test_an_answer_for_a_page_that_was_left_is_no_error(whole: Whole, open_page: Callable[..., Watched]) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        if "system-health-head" in (route.request.post_data or ""):
            held.append(route)
        else:
            route.continue_()

    def without_a_socket(page: Page) -> None:
        page.route_web_socket("**/ws/**", lambda socket: socket.close())
        page.route("**/_dash-update-component*", hold)

    page = open_page(whole.address, without_a_socket)
    until(lambda: page.when("() => true") and bool(held), lambda: "the page never asks by its clock")
    page.page.click(".rail-link[href='/performance']")
    page.drawn("#pf-flow-chart")
    with page.page.expect_response("**/_dash-update-component*"):
        held[0].continue_()
    page.changes("#live-age")
    assert page.errors == []
