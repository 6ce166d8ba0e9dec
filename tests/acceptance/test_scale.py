"""100 topics, 1,000 namespaces, 50 patterns, 5,000 failed logins, hostile names: pages stay right and whole.

How quickly they open is measured by `python -m bench pages`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from bench.processes import dashboard, simulated_prism
from components.lists.table import namespace_href, pattern_href
from simulator.traffic.crowd import HOSTILE_NAMES
from tests.acceptance.pages import CUT, PAGES, looked_at
from tests.acceptance.running_dashboard import LOOK_SECONDS, fetch
from tests.patience import patience, until

SIZE = ("--namespaces", "1000", "--topics", "100", "--patterns", "50", "--failed-logins", "5000", "--hostile-names")
SELDOM = "".join(
    f"[sources.{kind}]\ninterval_seconds = 4.0\ntimeout_seconds = 3.0\n" for kind in ("proxy", "patterns", "admin")
)
"""Other tests run beside these: reading so large a Prism every second takes a core and a half."""
MOST_ROWS = 150
LONG_HOST = ".".join(("h" * 63, "o" * 63, "s" * 63, "t" * 53, "invalid"))
"""A server that is not there: its name stands in its source, in its alert and on the banner."""
SERVERS = {"REDIS_URLS": f"{'cache-' * 15}=redis://{LONG_HOST}:6379", "POSTGRES_URLS": f"postgresql://{LONG_HOST}"}
WIDTHS = (1440, 768, 390)
PATTERNS = tuple(name.strip() for name in HOSTILE_NAMES if not set("=,") & set(name))
INJECTED = 'document.querySelectorAll("main script, main img[src=x], header script, header img[src=x]").length'
ROWS = 'document.querySelectorAll("main tr, main .tabulator-row, main li, main svg text").length'


class Crowd:
    """A running dashboard on a large Prism, and a page that notes what goes wrong in it."""

    def __init__(self, address: str, page: Page) -> None:
        self.address, self.page = address, page
        self.wrong: list[str] = []
        page.on("console", lambda one: self.wrong.append(one.text) if one.type == "error" else None)
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("dialog", lambda dialog: self._asked(dialog))

    def _asked(self, dialog: Any) -> None:
        self.wrong.append(f"a name ran as a script: {dialog.message}")
        dialog.dismiss()

    def open(self, path: str) -> None:
        """Open a page, and wait for its figures, tables and charts."""
        looked_at(self.page, self.address + path)

    def answer(self, path: str) -> Any:
        return fetch(f"{self.address}/api/{path}")


@pytest.fixture(scope="module")
def large(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crowd]:
    config = tmp_path_factory.mktemp("crowd") / "hud.toml"
    config.write_text(SELDOM)
    with simulated_prism(*SIZE) as addresses, dashboard(addresses, HUD_CONFIG=str(config), **SERVERS) as (address, _):
        page = chromium.new_page(viewport={"width": 1440, "height": 900})
        crowd = Crowd(address, page)

        def patterns() -> int:
            return sum(one["status"] != "UNKNOWN" for one in crowd.answer("patterns")["patterns"])

        def logins() -> float:
            return float(crowd.answer("security")["attempts"]["total_count"] or 0.0)

        until(lambda: patterns() >= 50 and logins() >= 5000, lambda: f"{patterns()}, {logins()}", 90.0, LOOK_SECONDS)
        yield crowd
        page.close()


@pytest.fixture
def crowd(large: Crowd) -> Crowd:
    """The same, with nothing wrong so far."""
    large.wrong.clear()
    large.page.set_viewport_size({"width": 1440, "height": 900})
    return large


@pytest.mark.browser
@pytest.mark.parametrize("path", PAGES)
def test_a_page_of_a_crowd_is_whole(crowd: Crowd, path: str) -> None:
    crowd.open(path)
    _is_right(crowd, WIDTHS)


@pytest.mark.browser
@pytest.mark.parametrize(
    "path",
    [*map(namespace_href, HOSTILE_NAMES), *map(pattern_href, PATTERNS)],
    ids=[
        f"{kind} {at}"
        for kind, names in (("namespace", HOSTILE_NAMES), ("pattern", PATTERNS))
        for at in range(len(names))
    ],
)
def test_the_page_of_a_hostile_name_is_its_own_and_whole(crowd: Crowd, path: str) -> None:
    crowd.open(path)
    _is_right(crowd, WIDTHS[::2])
    name = crowd.page.evaluate("JSON.parse(document.querySelector('main').dataset.selection).name")
    reported = crowd.page.inner_text("main h1")
    assert " ".join(name.split()) in " ".join(reported.split())
    assert crowd.page.is_hidden("#nd-unknown, #pd-unknown")


def _is_right(crowd: Crowd, widths: Sequence[int]) -> None:
    assert crowd.page.evaluate(INJECTED) == 0
    assert crowd.page.evaluate(ROWS) < MOST_ROWS, "so many rows are in the page"
    for width in widths:
        if width != widths[0]:
            crowd.page.set_viewport_size({"width": width, "height": 900})
            crowd.page.wait_for_timeout(300 * patience())
        assert crowd.page.evaluate(CUT) == [], f"at {width} px"
    assert crowd.wrong == []


@pytest.mark.browser
def test_answers_of_a_crowd_name_everybody(crowd: Crowd) -> None:
    namespaces = {one["name"] for one in crowd.answer("namespaces")["rows"]}
    assert len(namespaces) == 1000 + len(HOSTILE_NAMES)
    assert set(HOSTILE_NAMES) <= namespaces
    assert crowd.answer("health")["namespaces_count"] == len(namespaces)
    topics = crowd.answer("messaging")["topics"]
    assert len(topics) == 100 + len(HOSTILE_NAMES)
    assert set(HOSTILE_NAMES) <= {one["name"] for one in topics}
    assert set(PATTERNS) <= {one["name"] for one in crowd.answer("patterns")["patterns"]}
