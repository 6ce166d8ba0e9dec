"""From a figure to where it comes from and back, by keyboard and by touch."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Watched
from tests.browser.whole.full_site import Whole

pytestmark = [pytest.mark.browser, pytest.mark.server]
Open = Callable[..., Watched]
FINGER_PIXELS = 24
"""The least that a finger needs (WCAG 2.5.8)."""
REACH = """name => {
    const box = document.querySelector(`a[href^='/follow/${name}']`).getBoundingClientRect();
    const hits = (up) => document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2 + up)
        ?.closest("a")?.getAttribute("href") === `/follow/${name}`;
    return Array.from({ length: 41 }, (_, at) => at - 20).filter(hits).length;
}"""
LINES = "() => document.querySelector('#fo-lines pre')?.textContent.startsWith('prism_requests_total{')"


def test_a_figure_is_followed_by_keyboard_to_its_lines_and_its_question_is_copied(
    whole: Whole, open_page: Open
) -> None:
    watched = open_page(whole.address)
    watched.until("live")
    page = watched.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.focus("a[href='/follow/sh-rps']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/follow/sh-rps*")
    watched.when(LINES)
    page.focus("#fo-first .follow-copy")
    page.keyboard.press("Enter")
    watched.when("() => document.querySelector('#fo-first .link-said').textContent === 'Copied.'")
    assert page.evaluate("navigator.clipboard.readText()") == "sum(rate(prism_requests_total[5s]))"
    page.click(".crumbs a")
    page.wait_for_selector("#sh-rps .num")


def test_the_name_of_a_figure_is_large_enough_for_a_finger(whole: Whole, chromium: Browser) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    watched = Watched(context.new_page())
    watched.page.goto(whole.address)
    watched.until("live")
    watched.page.wait_for_selector("a[href='/follow/sh-success']")
    assert watched.page.evaluate(REACH, "sh-success") >= FINGER_PIXELS
    watched.page.tap("a[href='/follow/sh-success']")
    watched.page.wait_for_url("**/follow/sh-success*")
    context.close()
