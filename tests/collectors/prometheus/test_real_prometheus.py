"""Debian's Prometheus and VictoriaMetrics as the source: our figures are those of their own PromQL."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from aggregators.requests.labels import REQUESTS, failed_and_total
from aggregators.requests.traffic import NOW_SECONDS, traffic
from aggregators.series.counters import counters, increases
from aggregators.series.histograms import merged_counters, whole
from aggregators.series.quantiles import histogram_quantile
from aggregators.series.rollups import rolled_up
from bench.processes import simulated_prism
from model.measure import Measure
from model.rollup import LATENCY, PATTERNS
from store.snapshot import Snapshot
from tests.collectors.conftest import HttpServer, Reply
from tests.patience import until
from tests.servers.collectors_process import CollectorsProcess
from tests.servers.past_prism import DAY, PastPrism
from tests.servers.process import running
from tests.servers.prometheus_process import PrometheusProcess, Scraper, VictoriaMetricsProcess, make_blocks

pytestmark = pytest.mark.server

TOLERANCE = 0.002
"""Of figures over the very same scrapes. PromQL stretches an increase to the whole of its range, EDGE beyond these."""
EDGE = 0.002
WATCHED_SECONDS = 20.0
DAY_TOLERANCE = 0.003
"""Of figures over 24 hours, of which we read a row a minute: each of the three restarts in it hides up to one."""
DAY_QUANTILE_TOLERANCE = 0.02
"""Of its quantiles: what is missing shifts them more where a bucket is wide."""
JOBS = {"proxy_metrics_url": "prism-proxy", "otel_metrics_url": "otel", "dex_telemetry_url": "dex"}
FAILED = f'{REQUESTS}{{status!~"success|ok|200"}}'
BUCKETS = "prism_request_duration_seconds_bucket"


@dataclass
class Site:
    """A server that scrapes the simulated Prism, and a dashboard that reads it through that."""

    server: Scraper
    hud: CollectorsProcess
    prism: dict[str, Any]

    def rows(self, snapshot: Snapshot) -> list[float]:
        """When the proxy was scraped, as the store reports."""
        blocks = snapshot.frame(REQUESTS, 0.0, time.time() + 60.0).blocks
        return [at for block in blocks for at in block.values.index.tolist()]

    def ready(self) -> bool:
        rows = self.rows(self.hud.snapshot())
        return len(rows) > 1 and rows[-1] - rows[0] >= WATCHED_SECONDS

    def increase(self, series: str, first: float, last: float) -> str:
        """The expression of what `series` grew by from the scrape at `first` to that at `last`, as PromQL means it.

        VictoriaMetrics' own `increase` begins with the scrape before its range, if that came in time.
        """
        name = "increase" if isinstance(self.server, PrometheusProcess) else "increase_prometheus"
        return f"{name}({series}[{1000 * (last - first + EDGE):.0f}ms])"

    def promql(self, query: str, last: float) -> float:
        """The query's number as of `last`."""
        return self.server.number(query, time=f"{last:.3f}")


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Site]]:
    """Both at once, since what takes time is to watch."""
    with ExitStack() as stack:
        prism = stack.enter_context(simulated_prism())
        jobs = {job: [urlsplit(str(prism[key])).netloc] for key, job in JOBS.items()}
        found = {}
        for kind in (PrometheusProcess, VictoriaMetricsProcess):
            server = stack.enter_context(running(kind(tmp_path_factory.mktemp("server"), jobs)))
            hud = stack.enter_context(running(CollectorsProcess(tmp_path_factory.mktemp("hud"), settings(server.url))))
            found[kind.__name__] = Site(server, hud, prism)
        for site in found.values():
            until(site.ready, lambda site=site: str(site.hud.snapshot().sources), 60.0)  # type: ignore[misc]
        yield found


@pytest.fixture(params=["PrometheusProcess", "VictoriaMetricsProcess"])
def site(sites: dict[str, Site], request: pytest.FixtureRequest) -> Site:
    return sites[str(request.param)]


def settings(url: str, hours: float = 0) -> str:
    """Nothing but this server, read every second."""
    return f"""
        prometheus_url = "{url}"
        signoz_api_url = ""
        admin_api_url = ""
        prometheus.history_hours = {hours}
        sources.prometheus = {{interval_seconds = 1.0, timeout_seconds = 2.0}}
    """


def value(measure: Measure) -> float:
    assert measure.value is not None, measure
    return measure.value


def test_every_part_of_prism_is_found_and_is_well(site: Site) -> None:
    def well() -> list[str]:
        return sorted(one.source for one in site.hud.snapshot().sources.values() if one.error is None)

    until(lambda: well() == ["dex", "otel", "prometheus", "proxy"], lambda: str(site.hud.snapshot().sources))


def test_the_figures_are_those_of_promql(site: Site) -> None:
    snapshot = site.hud.snapshot()
    rows = site.rows(snapshot)
    first, last = rows[0], rows[-1]
    ours = traffic(snapshot, last)
    asked = site.promql(f"sum({site.increase(REQUESTS, first, last)})", last)
    failed = site.promql(f"sum({site.increase(FAILED, first, last)})", last)
    assert value(ours.requests) == pytest.approx(asked, rel=TOLERANCE)
    assert asked > 100
    assert value(ours.error_ratio) == pytest.approx(failed / asked, rel=TOLERANCE)
    for q, measure in ((0.5, ours.p50), (0.99, ours.p99)):
        quantile = f"histogram_quantile({q}, sum by (le) ({site.increase(BUCKETS, first, last)}))"
        assert value(measure) == pytest.approx(site.promql(quantile, last), rel=TOLERANCE)
    base = max(at for at in rows if at <= last - NOW_SECONDS)
    grown = site.promql(f"sum({site.increase(REQUESTS, base, last)})", last)
    assert value(ours.per_second) == pytest.approx(grown / (last - base), rel=TOLERANCE)


def with_a_past(kind: type[Scraper], home: Path, prism: PastPrism, target: str) -> Scraper:
    """A server that has scraped `prism` for 25 hours; not started yet where it takes its past from files."""
    jobs = {"prism-proxy": [target]}
    if kind is VictoriaMetricsProcess:
        return VictoriaMetricsProcess(home, jobs)
    make_blocks(home, prism.past(25.0))
    return PrometheusProcess(home, jobs)


@pytest.mark.parametrize("kind", [PrometheusProcess, VictoriaMetricsProcess])
def test_the_day_before_the_start_is_that_of_promql_restarts_and_outage_and_all(
    kind: type[Scraper], tmp_path: Path, http: Callable[..., HttpServer]
) -> None:
    web = http(lambda asked: Reply())
    target = f"127.0.0.1:{web.port}"
    prism = PastPrism(time.time(), "prism-proxy", target)
    web.answers = lambda asked: Reply(200, prism.text(time.time()), {"Content-Type": "text/plain; version=0.0.4"})
    homes = [tmp_path / name for name in ("server", "hud")]
    for home in homes:
        home.mkdir()
    with running(with_a_past(kind, homes[0], prism, target)) as server:
        if isinstance(server, VictoriaMetricsProcess):
            server.remember(prism.past(25.0, 1000.0))
            until(lambda: bool(server.ask(f"{REQUESTS} offset 24h")))
        with running(CollectorsProcess(homes[1], settings(server.url, 24))) as hud:
            site = Site(server, hud, {})
            until(lambda: _is_loaded(site), lambda: str(hud.snapshot().sources), 60.0)
            _agrees_on_the_day(site, prism)


def _is_loaded(site: Site) -> bool:
    """Whether the history is stored, and live reads follow it."""
    snapshot = site.hud.snapshot()
    state = next(one for one in snapshot.sources.values() if one.source == "prometheus")
    rows = site.rows(snapshot)
    return not state.detail and len(rows) > 1000 and rows[-1] - rows[-2] < 10


def _agrees_on_the_day(site: Site, prism: PastPrism) -> None:
    """The proxy's own series, and the sums that the pages read, against PromQL's 24 hours and against the truth."""
    snapshot = site.hud.snapshot()
    at = site.rows(snapshot)[-1]
    failed, total = failed_and_total(counters(snapshot.frame(REQUESTS, at - DAY, at, coarse=True)), at - DAY, at)
    summed = increases(rolled_up(snapshot, at, PATTERNS, DAY).counters, at - DAY, at)["value"].sum()
    asked, asked_failed = (
        site.server.number(f"sum(increase({one}[24h]))", time=f"{at:.3f}") for one in (REQUESTS, FAILED)
    )
    for reported in (total, summed, prism.grown(REQUESTS, at - DAY, at)):
        assert reported == pytest.approx(asked, rel=DAY_TOLERANCE)
    assert failed == pytest.approx(asked_failed, rel=DAY_TOLERANCE)
    timed = rolled_up(snapshot, at, LATENCY, DAY)
    buckets = whole(merged_counters(timed.laid_out(LATENCY.by), at - DAY, at))
    for q in (0.5, 0.95, 0.99):
        ours = histogram_quantile(q, buckets.bounds, buckets.counts).value
        query = f"histogram_quantile({q}, sum by (le) (increase({BUCKETS}[24h])))"
        assert ours == pytest.approx(site.server.number(query, time=f"{at:.3f}"), rel=DAY_QUANTILE_TOLERANCE)
