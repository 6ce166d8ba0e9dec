"""Processes against their own limits; sums that say what is missing; CPU time over restarts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregators.resources.processes import ProxyProcess, proxy_processes
from aggregators.resources.resource_series import MOST_LINES, OTHERS, resource_series
from aggregators.resources.resources import Resources, added, resources
from aggregators.series.cpu_cores import cores_in_use, cores_over_time
from model.measure import Measure
from model.series import Kind, Scrape, Series, Unit
from model.sources import ErrorKind, SourceState
from model.status import Reading, Status
from store.frames import Block, Frame
from store.series_table import SeriesTable
from store.snapshot import Snapshot, snapshot_of
from tests.aggregators.telemetry import LOST_FOR, MIB, NOW, Telemetry


def found(**reported: object) -> Resources:
    return resources(Telemetry(**reported).snapshot(), NOW)  # type: ignore[arg-type]


def test_a_proxy_is_reported_against_its_limits() -> None:
    one = found().proxy
    assert one.memory == Measure.of(287 * MIB, Unit.BYTES)
    assert one.memory_share.value == pytest.approx(287 / 500)
    assert one.cpu.value == pytest.approx(0.48)
    assert (one.cpu_limit.value, one.cpu_share.value) == pytest.approx((4.0, 0.12))
    assert one.threads.value == 24
    assert (one.descriptors.value, one.descriptors_share.value) == pytest.approx((156, 156 / 1024))
    assert one.uptime.value == 357840
    assert one.status is Status.HEALTHY


def test_without_limits_there_are_no_shares() -> None:
    one = found(limits=False).proxy
    for share in (one.memory_share, one.cpu_share, one.descriptors_share):
        assert (share.reading, share.value) == (Reading.NOT_REPORTED, None)
    assert "process_memory_limit_bytes" in one.memory_share.note
    assert one.memory.value == 287 * MIB
    assert one.cpu.value == pytest.approx(0.48)


def test_a_limit_that_says_there_is_none_is_none() -> None:
    scrapes = []
    for number in range(3):
        scrape = Scrape("proxy", "p:8980", NOW - 2 + number)
        scrape.add("process_open_fds", 10.0)
        scrape.add("process_max_fds", 0.0)
        scrapes.append(scrape)
    state = next(iter(Telemetry(kinds=("proxy",)).snapshot().sources.values()))
    one = resources(snapshot_of(scrapes, sources=[state]), NOW).proxy
    assert one.descriptors.value == 10
    assert (one.descriptors_limit.value, one.descriptors_share.value) == (None, None)


FIELDS = ("memory", "memory_share", "cpu", "cpu_share", "threads", "descriptors", "descriptors_share", "uptime")


def readings(one: ProxyProcess) -> set[Reading]:
    return {getattr(one, name).reading for name in FIELDS}


def test_a_proxy_that_reports_nothing_of_itself_has_no_numbers() -> None:
    answer = found(absent=("process_", "prism_pattern_"))
    assert readings(answer.proxy) == {Reading.NOT_REPORTED}
    assert "process_resident_memory_bytes" in answer.proxy.memory.note
    assert answer.proxy.status is Status.UNKNOWN
    assert answer.totals.memory.reading is Reading.NOT_REPORTED


def test_a_proxy_that_is_lost_leaves_old_figures_and_one_never_read_its_error() -> None:
    old = found(lost=("proxy",))
    assert readings(old.proxy) == {Reading.STALE}
    assert old.proxy.memory.age_seconds == LOST_FOR
    assert old.proxy.uptime.value == pytest.approx(357840 - LOST_FOR)
    assert (old.totals.memory.reading, old.totals.memory.age_seconds) == (Reading.STALE, LOST_FOR)
    never = found(never=("proxy",), error=ErrorKind.WRONG_PROTOCOL)
    assert readings(never.proxy) == {Reading.ERROR}
    assert "wrong protocol" in never.proxy.memory.note


def test_no_proxy_configured_is_not_reported() -> None:
    answer = found(kinds=("signoz",))
    assert readings(answer.proxy) == {Reading.NOT_REPORTED}
    assert answer.proxy.reason == "no proxy source is configured"
    assert resources(Snapshot(), NOW).totals.processes.value is None


def test_the_processes_of_other_sources_are_not_the_proxys() -> None:
    telemetry = Telemetry()
    plain = telemetry._otel

    def with_its_own(scrape: Scrape, elapsed: float) -> None:
        plain(scrape, elapsed)
        scrape.add("process_resident_memory_bytes", 1e9)
        scrape.add("process_cpu_seconds_total", elapsed * 3, Kind.COUNTER)

    telemetry._otel = with_its_own  # type: ignore[method-assign]
    answer = resources(telemetry.snapshot(), NOW)
    assert (answer.proxy.memory.value, answer.proxy.cpu.value) == pytest.approx((287 * MIB, 0.48))
    lines = resource_series(telemetry.snapshot(), NOW, 60.0, 5.0)
    assert [name for name, _ in lines.memory] == ["proxy", "postgresql", "redis"]


def test_patterns_are_reported_with_the_largest_first() -> None:
    patterns = found().patterns
    assert [one.pattern for one in patterns] == ["postgresql", "redis"]
    assert patterns[0].memory == Measure.of(67 * MIB, Unit.BYTES)
    assert patterns[0].cpu.value == pytest.approx(0.2)
    assert patterns[0].goroutines.value == 12
    assert patterns[0].uptime.value == pytest.approx(8100)


def test_totals_are_sums_of_everything_that_is_reported() -> None:
    totals = found().totals
    assert totals.memory.value == (287 + 45 + 67) * MIB
    assert totals.memory.note == "sum of 3 processes"
    assert totals.cpu.value == pytest.approx(0.48 + 0.2 + 0.2)


def test_a_sum_says_which_part_is_missing() -> None:
    totals = found(absent=("prism_pattern_resident",)).totals
    assert totals.memory.value == 287 * MIB
    assert totals.memory.note == "without postgresql and redis"
    assert totals.cpu.note == "sum of 3 processes"


def test_several_proxies_are_a_sum_that_says_so_and_a_list_with_the_fullest_first() -> None:
    answer = found(proxies=("p:1", "p:2"))
    assert answer.proxy.instance == "sum of 2 proxies"
    assert answer.proxy.memory.value == 2 * 287 * MIB
    assert answer.proxy.memory_share.reading is Reading.NOT_REPORTED
    assert answer.proxy.uptime.reading is Reading.NOT_REPORTED
    assert [one.instance for one in answer.proxies] == ["p:1", "p:2"]
    assert answer.totals.memory.value == 2 * (287 + 45 + 67) * MIB
    assert {(one.pattern, one.instance) for one in answer.patterns} == {
        ("redis", "p:1"), ("redis", "p:2"), ("postgresql", "p:1"), ("postgresql", "p:2"),
    }  # fmt: skip


def test_one_lost_proxy_of_two_is_missing_from_the_sum_by_name() -> None:
    answer = found(proxies=("p:1", "p:2"), lost=("p:2",))
    assert answer.proxy.memory.value == 287 * MIB
    assert answer.proxy.memory.note == "without p:2"
    assert answer.proxy.memory.reading is Reading.VALUE
    assert "without proxy p:2" in answer.totals.memory.note


@given(st.lists(st.one_of(st.none(), st.floats(0, 1e12)), max_size=8))
def test_a_sum_is_that_of_its_known_parts_and_names_all_others(values: list[float | None]) -> None:
    parts = [
        (f"n{at}", Measure.not_reported(Unit.BYTES, "x") if value is None else Measure.of(value, Unit.BYTES))
        for at, value in enumerate(values)
    ]
    reported = added(parts, Unit.BYTES)
    known = [value for value in values if value is not None]
    assert reported.value == (pytest.approx(sum(known)) if known else None)
    if known and len(known) < len(values) <= 5:
        assert all((f"n{at}" in reported.note) is (value is None) for at, value in enumerate(values))


def block(values: list[list[float]], step: float = 1.0) -> Block:
    series = tuple(Series("cpu", (("pattern", f"p{at}"),), Kind.COUNTER) for at in range(len(values[0])))
    columns = SeriesTable(series).family("cpu")
    times = np.arange(len(values), dtype=np.float64) * step + NOW
    return Block("proxy@a", columns, times, np.array(values))


def test_cpu_time_is_counted_since_the_last_restart_only() -> None:
    frame = Frame("cpu", (block([[100.0], [101.0], [1.0], [2.0], [3.0]]),))
    assert cores_in_use(frame, NOW, NOW + 4, "pattern") == {"p0": pytest.approx(1.0)}


def test_a_counter_that_falls_and_stays_large_is_no_burst() -> None:
    frame = Frame("cpu", (block([[74100.0], [74101.0], [74000.0], [74001.0], [74002.0]]),))
    assert cores_in_use(frame, NOW, NOW + 4, "pattern") == {"p0": pytest.approx(1.0)}
    (only,) = cores_over_time(frame.blocks[0], np.array([NOW + 1, NOW + 2, NOW + 3]), 1.0, "pattern")
    assert only[0] == "p0"
    assert [None if np.isnan(one) else one for one in only[1]] == [1.0, None, 1.0]


@given(st.lists(st.floats(0, 8), min_size=2, max_size=30), st.integers(0, 29))
def test_cores_are_within_what_was_used_in_any_second(used: list[float], restart: int) -> None:
    totals, total = [], 500.0
    for at, one in enumerate(used):
        total = 0.0 if at == restart else total + one
        totals.append([total])
    answer = cores_in_use(Frame("cpu", (block(totals),)), NOW, NOW + len(used), "pattern")
    since = used[restart + 1 :] if restart < len(used) and totals[restart - 1][0] > 0 and restart else used[1:]
    if answer and since:
        assert min(since) - 1e-6 <= answer["p0"] <= max(since) + 1e-6


def test_charts_have_at_most_six_lines_and_the_rest_as_one() -> None:
    patterns = {f"p{at:02d}": 10.0 + at for at in range(12)}
    lines = resource_series(Telemetry(patterns=patterns).snapshot(), NOW, 60.0, 5.0)
    names = [name for name, _ in lines.memory]
    assert len(names) == MOST_LINES + 1
    assert names[-1] == OTHERS
    assert names[0] == "proxy"
    last = sum(values[-1] or 0.0 for _, values in lines.memory)
    assert last == pytest.approx((287 + sum(patterns.values())) * MIB)
    assert len({len(values) for _, values in lines.memory} | {len(lines.times)}) == 1


def test_a_gap_stays_a_gap() -> None:
    lines = resource_series(Telemetry(lost=("proxy",)).snapshot(), NOW, 60.0, 5.0)
    memory = dict(lines.memory)["proxy"]
    assert memory[-1] is None
    assert memory[0] == 287 * MIB
    assert dict(lines.cpu)["proxy"][-1] is None


def test_a_process_whose_metrics_hold_nothing_of_prism_is_no_healthy_proxy() -> None:
    scrapes = [Scrape("proxy", "p:1", NOW - 9 + number) for number in range(10)]
    for one in scrapes:
        one.add("process_resident_memory_bytes", 1e8)
        one.add("shop_orders", 3.0)
    state = SourceState("proxy@p:1", "proxy", "p:1", "x", 1.0).succeeded(NOW, 0.01, 1)
    (process,) = proxy_processes(snapshot_of(scrapes, sources=[state]), NOW)
    assert (process.status, process.memory.value) == (Status.UNKNOWN, 1e8)
    assert "nothing of Prism" in process.reason
    scrapes[-1].add("prism_requests_total", 1.0, Kind.COUNTER)
    (process,) = proxy_processes(snapshot_of(scrapes, sources=[state]), NOW)
    assert process.status is Status.HEALTHY
