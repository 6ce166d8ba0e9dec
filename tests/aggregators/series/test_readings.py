"""Zero, not reported, stale and error are never mixed (law 2), over whole answers."""

from __future__ import annotations

import pytest

from aggregators.namespaces.active_namespaces import active_namespaces
from aggregators.requests.traffic import traffic, traffic_series
from aggregators.security.auth import auth_success
from aggregators.series.source_rows import source_table
from aggregators.series.sources import collector_state, is_blackout
from aggregators.series.window import Window
from model.measure import Measure
from model.series import Unit
from model.sources import ErrorKind
from model.status import Reading
from tests.aggregators.virtual_prism import VirtualPrism

RATIOS = ("success_ratio", "error_ratio")
RATES = ("per_second", "read_per_second", "write_per_second")
LATENCIES = ("p50", "p99", "p999")


def run(world: VirtualPrism, seconds: int) -> VirtualPrism:
    for _ in range(seconds):
        world.tick()
    return world


def test_the_default_has_values_everywhere(world: VirtualPrism) -> None:
    run(world, 30)
    reported = traffic(world.snapshot(), world.now)
    assert reported.success_ratio.value == pytest.approx(0.9997, abs=1e-5)
    assert reported.error_ratio.value == pytest.approx(0.0003, abs=1e-5)
    assert reported.per_second.value == pytest.approx(400)
    assert reported.read_per_second.value == pytest.approx(400)
    assert reported.write_per_second == Measure.of(0.0, Unit.PER_SECOND)
    assert reported.p99.value == pytest.approx(0.00099, abs=2e-5)
    assert reported.p50.bound == "<"
    assert auth_success(world.snapshot(), world.now).success_ratio.value == pytest.approx(0.998)
    assert active_namespaces(world.snapshot(), world.now).value == 2


@pytest.mark.parametrize("field", [*RATIOS, *RATES, *LATENCIES, "errors_last_minute", "requests"])
def test_absent_families_are_not_reported_and_never_zero_or_all(world: VirtualPrism, field: str) -> None:
    world.absent = ("prism_",)
    run(world, 10)
    measure = getattr(traffic(world.snapshot(), world.now), field)
    assert (measure.reading, measure.value) == (Reading.NOT_REPORTED, None)
    assert "would fill it" in measure.note


def test_families_that_vanish_while_the_source_is_read_become_not_reported(world: VirtualPrism) -> None:
    run(world, 20)
    world.absent = ("prism_auth",)
    run(world, 5)
    reported = auth_success(world.snapshot(), world.now)
    assert reported.success_ratio.reading is Reading.NOT_REPORTED
    assert "prism_auth_requests_total" in reported.success_ratio.note
    assert traffic(world.snapshot(), world.now).success_ratio.reading is Reading.VALUE


def test_a_source_never_read_is_its_typed_error(world: VirtualPrism) -> None:
    world.failing["proxy"] = ErrorKind.WRONG_PROTOCOL
    run(world, 5)
    measure = traffic(world.snapshot(), world.now).success_ratio
    assert measure.reading is Reading.ERROR
    assert "wrong protocol" in measure.note


def test_a_source_lost_after_values_keeps_them_stale_with_their_age(world: VirtualPrism) -> None:
    run(world, 30)
    before = traffic(world.snapshot(), world.now)
    world.failing["proxy"] = ErrorKind.DOWN
    run(world, 400)
    after = traffic(world.snapshot(), world.now)
    for field in (*RATIOS, *RATES, *LATENCIES):
        measure = getattr(after, field)
        assert measure.reading is Reading.STALE
        assert measure.age_seconds == 400
        assert measure.value == getattr(before, field).value
        assert "down" in measure.note


def test_no_requests_are_no_traffic_and_a_rate_of_zero(world: VirtualPrism) -> None:
    world.rate = 0.0
    run(world, 10)
    reported = traffic(world.snapshot(), world.now)
    assert reported.success_ratio.reading is Reading.NO_TRAFFIC
    assert reported.p99.reading is Reading.NO_TRAFFIC
    assert reported.per_second == Measure.of(0.0, Unit.PER_SECOND)
    assert auth_success(world.snapshot(), world.now).success_ratio.reading is Reading.NO_TRAFFIC


def test_one_read_reports_no_rate_and_no_ratio(world: VirtualPrism) -> None:
    run(world, 1)
    reported = traffic(world.snapshot(), world.now)
    assert reported.success_ratio.reading is Reading.NOT_REPORTED
    assert reported.per_second.reading is Reading.NOT_REPORTED
    assert reported.p99.reading is Reading.NOT_REPORTED


def test_no_source_configured_says_so(world: VirtualPrism) -> None:
    run(world, 5)
    for key in list(world.states):
        if key.startswith("proxy"):
            del world.states[key]
    measure = traffic(world.snapshot(), world.now).success_ratio
    assert measure.reading is Reading.NOT_REPORTED
    assert "no proxy source is configured" in measure.note


def test_a_gap_in_reading_is_a_gap_in_the_lines_and_makes_no_spike(world: VirtualPrism) -> None:
    run(world, 60)
    world.failing["proxy"] = ErrorKind.DOWN
    run(world, 20)
    world.failing.clear()
    run(world, 60)
    lines = traffic_series(world.snapshot(), world.now)
    rates = [one for one in lines.read if one is not None]
    assert None in lines.read[30:]
    assert max(rates) == pytest.approx(400, rel=1e-6)
    assert len(lines.times) == len(lines.p99) == len(lines.read) == 150
    assert len(lines.error_times) == len(lines.errors_per_minute) == 30


def test_a_counter_reset_makes_no_negative_or_spiking_rate(world: VirtualPrism) -> None:
    run(world, 60)
    world.counts.clear()
    run(world, 60)
    reported = traffic(world.snapshot(), world.now)
    rates = [one for one in traffic_series(world.snapshot(), world.now).read if one is not None]
    assert min(rates) >= 0
    assert max(rates) <= 400.0001
    assert reported.success_ratio.value == pytest.approx(0.9997, abs=1e-5)


def test_namespaces_come_from_traffic_when_the_admin_api_does_not_report(world: VirtualPrism) -> None:
    world.failing["admin"] = ErrorKind.DOWN
    run(world, 10)
    reported = active_namespaces(world.snapshot(), world.now)
    assert (reported.reading, reported.value) == (Reading.VALUE, 2.0)
    assert "seen in traffic" in reported.note


def test_an_admin_api_that_lists_none_means_zero(world: VirtualPrism) -> None:
    world.absent = ("prism_namespace",)
    run(world, 5)
    assert active_namespaces(world.snapshot(), world.now) == Measure.of(0.0, Unit.COUNT)


def test_the_source_table_reports_lost_from_never_reached_and_for_how_long(world: VirtualPrism) -> None:
    world.failing["admin"] = ErrorKind.HTTP_ERROR
    run(world, 10)
    world.failing["proxy"] = ErrorKind.DOWN
    run(world, 14)
    rows = {row.source: row for row in source_table(world.snapshot(), world.now)}
    assert (rows["proxy"].word, rows["proxy"].for_seconds, rows["proxy"].lost) == ("down", 14, True)
    assert (rows["admin"].word, rows["admin"].never_reached, rows["admin"].lost) == ("HTTP error", True, False)
    assert rows["patterns"].word == "ok"
    assert source_table(world.snapshot(), world.now)[0].word != "ok"


def test_a_source_that_says_nothing_at_all_goes_stale(world: VirtualPrism) -> None:
    run(world, 5)
    rows = source_table(world.snapshot(), world.now + 10)
    assert {row.word for row in rows} == {"stale"}


def test_a_slow_source_is_called_slow(world: VirtualPrism) -> None:
    world.seconds["admin"] = 0.8
    run(world, 3)
    assert next(row for row in source_table(world.snapshot(), world.now) if row.source == "admin").word == "slow"


def test_the_collector_is_alive_while_it_gives_signs_of_life(world: VirtualPrism) -> None:
    run(world, 2)
    assert collector_state(world.snapshot(), world.now + 1).alive
    silent = collector_state(world.snapshot(), world.now + 14)
    assert (silent.alive, silent.silent_seconds) == (False, 14)


def test_a_window_ends_at_the_last_good_read_and_says_whether_there_is_data(world: VirtualPrism) -> None:
    run(world, 5)
    last = world.now
    world.failing["proxy"] = ErrorKind.DOWN
    run(world, 10)
    window = Window.of(world.snapshot(), world.now, "prism_requests_total", 60.0)
    assert (window.at, window.start, window.reports) == (last, last - 60, True)
    reported = window.measure(Unit.COUNT, window.total())
    assert (reported.reading, reported.age_seconds) == (Reading.STALE, world.now - last)
    assert reported.value
    assert Window.newest(world.snapshot(), world.now, "prism_requests_total").at == last
    absent = Window.of(world.snapshot(), world.now, "prism_pubsub_pending", 60.0)
    assert not absent.reports
    assert absent.measure(Unit.COUNT, 7.0).value is None


def test_a_window_of_one_read_knows_no_growth_and_one_of_two_does(world: VirtualPrism) -> None:
    run(world, 1)
    assert Window.of(world.snapshot(), world.now, "prism_requests_total", 60.0).growth() is None
    run(world, 5)
    window = Window.of(world.snapshot(), world.now, "prism_requests_total", 60.0)
    assert window.total() == pytest.approx(float(window.increases()["value"].sum()))
    assert 0.0 < window.covered_seconds() <= window.seconds


def test_one_lost_pattern_is_no_blackout_and_all_of_them_are(world: VirtualPrism) -> None:
    run(world, 5)
    world.failing["redis"] = ErrorKind.DOWN
    run(world, 5)
    assert not is_blackout(world.snapshot(), world.now)
    world.failing |= dict.fromkeys(("proxy", *world.patterns), ErrorKind.DOWN)
    run(world, 2)
    assert is_blackout(world.snapshot(), world.now)
