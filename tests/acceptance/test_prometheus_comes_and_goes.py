"""A real Prometheus that Prism is read through, a real Alertmanager, and Prism behind them: killed, paused, restarted.

Each is reported for what it is, in time, and nobody else is said to have failed or to have been restarted.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest

from aggregators.requests.labels import REQUESTS
from aggregators.series.counters import increase
from model.sources import ErrorKind, SourceState
from tests.patience import until
from tests.servers.alertmanager_process import AlertmanagerProcess
from tests.servers.collectors_process import CollectorsProcess
from tests.servers.prism_process import PrismProcess
from tests.servers.process import running
from tests.servers.prometheus_process import PrometheusProcess
from tests.servers.watch import GRACE_SECONDS

pytestmark = pytest.mark.server

INTERVAL = 1.0
WITHIN = 2 * INTERVAL + GRACE_SECONDS
BEHIND, DIRECT = ("proxy", "dex"), ("otel", "patterns", "alertmanager")
ALL = ("prometheus", *BEHIND, *DIRECT)


@dataclass
class Site:
    """Everything that runs, and what the dashboard reports it."""

    prism: PrismProcess
    prometheus: PrometheusProcess
    alertmanager: AlertmanagerProcess
    hud: CollectorsProcess

    def states(self, *kinds: str) -> list[SourceState]:
        return [one for one in self.hud.snapshot().sources.values() if one.source in kinds]

    def until(self, kinds: tuple[str, ...], error: ErrorKind | None) -> None:
        """Every source of these kinds goes so; fails after two intervals and 5 s. Well means: read since now."""
        asked = time.time()

        def so() -> bool:
            states = self.states(*kinds)
            fresh = all((one.last_attempt if error else one.last_success) >= asked for one in states)
            return {one.source for one in states} == set(kinds) and fresh and all(one.error is error for one in states)

        until(so, lambda: str(self.states(*kinds)), WITHIN)

    def read_at(self) -> float:
        """When the proxy was scraped last."""
        return max(one.last_success for one in self.states("proxy"))

    def reported(self, *kinds: str) -> list[str]:
        """Events of these kinds, in words."""
        return [one.message for one in self.hud.snapshot().events if one.kind in kinds]

    def restarts(self) -> list[str]:
        """Whoever was said to have been restarted."""
        return [*self.reported("restart"), *(words for words in self.reported("alert") if "restart" in words)]

    def alerts(self) -> list[str]:
        """The edges of Alertmanager's alerts."""
        edges = [one for one in self.hud.snapshot().events if one.kind == "alertmanager_alert"]
        return [f"{one.label('alertname')} {one.label('state')}" for one in edges]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    home = tmp_path_factory.mktemp
    with ExitStack() as stack:
        prism = stack.enter_context(running(PrismProcess(home("prism"))))
        addresses = prism.addresses
        jobs = {
            job: [urlsplit(str(addresses[key])).netloc]
            for job, key in (("prism-proxy", "proxy_metrics_url"), ("dex", "dex_telemetry_url"))
        }
        prometheus = stack.enter_context(running(PrometheusProcess(home("prometheus"), jobs)))
        alertmanager = stack.enter_context(running(AlertmanagerProcess(home("alertmanager"))))
        toml = settings(addresses, prometheus.url, alertmanager.url)
        one = Site(prism, prometheus, alertmanager, stack.enter_context(running(CollectorsProcess(home("hud"), toml))))
        until(lambda: len(one.states(*ALL)) == 9, lambda: str(one.hud.snapshot().sources))
        one.until(ALL, None)
        yield one


def settings(addresses: Mapping[str, Any], prometheus: str, alertmanager: str) -> str:
    """The proxy and Dex through Prometheus, the rest from itself; every second."""
    patterns = json.dumps([f"{name}={address}" for name, address in addresses["patterns"].items()])
    reported = f"{{interval_seconds = {INTERVAL}, timeout_seconds = 1.0}}"
    return f"""
        prometheus_url = "{prometheus}"
        alertmanager_url = "{alertmanager}"
        otel_metrics_url = "{addresses["otel_metrics_url"]}"
        pattern_health_targets = {patterns}
        signoz_api_url = ""
        admin_api_url = ""
        sources = {{prometheus = {reported}, alertmanager = {reported}, otel = {reported}}}
    """


def test_a_paused_prometheus_hangs_and_what_is_behind_it_is_not_visible(site: Site) -> None:
    site.prometheus.pause()
    try:
        site.until(("prometheus",), ErrorKind.TIMED_OUT)
        site.until(BEHIND, ErrorKind.UNSEEN)
        site.until(DIRECT, None)
    finally:
        site.prometheus.resume()
    site.until(ALL, None)
    assert site.restarts() == []


def test_a_restart_of_prometheus_is_not_one_of_the_proxies_behind_it(site: Site) -> None:
    before = site.read_at()
    site.prometheus.kill()
    site.until(("prometheus",), ErrorKind.DOWN)
    site.until(BEHIND, ErrorKind.UNSEEN)
    site.until(DIRECT, None)
    site.prometheus.start()
    site.until(ALL, None)
    assert site.restarts() == []
    after = site.read_at()
    grown = increase(site.hud.snapshot().frame(REQUESTS, before, after), before, after)["value"].sum()
    counted = [site.prometheus.number(f"sum({REQUESTS})", time=f"{at:.3f}") for at in (before, after)]
    assert grown == pytest.approx(counted[1] - counted[0], rel=0.001), "counted on, and not from 0"


def test_an_alertmanager_that_hangs_or_is_restarted_ends_no_alert(site: Site) -> None:
    others = ("prometheus", *BEHIND, "otel", "patterns")
    site.alertmanager.fire("PatternSlow", "warning", pattern="redis")
    until(lambda: site.alerts() == ["PatternSlow firing"], lambda: str(site.alerts()), WITHIN)
    site.alertmanager.pause()
    try:
        site.until(("alertmanager",), ErrorKind.TIMED_OUT)
        site.until(others, None)
    finally:
        site.alertmanager.resume()
    site.until(ALL, None)
    site.alertmanager.kill()
    site.until(("alertmanager",), ErrorKind.DOWN)
    site.until(others, None)
    site.alertmanager.start()
    site.until(ALL, None)
    site.alertmanager.fire("PatternSlow", "warning", pattern="redis")
    site.until(ALL, None)
    assert site.alerts() == ["PatternSlow firing"]
    site.alertmanager.fire("PatternSlow", "warning", ended=True, pattern="redis")
    until(lambda: site.alerts() == ["PatternSlow firing", "PatternSlow resolved"], lambda: str(site.alerts()), WITHIN)
    assert site.restarts() == []


def test_a_paused_prism_is_reported_as_prometheus_finds_it(site: Site) -> None:
    site.prism.pause()
    try:
        site.until((*BEHIND, "otel", "patterns"), ErrorKind.TIMED_OUT)
        site.until(("prometheus", "alertmanager"), None)
    finally:
        site.prism.resume()
    site.until(ALL, None)
    assert site.restarts() == []


def test_a_killed_prism_is_down_though_prometheus_is_well(site: Site) -> None:
    site.prism.kill()
    site.until((*BEHIND, "otel", "patterns"), ErrorKind.DOWN)
    site.until(("prometheus", "alertmanager"), None)
    site.prism.start()
    site.until(ALL, None)
