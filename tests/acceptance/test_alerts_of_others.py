"""A real Alertmanager's alerts of somebody else beside a real Redis of ours that goes and comes: nothing that fires
disappears, and nobody else's trouble turns a view of ours red.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

import app
from aggregators.alerts.alerts import Alert, AlertState, alerts
from aggregators.overview.overall import overall
from model.series import Severity
from model.status import Status
from pages.shared.page_shell import shell_view
from tests.patience import until
from tests.servers.alertmanager_process import AlertmanagerProcess
from tests.servers.collectors_process import CollectorsProcess
from tests.servers.process import running
from tests.servers.redis_process import RedisProcess

assert app.server, "importing the application registers its pages"
pytestmark = pytest.mark.server

SECONDS = 30.0


@dataclass
class Site:
    """What runs, and what the dashboard makes of it."""

    redis: RedisProcess
    alertmanager: AlertmanagerProcess
    hud: CollectorsProcess

    def alerts(self) -> tuple[Alert, ...]:
        return alerts(self.hud.snapshot(), time.time())

    def firing(self) -> set[tuple[str, str]]:
        """(title, component) of what fires."""
        return {(one.title, one.component) for one in self.alerts() if one.state is AlertState.FIRING}

    def until_firing(self, *wanted: tuple[str, str]) -> None:
        until(lambda: self.firing() == set(wanted), lambda: str(self.alerts()), SECONDS)

    def mark(self, view: str) -> Status:
        return dict(shell_view(self.hud.snapshot(), time.time()).views)[view].status


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    home = tmp_path_factory.mktemp
    with ExitStack() as stack:
        redis = stack.enter_context(running(RedisProcess(home("redis"))))
        alertmanager = stack.enter_context(running(AlertmanagerProcess(home("alertmanager"))))
        often = "{interval_seconds = 0.5, timeout_seconds = 5.0}"
        toml = f"""
            redis_urls = ["{redis.url}"]
            alertmanager_url = "{alertmanager.url}"
            proxy_metrics_url = []
            admin_api_url = ""
            signoz_api_url = ""
            sources = {{redis = {often}, alertmanager = {often}}}
        """
        hud = stack.enter_context(running(CollectorsProcess(home("hud"), toml)))
        one = Site(redis, alertmanager, hud)
        key = f"redis@127.0.0.1:{redis.port}"
        until(lambda: key in hud.snapshot().sources and hud.snapshot().sources[key].last_success > 0, seconds=60.0)
        yield one


def test_an_alert_of_another_host_fires_on_when_our_redis_comes_back_and_reddens_no_view(site: Site) -> None:
    stranger = ("TargetDown", "instance db-7:9100")
    server = ("Backend server in trouble", f"redis@127.0.0.1:{site.redis.port}")
    site.alertmanager.fire("TargetDown", "critical", instance="db-7:9100", job="node")
    site.until_firing(stranger)
    assert site.mark("backends") is not Status.UNHEALTHY
    site.redis.kill()
    site.until_firing(stranger, server)
    site.redis.start()
    site.until_firing(stranger)
    (left,) = (one for one in site.alerts() if one.state is AlertState.FIRING)
    assert (left.severity, left.open_in, left.in_prism) == (Severity.CRITICAL, ("Alertmanager",), False)
    assert site.mark("backends") is not Status.UNHEALTHY
    assert site.mark("alerts") is Status.UNHEALTHY
    whole = overall(site.hud.snapshot(), time.time())
    assert "TargetDown" in whole.reason or whole.status is Status.UNKNOWN
    site.alertmanager.fire("TargetDown", "critical", ended=True, instance="db-7:9100", job="node")
    site.until_firing()


def test_the_alert_of_our_own_redis_is_one_row_that_fires_until_both_say_that_it_is_over(site: Site) -> None:
    address = f"127.0.0.1:{site.redis.port}"
    server = ("Backend server in trouble", f"redis@{address}")
    site.redis.kill()
    site.until_firing(server)
    site.alertmanager.fire("RedisDown", "critical", instance=address, job="redis")
    until(lambda: any(one.open_in == ("HUD", "Alertmanager") for one in site.alerts()), seconds=SECONDS)
    assert site.firing() == {server}
    site.redis.start()
    until(lambda: any(one.open_in == ("Alertmanager",) for one in site.alerts()), seconds=SECONDS)
    assert site.firing() == {server}
    site.alertmanager.fire("RedisDown", "critical", ended=True, instance=address, job="redis")
    site.until_firing()
