"""Real Redis, NATS and PostgreSQL servers, killed, paused and restarted: reported in time, and only of the one it
was."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from aggregators.backends.server import Server as Reported
from aggregators.backends.servers import backend_servers
from collectors.build import build_collectors
from collectors.core.contract import Collector
from model.settings import Settings, SourceOptions
from model.status import Status
from store.snapshot import snapshot_of
from tests.patience import until
from tests.servers.exporter_process import postgres_exporter, redis_exporter
from tests.servers.nats_process import NatsProcess
from tests.servers.postgres_process import PostgresProcess
from tests.servers.process import Server, running
from tests.servers.redis_process import RedisProcess
from tests.servers.watch import GRACE_SECONDS, Watch, watched

pytestmark = pytest.mark.server

INTERVAL = 1.0
NAMES = ("cache", "events", "orders")
EXPORTED = {"cache": "cache-exported", "orders": "orders-exported"}
WITHIN = 2 * INTERVAL + GRACE_SECONDS


@dataclass
class Site:
    """Every server by its name, and what is reported of them."""

    servers: dict[str, Server]
    watch: Watch

    def reported(self) -> dict[str, Reported]:
        states = dict(self.watch.source_states.states)
        snapshot = snapshot_of(list(self.watch.scrapes.values()), sources=states.values(), events=self.watch.events)
        return {one.name: one for one in backend_servers(snapshot, time.time()).all}

    def until(self, name: str, status: Status, words: str = "") -> None:
        """Fails after two intervals and 5 s."""

        def so() -> bool:
            one = self.reported()[name]
            return one.status is status and words in one.reason

        until(so, lambda: str(self.reported()[name]), WITHIN)

    def others_are_well(self, name: str) -> None:
        reported = self.reported()
        others = {other: reported[other] for other in reported if other not in (name, EXPORTED.get(name))}
        assert {other: one.status for other, one in others.items()} == dict.fromkeys(others, Status.HEALTHY)

    def restarted(self) -> list[str]:
        return sorted({str(event.label("backend")) for event in self.watch.events if event.kind == "backend_restart"})


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with ExitStack() as stack:

        def home() -> Path:
            return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hud-servers-")))

        redis = stack.enter_context(running(RedisProcess(home())))
        nats = stack.enter_context(running(NatsProcess(home())))
        postgres = stack.enter_context(running(PostgresProcess(home())))
        postgres.prepare()
        of_redis = stack.enter_context(running(redis_exporter(home(), redis.url)))
        of_postgres = stack.enter_context(running(postgres_exporter(home(), postgres.admin_url)))
        settings = Settings(
            proxy_metrics_url=[],
            signoz_api_url="",
            admin_api_url="",
            redis_urls=[f"cache={redis.url}"],
            nats_monitor_urls=[f"events={nats.url}"],
            postgres_urls=[f"orders={postgres.url}"],
            redis_exporter_urls=[f"{EXPORTED['cache']}={of_redis.url}"],
            postgres_exporter_urls=[f"{EXPORTED['orders']}={of_postgres.url}"],
        )
        # PostgreSQL's exporter waits a second or two before it says that its server is dead.
        for kind, timeout in (("redis", 1.0), ("nats", 1.0), ("postgres", 2.5)):
            setattr(settings.sources, kind, SourceOptions(interval_seconds=INTERVAL, timeout_seconds=timeout))
        collectors: list[Collector] = build_collectors(settings)
        watch = stack.enter_context(watched(*collectors))
        one = Site(dict(zip(NAMES, (redis, nats, postgres), strict=True)), watch)
        until(
            lambda: all(reported.status is Status.HEALTHY for reported in one.reported().values()),
            lambda: str(one.reported()),
        )
        yield one


@pytest.mark.parametrize("name", NAMES)
def test_a_paused_server_hangs_in_words_and_was_not_restarted(site: Site, name: str) -> None:
    before = site.restarted()
    site.servers[name].pause()
    try:
        site.until(name, Status.UNKNOWN, "hangs")
        site.others_are_well(name)
    finally:
        site.servers[name].resume()
    site.until(name, Status.HEALTHY)
    assert site.restarted() == before


@pytest.mark.parametrize("name", NAMES)
def test_a_killed_server_is_down_comes_back_and_is_the_one_that_restarted(site: Site, name: str) -> None:
    before = site.restarted()
    site.servers[name].kill()
    site.until(name, Status.UNHEALTHY, "down")
    if name in EXPORTED:
        site.until(EXPORTED[name], Status.UNHEALTHY, "its exporter cannot reach it")
    site.others_are_well(name)
    site.servers[name].start()
    site.until(name, Status.HEALTHY)
    if name in EXPORTED:
        site.until(EXPORTED[name], Status.HEALTHY)
    fresh = {one for one in site.restarted() if one not in before}
    assert name in fresh
    assert fresh <= {name, EXPORTED.get(name)}
