"""Backend Health says what the proxy and the health services report each backend's client, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from aggregators.backends.backends import backends
from aggregators.backends.pool_series import PoolLines
from aggregators.backends.pools import Pool
from aggregators.backends.servers import Servers
from components.charts.marks import Span
from components.props import apply, ids_of
from model.measure import Measure
from model.series import Kind, Scrape, Unit
from model.sources import CollectError, ErrorKind, SourceState
from model.status import Reading, Status
from pages.backends import page
from pages.backends import pools_text as words
from pages.shared.answer_text import pool_lines
from store.snapshot import Snapshot, snapshot_of
from tests.pages.trees import said

NOW = 1_790_000_030.0
SECONDS = 30
DETAILS = {
    "redis": {"total_conns": 8.0, "idle_conns": 1.0, "pool_size": 10.0},
    "nats": {"subscriptions": 21.0, "in_msgs": 4200.0, "out_msgs": 1800.0, "in_bytes": 8_400_000.0, "out_bytes": 1.2e6},
    "memstore": {"keys": 6200.0, "max_keys": 10_000.0},
}
ODD = "<script>alert(1)</script> 🚀 “" + "x" * 300


def proxy(time: float, elapsed: int, absent: Sequence[str], active: float) -> Scrape:
    scrape = Scrape("proxy", "p:8980", time)

    def add(name: str, value: float, kind: Kind = Kind.GAUGE, /, **labels: str) -> None:
        if not name.startswith(tuple(absent) or ("\0",)):
            scrape.add(name, value, kind, **labels)

    for pattern, limit in (("redis", 10.0), ("nats", 1.0), ("postgresql", 20.0)):
        labels = {"backend": pattern, "pattern": pattern}
        add("prism_pool_connections_active", active if pattern == "redis" else 1.0, **labels)
        add("prism_pool_connections_idle", 1.0, **labels)
        add("prism_pool_connections_max", limit, **labels)
        for reason, count in (("refused", 0), ("timeout", elapsed), ("reset", 0)):
            add("prism_pool_errors_total", float(count), Kind.COUNTER, reason=reason, **labels)
        for edge, share in (("0.001", 0.5), ("0.01", 1.0), ("+Inf", 1.0)):
            add("prism_pool_acquire_duration_seconds_bucket", elapsed * 100 * share, Kind.HISTOGRAM, le=edge, **labels)
        add("prism_pool_acquire_duration_seconds_sum", elapsed * 0.2, Kind.HISTOGRAM, **labels)
    add("prism_backend_active_queries", 3.0, backend="postgresql", pattern="postgresql")
    add("prism_backend_reconnects_total", 2.0, Kind.COUNTER, backend="nats", pattern="nats")
    for operation in ("KeyValue.Get", "KeyValue.Set", "PubSub.Publish"):
        add(
            "prism_requests_total", float(elapsed), Kind.COUNTER, pattern="redis", operation=operation, status="success"
        )
    return scrape


def pattern(time: float, name: str, status: str) -> Scrape:
    scrape = Scrape("patterns", f"{name[:9]}:50051", time)
    for one in ("HEALTHY", "DEGRADED", "UNHEALTHY", "UNKNOWN"):
        scrape.add("prism_pattern_status", float(one == status), Kind.STATESET, pattern=name, status=one, service="x")
    for key, value in DETAILS.get(name, {}).items():
        scrape.add("prism_pattern_detail", value, pattern=name, key=key)
    if name == ODD:
        scrape.add("prism_pattern_detail_info", 1.0, Kind.INFO, pattern=name, key="endpoint", value="<b>s3</b>")
    return scrape


Build = Callable[..., Snapshot]


@pytest.fixture
def prism() -> Build:
    """A small Prism: `absent` families, `lost` kinds of source, `statuses` of its patterns, `active` in redis' pool."""

    def build(
        absent: Sequence[str] = (),
        lost: Sequence[str] = (),
        statuses: dict[str, str] | None = None,
        active: float = 7.0,
    ) -> Snapshot:
        reported = {"redis": "HEALTHY", "nats": "DEGRADED", "postgresql": "HEALTHY", "memstore": "HEALTHY"}
        scrapes = []
        for second in range(SECONDS + 1):
            time = NOW - SECONDS + second
            scrapes.append(proxy(time, second, absent, active))
            scrapes += [pattern(time, name, status) for name, status in (statuses or reported).items()]
        states: dict[str, SourceState] = {}
        for one in scrapes:
            key = f"{one.source}@{one.instance}"
            states[key] = SourceState(key, one.source, one.instance, one.instance, 1.0).succeeded(one.time, 0.01, 5)
        if lost:
            scrapes = [one for one in scrapes if one.source not in lost or one.time <= NOW - 14]
            states = {key: _lost(one) if one.source in lost else one for key, one in states.items()}
        return snapshot_of(scrapes, sources=states.values(), meta={"collector_alive_at": NOW})

    return build


def _lost(state: SourceState) -> SourceState:
    error = CollectError(ErrorKind.DOWN, "connection refused")
    return replace(state, last_success=NOW - 14).failed(NOW - 13, 0.01, error).failed(NOW, 0.01, error)


def cells(snapshot: Snapshot, name: str) -> dict[str, Any]:
    rows = page.update(snapshot, NOW)["bk-pools-data"]["data"]["rows"]
    return next(row for row in rows if row["backend"]["n"] == name)


def panel_of(snapshot: Snapshot, name: str) -> str:
    panels = page.update(snapshot, NOW)["bk-panels"]["children"]
    return " ".join(next(said(one) for one in panels if said(one).startswith(name)).split())


def test_a_pool_is_a_row_with_its_use_and_the_kinds_of_pattern_that_use_it(prism: Build) -> None:
    redis = cells(prism(), "redis")
    assert [redis[key]["n"] for key in ("active", "idle", "max", "use")] == ["7", "1", "10", "70.0"]
    assert redis["type"]["n"] == "KeyValue, PubSub"
    assert redis["status"]["n"] == "HEALTHY"


def test_pools_of_one_name_say_of_which_proxy_they_are() -> None:
    def pool(backend: str, instance: str) -> Pool:
        count = Measure.of(1.0, Unit.COUNT)
        ratio = Measure.of(0.5, Unit.RATIO)
        return Pool(backend, backend, instance, True, count, count, count, ratio, count, Status.HEALTHY, "", "proxy")

    found = [pool("redis", "a:1"), pool("redis", "b:1"), pool("nats", "a:1")]
    assert {one.name for one in pool_lines(found, Servers())} == {"redis · a:1", "redis · b:1", "nats"}


def test_above_ninety_percent_a_pool_is_yellow_and_comes_first(prism: Build) -> None:
    assert cells(prism(active=9.0), "redis")["status"]["n"] == "HEALTHY"
    full = prism(active=9.5)
    assert (cells(full, "redis")["status"]["n"], cells(full, "redis")["use"]["k"]) == ("DEGRADED", "degraded")


def test_one_connection_is_no_pool_and_a_pattern_without_one_says_so(prism: Build) -> None:
    nats, memstore = cells(prism(), "nats"), cells(prism(), "memstore")
    assert (nats["use"]["n"], nats["status"]["n"]) == ("N/A", "DEGRADED")
    assert {memstore[key]["n"] for key in ("active", "idle", "max", "use")} == {"N/A"}
    assert "no pool" in memstore["active"]["s"]


def test_a_sum_says_that_it_is_one_and_leaves_out_what_is_no_pool(prism: Build) -> None:
    whole = cells(prism(), "Sum of 2 pools")
    assert (whole["active"]["n"], whole["max"]["n"]) == ("8", "30")


def test_each_driver_has_its_own_lines(prism: Build) -> None:
    redis = panel_of(prism(), "redis")
    assert "Acquisition time avg 2.00 ms P99 9.82 ms" in redis
    assert "Errors 0 refused 30 timeout 0 reset" in redis
    nats = panel_of(prism(), "nats")
    assert "RECONNECTING 2 reconnects" in nats
    assert "Subscriptions 21 active In 4,200 msgs 8.01 MiB Out 1,800 msgs 1.14 MiB" in nats
    assert "Active queries 3" in panel_of(prism(), "postgresql")
    assert "Keys 6,200 stored 10.0k max" in panel_of(prism(), "memstore")


@pytest.mark.parametrize(
    "family", ["prism_pool_acquire", "prism_pool_errors", "prism_backend_", "prism_pool_connections"]
)
def test_a_family_that_is_not_there_is_not_reported(prism: Build, family: str) -> None:
    snapshot = prism(absent=(family,))
    whole = " ".join(said(page.update(snapshot, NOW)["bk-panels"]["children"]).split())
    assert "not reported" in whole
    found = {one.name: one for one in backends(snapshot, NOW).backends}
    if family == "prism_pool_acquire":
        assert found["redis"].acquire.p99.reading is Reading.NOT_REPORTED
    if family == "prism_pool_errors":
        assert found["redis"].errors.refused.reading is Reading.NOT_REPORTED
    if family == "prism_pool_connections":
        assert cells(snapshot, "redis")["active"]["n"] == "7", "health details report it too"


def test_a_lost_proxy_leaves_old_figures_with_their_age(prism: Build) -> None:
    snapshot = prism(lost=("proxy",))
    assert cells(snapshot, "redis")["active"]["c"] == "is-stale"
    redis = next(one for one in backends(snapshot, NOW).backends if one.name == "redis")
    assert (redis.acquire.p99.reading, redis.errors.timeout.reading) == (Reading.STALE, Reading.STALE)
    assert page.update(snapshot, NOW)["bk-pool-hint"]["className"] == "hint is-stale"


def test_a_lost_pattern_is_unhealthy_and_the_loudest(prism: Build) -> None:
    view = page.view_model(prism(lost=("patterns",)), NOW)
    assert view.status.status in (Status.UNHEALTHY, Status.UNKNOWN)
    assert view.panels[0].status.status is not Status.HEALTHY


def test_nothing_at_all_is_said_and_not_drawn() -> None:
    props = page.update(Snapshot(), NOW)
    assert said(props["bk-panels"]["children"]) == "No pattern has reported its backend yet."
    assert props["bk-pools-data"]["data"]["rows"] == []


def test_an_unknown_backend_of_a_hostile_name_shows_its_details_as_text(prism: Build) -> None:
    snapshot = prism(statuses={ODD: "HEALTHY"})
    assert "endpoint <b>s3</b>" in panel_of(snapshot, ODD[:20])


def test_fifty_patterns_are_drawn_up_to_a_readable_number_and_the_rest_is_named(prism: Build) -> None:
    snapshot = prism(statuses={f"kv-{number:02}": "HEALTHY" for number in range(50)})
    panels = page.update(snapshot, NOW)["bk-panels"]["children"]
    assert len(panels) == 25
    assert said(panels[-1]).startswith("29 more, none worse")


def test_everything_said_has_a_place(prism: Build) -> None:
    props = page.update(prism(), NOW)
    assert set(props) <= ids_of(page.tree())
    apply(page.tree(), props)


def names(snapshot: Snapshot) -> list[str]:
    return [row["backend"]["n"] for row in page.update(snapshot, NOW)["bk-pools-data"]["data"]["rows"]]


def test_what_has_no_pool_takes_its_place_among_the_pools_by_its_trouble(prism: Build) -> None:
    statuses = {"redis": "HEALTHY", "nats": "DEGRADED", "postgresql": "HEALTHY", "memstore": "UNHEALTHY"}
    assert names(prism(statuses=statuses)) == ["memstore", "nats", "redis", "postgresql", "Sum of 2 pools"]


def test_connections_over_time_are_a_line_for_each_pool(prism: Build) -> None:
    figure = page.update(prism(), NOW)["bk-conns-chart"]["figure"]
    lines = {trace["name"]: trace["y"] for trace in figure["data"] if trace.get("name")}
    assert set(lines) == {"redis", "nats", "postgresql"}
    assert [one for one in lines["redis"] if one is not None] == [7.0] * 7
    assert lines["redis"][0] is None, "before the first read there is a gap"
    assert page.update(prism(), NOW, range="1h")["bk-conns-hint"]["children"] == "last 1 h"


def test_among_many_pools_the_busiest_are_named_and_the_others_are_one_line() -> None:
    lines = PoolLines([1.0, 2.0], {f"p{number}": [None, float(number)] for number in range(9)})
    figure = words.connections(lines, Span(0.0, 2.0))
    named = {trace["name"]: trace["y"] for trace in figure["data"] if trace.get("name")}
    assert set(named) == {"p3", "p4", "p5", "p6", "p7", "p8", "3 others"}
    assert list(named["3 others"]) == [None, 3.0]


def test_a_backend_that_no_pattern_stands_for_leads_nowhere() -> None:
    scrape = Scrape("proxy", "p:8980", NOW)
    scrape.add("prism_pool_connections_active", 9.0, Kind.GAUGE, backend="kafka")
    scrape.add("prism_pool_connections_max", 12.0, Kind.GAUGE, backend="kafka")
    state = SourceState("proxy@p:8980", "proxy", "p:8980", "p:8980", 1.0).succeeded(NOW, 0.01, 2)
    snapshot = snapshot_of([scrape], sources=[state], meta={"collector_alive_at": NOW})
    assert "h" not in cells(snapshot, "kafka")["backend"]
    assert panel_of(snapshot, "kafka").startswith("kafka HEALTHY Connections 9 active 12 max Pool capacity 75.0 %")
    assert "href" not in str(page.update(snapshot, NOW)["bk-panels"]["children"])


def test_more_details_than_are_readable_are_counted(prism: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(DETAILS, "kafka", {f"queue_{number:02}": float(number) for number in range(20)})
    shown = panel_of(prism(statuses={"kafka": "HEALTHY"}), "kafka")
    assert "queue 07 7" in shown
    assert "queue 08" not in shown
    assert shown.endswith("And 12 more on its page")


def test_details_of_a_pattern_that_is_gone_say_their_age(prism: Build) -> None:
    snapshot = prism(lost=("patterns",), statuses={ODD: "HEALTHY"})
    assert "endpoint <b>s3</b> 14 s old" in panel_of(snapshot, ODD[:20])


def test_ids_hold_whatever_a_pattern_is_called(prism: Build) -> None:
    for name in (ODD, "..", "a b", '{"x": 1}', "slash/inside"):
        panels = page.update(prism(statuses={name: "HEALTHY"}), NOW)["bk-panels"]["children"]
        ids = [one.id for one in panels if getattr(one, "id", None)]
        assert len(set(ids)) == len(panels)
        assert not set("".join(ids)) & set(' .{}<>"')


def test_a_proxy_that_never_answered_is_an_error_or_not_there(prism: Build) -> None:
    broken = prism()
    states = [one for one in broken.sources.values() if one.source != "proxy"]
    never = SourceState("proxy@p:8980", "proxy", "p:8980", "p:8980", 1.0)
    refused = never.failed(NOW - 1, 0.01, CollectError(ErrorKind.WRONG_PROTOCOL, "no Prometheus text"))
    for sources in (states, [*states, refused]):
        snapshot = snapshot_of([pattern(NOW, name, "HEALTHY") for name in DETAILS], sources=sources,
                               meta={"collector_alive_at": NOW})  # fmt: skip
        redis = panel_of(snapshot, "redis")
        assert "Connections 7 active 10 max" in redis, "health details report it"
        assert ("not reported" in redis) is (sources is states)
        found = next(one for one in backends(snapshot, NOW).backends if one.name == "redis")
        assert found.acquire.p99.value is found.errors.refused.value is None
        assert found.acquire.p99.reading is (Reading.NOT_REPORTED if sources is states else Reading.ERROR)


def test_a_pattern_of_another_name_than_its_backend_is_reported_first() -> None:
    scrape = Scrape("proxy", "p:8980", NOW)
    for name in ("orders", "redis"):
        scrape.add("prism_pool_connections_active", 2.0, Kind.GAUGE, backend="redis", pattern=name)
    state = SourceState("proxy@p:8980", "proxy", "p:8980", "p:8980", 1.0).succeeded(NOW, 0.01, 2)
    assert set(names(snapshot_of([scrape], sources=[state], meta={}))) == {"orders · redis", "redis"}
