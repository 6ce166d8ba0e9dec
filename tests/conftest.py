"""One chromium for all browser tests; property tests judge answers, not speed (bench/ does that)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, Error, sync_playwright

from bench.browser import executable

settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Debian's node is too old for what some tests drive: without a fit one they are left out, and pytest says so."""
    if shutil.which("node") is not None and shutil.which("npm") is not None:
        return
    left_out = [one for one in items if one.get_closest_marker("node")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [one for one in items if one not in left_out]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The one Chromium; without it these tests fail, since a page that nobody opened is not tested."""
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=executable(), args=["--no-sandbox", "--disable-gpu"])
        except Error as error:
            pytest.fail(f"the browser tests need a Chromium that starts (.ci/browser installs one): {error.message}")
        yield browser
        browser.close()
