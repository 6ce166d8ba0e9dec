"""From a banner that is not green to the fault that was injected in at most three clicks, for ten faults."""

from __future__ import annotations

import re
import time
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Page

from tests.acceptance.running_dashboard import SAID, RunningDashboard, fetch
from tests.patience import LONG_SECONDS, patience, until

MOST_CLICKS, FOLDED_CLICKS = 3, 2
SEEN_SECONDS = 30.0
WHOLE_SECONDS = 90.0
ALERT = "#sh-alerts a"
NEXT = "#in-cause a"
STRIP, MAP, ROW, RAIL = "#sh-map-strip a", "#sh-map-box .crumbs a", "#sm-rows a", ".rail-link"


class Way(NamedTuple):
    """A fault, what is clicked (selector, and the words in it), and the words on the last page that name the cause."""

    fault: str
    target: str
    clicks: tuple[tuple[str, str], ...]
    cause: str


WAYS = (
    Way("pattern_degraded", "memstore", ((ALERT, "memstore reports"), (NEXT, "")), "slow answers from its backend"),
    Way("source_garbage", "admin", ((ALERT, "admin source"), (NEXT, "")), "admin.*(malformed|wrong protocol)"),
    Way("proxy_descriptors", "", ((ALERT, "descriptors"), (NEXT, "")), "descriptors.*of 1,024"),
    Way("source_down", "dex", ((ALERT, "Dex"), (NEXT, "")), "Discovery failed.*connection refused"),
    Way("exporter_fails", "spans", ((ALERT, "clickhousetraces"), (NEXT, "")), "clickhousetraces"),
    Way("auth_failures", "", ((ALERT, "token checks fail"), (NEXT, "")), "of token checks fail"),
    Way("pattern_unhealthy", "postgresql", ((MAP, ""), (ROW, "postgresql")), "postgresql.*UNHEALTHY"),
    Way("pool_exhaustion", "redis", ((STRIP, "pool redis"),), "redis: 10 of 10 connections in use"),
    Way("pattern_hang", "memstore", ((ALERT, "memstore hangs"), (NEXT, "")), "never answers"),
    Way("pattern_crash", "redis", ((ALERT, "redis is down"), (NEXT, "")), "redis.*(is down|port is closed)"),
)
"""The mild ones first: of incidents that are alike the newest stands first, and what is over lasts a moment longer."""


@pytest.mark.browser
def test_an_operator_gets_to_the_cause_in_three_clicks_for_each_of_ten_faults(
    running_dashboard: RunningDashboard,
) -> None:
    began = time.monotonic()
    for way in WAYS:
        found = fetch(f"{running_dashboard.control}/faults", "POST", {"fault": way.fault, "target": way.target})["id"]
        _walk(running_dashboard, way)
        fetch(f"{running_dashboard.control}/faults/{found}", "DELETE")
    assert len({(way.fault, way.target) for way in WAYS}) == 10
    assert time.monotonic() - began < WHOLE_SECONDS * patience()


def _walk(hud: RunningDashboard, way: Way) -> None:
    page = hud.page
    page.locator(RAIL, has_text="System Health").click()
    banner = page.locator("#sh-status")
    first, words = way.clicks[0]
    _until_there(page, first, words, way)
    assert re.search("DEGRADED|UNHEALTHY", banner.inner_text()), banner.inner_text()
    home, clicks = page.url, 0
    for selector, said in way.clicks:
        _until_there(page, selector, said, way)
        taken = _follow(page, selector, said)
        clicks += taken
        if taken == FOLDED_CLICKS:
            break  # an incident of before is still open: a symptom leads to its own page, not to an incident's
    assert clicks <= MOST_CLICKS
    until(
        lambda: page.url != home and re.search(way.cause, _said(page), re.IGNORECASE),
        lambda: f"{way} at {page.url}: {_said(page)}",
        SEEN_SECONDS,
    )


def _until_there(page: Page, selector: str, words: str, way: Way) -> None:
    until(lambda: _link(page, selector, words).count(), lambda: f"{way} at {page.url}: {_said(page)}", SEEN_SECONDS)


def _link(page: Page, selector: str, words: str) -> Any:
    return page.locator(selector, has_text=re.compile(words)).first


def _follow(page: Page, selector: str, words: str) -> int:
    """Click the link, and before it what it is folded into; how many clicks that took."""
    link = _link(page, selector, words)
    fold = link.locator("xpath=ancestor::details[not(@open)]")
    folded = fold.count() and not link.is_visible()
    if folded:
        fold.locator("summary").first.click()
    link.click(timeout=1000 * LONG_SECONDS * patience())
    return FOLDED_CLICKS if folded else 1


def _said(page: Page) -> str:
    return " ".join(str(page.evaluate(SAID)).split())
