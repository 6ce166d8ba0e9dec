"""A real dashboard on a real simulated Prism without any fault, its books beside it, and a browser."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Browser

from bench.processes import dashboard, simulated_prism
from tests.acceptance.house import eventually, fetch
from tests.books.ledger import Ledger
from tests.books.site import Site

WATCHED_SECONDS = 12.0
"""Long enough for two reads of every source, and for rates."""


@pytest.fixture(scope="module")
def site(chromium: Browser) -> Iterator[Site]:
    with simulated_prism() as addresses, closing(Ledger(addresses["control_url"])) as ledger:
        before = time.time()
        with dashboard(addresses) as (address, _):
            eventually(lambda: _proxy_is_read(address), 30.0, lambda: "the proxy was never read")
            page = chromium.new_page(viewport={"width": 1440, "height": 900})
            told = Site(address, page, ledger, (before, time.time()))
            ledger.wait_until(time.time() + WATCHED_SECONDS)
            yield told
            page.close()


def _proxy_is_read(address: str) -> bool:
    sources = fetch(f"{address}/api/health")["sources"]
    return any(one["source"] == "proxy" and one["samples"] > 0 for one in sources)
