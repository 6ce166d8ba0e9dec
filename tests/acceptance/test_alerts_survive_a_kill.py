"""Our alerts in a real Alertmanager of Debian's, over the `kill -9` of the collector that sends them: none is doubled,
none is lost, and what was over meanwhile is over.
"""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from aggregators.alerts.alerts import Alert, AlertState, alerts
from tests.patience import until
from tests.servers.alertmanager_process import AlertmanagerProcess
from tests.servers.collectors_process import CollectorsProcess
from tests.servers.process import running
from tests.servers.redis_process import RedisProcess

pytestmark = pytest.mark.server

SECONDS = 60.0
RULE = "backend_server"


@dataclass
class Site:
    """Two servers, the collector that watches them, and who is told; `told` is every alert that was ever there."""

    redis: tuple[RedisProcess, RedisProcess]
    alertmanager: AlertmanagerProcess
    hud: CollectorsProcess
    told: dict[str, dict[str, Any]] = field(default_factory=dict)

    def key(self, at: int) -> str:
        return f"redis@127.0.0.1:{self.redis[at].port}"

    def open_there(self) -> dict[str, str]:
        """The component of each alert of ours that Alertmanager holds open, with when it began."""
        with urllib.request.urlopen(f"{self.alertmanager.url}/api/v2/alerts", timeout=5) as answer:
            found = [one for one in json.load(answer) if one["labels"].get("reported_by") == "prism-hud"]
        mine = [one for one in found if one["labels"].get("rule") == RULE]
        self.told |= {one["fingerprint"]: one["labels"] for one in mine}
        names = [one["labels"]["component"] for one in mine]
        assert len(names) == len(set(names)), f"doubled: {mine}"
        return {one["labels"]["component"]: one["startsAt"] for one in mine}

    def rows(self) -> list[Alert]:
        """What the dashboard itself says of these servers."""
        found = alerts(self.hud.snapshot(), time.time())
        return [one for one in found if one.component in (self.key(0), self.key(1)) and one.rule == RULE]

    def until_open(self, *wanted: str) -> dict[str, str]:
        until(lambda: set(self.open_there()) == set(wanted), lambda: f"{self.open_there()} {self.rows()}", SECONDS, 0.1)
        return self.open_there()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    def home(name: str) -> Path:
        (tmp_path / name).mkdir()
        return tmp_path / name

    with ExitStack() as stack:
        redis = tuple(stack.enter_context(running(RedisProcess(home(name)))) for name in ("one", "other"))
        alertmanager = stack.enter_context(running(AlertmanagerProcess(home("alertmanager"))))
        often = "{interval_seconds = 0.5, timeout_seconds = 5.0}"
        toml = f"""
            redis_urls = {json.dumps([one.url for one in redis])}
            alertmanager_url = "{alertmanager.url}"
            alertmanager_push_url = "{alertmanager.url}"
            proxy_metrics_url = []
            admin_api_url = ""
            signoz_api_url = ""
            sources = {{redis = {often}, alertmanager = {often}}}
        """
        hud = stack.enter_context(running(CollectorsProcess(home("hud"), toml)))
        made = Site((redis[0], redis[1]), alertmanager, hud)
        until(lambda: all(is_read(hud, made.key(at)) for at in (0, 1)), seconds=SECONDS)
        yield made


def is_read(hud: CollectorsProcess, key: str) -> bool:
    state = hud.snapshot().sources.get(key)
    return state is not None and state.last_success > 0


def test_a_killed_collector_doubles_no_alert_loses_none_and_ends_what_is_over(site: Site) -> None:
    for one in site.redis:
        one.kill()
    before = site.until_open(site.key(0), site.key(1))
    site.hud.kill()
    site.redis[0].start()
    assert set(site.open_there()) == {site.key(0), site.key(1)}, "nobody has said that anything is over"
    killed_at = time.time()
    site.hud.start()
    after = site.until_open(site.key(1))
    assert after[site.key(1)] == before[site.key(1)], "it is the same alert, and began when it did"
    until(lambda: last_read(site) > killed_at, seconds=SECONDS)
    assert [(one.component, one.state) for one in site.rows() if one.is_active] == [(site.key(1), AlertState.FIRING)]
    site.redis[1].start()
    site.until_open()
    until(lambda: not any(one.is_active for one in site.rows()), lambda: str(site.rows()), SECONDS)
    assert sorted(one.component for one in site.rows()) == sorted([site.key(0), site.key(1)]), "a row each"
    assert len(site.told) == 2, site.told


def last_read(site: Site) -> float:
    return max(one.last_success for one in site.hud.snapshot().sources.values() if one.source == "alertmanager")
