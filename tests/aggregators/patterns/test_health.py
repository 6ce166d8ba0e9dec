"""Patterns and the whole: the RFC's rule, never greener, with the worst reason in words."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from aggregators.detection.detections import Detector
from aggregators.overview.overall import overall
from aggregators.patterns.health import PatternHealth, active_patterns, by_trouble, pattern_health, worst_status
from model.sources import ErrorKind
from model.status import Phase, Reading, Status
from tests.aggregators.virtual_prism import START, VirtualPrism, Watched

ORDER = (Status.HEALTHY, Status.UNKNOWN, Status.DEGRADED, Status.UNHEALTHY)


def run(world: VirtualPrism, seconds: int = 3) -> VirtualPrism:
    for _ in range(seconds):
        world.tick()
    return world


def one(world: VirtualPrism, name: str, later: float = 0.0) -> PatternHealth:
    return next(found for found in pattern_health(world.snapshot(), world.now + later) if found.name == name)


def test_patterns_of_which_nothing_was_kept_are_not_none_that_are_active(world: VirtualPrism) -> None:
    known = pattern_health(run(world).snapshot(), world.now)
    assert active_patterns(known).value == len(known)
    lost = [replace(one, status=Status.UNKNOWN, source_error=ErrorKind.NOT_KEPT) for one in known]
    assert (active_patterns(lost).value, active_patterns(lost).note) == (None, "not kept at this resolution")


@pytest.mark.parametrize(("first", "second"), list(product(ORDER, ORDER)))
def test_the_worst_of_two_is_the_worse(first: Status, second: Status) -> None:
    assert ORDER.index(worst_status([first, second])) == max(ORDER.index(first), ORDER.index(second))


def test_the_worst_of_nothing_is_unknown() -> None:
    assert worst_status([]) is Status.UNKNOWN


def test_a_pattern_reports_status_phase_uptime_restarts_and_words(world: VirtualPrism) -> None:
    nats = one(run(world), "nats")
    assert (nats.status, nats.phase, nats.message) == (Status.DEGRADED, Phase.RUNNING, "reconnecting")
    assert nats.uptime.value == pytest.approx(8103)
    assert nats.restarts.count.value == 2
    assert nats.restarts.how == "reported total, from before this dashboard watched"
    assert one(world, "redis").restarts.count.value == 0


def test_restarts_nobody_counts_are_said_to_be_inferred(world: VirtualPrism) -> None:
    world.absent = ("prism_pattern_restarts", "prism_pattern_start")
    redis = one(run(world), "redis")
    assert redis.restarts.how.startswith("inferred")
    assert redis.uptime.reading is Reading.NOT_REPORTED


def test_details_are_text_and_pass_through(world: VirtualPrism) -> None:
    world.details["redis"] = {"total_conns": 8, "ratio": 0.125}
    assert one(run(world), "redis").details == {"total_conns": "8", "ratio": "0.125"}


def test_a_server_that_says_it_is_unavailable_has_no_closed_port(world: VirtualPrism) -> None:
    run(world)
    world.failing["redis"], world.said = ErrorKind.DOWN, "unavailable: no leader elected"
    assert one(run(world, 6), "redis").reason == "not answering for 6 s: unavailable: no leader elected"


@pytest.mark.parametrize(
    ("kind", "status", "words"),
    [
        (ErrorKind.DOWN, Status.UNHEALTHY, "not answering for 6 s: its port is closed"),
        (ErrorKind.TIMED_OUT, Status.UNKNOWN, "hangs: its health call has had no answer for 6 s"),
        (ErrorKind.WRONG_PROTOCOL, Status.UNKNOWN, "wrong protocol for 6 s"),
        (ErrorKind.UNAUTHENTICATED, Status.UNKNOWN, "unauthenticated for 6 s"),
    ],
)
def test_a_pattern_that_cannot_be_asked_says_why(
    world: VirtualPrism, kind: ErrorKind, status: Status, words: str
) -> None:
    run(world)
    world.failing["redis"] = kind
    redis = one(run(world, 6), "redis")
    assert (redis.status, redis.reason) == (status, words)
    assert redis.last_status is Status.HEALTHY
    assert redis.hangs == (kind is ErrorKind.TIMED_OUT)


def test_one_call_that_timed_out_is_no_hang(world: VirtualPrism) -> None:
    run(world)
    world.failing["redis"] = ErrorKind.TIMED_OUT
    assert one(run(world, 2), "redis").status is Status.HEALTHY


def test_a_pattern_never_reached_is_unknown_by_its_configured_name(world: VirtualPrism) -> None:
    world.failing["redis"] = ErrorKind.DOWN
    redis = one(run(world), "redis")
    assert (redis.status, redis.reason) == (Status.UNKNOWN, "never reached: down: as reported")


def test_a_pattern_that_only_the_proxy_knows_is_unknown(world: VirtualPrism) -> None:
    world.absent = ("prism_pattern_status",)
    run(world)
    world.states = {key: state for key, state in world.states.items() if not key.startswith("patterns")}
    redis = one(world, "redis")
    assert redis.status is Status.UNKNOWN
    assert "no health service to ask" in redis.reason


def test_a_pattern_without_news_is_unknown(world: VirtualPrism) -> None:
    assert one(run(world), "redis", later=10).status is Status.UNKNOWN


def test_two_processes_of_one_pattern_are_two_rows(world: VirtualPrism) -> None:
    run(world)
    other = world.states["patterns@redis:50051"]
    scrape = world._pattern("redis")
    scrape.instance = "redis-2:50051"
    world.tape.add(scrape)
    world.states["patterns@redis-2:50051"] = type(other)(
        "patterns@redis-2:50051", "patterns", "redis-2:50051", "redis at redis-2:50051", 1.0, world.now, world.now
    )
    names = [found.name for found in pattern_health(world.snapshot(), world.now)]
    assert len([name for name in names if name.startswith("redis")]) == 2


def test_trouble_comes_first(world: VirtualPrism) -> None:
    world.statuses["redis"] = "UNHEALTHY"
    names = [found.name for found in by_trouble(pattern_health(run(world).snapshot(), world.now))]
    assert names[:2] == ["redis", "nats"]


def test_all_healthy_is_healthy_without_a_reason(world: VirtualPrism) -> None:
    world.statuses.clear()
    reported = overall(run(world).snapshot(), world.now)
    assert (reported.status, reported.reason, reported.known_patterns) == (Status.HEALTHY, "", 4)


def test_a_degraded_pattern_makes_the_whole_degraded_and_is_named() -> None:
    watched = Watched(VirtualPrism(), Detector())
    watched.run(5)
    reported = overall(watched.world.snapshot(), watched.world.now)
    assert reported.status is Status.DEGRADED
    assert reported.reason == "nats reports DEGRADED: reconnecting"
    assert (reported.component, reported.page) == ("nats", "/patterns/nats")
    assert reported.since == pytest.approx(START + 1)


def test_a_firing_critical_alert_makes_the_whole_unhealthy_though_patterns_are_well() -> None:
    watched = Watched(VirtualPrism(), Detector())
    watched.world.statuses.clear()
    watched.run(20)
    watched.world.error_ratio[""] = 0.5
    watched.run(6)
    reported = overall(watched.world.snapshot(), watched.world.now)
    assert (reported.status, reported.reason) == (Status.UNHEALTHY, "50 % of all requests fail")


def test_the_alert_of_a_server_that_says_it_is_unavailable_says_so_too() -> None:
    watched = Watched(VirtualPrism(said="unavailable: no leader elected"), Detector())
    watched.run(20)
    watched.world.failing["redis"] = ErrorKind.DOWN
    watched.run(8)
    assert overall(watched.world.snapshot(), watched.world.now).reason == (
        "redis is down: unavailable: no leader elected"
    )


def test_the_likeliest_cause_is_the_reason_and_not_its_symptom() -> None:
    watched = Watched(VirtualPrism(), Detector())
    watched.run(20)
    watched.world.failing["redis"] = ErrorKind.DOWN
    watched.world.error_ratio["redis"] = 1.0
    watched.run(8)
    assert ("error_ratio", "redis") in watched.firing()
    assert overall(watched.world.snapshot(), watched.world.now).reason == "redis is down: its port is closed"


def test_an_unknown_pattern_is_not_called_healthy(world: VirtualPrism) -> None:
    world.statuses.clear()
    world.failing["redis"] = ErrorKind.WRONG_PROTOCOL
    reported = overall(run(world).snapshot(), world.now)
    assert reported.status is Status.UNKNOWN
    assert "redis" in reported.reason


@pytest.mark.parametrize("kind", [ErrorKind.DOWN, ErrorKind.TIMED_OUT])
def test_all_sources_of_pattern_health_lost_is_unknown(world: VirtualPrism, kind: ErrorKind) -> None:
    run(world, 10)
    world.failing = dict.fromkeys(("proxy", "admin", *world.patterns), kind)
    reported = overall(run(world, 7).snapshot(), world.now)
    assert reported.status is Status.UNKNOWN
    assert reported.reason == "no source of pattern health answers for 7 s (admin, patterns and proxy gone)"


def test_a_silent_collector_is_unknown_and_said(world: VirtualPrism) -> None:
    reported = overall(run(world).snapshot(), world.now + 14)
    assert reported.status is Status.UNKNOWN
    assert reported.reason == "the collector has been silent for 14 s: nothing is read"


def test_an_empty_store_is_unknown() -> None:
    assert overall(VirtualPrism().snapshot(), START).status is Status.UNKNOWN


def test_the_status_that_began_while_watched_has_its_time() -> None:
    watched = Watched(VirtualPrism(), Detector())
    watched.run(10)
    watched.world.statuses["redis"] = "UNHEALTHY"
    watched.run(10)
    assert one(watched.world, "redis").since == START + 11
