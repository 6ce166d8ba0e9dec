"""The shapes that everything else is made of."""

from __future__ import annotations

from model.catalogue import BY_NAME, CATALOGUE
from model.measure import Measure
from model.series import Kind, Scrape, Unit
from model.sources import CollectError, ErrorKind, SourceState
from model.status import Reading


def source() -> SourceState:
    return SourceState("proxy@a:1", "proxy", "a:1", "http://a:1/metrics", interval_seconds=1.0)


def test_every_sample_carries_its_instance() -> None:
    scrape = Scrape("proxy", "a:1", 10.0)
    scrape.add("prism_requests_total", 3.0, Kind.COUNTER, namespace="x")
    (sample,) = scrape.samples()
    assert sample.series.labels == (("instance", "a:1"), ("namespace", "x"))
    assert (sample.value, sample.time) == (3.0, 10.0)


def test_only_counters_and_histograms_can_reset() -> None:
    assert {kind for kind in Kind if kind.accumulates} == {Kind.COUNTER, Kind.HISTOGRAM}


def test_a_failure_keeps_the_time_it_began() -> None:
    error = CollectError(ErrorKind.DOWN, "connection refused")
    state = source().succeeded(100.0, 0.1, 5).failed(101.0, 0.1, error).failed(103.0, 0.1, error)
    assert (state.since, state.failures, state.last_success) == (101.0, 2, 100.0)
    assert state.succeeded(104.0, 0.1, 5).error is None


def test_a_source_is_stale_after_three_of_its_intervals() -> None:
    state = source().succeeded(100.0, 0.1, 5)
    assert not state.is_stale(103.0)
    assert state.is_stale(103.1)
    assert source().is_stale(0.0)


def test_an_old_figure_keeps_its_value_and_a_missing_one_stays_missing() -> None:
    old = Measure.of(0.0, Unit.COUNT).stale(14.0)
    assert (old.reading, old.value, old.age_seconds) == (Reading.STALE, 0.0, 14.0)
    assert Measure.not_reported(Unit.COUNT, "why").stale(14.0).reading is Reading.NOT_REPORTED


def test_the_catalogue_names_each_family_once_with_its_unit() -> None:
    assert len(BY_NAME) == len(CATALOGUE)
    for family in CATALOGUE:
        if family.name.endswith("_seconds") and family.unit is not Unit.TIMESTAMP:
            assert family.unit is Unit.SECONDS, family.name
        if family.name.endswith("_bytes"):
            assert family.unit is Unit.BYTES, family.name
        misnamed = family.name.startswith("prism_admin_admin_") and family.kind is Kind.GAUGE  # as it exposes them
        assert (family.kind is Kind.COUNTER) == family.name.endswith("_total") or misnamed, family.name
