"""100 topics, 1,000 namespaces, 50 patterns, 5,000 failed logins, hostile names: pages stay right and whole.

How quickly they open is measured by `python -m bench pages`.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from simulator.traffic.crowd import HOSTILE_NAMES
from tests.acceptance.crowd import Crowd, crowd_of
from tests.acceptance.pages import PAGES
from tests.acceptance.running_dashboard import LOOK_SECONDS
from tests.acceptance.test_hostile_names import PATTERNS
from tests.patience import until

SIZE = ("--namespaces", "1000", "--topics", "100", "--patterns", "50", "--failed-logins", "5000", "--hostile-names")
SELDOM = "".join(
    f"[sources.{kind}]\ninterval_seconds = 4.0\ntimeout_seconds = 3.0\n" for kind in ("proxy", "patterns", "admin")
)
"""Other tests run beside these: reading so large a Prism every second takes a core and a half."""
LONG_HOST = ".".join(("h" * 63, "o" * 63, "s" * 63, "t" * 53, "invalid"))
"""A server that is not there: its name stands in its source, in its alert and on the banner."""
SERVERS = {"REDIS_URLS": f"{'cache-' * 15}=redis://{LONG_HOST}:6379", "POSTGRES_URLS": f"postgresql://{LONG_HOST}"}


@pytest.fixture(scope="module")
def crowd(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crowd]:
    config = tmp_path_factory.mktemp("crowd") / "hud.toml"
    config.write_text(SELDOM)
    with crowd_of(chromium, *SIZE, HUD_CONFIG=str(config), **SERVERS) as large:

        def patterns() -> int:
            return sum(one["status"] != "UNKNOWN" for one in large.answer("patterns")["patterns"])

        def logins() -> float:
            return float(large.answer("security")["attempts"]["total_count"] or 0.0)

        until(lambda: patterns() >= 50 and logins() >= 5000, lambda: f"{patterns()}, {logins()}", 90.0, LOOK_SECONDS)
        yield large


@pytest.mark.browser
@pytest.mark.parametrize("path", PAGES)
def test_a_page_of_a_crowd_is_whole(crowd: Crowd, path: str) -> None:
    crowd.open(path)
    crowd.is_right(1440, 768, 390)


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
