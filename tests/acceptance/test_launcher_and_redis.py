"""What runs today: only a launcher and a Redis are read. System Health and Backends are useful, nothing pretends."""

from __future__ import annotations

import re
import socket
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from bench.processes import dashboard, simulated_prism
from simulator.ports import RFC_PORTS
from tests.acceptance.pages import PAGES, looked_at
from tests.acceptance.running_dashboard import LOOK_SECONDS, fetch
from tests.patience import LONG_SECONDS, patience, until
from tests.servers.process import running
from tests.servers.redis_process import RedisProcess

pytestmark = [pytest.mark.browser, pytest.mark.server]

TOLD = {"/", "/backends", "/resources", "/alerts", "/settings", "/patterns/redis"}
"""Pages that a launcher and a Redis have something to say on."""
SEEN = """all => all.map(one => {
    const copy = one.cloneNode(true);
    for (const hidden of copy.querySelectorAll(".visually-hidden")) hidden.remove();
    return copy.textContent.trim();
})"""
FIGURE = re.compile(r"\d")
TAKEN_SECONDS = 120.0
"""Another test's simulated Prism is gone after so long."""
SAID = ".stat-value, .figure:not(.is-stale), .tabulator-cell"


@dataclass
class Today:
    """The dashboard, a page, and the Redis that it reads."""

    address: str
    page: Page
    redis: RedisProcess

    def text(self, path: str) -> str:
        looked_at(self.page, self.address + path)
        return " ".join(self.page.inner_text("main").split())


@contextmanager
def nothing_at_default_addresses() -> Iterator[None]:
    """The RFC's ports refuse for as long: a simulated Prism of another test takes them where they are free."""

    def is_held() -> bool:
        for port in set(RFC_PORTS.values()) - set(held):
            one = socket.socket()
            try:
                one.bind(("127.0.0.1", port))
            except OSError:
                one.close()
            else:
                held[port] = stack.enter_context(one)
        return len(held) == len(set(RFC_PORTS.values()))

    held: dict[int, socket.socket] = {}
    with ExitStack() as stack:
        until(is_held, lambda: f"taken: {set(RFC_PORTS.values()) - set(held)}", TAKEN_SECONDS, pause=LOOK_SECONDS)
        yield


@pytest.fixture(scope="module")
def today(chromium: Browser) -> Iterator[Today]:
    with (
        nothing_at_default_addresses(),
        tempfile.TemporaryDirectory(prefix="hud-redis-") as home,
        simulated_prism() as addresses,
        running(RedisProcess(Path(home))) as redis,
        dashboard({"patterns": {}}, LAUNCHER_TARGETS=addresses["launcher"], REDIS_URLS=f"cache={redis.url}") as served,
    ):
        page = chromium.new_page(viewport={"width": 1440, "height": 900})
        page.goto(served[0])
        page.wait_for_selector('html[data-live="live"]', timeout=1000 * LONG_SECONDS * patience())
        yield Today(served[0], page, redis)
        page.close()


def test_system_health_is_healthy_when_both_are_and_says_what_is_not_seen(today: Today) -> None:
    said = today.text("/")
    assert "System HEALTHY 4 patterns run, as the launcher reports: more of their health is not seen" in said
    assert "nobody reports its health (PATTERN_HEALTH_TARGETS would)" in said
    for name in ("memstore", "nats", "postgresql", "redis"):
        assert re.search(rf"{name} UNKNOWN running \d", said), f"{name}: phase and uptime are the launcher's"
    assert re.search(r"cache server \d+ / 10,?\.?0", said), "the server's connections, distinguished from pools"
    patterns = today.page.inner_text("#sh-patterns")
    assert patterns.startswith("–")
    assert "4 run, but nobody reports their health" in patterns, "how many are active is not known, and is not 0"


def test_backends_shows_the_server_and_says_no_word_of_pools(today: Today) -> None:
    today.redis.cli("SET", "a", "1")
    said = today.text("/backends")
    assert "never Prism's pool" in said
    assert "Redis 7" in said or "Redis" in said
    looked = today.page.inner_text('[id^="bk-server-"]')
    assert "HEALTHY" in looked
    clients = int(today.redis.info()["connected_clients"])
    assert re.search(r"Server connections \(all clients\)\s+(\d+)", looked)
    served = fetch(f"{today.address}/api/backends")["servers"]["redis"][0]
    assert abs(served["server"]["connections_count"] - clients) <= 1, "redis-cli is a client too"
    pools = today.page.locator("#bk-pools-table .tabulator-row", has_text="redis")
    assert "N/A" not in pools.inner_text(), "that a client has no pool is not known"


@pytest.mark.parametrize("path", [path for path in PAGES if path not in TOLD and path.count("/") == 1])
def test_no_other_page_shows_a_figure(today: Today, path: str) -> None:
    said = today.text(path)
    assert re.search(r"not (reported|reported)|no .* source is configured|nothing|unknown", said, re.IGNORECASE)
    assert [one for one in today.page.eval_on_selector_all(SAID, SEEN) if FIGURE.search(one)] == []


@pytest.mark.parametrize("path", [path for path in PAGES if path.count("/") == 1])
def test_no_figure_reads_down_of_an_address_that_nobody_named(today: Today, path: str) -> None:
    today.text(path)
    assert today.page.locator("main .is-error").count() == 0
    named = {one["key"].partition("@")[0] for one in fetch(f"{today.address}/api/health")["sources"]}
    assert named == {"launcher", "redis"}


def test_settings_says_which_defaults_were_tried(today: Today) -> None:
    reported = {one["name"]: one["value"] for one in fetch(f"{today.address}/api/settings")["settings"]}
    assert reported["proxy_metrics_url"] == "not configured (default http://localhost:8980/metrics tried)"


def test_a_namespace_that_nobody_reports_of_has_no_page(today: Today) -> None:
    today.page.goto(f"{today.address}/namespaces/user-platform")
    today.page.wait_for_selector("text=No namespace is called user-platform")


def test_a_redis_that_dies_is_said_at_once_and_nothing_else_changes(today: Today) -> None:
    today.text("/")

    def said() -> str:
        return " ".join(today.page.inner_text("main").split())

    today.redis.kill()
    until(lambda: re.search("System (UNHEALTHY|DEGRADED).*cache", said()), said, pause=LOOK_SECONDS)

    def firing() -> list[str]:
        alerts = fetch(f"{today.address}/api/alerts")["alerts"]
        return [one["words"] for one in alerts if one["state"] == "firing"]

    until(firing, said, pause=LOOK_SECONDS)
    assert [words for words in firing() if "cache" not in words] == []
    today.redis.start()
    until(lambda: "System HEALTHY" in said(), said, pause=LOOK_SECONDS)
