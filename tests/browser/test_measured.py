"""What an open page measures reaches the page of the dashboard itself: over the real route, store and collector."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from bench.processes import dashboard, simulated_prism
from tests.acceptance.running_dashboard import LOOK_SECONDS, fetch
from tests.patience import LONG_SECONDS, until

pytestmark = [pytest.mark.browser, pytest.mark.server]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with simulated_prism() as addresses, dashboard(addresses) as served:
        yield served[0]


def test_an_open_page_is_measured_by_the_second(chromium: Browser, address: str) -> None:
    def itself() -> dict[str, dict[str, float | None]]:
        return {one["id"]: one for one in fetch(f"{address}/api/settings/hud")["promises"]}

    page = chromium.new_page()
    failed: list[str] = []
    page.on("requestfailed", lambda request: failed.append(request.url))
    page.goto(address)
    page.wait_for_selector('html[data-live="live"]')
    until(lambda: itself()["pixel"]["day"] is not None, lambda: str(itself()), 3 * LONG_SECONDS, LOOK_SECONDS)
    measured = itself()
    assert 0.0 < (measured["pixel"]["day"] or 0.0) < 30.0
    assert (measured["paint"]["day"] or 0.0) > 0.0
    assert (measured["api"]["day"] or 0.0) > 0.0
    assert (measured["heap"]["hour"] or 0.0) > 2**20
    assert (measured["backend"]["hour"] or 0.0) > 50 * 2**20
    assert fetch(f"{address}/api/settings/hud")["viewers_count"] == 1
    page.goto(f"{address}/settings/hud")
    page.wait_for_selector("#hi-promises .tabulator-row")
    page.close()
    assert [url for url in failed if "measured" in url] == []
