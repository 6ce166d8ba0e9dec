"""The whole house as the Procfile starts it, on a simulated Prism, with a real browser looking at System Health."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from bench.processes import dashboard, simulated_prism
from tests.acceptance.running_dashboard import LOOK_SECONDS, RunningDashboard
from tests.patience import LONG_SECONDS, patience, until


@pytest.fixture(scope="session")
def whole_dashboard(chromium: Browser) -> Iterator[RunningDashboard]:
    with simulated_prism() as addresses, dashboard(addresses) as (address, pids):
        page = chromium.new_page(viewport={"width": 1440, "height": 900})
        page.goto(address)
        page.wait_for_selector('html[data-live="live"]', timeout=1000 * LONG_SECONDS * patience())
        yield RunningDashboard(addresses, address, pids, page)
        page.close()


@pytest.fixture
def running_dashboard(whole_dashboard: RunningDashboard) -> Iterator[RunningDashboard]:
    """Calm before and after each test."""
    yield whole_dashboard
    whole_dashboard.clear()
    until(whole_dashboard.is_calm, lambda: str(whole_dashboard.firing()), pause=LOOK_SECONDS)
