"""One dashboard as the Procfile starts it, on a simulated Prism, and a browser that looks at System Health."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from bench.processes import dashboard, simulated_prism
from tests.acceptance.running_dashboard import LOOK_SECONDS, RunningDashboard
from tests.patience import until


@pytest.fixture(scope="package")
def whole_dashboard(chromium: Browser) -> Iterator[RunningDashboard]:
    with simulated_prism() as addresses, dashboard(addresses) as (address, pids):
        page = chromium.new_page(viewport={"width": 1440, "height": 900})
        running = RunningDashboard(addresses, address, pids, page)
        running.go_home()
        yield running
        page.close()


@pytest.fixture
def running_dashboard(whole_dashboard: RunningDashboard) -> Iterator[RunningDashboard]:
    """Calm before and after each test, on System Health wherever another one went."""
    if whole_dashboard.page.url != f"{whole_dashboard.address}/":
        whole_dashboard.go_home()
    yield whole_dashboard
    whole_dashboard.clear()
    until(whole_dashboard.is_calm, lambda: str(whole_dashboard.firing()), pause=LOOK_SECONDS)
