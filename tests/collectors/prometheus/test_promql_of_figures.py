"""The PromQL that a figure names, asked of a real Prometheus: it gives what the page says of the very same scrapes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

import pytest

from aggregators.follow.follow import follow
from bench.processes import simulated_prism
from model.catalogue import BY_NAME
from model.figures.parts import FIGURES
from model.needs import Need
from model.series import Kind
from store.snapshot import Snapshot
from tests.collectors.prometheus.test_real_prometheus import EDGE, JOBS, Site, settings
from tests.ground_truth.parse_text import Reported, number, span
from tests.pages.test_needs import NOT_SIMULATED, props_of
from tests.pages.test_sources import words
from tests.patience import until
from tests.servers.collectors_process import CollectorsProcess
from tests.servers.process import running
from tests.servers.prometheus_process import PrometheusProcess

pytestmark = pytest.mark.server

NAMES = {"pattern": "redis", "namespace": "payments"}
SAME = 0.004
"""Of figures over the very same scrapes; PromQL stretches an increase by EDGE."""
LEAST = {"System Health": 10, "A pattern": 4, "Performance": 3, "Messaging": 5, "Namespaces": 2, "A namespace": 5,
         "Security": 12, "Observability": 6, "Resources": 10}  # fmt: skip
"""Figures of a page that were compared."""
NOT_SIMULATED_KINDS = {"admin_metrics"}
WINDOW = re.compile(r"\[(\d+)(s|m|h)\]")
SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A Prometheus that scrapes a simulated Prism every second, and a dashboard that reads it through that."""
    with ExitStack() as stack:
        prism = stack.enter_context(simulated_prism())
        jobs = {job: [urlsplit(str(prism[key])).netloc] for key, job in JOBS.items()}
        server = stack.enter_context(running(PrometheusProcess(tmp_path_factory.mktemp("server"), jobs)))
        hud = stack.enter_context(running(CollectorsProcess(tmp_path_factory.mktemp("hud"), settings(server.url))))
        found = Site(server, hud, prism)
        until(found.ready, lambda: str(hud.snapshot().sources), 60.0)
        yield found


def clock(text: str) -> Reported | None:
    """'11:15:31 UTC 15m ago' as the second of the day."""
    found = re.search(r"(\d\d):(\d\d):(\d\d) UTC", text)
    at = (
        float(sum(int(part) * unit for part, unit in zip(found.groups(), (3600, 60, 1), strict=True))) if found else 0.0
    )
    return Reported(at, at + 1.0) if found else None


def meant(one: Need, text: str) -> Reported | None:
    """What a worded figure may be."""
    return (clock if "_timestamp_" in one.promql else span if one.element.endswith("uptime") else number)(text)


def shown(snapshot: Snapshot, now: float) -> Iterator[tuple[Need, str, Reported]]:
    """Every single figure that a page has a value for and that names a question: as worded, and what that may be."""
    pages = {path: props_of(path, snapshot, now) for path in {one.path for one in FIGURES.values()}}
    for one in FIGURES.values():
        said: Mapping[str, Any] = pages[one.path].get(one.element, {})
        if one.promql and "is-value" in str(said.get("className")).split():
            text = words(said.get("children"))
            reported = meant(one, text)
            if reported is not None:
                yield one, text, reported


def exactly(promql: str, rows: list[float]) -> str:
    """The question over the very scrapes that the page has of its windows: a young site has less than they hold."""

    def window(found: re.Match[str]) -> str:
        since = rows[-1] - int(found[1]) * SECONDS[found[2]]
        base = max((at for at in rows if at <= since), default=rows[0])
        return f"[{1000 * (rows[-1] - base + EDGE):.0f}ms]"

    return WINDOW.sub(window, promql)


def rows_of(snapshot: Snapshot, name: str, now: float) -> list[float]:
    """When the family was scraped."""
    sample = f"{name}_bucket" if BY_NAME[name].kind is Kind.HISTOGRAM else name
    blocks = snapshot.frame(sample, 0.0, now).blocks
    return sorted({at for block in blocks for at in block.times.tolist()})


def test_what_a_page_says_is_what_its_promql_gives(site: Site) -> None:
    snapshot = site.hud.snapshot()
    last = site.rows(snapshot)[-1]
    wrong: list[str] = []
    compared: Counter[str] = Counter()
    for one, text, reported in shown(snapshot, last):
        found = follow(snapshot, last, one.element, NAMES.get(one.label, "")).questions
        rows = rows_of(snapshot, next(name for name in one.families if name in one.promql), last)
        promql = exactly(next(asked.promql for asked in found if asked.figure == one.widget), rows)
        value = site.promql(promql, rows[-1])
        value = value % 86400.0 if "_timestamp_" in promql else value
        compared[one.page] += 1
        if not reported.low * (1 - SAME) <= value <= reported.high * (1 + SAME):
            wrong.append(f"{one.element}: {text} is not the {value:g} of {promql}")
    assert wrong == []
    assert {page: least for page, least in LEAST.items() if compared[page] < least} == {}, compared


def test_the_promql_of_lists_and_charts_gives_series(site: Site) -> None:
    snapshot = site.hud.snapshot()
    last = site.rows(snapshot)[-1]
    silent = [
        f"{one.element}: {asked.promql}"
        for one in FIGURES.values()
        if one.element not in NOT_SIMULATED and BY_NAME[one.families[0]].source not in NOT_SIMULATED_KINDS
        for asked in follow(snapshot, last, one.element, NAMES.get(one.label, "")).questions
        if not site.server.ask(asked.promql, time=f"{last:.3f}")
    ]
    assert silent == []
