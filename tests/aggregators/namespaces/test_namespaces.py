"""Every namespace by its own figures, the worst first; who is idle, who is not listed, who is noisy."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregators.namespaces.figures import NO_NAMESPACE, NO_STATUS, OWN_WINDOW
from aggregators.namespaces.namespaces import namespaces
from aggregators.namespaces.row import ACTIVE, IDLE, UNLISTED, NamespaceRow
from model.measure import Measure
from model.series import Kind, Scrape, Unit
from model.status import Reading, Status
from store.snapshot import Snapshot, snapshot_of
from tests.aggregators.tenants import BUCKET, NOW, REQUESTS, Tenant, proxy, world

SHOP, SEARCH = Tenant("shop", 100.0, failures=0.1), Tenant("search", 60.0, seconds=0.0015)


def named(snapshot: Snapshot, now: float = NOW) -> dict[str, NamespaceRow]:
    return {one.name: one for one in namespaces(snapshot, now).rows}


def test_figures_are_each_namespaces_own() -> None:
    rows = named(world([SHOP, SEARCH], {"shop": {"limit": 400, "patterns": "redis,nats"}, "search": {}}))
    shop, search = rows["shop"], rows["search"]
    assert shop.per_second.value == pytest.approx(100)
    assert shop.error_ratio.value == pytest.approx(0.001)
    assert (shop.p99.value, shop.p99.bound) == (0.001, "<")
    assert search.p99.value == pytest.approx(0.00199)
    assert shop.share_ratio.value == pytest.approx(100 / 160)
    assert [shop.max_per_second.value, shop.use_ratio.value] == pytest.approx([400, 0.25])
    assert (shop.patterns, search.patterns) == (("redis", "nats"), ("redis",))
    assert (search.max_per_second.reading, search.use_ratio.reading) == (Reading.NOT_REPORTED, Reading.NOT_REPORTED)
    assert (shop.status, shop.reason, shop.place) == (Status.HEALTHY, "", ACTIVE)


def test_several_flows_patterns_and_proxies_add_up() -> None:
    tenants = [Tenant("shop", 10), Tenant("shop", 30, pattern="nats", operation="PubSub.Publish", failures=3)]
    second = [proxy(NOW - 40 + at, at, [Tenant("shop", 60)], instance="p:2") for at in range(41)]
    shop = named(world(tenants, extra=second))["shop"]
    assert shop.per_second.value == pytest.approx(100)
    assert shop.error_ratio.value == pytest.approx(3 / 100)
    assert shop.patterns == ("nats", "redis")


def test_a_restart_of_the_proxy_loses_no_request() -> None:
    before = [proxy(NOW - 40 + at, 1000 + at, [SHOP]) for at in range(20)]
    after = [proxy(NOW - 20 + at, at, [SHOP]) for at in range(21)]
    whole = world([SHOP])
    snapshot = snapshot_of([*before, *after], sources=whole.sources.values(), meta=whole.meta)
    shop = named(snapshot)["shop"]
    assert shop.error_ratio.value == pytest.approx(0.001)
    assert shop.per_second.value == pytest.approx(100)


def test_idle_unlisted_and_active_are_distinguished() -> None:
    answer = namespaces(world([SHOP, Tenant("stray", 5)], {"shop": {}, "attic": {}}), NOW)
    places = {one.name: one.place for one in answer.rows}
    assert places == {"shop": ACTIVE, "stray": UNLISTED, "attic": IDLE}
    assert [one.value for one in (answer.active, answer.with_traffic, answer.idle, answer.unlisted)] == [2, 2, 1, 1]
    attic = next(one for one in answer.rows if one.name == "attic")
    assert attic.per_second == Measure.of(0.0, Unit.PER_SECOND)
    assert {attic.p99.reading, attic.error_ratio.reading} == {Reading.NO_TRAFFIC}
    assert (attic.status, attic.reason) == (Status.UNKNOWN, "idle: no request in the last 5 min")
    stray = next(one for one in answer.rows if one.name == "stray")
    assert (stray.status, stray.reason) == (Status.HEALTHY, UNLISTED)


def test_the_worst_come_first_then_the_busiest_and_the_idle_last() -> None:
    tenants = [
        Tenant("small", 1), Tenant("big", 500), Tenant("slow", 50, seconds=0.05), Tenant("failing", 50, failures=20),
        Tenant("full", 95),
    ]  # fmt: skip
    answer = namespaces(world(tenants, {"full": {"limit": 100}, "attic": {}}), NOW)
    reported = {one.name: (one.status, one.reason) for one in answer.rows}
    assert [one.name for one in answer.rows] == ["failing", "full", "slow", "big", "small", "attic"]
    assert reported["failing"] == (Status.UNHEALTHY, "40 % of requests fail")
    assert reported["slow"][0] is Status.DEGRADED and reported["slow"][1].startswith("P99 is ")
    assert reported["full"] == (Status.DEGRADED, "95 % of its limit in use")


def test_who_fails_and_is_slow_is_said_to_be_both_and_as_bad_as_the_worse() -> None:
    row = named(world([Tenant("shop", 50, failures=0.5, seconds=0.5)]))["shop"]
    assert row.status is Status.UNHEALTHY
    assert row.reason == "1 % of requests fail and P99 is over 100 ms"


def test_one_failure_among_few_requests_is_no_trouble() -> None:
    row = named(world([Tenant("tiny", 0.2, failures=0.025)]))["tiny"]
    assert row.error_ratio.value == pytest.approx(0.125)
    assert row.status is Status.HEALTHY


def test_the_operators_own_limits_count() -> None:
    mild = {"thresholds": {"error_ratio": {"raise_at": 0.5, "clear_at": 0.4}}}
    assert named(world([Tenant("shop", 100, failures=2)]))["shop"].status is Status.DEGRADED
    assert named(world([Tenant("shop", 100, failures=2)], meta=mild))["shop"].status is Status.HEALTHY


@pytest.mark.parametrize("word", ["SUSPENDED", "deleted"])
def test_a_namespace_that_is_out_of_service_says_so(word: str) -> None:
    row = named(world([SHOP], {"shop": {}, "old": {"status": word}}))["old"]
    assert (row.status, row.reason) == (Status.UNKNOWN, f"{word.lower()} in its configuration")


def test_where_only_one_that_is_out_of_service_asks_that_is_the_reason() -> None:
    reported = namespaces(world([Tenant("shop", 100.0)], {"shop": {"status": "deleted"}}), NOW)
    assert reported.status is Status.UNKNOWN
    assert reported.reason.startswith("shop: deleted in its configuration")


def test_the_ten_busiest_have_slices_and_the_rest_one_together() -> None:
    tenants = [Tenant(f"t{number:02d}", number) for number in range(1, 14)]
    shares = namespaces(world(tenants), NOW).shares
    assert [one.name for one in shares] == [f"t{number:02d}" for number in range(13, 3, -1)] + [""]
    assert shares[-1].names == 3
    assert shares[-1].per_second.value == pytest.approx(6)
    assert sum(one.share_ratio.value or 0 for one in shares) == pytest.approx(1)


def test_requests_of_no_namespace_are_in_the_total_and_in_the_rest() -> None:
    answer = namespaces(world([SHOP, Tenant("", 25)]), NOW)
    assert [one.name for one in answer.rows] == ["shop"]
    assert answer.per_second.value == pytest.approx(125)
    assert (answer.shares[-1].name, answer.shares[-1].names) == ("", 0)
    assert answer.shares[-1].share_ratio.value == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("tenants", "configs", "noisy"),
    [
        ([Tenant("loud", 81), Tenant("calm", 19)], {}, "loud"),
        ([Tenant("loud", 80), Tenant("calm", 20)], {}, ""),
        ([Tenant("loud", 81), Tenant("", 19)], {}, "loud"),
        ([Tenant("loud", 81)], {"loud": {}}, ""),
        ([Tenant("loud", 81)], {"loud": {}, "quiet": {}}, "loud"),
        ([Tenant("", 81), Tenant("calm", 19)], {}, ""),
        ([Tenant("loud", 5), Tenant("calm", 0.1)], {}, ""),
    ],
)
def test_who_makes_over_80_percent_of_enough_requests_is_noisy_if_there_are_neighbours(
    tenants: list[Tenant], configs: dict[str, dict[str, object]], noisy: str
) -> None:
    answer = namespaces(world(tenants, configs), NOW)
    assert answer.noisy == noisy
    assert [one.name for one in answer.rows if one.noisy] == ([noisy] if noisy else [])
    assert all(("of all requests" in one.reason) == one.noisy for one in answer.rows)


@pytest.mark.parametrize(
    ("asked", "words"), [(91, "91 % of its limit in use"), (250, "2.5 times its limit asked"), (90, "")]
)
def test_use_above_90_percent_of_the_limit_is_reported(asked: float, words: str) -> None:
    row = named(world([Tenant("shop", asked), Tenant("search", 500)], {"shop": {"limit": 100}}))["shop"]
    assert row.reason == words
    assert row.status is (Status.DEGRADED if words else Status.HEALTHY)


@settings(max_examples=40)
@given(st.lists(st.floats(0.0, 1e6), min_size=1, max_size=30))
def test_shares_are_those_of_the_rates_and_sum_to_one(amounts: list[float]) -> None:
    answer = namespaces(world([Tenant(f"n{at}", one) for at, one in enumerate(amounts)], seconds=3), NOW)
    total = sum(amounts)
    if total <= 0:
        assert answer.shares == ()
        return
    assert answer.per_second.value == pytest.approx(total)
    assert sum(one.share_ratio.value or 0.0 for one in answer.shares) == pytest.approx(1)
    for one in answer.rows:
        if one.share_ratio.value is not None:
            assert one.share_ratio.value == pytest.approx(amounts[int(one.name[1:])] / total, abs=1e-9)
    if answer.noisy:
        assert amounts[int(answer.noisy[1:])] / total > 0.8


def test_without_a_namespace_label_nothing_is_known_of_any() -> None:
    rows = named(world([SHOP], {"shop": {}}, leave_out=("namespace",)))
    assert {rows["shop"].per_second.reading, rows["shop"].p99.reading} == {Reading.NOT_REPORTED}
    assert rows["shop"].per_second.note == NO_NAMESPACE
    assert (rows["shop"].status, rows["shop"].place) == (Status.UNKNOWN, "")
    assert namespaces(world([SHOP], leave_out=("namespace",)), NOW).noisy == ""


def test_without_a_status_label_success_is_not_reported_and_never_all() -> None:
    row = named(world([SHOP], leave_out=("status",)))["shop"]
    assert (row.error_ratio.reading, row.error_ratio.note) == (Reading.NOT_REPORTED, NO_STATUS)
    assert row.per_second.value == pytest.approx(100)
    assert row.status is Status.HEALTHY


def own(time: float, rate: float, p99: float) -> Scrape:
    scrape = proxy(time, time - NOW + 40, [SHOP], ("status", BUCKET, "pattern", "operation"))
    scrape.add("prism_namespace_error_rate", rate, Kind.GAUGE, namespace="shop")
    scrape.add("prism_namespace_latency_seconds", p99, Kind.GAUGE, namespace="shop", p="p99")
    scrape.add("prism_namespace_latency_seconds", p99 / 2, Kind.GAUGE, namespace="shop", p="p50")
    return scrape


@pytest.mark.parametrize(
    ("rate", "p99", "status"),
    [(0.0, 0.002, Status.HEALTHY), (0.01, 0.002, Status.DEGRADED), (0.0, 0.2, Status.UNHEALTHY)],
)
def test_a_proxy_that_works_figures_out_itself_is_believed_and_named(rate: float, p99: float, status: Status) -> None:
    whole = world([], leave_out=(REQUESTS, BUCKET))
    reads = [own(NOW - 40 + at, rate, p99) for at in range(41)]
    row = named(snapshot_of(reads, sources=whole.sources.values(), meta=whole.meta))["shop"]
    assert (row.error_ratio.value, row.error_ratio.note) == (rate, OWN_WINDOW)
    assert (row.p99.value, row.p99.note) == (p99, OWN_WINDOW)
    assert row.per_second.value == pytest.approx(100)
    assert row.status is status


def test_a_rate_that_is_no_share_is_not_shown_as_one() -> None:
    whole = world([], leave_out=(REQUESTS, BUCKET))
    reads = [own(NOW - 40 + at, 7.5, 0.002) for at in range(41)]
    row = named(snapshot_of(reads, sources=whole.sources.values(), meta=whole.meta))["shop"]
    assert (row.error_ratio.reading, row.error_ratio.value) == (Reading.NOT_REPORTED, None)


def test_a_lost_proxy_leaves_old_figures_with_their_age() -> None:
    answer = namespaces(world([SHOP, SEARCH], {"shop": {"limit": 400}, "attic": {}}, lost=("proxy",)), NOW)
    shop = next(one for one in answer.rows if one.name == "shop")
    for measure in (shop.per_second, shop.p99, shop.error_ratio, shop.share_ratio, shop.use_ratio, answer.idle):
        assert (measure.reading, measure.age_seconds) == (Reading.STALE, 14.0)
    assert answer.age_seconds == 14.0
    assert shop.max_per_second.reading is Reading.VALUE


def test_a_proxy_that_never_answered_leaves_the_configuration_only() -> None:
    answer = namespaces(world([], {"shop": {"limit": 400}}, never=("proxy",)), NOW)
    (shop,) = answer.rows
    assert (shop.status, shop.place, shop.max_per_second.value) == (Status.UNKNOWN, "", 400)
    for measure in (shop.per_second, shop.p99, shop.error_ratio, shop.use_ratio, answer.per_second, answer.idle):
        assert (measure.reading, measure.value) == (Reading.ERROR, None)
    assert (answer.shares, answer.noisy) == ((), "")
    assert "down" in answer.note


def test_without_the_admin_api_nobody_is_called_idle_or_unlisted() -> None:
    answer = namespaces(world([SHOP], never=("admin",)), NOW)
    (shop,) = answer.rows
    assert (shop.place, shop.status) == ("", Status.HEALTHY)
    assert shop.per_second.value == pytest.approx(100)
    for measure in (shop.max_per_second, shop.use_ratio, answer.idle, answer.unlisted):
        assert (measure.reading, measure.value) == (Reading.ERROR, None)


def test_an_admin_api_that_lists_none_means_that_all_are_unlisted() -> None:
    answer = namespaces(world([SHOP], {}), NOW)
    assert (answer.rows[0].place, answer.unlisted.value, answer.idle.value) == (UNLISTED, 1, 0)


def test_a_lost_admin_api_leaves_old_limits_with_their_age() -> None:
    shop = named(world([SHOP], {"shop": {"limit": 400}}, lost=("admin",)))["shop"]
    assert (shop.max_per_second.reading, shop.max_per_second.value) == (Reading.STALE, 400)
    assert (shop.use_ratio.reading, shop.use_ratio.age_seconds) == (Reading.STALE, 14.0)
    assert shop.per_second.reading is Reading.VALUE


def test_before_two_reads_nothing_is_said_of_rates() -> None:
    answer = namespaces(world([SHOP], {"shop": {}}, seconds=0), NOW)
    assert (answer.per_second.reading, answer.rows[0].per_second.reading) == (Reading.NOT_REPORTED,) * 2
    assert answer.shares == ()


def test_nothing_at_all_is_an_answer_too() -> None:
    answer = namespaces(Snapshot(), NOW)
    assert (answer.rows, answer.shares, answer.noisy) == ((), (), "")
    assert answer.per_second.reading is Reading.NOT_REPORTED


def test_very_many_namespaces_are_reported_as_few_are() -> None:
    tenants = [Tenant(f"n{number:04d}", 1 + number % 7, failures=number % 3 / 10) for number in range(1000)]
    answer = namespaces(world(tenants, seconds=20), NOW)
    assert len(answer.rows) == 1000
    rows = {one.name: one for one in answer.rows}
    for number in (0, 5, 500, 999):
        one = rows[f"n{number:04d}"]
        assert one.per_second.value == pytest.approx(1 + number % 7)
        assert one.error_ratio.value == pytest.approx(number % 3 / 10 / (1 + number % 7))
