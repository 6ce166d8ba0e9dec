"""One chromium for all browser tests; property tests judge answers, not speed (bench/ does that)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, Error, sync_playwright
from xdist.scheduler import LoadFileScheduling

from bench.browser import executable
from tests.patience import LONG_SECONDS

sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]  # jsonschema builds grammars with it for a second

settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")

APART = ("browser", "server")
"""Marks of the tests that `make check` leaves out."""
TESTS = Path(__file__).parent
DASHBOARDS = ("acceptance", "browser", "ground_truth", "notebook")
"""Folders whose tests start a whole dashboard: it takes processor time for as long as it runs, whoever waits for it."""
SHARED = ("acceptance/whole", "browser/whole", "browser/alone")
"""Folders whose files share one dashboard."""
MEASURED = TESTS / "order.txt"
"""Seconds of each file, or folder that shares a dashboard, that takes long: `make order` writes it."""
SHORT_SECONDS = 1.0
"""What a file takes that is not named there."""
PATIENT_MS = 4000 * LONG_SECONDS
"""How long the browser waits, where a test does not say so, for what must happen but was promised for no time."""
BROWSER = ("--no-sandbox", "--disable-gpu", "--js-flags=--no-opt --single-threaded")
"""No page lives long enough here to earn optimised code: opening one takes 1.1 s of a processor, not 1.6. Nor is there
one to spare on which garbage is looked for beside it: a tenth less.
"""
_start: Any = subprocess.Popen.__init__


def together(nodeid: str) -> str:
    """What one worker runs as a whole: a file, or the files of a folder that share a dashboard."""
    file = nodeid.partition("::")[0]
    return next((f"tests/{one}" for one in SHARED if file.startswith(f"tests/{one}/")), file)


class Scheduler(LoadFileScheduling):  # type: ignore[misc]  # xdist ships no types
    """A worker takes a file at a time, and all files of a folder that share one dashboard."""

    def _split_scope(self, nodeid: str) -> str:
        return together(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduler:
    """How tests are spread over the workers."""
    return Scheduler(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Whoever asks for the browser is marked so; what takes long begins first, dashboards beside what starts none.

    Debian's node is too old for what some tests drive: without a fit one they are left out, and pytest says so.
    """
    for item in items:
        if "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
    lines = (line.split(maxsplit=1) for line in MEASURED.read_text(encoding="utf-8").splitlines())
    seconds = {name: float(number) for number, name in lines}
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    turn = begins(dict.fromkeys(together(item.nodeid) for item in items), seconds, workers)
    items.sort(key=lambda item: turn[together(item.nodeid)])
    if shutil.which("node") is not None and shutil.which("npm") is not None:
        return
    left_out = [one for one in items if one.get_closest_marker("node")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [one for one in items if one not in left_out]


def begins(parts: Iterable[str], seconds: Mapping[str, float], workers: int) -> dict[str, float]:
    """When each part of the tests begins, if a third of the workers take those with a dashboard, the rest the others.

    More dashboards at once on two cores make all of them last longer, and take more of the processors in all.
    """
    of_dashboards = max(1, workers // 3)
    lanes = {True: of_dashboards, False: max(1, workers - of_dashboards)}
    spent, found = dict.fromkeys(lanes, 0.0), {}
    for part in sorted(parts, key=lambda one: -seconds.get(one, 0.0)):
        live = part.split("/")[1] in DASHBOARDS
        found[part] = spent[live]
        spent[live] += seconds.get(part, SHORT_SECONDS) / lanes[live]
    return found


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test that is not marked so may start no process: `make check` would start it too."""

    def refused(*_: Any, **__: Any) -> None:
        pytest.fail(f"{item.nodeid} starts a process and is not marked as one that does (pytest.mark.server)")

    subprocess.Popen.__init__ = _start if apart(item) else refused  # type: ignore[method-assign]


def apart(item: pytest.Item) -> bool:
    """True of a test that needs the browser or another process."""
    return any(item.get_closest_marker(name) for name in APART)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The one Chromium; without it these tests fail, since a page that nobody opened is not tested."""
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=executable(), args=BROWSER)
        except Error as error:
            pytest.fail(f"the browser tests need a Chromium that starts (.ci/browser installs one): {error.message}")
        browser.on("context", lambda context: context.set_default_timeout(PATIENT_MS))
        yield browser
        browser.close()
