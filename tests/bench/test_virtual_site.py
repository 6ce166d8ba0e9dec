from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.virtual.forks import forked
from bench.virtual.outcome import is_named
from bench.virtual.runs import memory_folder
from bench.virtual.site import Site, site
from bench.virtual.trial import flaps, raised_in, run_experiment
from model.series import Event, Severity, labels_of
from simulator.faults.experiments.catalogue import EXPERIMENTS
from simulator.traffic.effects import Mode, Transport

WARM_SECONDS = 15.0


@pytest.fixture
def folder() -> Iterator[Path]:
    with memory_folder() as one:
        yield one


@pytest.fixture
def well(folder: Path) -> Iterator[Site]:
    with site(folder / "store", 3) as one:
        one.run(WARM_SECONDS)
        yield one


def test_every_source_is_read_on_its_own_clock_and_the_machines_time_is_left_alone(well: Site) -> None:
    before = dict(well.snapshot.sources)
    well.run(20.0)
    sources = well.snapshot.sources
    assert {one.source for one in sources.values()} >= {"proxy", "patterns", "signoz", "admin", "otel", "dex"}
    assert all(one.error is None for one in sources.values()), sources
    assert all(one.last_success > before[key].last_success for key, one in sources.items())
    assert abs(time.time() - well.clock.instant) > 60.0
    reads = well.snapshot.frame("prism_pool_connections_max", 0.0, well.clock.instant).blocks[0].values
    assert 25 <= len(reads) <= 60


def test_a_crash_is_seen_named_and_cleared_as_on_a_real_clock(well: Site) -> None:
    outcome = run_experiment(well, EXPERIMENTS["redis-crashes"], 3)
    assert outcome.rule in ("pattern_down", "error_ratio"), "whichever of its signs is read first"
    assert (outcome.component, outcome.severity) == ("redis", "critical")
    assert outcome.within(4.0)
    assert (outcome.wrong, outcome.flaps) == ((), 0)
    assert outcome.causes[0] == "pattern redis"
    assert outcome.incidents >= 1
    assert outcome.clear_seconds is not None


def test_the_same_seed_gives_the_same_alerts(folder: Path) -> None:
    def story(name: str) -> list[tuple[float, str]]:
        with site(folder / name, 7) as one:
            one.run(5.0)
            one.inject({"fault": "pattern_hang", "target": "memstore"})
            one.run(8.0)
            return [(edge.time, edge.message) for edge in one.edges]

    first = story("one")
    assert any("memstore hangs" in words for _, words in first)
    assert story("other") == first


def test_a_fork_goes_on_from_the_same_world_with_a_store_of_its_own(well: Site, folder: Path) -> None:
    def crashed(pattern: str) -> list[str]:
        well.move(folder / pattern)
        well.inject({"fault": "pattern_crash", "target": pattern})
        well.run(6.0)
        return sorted(one.component for one in raised_in(well, well.edges, 0.0) if one.rule == "pattern_down")

    answers = list(forked([lambda: crashed("redis"), lambda: crashed("memstore")], 1))
    assert answers == [["redis"], ["memstore"]]
    assert "pattern_down" not in {rule for rule, _ in well.firing()}


def test_a_blip_of_one_read_loses_no_source(well: Site) -> None:
    well.wire.once["proxy"] = Transport(Mode.DOWN)
    well.run(6.0)
    assert not well.wire.once
    assert not {rule for rule, _ in well.firing()} & {"source_lost", "metrics_gone"}


def test_an_answer_that_takes_its_time_arrives_late_and_delays_nobody_else(well: Site) -> None:
    fault = well.inject({"fault": "source_slow", "target": "proxy", "seconds": 0.6})
    well.run(5.0)
    sources = {one.source: one for one in well.snapshot.sources.values()}
    assert sources["proxy"].duration_seconds == pytest.approx(0.603, abs=0.01)
    assert sources["admin"].duration_seconds < 0.1
    well.clear(fault)


def test_a_fault_is_named_by_whole_parts_of_a_name_only() -> None:
    assert is_named("namespace payments", ["payments"])
    assert is_named("patterns@pattern:redis", ["redis"])
    assert is_named("exporter clickhousetraces of otel metrics", ["clickhousetraces"])
    assert not is_named("redis-2", ["redis"])
    assert not is_named("all", ["redis", "payments"])


def test_an_alert_that_comes_back_is_a_flap_and_one_that_was_only_pending_is_none() -> None:
    def edges(*states: str) -> list[Event]:
        labels = (labels_of({"id": "a", "state": state}) for state in states)
        return [Event(float(at), "alert", Severity.WARNING, one, "") for at, one in enumerate(labels)]

    assert flaps(edges("pending", "resolved", "firing", "firing", "resolved")) == 0
    assert flaps(edges("firing", "resolved", "firing", "resolved", "firing")) == 2
