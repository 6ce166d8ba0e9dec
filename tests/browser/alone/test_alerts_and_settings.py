"""Alerts and Settings in a real browser, on a dashboard that reads the simulated Prism beside it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.conftest import Watched

pytestmark = [pytest.mark.browser, pytest.mark.server]
Open = Callable[..., Watched]


def test_filters_live_in_the_address_and_survive_a_reload(address: str, open_page: Open) -> None:
    page = open_page(f"{address}/alerts")
    page.until("live")
    page.when("() => /nats/.test(document.querySelector('#al-rows')?.innerText)")
    page.page.click("#al-component a:has-text('nats')")
    page.when("() => document.querySelector('#al-state a[href*=firing]')?.href.includes('component=nats')")
    page.page.click("#al-state a:has-text('firing')")
    page.when("() => location.search.includes('component=nats') && location.search.includes('state=firing')")
    page.when("() => /with component nats and state firing/.test(document.querySelector('#al-shown')?.innerText)")
    page.page.reload()
    page.when("() => /with component nats and state firing/.test(document.querySelector('#al-shown')?.innerText)")
    page.page.goto(f"{address}/alerts?component=oracle")
    page.when("() => /No alert of the last 24 hours has component oracle/.test(document.body.innerText)")
    page.page.click("#al-shown a")
    page.when("() => /active and worst first/.test(document.querySelector('#al-shown')?.innerText)")
    assert page.errors == []


def test_a_row_leads_to_where_to_look_next(address: str, open_page: Open) -> None:
    page = open_page(f"{address}/alerts?component=nats")
    page.until("live")
    page.when("() => document.querySelector('#al-rows a.row-link')")
    page.page.click("#al-rows a.row-link")
    page.when("() => location.pathname === '/patterns/nats'")


def test_a_fault_is_injected_and_cleared_with_the_keyboard_alone(address: str, open_page: Open) -> None:
    page = open_page(f"{address}/settings")
    page.when("() => document.querySelector('.fault-form form')")
    page.page.focus(".fault-form select")
    page.page.keyboard.type("pattern unhealthy")
    page.page.keyboard.press("Tab")
    page.page.keyboard.type("redis")
    page.page.keyboard.press("Tab")
    page.page.keyboard.press("Enter")
    page.when("() => /pattern unhealthy on redis/.test(document.querySelector('.fault-active')?.innerText)")
    page.when("() => /redis reports UNHEALTHY/.test(document.querySelector('#top-status')?.innerText)")
    page.page.focus(".fault-active button")
    page.page.keyboard.press("Enter")
    page.when("() => /No fault is active/.test(document.querySelector('.fault-active')?.innerText)")
    page.when("() => !/redis reports UNHEALTHY/.test(document.querySelector('#top-status')?.innerText)")
    assert page.errors == []


def test_a_wrong_parameter_is_refused_in_words(address: str, open_page: Open) -> None:
    page = open_page(f"{address}/settings")
    page.when("() => document.querySelector('.fault-form form')")
    page.page.select_option(".fault-form select", "latency")
    page.page.fill(".fault-form input[type=number]", "5000")
    page.page.evaluate("() => { document.querySelector('.fault-form form').noValidate = true; }")
    page.page.click(".fault-form button[type=submit]")
    page.when("() => /Not injected: factor: a number from 0.1 to 1000/.test(document.body.innerText)")


def test_theme_and_zone_are_chosen_here_as_in_the_top_bar(address: str, open_page: Open) -> None:
    page = open_page(f"{address}/settings")
    page.when("() => document.querySelector('#st-theme input')")
    page.page.check("#st-theme input[value=dark]")
    assert page.page.evaluate("document.documentElement.dataset.bsTheme") == "dark"
    page.page.click("#theme-switch")
    page.when("() => document.querySelector('#st-theme input[value=light]')?.checked")
    page.page.check("#st-theme input[value='']")
    page.when("() => !document.documentElement.dataset.theme && !location.search.includes('theme')")
    page.page.check("#st-zone input[value=local]")
    page.when("() => document.querySelector('#zone-switch')?.dataset.shown === 'local'")


def test_a_paused_page_holds_still_and_says_so_while_the_top_bar_goes_on(address: str, open_page: Open) -> None:
    page = open_page(f"{address}/settings")
    page.until("live")
    page.when("() => document.querySelector('#st-updates input')")
    page.page.check("#st-updates input[value=paused]")
    page.until("paused")
    assert page.text("#live-state") == "Paused"
    held = page.text("#st-version")
    page.changes("#top-clock")
    page.when("() => parseFloat(document.querySelector('#live-age').innerText.replace('page held for ', '')) >= 6")
    assert page.text("#st-version") == held
    page.page.click("#pause-switch")
    page.until("live")
    page.changes("#st-version")
    assert page.page.is_checked("#st-updates input[value=live]")


def test_a_page_opened_while_paused_is_drawn_once_and_catches_up(address: str, open_page: Open) -> None:
    page = open_page(f"{address}/")
    page.until("live")
    page.page.click("#pause-switch")
    page.until("paused")
    page.page.click(".rail-link[href='/alerts']")
    page.drawn("#al-chart")
    page.when("() => /nats/.test(document.querySelector('#al-rows')?.innerText)")
    page.until("paused")
    page.page.click("#pause-switch")
    page.until("live")
    assert page.errors == []
