"""A sample's own time is its age."""

from __future__ import annotations

from array import array
from collections.abc import Callable

from collectors.core.source_states import Attempt, SourceStates
from collectors.exposition.own_times import as_of
from collectors.exposition.parser import Exposition
from collectors.proxy.metrics import ProxyCollector
from model.series import Labels, Scrape, Series
from model.settings import Aliases, SourceOptions
from store.incoming import frames_of
from store.writing.columns import Tables
from store.writing.intake import Intake
from tests.collectors.conftest import Answers, HttpServer, Reply

NOW = 1_700_000_000.0
OPTIONS = SourceOptions(interval_seconds=2.0, timeout_seconds=5.0)
Http = Callable[[Answers], HttpServer]


def exposition(*ages: float | None) -> Exposition:
    """Samples of these ages; None carries no time."""
    labels: Labels = (("instance", "a:1"),)
    series = [Series(f"m{place}", labels) for place in range(len(ages))]
    times = array("d", (float("nan") if age is None else NOW - age for age in ages))
    return Exposition(series, array("d", range(len(ages))), 0, times)


def kept(*ages: float | None) -> tuple[list[str], float]:
    series, values, time = as_of(exposition(*ages), NOW, 2.0)
    assert len(series) == len(values)
    return [one.name for one in series], NOW - time


def test_a_read_is_as_old_as_its_newest_sample() -> None:
    assert kept(30.0, 31.0) == (["m0", "m1"], 30.0)
    assert kept(None, 5.0) == (["m0", "m1"], 0.0)


def test_a_sample_that_is_stale_beside_the_others_is_left_out() -> None:
    assert kept(None, 6.0, 6.1) == (["m0", "m1"], 0.0)
    assert kept(100.0, 200.0) == (["m0"], 100.0)


def test_a_time_ahead_of_our_clock_is_now() -> None:
    assert kept(-3600.0) == (["m0"], 0.0)


def test_a_cache_that_answers_in_the_proxys_stead_is_stale_and_not_live(http: Http) -> None:
    server = http(lambda asked: Reply(200, b"prism_requests_total 7 %d\n" % ((NOW - 60) * 1000)))
    one = ProxyCollector(server.url, OPTIONS, Aliases())
    scrape = one.collect(lambda: NOW)
    source_states = SourceStates([one])
    source_states.enter([Attempt("proxy@" + one.instance, NOW, 0.1, scrape)])
    (state,) = source_states.states.values()
    assert (state.last_attempt, state.age_seconds(NOW), state.is_stale(NOW)) == (NOW, 60.0, True)


def test_what_was_read_again_unchanged_is_stored_once() -> None:
    intake = Intake(Tables())
    scrape = Scrape("proxy", "a:1", NOW)
    scrape.add("m", 1.0)
    assert [len(intake.reads(frames_of([scrape]))[0]) for _ in range(3)] == [1, 0, 0]
