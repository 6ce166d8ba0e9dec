"""The command finder and the keys: letters find anything, by the keyboard alone, and no key interrupts writing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.conftest import Watched
from tests.browser.small_site_control import SmallSite
from tests.patience import patience

pytestmark = pytest.mark.browser
MOST_MS_PER_KEY = 50
Open = Callable[..., Watched]
CHOSEN = "() => document.querySelector('.finder-row[aria-selected=true] .finder-name')?.textContent"
NAMES = "() => document.querySelectorAll('.finder-row').length > 30 && window.hudFinder"
IS_OPEN = "() => Boolean(document.querySelector('dialog.finder[open]'))"


def opened(page: Watched, letters: str = "") -> None:
    """The finder, with `letters` in its field."""
    page.page.keyboard.press("Control+k")
    page.when(IS_OPEN)
    page.page.keyboard.type(letters)


def chosen(page: Watched, name: str) -> None:
    """Wait until `name` is what Enter would go to."""
    page.when(f"name => ({CHOSEN})() === name", arg=name)


def test_an_abbreviation_finds_one_of_two_thousand_namespaces_by_the_keyboard_alone(
    board: SmallSite, open_page: Open
) -> None:
    page = open_page(board.address)
    page.until("live")
    assert not [url for url in page.asked if "finder" in url or "fuzzysort" in url or "api/places" in url]
    opened(page, "tm1999")
    chosen(page, "team-1999")
    field = page.page.locator(".finder-field")
    assert field.get_attribute("role") == "combobox"
    row = page.page.locator(f"#{field.get_attribute('aria-activedescendant')}")
    assert (row.get_attribute("role"), row.get_attribute("aria-selected")) == ("option", "true")
    assert row.locator("mark").all_inner_texts() == ["t", "m", "1999"]
    page.page.keyboard.press("Enter")
    page.when("() => location.pathname === '/two/team-1999' && /team-1999/.test(document.body.innerText)")
    assert not page.page.evaluate(IS_OPEN)
    assert page.errors == []


def test_each_letter_is_answered_at_once(board: SmallSite, open_page: Open) -> None:
    page = open_page(board.address)
    opened(page)
    page.when("() => window.hudFinder.size() > 2500")
    worst = page.page.evaluate("""async () => {
        const field = document.querySelector(".finder-field"), took = [];
        for (const letters of ["t", "tm", "tm1", "tm19", "tm199", "tm1999"]) {
            field.value = letters;
            const began = performance.now();
            await window.hudFinder.search();
            took.push(performance.now() - began);
        }
        return took.sort((a, b) => a - b)[3];
    }""")
    assert worst < MOST_MS_PER_KEY * patience()


def test_names_from_outside_are_text_and_arrows_choose(board: SmallSite, open_page: Open) -> None:
    page = open_page(board.address)
    opened(page, "img onerror")
    chosen(page, "<img src=x onerror=alert(1)>")
    assert page.page.locator(".finder img").count() == 0
    page.page.fill(".finder-field", "team-19")
    chosen(page, "team-19")
    page.page.keyboard.press("ArrowDown")
    second = page.page.evaluate(CHOSEN)
    page.page.keyboard.press("ArrowUp")
    page.page.keyboard.press("ArrowUp")
    page.page.keyboard.press("ArrowDown")
    assert page.page.evaluate(CHOSEN) == "team-19" != second
    page.page.fill(".finder-field", "qqqqqq")
    page.when("() => /Nothing is called “qqqqqq”/.test(document.querySelector('.finder-told').textContent)")
    page.page.keyboard.press("Enter")
    page.page.keyboard.press("Escape")
    page.when(f"() => !({IS_OPEN})()")
    assert page.errors == []


def test_commands_run_and_pages_are_found_while_names_cannot_be_read(board: SmallSite, open_page: Open) -> None:
    board.control("names=0")
    page = open_page(board.address)
    page.until("live")
    opened(page, "dark")
    chosen(page, "Switch between dark and light")
    page.when("() => /nothing yet/.test(document.querySelector('.finder-told').textContent)")
    before = page.page.evaluate("document.documentElement.dataset.bsTheme")
    page.page.keyboard.press("Enter")
    page.when("before => document.documentElement.dataset.bsTheme !== before", arg=before)
    board.control("names=1")
    opened(page, "redis")
    page.when("() => document.querySelectorAll('.finder-row').length > 1")
    chosen(page, "redis is down")
    page.page.keyboard.press("Escape")
    opened(page, "redis down")
    chosen(page, "redis is down")


def test_a_copied_link_is_said(board: SmallSite, open_page: Open) -> None:
    page = open_page(board.address, lambda page: page.context.grant_permissions(["clipboard-read", "clipboard-write"]))
    page.until("live")
    opened(page, "copy")
    chosen(page, "Copy a link to what is shown")
    page.page.keyboard.press("Enter")
    page.when("() => /The link is copied/.test(document.querySelector('.finder-told').textContent)")
    assert page.page.evaluate("navigator.clipboard.readText()") == page.page.url


def test_number_keys_go_to_views_and_the_help_shows_every_key(board: SmallSite, open_page: Open) -> None:
    page = open_page(board.address)
    page.until("live")
    page.page.keyboard.press("2")
    page.when("() => location.pathname === '/two/redis'")
    page.page.keyboard.press("?")
    page.when(IS_OPEN)
    said = page.text(".finder-help")
    assert all(one in said for one in ("Ctrl K", "Go to the view", "Show all keys"))
    page.page.keyboard.press("1")
    page.page.keyboard.press("Escape")
    page.when(f"() => !({IS_OPEN})()")
    assert page.page.evaluate("location.pathname") == "/two/redis", "a dialog takes no keys for the page below"
    page.page.keyboard.press("1")
    page.when("() => location.pathname === '/'")
    assert page.errors == []


def test_no_key_interrupts_writing_and_all_can_be_switched_off(board: SmallSite, open_page: Open) -> None:
    page = open_page(board.address)
    page.until("live")
    page.page.wait_for_selector("h1")
    page.page.evaluate("document.querySelector('h1').innerHTML = '<input id=box><p id=free contenteditable>x</p>'")
    for place in ("#box", "#free"):
        page.page.focus(place)
        page.page.keyboard.type("2?/")
    page.page.evaluate("document.activeElement.blur()")
    page.page.keyboard.press("Alt+2")
    assert page.page.evaluate("location.pathname") == "/"
    assert not page.page.evaluate(IS_OPEN)
    assert page.page.input_value("#box") == "2?/"
    off = open_page(board.address, lambda page: page.add_init_script("localStorage.setItem('hud-keys', 'off')"))
    off.until("live")
    off.page.keyboard.press("2")
    off.page.keyboard.press("?")
    opened(off)
    assert off.page.evaluate("location.pathname") == "/"
    assert off.page.get_attribute("dialog.finder", "aria-label") == "Find", "only the key with Ctrl is left"


def test_a_finger_opens_it_and_it_fits_a_phone(board: SmallSite, open_page: Open) -> None:
    page = open_page(board.address, lambda page: page.set_viewport_size({"width": 390, "height": 844}))
    page.until("live")
    page.page.click("#find-switch")
    page.when(IS_OPEN)
    chosen(page, "Page one")
    box = page.page.locator("dialog.finder").bounding_box()
    assert box and box["x"] >= 0 and box["x"] + box["width"] <= 390
    assert page.page.evaluate("() => { const one = document.querySelector('.finder-list'); "
                              "return one.scrollWidth <= one.clientWidth; }")  # fmt: skip
    page.page.click(".finder-row:has-text('Page two')")
    page.when("() => location.pathname === '/two/redis'")
