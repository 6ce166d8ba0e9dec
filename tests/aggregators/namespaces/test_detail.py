"""One namespace: its configuration, its use of it, its operations and its last hour."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregators.namespaces.detail import UNLISTED, NamespaceDetail, namespace_detail
from aggregators.namespaces.namespace_series import namespace_series
from aggregators.namespaces.namespaces import namespaces
from aggregators.namespaces.operations import BY_NAMESPACE_ONLY, PatternUse, pattern_uses
from aggregators.namespaces.row import IDLE
from model.series import Kind
from model.status import Reading, Status
from store.snapshot import snapshot_of
from tests.aggregators.tenants import BUCKET, NOW, REQUESTS, Tenant, proxy, world

GET = Tenant("shop", 60, failures=0.6)
SET = Tenant("shop", 30, operation="KeyValue.Set", seconds=0.0015)
PUBLISH = Tenant("shop", 10, operation="PubSub.Publish", pattern="nats")
OTHER = Tenant("search", 300)
FLOWS = (GET, SET, PUBLISH, OTHER)
CONFIG = {
    "shop": {
        "owner": "team-shop@example.com", "status": "active", "patterns": "redis,nats,s3", "backends": "redis,,minio",
        "limit": 200, "reads": 120, "writes": 80, "created": 1_760_000_000,
    },
    "attic": {},
}  # fmt: skip


def shop(**changes: object) -> NamespaceDetail:
    return namespace_detail(world(FLOWS, CONFIG, **changes), NOW, "shop")  # type: ignore[arg-type]


def test_it_reports_what_is_configured() -> None:
    reported = shop()
    assert (reported.known, reported.owner, reported.admin_status, reported.config_note) == (
        True,
        "team-shop@example.com",
        "active",
        "",
    )
    assert reported.created.value == 1_760_000_000
    assert reported.patterns == (
        PatternUse("redis", "redis", ("KeyValue",), True),
        PatternUse("nats", "", ("PubSub",), True),
        PatternUse("s3", "minio", (), True),
    )


def test_it_reports_how_much_of_each_limit_is_used() -> None:
    reported = shop()
    allowances = (reported.all_requests, reported.reads, reported.writes)
    assert [one.limit_per_second.value for one in allowances] == [200, 120, 80]
    assert [one.per_second.value for one in allowances] == pytest.approx([100, 60, 40])
    assert [one.use_ratio.value for one in allowances] == pytest.approx([0.5] * 3)
    assert reported.namespace.share_ratio.value == pytest.approx(0.25)


def test_its_figures_are_those_of_the_list() -> None:
    snapshot = world(FLOWS, CONFIG)
    for one in namespaces(snapshot, NOW).rows:
        assert namespace_detail(snapshot, NOW, one.name).namespace == one


def test_its_operations_are_the_busiest_first_with_their_own_figures() -> None:
    reported = shop()
    assert [(one.operation, one.pattern) for one in reported.operations] == [
        ("KeyValue.Get", "redis"), ("KeyValue.Set", "redis"), ("PubSub.Publish", "nats"),
    ]  # fmt: skip
    assert [one.per_second.value for one in reported.operations] == pytest.approx([60, 30, 10])
    assert [one.share_ratio.value for one in reported.operations] == pytest.approx([0.6, 0.3, 0.1])
    assert [one.error_ratio.value for one in reported.operations] == pytest.approx([0.01, 0, 0])
    assert reported.operations[1].p99.value == pytest.approx(0.00199)
    assert reported.success_ratio.value == pytest.approx(0.994)


def test_beyond_ten_operations_the_others_are_counted() -> None:
    flows = [Tenant("shop", 1 + number, operation=f"Op.{number}") for number in range(13)]
    reported = namespace_detail(world(flows), NOW, "shop")
    assert (len(reported.operations), reported.operations_known) == (10, 13)


def test_an_idle_one_has_no_traffic_where_others_have() -> None:
    reported = namespace_detail(world(FLOWS, CONFIG), NOW, "attic")
    assert (reported.known, reported.namespace.place, reported.namespace.status) == (True, IDLE, Status.UNKNOWN)
    assert (reported.namespace.per_second.value, reported.namespace.share_ratio.value) == (0, 0)
    assert {reported.namespace.p99.reading, reported.success_ratio.reading} == {Reading.NO_TRAFFIC}
    assert reported.operations == ()
    assert reported.namespace.max_per_second.reading is Reading.NOT_REPORTED


@pytest.mark.parametrize("name", ["nobody", "", "Shop"])
def test_a_name_that_nobody_reports_of_is_not_known(name: str) -> None:
    reported = namespace_detail(world(FLOWS, CONFIG), NOW, name)
    assert not reported.known


def test_one_that_only_its_traffic_reports_of_has_no_configuration() -> None:
    reported = namespace_detail(world(FLOWS, CONFIG), NOW, "search")
    assert (reported.known, reported.config_note, reported.owner) == (True, UNLISTED, "")
    assert (reported.created.reading, reported.created.note) == (Reading.NOT_REPORTED, UNLISTED)
    assert reported.patterns == (PatternUse("redis", "", ("KeyValue",), False),)


def test_without_the_admin_api_it_says_why_nothing_is_configured() -> None:
    reported = shop(never=("admin",))
    assert reported.known
    assert "down" in reported.config_note
    assert {reported.created.reading, reported.all_requests.use_ratio.reading} == {Reading.ERROR}
    assert reported.all_requests.per_second.value == pytest.approx(100)


def test_a_lost_proxy_leaves_old_figures() -> None:
    reported = shop(lost=("proxy",))
    ages = {
        one.age_seconds for one in (reported.namespace.per_second, reported.success_ratio, reported.reads.use_ratio)
    }
    assert ages == {14.0}
    assert reported.operations[0].per_second.reading is Reading.STALE


def test_without_a_status_label_success_is_not_reported() -> None:
    reported = shop(leave_out=("status",))
    assert (reported.success_ratio.reading, reported.success_ratio.value) == (Reading.NOT_REPORTED, None)
    assert {one.error_ratio.reading for one in reported.operations} == {Reading.NOT_REPORTED}


def test_what_the_proxy_works_out_itself_it_does_not_report_by_operation() -> None:
    whole, reads = world([], leave_out=(REQUESTS, BUCKET)), []
    for at in range(41):
        scrape = proxy(NOW - 40 + at, at, FLOWS, ("status", BUCKET))
        scrape.add("prism_namespace_error_rate", 0.02, Kind.GAUGE, namespace="shop")
        scrape.add("prism_namespace_latency_seconds", 0.004, Kind.GAUGE, namespace="shop", p="p99")
        reads.append(scrape)
    reported = namespace_detail(snapshot_of(reads, sources=whole.sources.values(), meta=whole.meta), NOW, "shop")
    assert (reported.success_ratio.value, reported.namespace.p99.value) == (0.98, 0.004)
    for one in reported.operations:
        assert (one.p99.note, one.error_ratio.note) == (BY_NAMESPACE_ONLY, BY_NAMESPACE_ONLY)


@pytest.mark.parametrize(
    ("operation", "interfaces"),
    [("KeyValue.Get", ("KeyValue",)), ("/prism.KeyValue/Get", ("KeyValue",)), ("Get", ()), (".Get", ()), ("", ())],
)
def test_the_interface_is_the_part_before_the_operation(operation: str, interfaces: tuple[str, ...]) -> None:
    assert pattern_uses(None, [(operation, "redis")]) == (PatternUse("redis", "", interfaces, False),)


def test_an_hour_is_drawn_minute_by_minute_and_is_the_namespaces_own() -> None:
    lines = namespace_series(world(FLOWS, seconds=400), NOW, "shop", 3600.0, 60.0)
    assert len(lines.times) == 60
    assert lines.times[-1] == NOW
    assert lines.read[-5:] == pytest.approx((60,) * 5)
    assert lines.write[-5:] == pytest.approx((40,) * 5)
    assert lines.error_ratio[-5:] == pytest.approx((0.006,) * 5)
    assert lines.p99[-1] == pytest.approx(0.00197, abs=2e-5)
    assert lines.read[0] is None and lines.error_ratio[0] is None and lines.p99[0] is None


def test_five_minutes_are_drawn_from_every_read() -> None:
    lines = namespace_series(world(FLOWS, seconds=60), NOW, "shop", 300.0, 5.0)
    assert (len(lines.times), lines.times[1] - lines.times[0]) == (60, 5)
    assert [value for value in lines.read if value is not None] == pytest.approx([60] * 12)


def test_minutes_without_a_request_have_neither_ratio_nor_latency() -> None:
    lines = namespace_series(world([Tenant("shop", 0), OTHER], seconds=200), NOW, "shop", 3600.0, 60.0)
    assert lines.read[-1] == 0
    assert (lines.error_ratio[-1], lines.p99[-1]) == (None, None)


@pytest.mark.parametrize("leave_out", [("status",), ("namespace",), (REQUESTS, BUCKET)])
def test_what_is_not_reported_is_a_gap_and_not_zero(leave_out: tuple[str, ...]) -> None:
    lines = namespace_series(world(FLOWS, seconds=100, leave_out=leave_out), NOW, "shop", 3600.0, 60.0)
    assert set(lines.error_ratio) == {None}
    if "status" not in leave_out:
        assert set(lines.read) | set(lines.p99) == {None}


def test_a_lost_proxys_lines_end_where_it_was_lost() -> None:
    lines = namespace_series(world(FLOWS, seconds=200, lost=("proxy",)), NOW, "shop", 3600.0, 60.0)
    assert lines.times[-1] == NOW - 60


@settings(max_examples=40)
@given(asked=st.floats(0.1, 1e5), failed=st.floats(0.0, 1.0), limit=st.floats(0.1, 1e6))
def test_success_and_use_follow_from_what_was_asked(asked: float, failed: float, limit: float) -> None:
    flow = Tenant("shop", asked, failures=asked * failed)
    reported = namespace_detail(world([flow, OTHER], {"shop": {"limit": limit}}, seconds=3), NOW, "shop")
    assert reported.success_ratio.value == pytest.approx(1 - failed, abs=1e-6)
    assert reported.all_requests.use_ratio.value == pytest.approx(asked / limit)
    assert reported.namespace.share_ratio.value == pytest.approx(asked / (asked + 300))
