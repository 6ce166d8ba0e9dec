"""A real dashboard on a real simulated Prism without any fault, its books beside it, and a browser."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Browser

from bench.processes import dashboard, simulated_prism
from tests.acceptance.running_dashboard import fetch
from tests.ground_truth.model_readings import ModelReadings
from tests.ground_truth.site import Site
from tests.patience import patience

WATCHED_SECONDS = 12.0
"""Long enough for two reads of every source, and for rates."""

LIVED_SECONDS = 15.0
"""How long this Prism has counted before it is read: where a second read more than doubles a counter of which nothing
else is known, another process may have answered, and that first rise is a gap (model/process_tracker.py)."""


@pytest.fixture(scope="module")
def site(chromium: Browser) -> Iterator[Site]:
    with simulated_prism() as addresses, closing(ModelReadings(addresses["control_url"])) as readings:
        readings.wait_until(time.time() + LIVED_SECONDS)
        before = time.time()
        with dashboard(addresses) as (address, _):
            watched = first_reads(address, before, readings)
            page = chromium.new_page(viewport={"width": 1440, "height": 1400})
            readings.wait_until(time.time() + WATCHED_SECONDS)
            yield Site(address, page, readings, watched)
            page.close()


def first_reads(address: str, before: float, readings: ModelReadings) -> dict[str, tuple[float, float]]:
    """Between which times each kind of source was read for the first time."""
    found: dict[str, tuple[float, float]] = {}
    deadline = time.monotonic() + 60 * patience()
    while not {"proxy", "otel"} <= set(found):
        assert time.monotonic() < deadline, f"only {sorted(found)} were read"
        for one in fetch(f"{address}/api/health")["sources"]:
            if one["samples"] > 0:
                found.setdefault(one["source"], (before, time.time()))
        readings.wait_until(time.time())
    return found
