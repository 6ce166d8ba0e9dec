"""The wall screen: views in turn by the browser's clock, large, honest about what is old, and left by one key."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Watched
from tests.browser.small_site_control import SmallSite
from tests.patience import until

pytestmark = pytest.mark.browser
Open = Callable[..., Watched]
SAYS = "() => document.querySelector('.kiosk-says')?.textContent"
LEAST_BAND_PIXELS = 40
MOST_SCREENS = 40


def clocked(page: Page) -> None:
    """The browser's clock is the test's, and its screen may be kept on."""
    page.clock.install()
    page.add_init_script("""(() => {
        window.locks = [];
        const lock = () => {
            const one = Object.assign(new EventTarget(), { release: () => { one.gone = true; } });
            window.locks.push(one);
            return one;
        };
        Object.defineProperty(navigator, "wakeLock", { value: { request: async () => lock() } });
    })()""")


def wall(board: SmallSite, open_page: Open, asked: str) -> Watched:
    page = open_page(f"{board.address}?kiosk=1&{asked}", clocked)
    page.until("live")
    page.when("() => document.documentElement.dataset.kiosk === '1' && document.querySelector('.kiosk-says')")
    return page


def moved_on(page: Watched, seconds: int, path: str) -> list[float]:
    """Let time pass, a turn at a time, until the view at `path` is shown; where the page stood in between."""
    stood = [page.page.evaluate("window.scrollY")]

    def there() -> bool:
        page.page.clock.fast_forward(seconds * 1000)
        page.until("live")
        for _ in range(20):  # the server answers in its own time, however fast the page's clock is
            if page.page.evaluate("path => location.pathname === path", path):
                return True
            here = page.page.evaluate("window.scrollY")
            if here > stood[-1]:
                break  # only its next screen
            page.page.wait_for_timeout(50)
        stood.append(here)
        return False

    until(there, lambda: f"{page.page.url} after {stood}")
    return stood


def test_views_take_turns_screen_by_screen_and_escape_leaves(board: SmallSite, open_page: Open) -> None:
    page = wall(board, open_page, "views=two,one&every=20s&theme=dark")
    for chrome in (".rail", "#pause-switch", "#find-switch", ".brand"):
        assert page.page.locator(chrome).is_hidden()
    page.when("() => Number(getComputedStyle(document.body).zoom) === Math.round(innerWidth / 120) / 10")
    page.page.clock.fast_forward(10_000)
    assert page.page.evaluate("location.pathname") == "/", "not before its time"
    stood = moved_on(page, 20, "/two/redis")
    assert 1 < len(stood) < MOST_SCREENS
    assert any(here > 0 for here in stood), "a long view is shown a screen at a time"
    page.when("() => /theme=dark/.test(location.search) && /views=two%2Cone/.test(location.search)")
    page.page.reload()
    page.when("() => document.documentElement.dataset.kiosk === '1'")
    moved_on(page, 20, "/")
    assert page.page.evaluate("window.locks.filter(one => !one.gone).length") == 1
    page.page.keyboard.press("Escape")
    page.when("() => !document.documentElement.dataset.kiosk && location.search === '?theme=dark'")
    assert page.page.evaluate("window.locks.every(one => one.gone)")
    assert page.page.locator(".rail").is_visible()
    page.page.clock.fast_forward(600_000)
    page.until("live")
    assert page.page.evaluate("location.pathname") == "/"
    assert page.errors == []


def test_what_is_asked_for_wrongly_is_said_and_falls_back(board: SmallSite, open_page: Open) -> None:
    page = wall(board, open_page, "views=nope,two,%3Cimg%3E&every=soon&scale=99")
    said, usual = page.when(SAYS), page.page.evaluate("Math.round(innerWidth / 120) / 10")
    for words in ("There is no view nope, <img>; there are one, two.", "every=soon is not from 5 to 3600: it is 20.",
                  f"scale=99 is not from 1 to 3: it is {usual:g}."):  # fmt: skip
        assert words in said
    page.when("() => location.pathname === '/two/redis'")
    page.page.clock.fast_forward(15_000)
    page.when("() => !/Escape leaves/.test(document.querySelector('.kiosk-says').textContent)")
    assert "There is no view nope" in page.page.evaluate(SAYS), "what is wrong stays on the screen"
    alone = wall(board, open_page, "every=5s")
    assert "Page one, Page two, each for 5 s" in alone.when(SAYS)


def test_what_is_old_stays_large_on_the_screen_and_a_server_that_is_gone_is_waited_for(
    board: SmallSite, open_page: Open
) -> None:
    page = wall(board, open_page, "views=one,two&every=20s&scale=2")
    band = """() => {
        const one = document.querySelector("#live-state");
        return one.checkVisibility() && one.getBoundingClientRect().height;
    }"""
    board.control("sampling=0")
    page.until("stale")
    assert page.page.evaluate(band) >= LEAST_BAND_PIXELS
    board.control("sampling=1")
    page.until("live")
    before = page.page.url
    board.kill()
    try:
        page.until("lost")
        assert page.page.evaluate(band) >= LEAST_BAND_PIXELS
        assert "figures frozen" in page.text("#live-state")
        for _ in range(5):
            page.page.clock.fast_forward(60_000)
            page.until("lost")
        assert page.page.url == before, "nothing is turned to that cannot be read"
    finally:
        board.start()
    page.until("live")
    moved_on(page, 20, "/two/redis")
    page.changes("#two-number")
