"""Each rule: raised within its time, in words, held, cleared within its time, without flapping; frozen when blind."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from aggregators.alerts.rules import BY_ID, RULES
from aggregators.detection.detections import Detector, evaluate
from model.series import Severity
from model.settings import ThresholdOverride
from model.sources import ErrorKind
from tests.aggregators.virtual_prism import START, VirtualPrism, Watched

Change = Callable[[VirtualPrism], object]


def wrong(attribute: str, name: str, value: object) -> tuple[Change, Change]:
    """(inject, clear) of one entry of one of the world's mappings."""

    def inject(world: VirtualPrism) -> None:
        mapping = getattr(world, attribute)
        world.meta["before"] = mapping.get(name)
        mapping[name] = value

    def clear(world: VirtualPrism) -> None:
        mapping, before = getattr(world, attribute), world.meta.pop("before")
        if before is None:
            del mapping[name]
        else:
            mapping[name] = before

    return inject, clear


def auth_fails(world: VirtualPrism) -> None:
    world.auth_failure_ratio = 0.3


def auth_works(world: VirtualPrism) -> None:
    world.auth_failure_ratio = 0.002


FAULTS: dict[str, tuple[str, str, Severity, str, tuple[Change, Change]]] = {
    "a pattern whose port is closed": (
        "pattern_down", "redis", Severity.CRITICAL, "redis is down: its port is closed",
        wrong("failing", "redis", ErrorKind.DOWN)),
    "a pattern that hangs": (
        "pattern_hang", "redis", Severity.CRITICAL, "redis hangs", wrong("failing", "redis", ErrorKind.TIMED_OUT)),
    "a pattern that reports UNHEALTHY": (
        "pattern_unhealthy", "redis", Severity.CRITICAL, "redis reports UNHEALTHY",
        wrong("statuses", "redis", "UNHEALTHY")),
    "a pattern that reports DEGRADED": (
        "pattern_degraded", "redis", Severity.WARNING, "redis reports DEGRADED",
        wrong("statuses", "redis", "DEGRADED")),
    "errors of one pattern": (
        "error_ratio", "redis", Severity.CRITICAL, "30 % of requests to redis fail",
        wrong("error_ratio", "redis", 0.3)),
    "a few errors of one pattern": (
        "error_ratio", "redis", Severity.WARNING, "3 % of requests to redis fail",
        wrong("error_ratio", "redis", 0.03)),
    "errors of one namespace": (
        "error_ratio", "namespace payments", Severity.CRITICAL, "30 % of requests of payments fail",
        wrong("error_ratio", "payments", 0.3)),
    "errors everywhere": (
        "error_ratio", "all", Severity.CRITICAL, "30 % of all requests fail", wrong("error_ratio", "", 0.3)),
    "a slow pattern": (
        "latency_p99", "redis", Severity.WARNING, "P99 of requests to redis is 25 ms, 25 times the usual 0.99 ms",
        wrong("slow", "redis", 0.02)),
    "a pattern slower than usual, within the objective": (
        "latency_p99", "redis", Severity.WARNING, "5 times the usual", wrong("slow", "redis", 0.004)),
    "slow answers everywhere": (
        "latency_p99", "all", Severity.WARNING, "P99 of all requests is", wrong("slow", "", 0.02)),
    "a pool nearly full": (
        "pool_use", "redis", Severity.WARNING, "redis pool is 95 % used: 19 of 20 connections in use",
        wrong("pools", "redis", (19, 20, 0))),
    "a pool that is exhausted": (
        "pool_use", "redis", Severity.CRITICAL, "redis pool is full: 10 of 10 connections in use, 5 requests wait",
        wrong("pools", "redis", (10, 10, 5))),
    "token checks that fail": (
        "auth_success", "auth", Severity.CRITICAL, "30 % of token checks fail", (auth_fails, auth_works)),
    "a source that is gone": (
        "source_lost", "proxy@p:8980", Severity.WARNING, "the proxy source at http://p:8980 is lost: down, as reported",
        wrong("failing", "proxy", ErrorKind.DOWN)),
    "a pattern source that speaks another protocol": (
        "source_lost", "patterns@redis:50051", Severity.WARNING,
        "the health of redis at redis:50051 is lost: wrong protocol",
        wrong("failing", "redis", ErrorKind.WRONG_PROTOCOL)),
    "a source that is slow": (
        "source_slow", "admin@a:8090", Severity.INFO, "the admin source at http://a:8090 takes 800 ms to answer",
        wrong("seconds", "admin", 0.8)),
    "metrics that are left out": (
        "metrics_gone", "proxy p:8980", Severity.WARNING, "proxy p:8980 no longer reports prism_auth_requests_total",
        (lambda world: setattr(world, "absent", ("prism_auth",)), lambda world: setattr(world, "absent", ()))),
    "a store in trouble": (
        "store_trouble", "store", Severity.WARNING, "the dashboard's store is in trouble: disk full",
        wrong("meta", "store_trouble", "disk full")),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_reported_within_5_s_and_gone_within_8_s(watched: Watched, name: str) -> None:
    rule, component, severity, words, (inject, clear) = FAULTS[name]
    watched.run(80 if rule == "latency_p99" else 0)  # so that there is a usual to compare with
    inject(watched.world)
    assert watched.seconds_until(rule, "firing", component) <= 5
    reported = watched.world.events[-1]
    assert words in reported.message
    watched.run(12)
    assert (rule, component) in watched.firing()
    severities = {
        event.severity
        for event in watched.world.events
        if event.label("rule") == rule and event.label("component") == component
    }
    assert severity in severities
    clear(watched.world)
    assert watched.seconds_until(rule, "resolved", component) <= 8


def test_the_calm_default_reports_of_nats_and_of_nothing_else() -> None:
    watched = Watched(VirtualPrism(), Detector())
    edges = watched.run(120)
    assert [(event.label("rule"), event.label("component")) for event in edges] == [("pattern_degraded", "nats")]
    assert edges[0].message == "nats reports DEGRADED: reconnecting"
    assert edges[0].time - START <= 5


def test_one_cause_is_named_once(watched: Watched) -> None:
    watched.world.error_ratio["redis"] = 0.3
    watched.run(10)
    assert {key for key in watched.firing() if key[0] == "error_ratio"} == {("error_ratio", "redis")}


def test_a_restart_is_news_for_a_moment(watched: Watched) -> None:
    watched.world.restart("redis")
    assert watched.seconds_until("pattern_restarted", "firing", "redis") <= 2
    assert watched.world.events[-1].severity is Severity.INFO
    assert watched.seconds_until("pattern_restarted", "resolved", "redis") <= 8


def test_a_second_restart_within_4_minutes_is_a_loop(watched: Watched) -> None:
    watched.world.restart("redis")
    watched.run(30)
    watched.world.restart("redis")
    assert watched.seconds_until("restart_loop", "firing", "redis") <= 2
    assert watched.world.events[-1].message == "redis restarted twice in 31 s"
    assert watched.seconds_until("restart_loop", "resolved", "redis") <= 9


def test_a_loop_of_4_s_is_one_alert_and_ends_within_10_s_of_its_last_lap(watched: Watched) -> None:
    world = watched.world

    def lap(second: int) -> None:
        world.failing.pop("redis", None)
        if second % 4 == 0:
            world.failing["redis"] = ErrorKind.DOWN
        elif second % 4 == 1:
            world.restart("redis")

    edges = watched.run(60, lap)
    loops = [event for event in edges if event.label("rule") == "restart_loop" and event.label("state") == "firing"]
    assert len({event.label("id") for event in loops}) == 1
    assert loops[0].time - edges[0].time <= 7
    assert not any(event.label("state") == "resolved" for event in edges if event.label("rule") == "restart_loop")
    world.failing.clear()
    assert watched.seconds_until("restart_loop", "resolved", "redis") <= 9


def test_a_proxy_that_restarts_with_its_counts_makes_no_pattern_restart(watched: Watched) -> None:
    watched.world.restarts["nats"] = 1.0
    assert not [event for event in watched.run(10) if event.label("rule") in ("restart_loop", "pattern_restarted")]


def test_a_refire_soon_after_reopens_the_same_alert(watched: Watched) -> None:
    world = watched.world
    world.statuses["redis"] = "UNHEALTHY"
    watched.run(5)
    first = next(event for event in world.events if event.label("rule") == "pattern_unhealthy")
    del world.statuses["redis"]
    watched.run(20)
    world.statuses["redis"] = "UNHEALTHY"
    again = [event for event in watched.run(5) if event.label("rule") == "pattern_unhealthy"]
    assert [event.label("id") for event in again] == [first.label("id")]
    assert again[0].label("refires") == "1"
    assert again[0].label("since") == first.label("since")


def test_what_comes_back_later_is_another_alert(watched: Watched) -> None:
    world = watched.world
    for _ in range(2):
        world.statuses["redis"] = "UNHEALTHY"
        watched.run(5)
        del world.statuses["redis"]
        watched.run(90)
    ids = {event.label("id") for event in world.events if event.label("rule") == "pattern_unhealthy"}
    assert len(ids) == 2


def test_flapping_does_not_fill_the_history(watched: Watched) -> None:
    world = watched.world
    world.absent = ("prism_request",)

    def flap(second: int) -> None:
        world.statuses["redis"] = "UNHEALTHY" if second % 5 == 0 else "HEALTHY"

    edges = watched.run(200, flap)
    assert len([event for event in edges if event.label("rule") == "pattern_unhealthy"]) < 10
    assert len([event for event in world.events if event.kind == "status" and event.label("pattern") == "redis"]) < 20


def test_a_value_between_clear_and_raise_changes_nothing(watched: Watched) -> None:
    world = watched.world
    world.pools["redis"] = (17, 20, 0)
    assert not [event for event in watched.run(10) if event.label("rule") == "pool_use"]
    world.pools["redis"] = (19, 20, 0)
    watched.run(5)
    world.pools["redis"] = (17, 20, 0)
    watched.run(30)
    assert ("pool_use", "redis") in watched.firing()


def test_one_bad_second_is_no_alert(watched: Watched) -> None:
    watched.world.pools["redis"] = (10, 10, 0)
    watched.run(1)
    watched.world.pools["redis"] = (7, 10, 0)
    edges = watched.run(20)
    assert not [event for event in edges if event.label("state") == "firing"]
    assert [event.label("state") for event in edges if event.label("rule") == "pool_use"] == ["resolved"]


@pytest.mark.parametrize("kind", [ErrorKind.DOWN, ErrorKind.TIMED_OUT, ErrorKind.MALFORMED])
def test_losing_a_source_resolves_no_other_alert(watched: Watched, kind: ErrorKind) -> None:
    world = watched.world
    world.error_ratio["redis"] = 0.3
    world.pools["postgresql"] = (20, 20, 3)
    world.slow["memstore"] = 0.02
    watched.run(10)
    before = watched.firing()
    world.failing["proxy"] = kind
    world.error_ratio.clear()
    world.pools["postgresql"] = (3, 20, 0)
    edges = watched.run(70)
    assert [event.label("rule") for event in edges if event.label("state") != "pending"] == ["source_lost"]
    assert before <= watched.firing()
    world.failing.clear()
    watched.run(15)
    assert watched.firing() & before == {("pattern_degraded", "nats"), ("latency_p99", "memstore")}


def test_a_pattern_that_stops_answering_keeps_the_alert_of_what_it_said(watched: Watched) -> None:
    world = watched.world
    world.statuses["redis"] = "UNHEALTHY"
    watched.run(5)
    world.failing["redis"] = ErrorKind.TIMED_OUT
    watched.run(30)
    assert {("pattern_unhealthy", "redis"), ("pattern_hang", "redis")} <= watched.firing()


def test_when_everything_is_gone_sources_are_reported_and_no_pattern_is_blamed(watched: Watched) -> None:
    world = watched.world
    world.failing = dict.fromkeys(("proxy", "admin", *world.patterns), ErrorKind.DOWN)
    edges = watched.run(10)
    assert {event.label("rule") for event in edges} == {"source_lost"}
    assert len(edges) == 6


def test_a_source_that_never_answered_is_not_lost() -> None:
    world = VirtualPrism()
    world.failing["admin"] = ErrorKind.DOWN
    watched = Watched(world, Detector())
    assert not [event for event in watched.run(20) if event.label("rule") == "source_lost"]


def test_a_lasting_slowness_does_not_become_its_own_yardstick(watched: Watched) -> None:
    watched.run(60)
    watched.world.slow["redis"] = 0.004
    watched.run(10)
    assert ("latency_p99", "redis") in watched.firing()
    assert not [event for event in watched.run(320) if event.label("rule") == "latency_p99"]
    assert ("latency_p99", "redis") in watched.firing()


def test_metrics_that_lack_families_raise_nothing() -> None:
    world = VirtualPrism()
    world.absent = ("prism_request", "prism_auth", "prism_pool", "prism_pattern_restarts", "prism_pattern_start")
    edges = Watched(world, Detector()).run(60)
    assert [event.label("rule") for event in edges] == ["pattern_degraded"]


def test_a_pattern_seen_to_go_and_come_is_a_restart_when_nobody_counts_them() -> None:
    world = VirtualPrism()
    world.absent = ("prism_pattern_restarts", "prism_pattern_start")
    watched = Watched(world, Detector())
    watched.run(5)
    world.failing["redis"] = ErrorKind.DOWN
    watched.run(5)
    world.failing.clear()
    watched.run(3)
    restarts = [event for event in world.events if event.kind == "restart"]
    assert [(event.label("pattern"), event.label("how")) for event in restarts] == [
        ("redis", "inferred: it was down and came back")
    ]
    assert ("pattern_restarted", "redis") in watched.firing()


def test_a_new_detector_goes_on_where_the_old_one_stopped(watched: Watched) -> None:
    world = watched.world
    world.statuses["redis"] = "UNHEALTHY"
    watched.run(5)
    taken_over = Watched(world, Detector())
    taken_over.detector.restore(world.snapshot())
    assert taken_over.run(5) == []
    assert taken_over.firing() == watched.firing()
    del world.statuses["redis"]
    assert taken_over.seconds_until("pattern_unhealthy", "resolved", "redis") <= 8
    third = Watched(world, Detector())
    third.detector.restore(world.snapshot())
    world.statuses["redis"] = "UNHEALTHY"
    again = third.run(3)
    assert again[0].label("refires") == "1"


def test_a_firing_alert_is_reported_again_before_the_history_forgets_it(watched: Watched) -> None:
    snapshot = watched.world.snapshot()
    edges = []
    for hour in range(1, 25):
        watched.world.now = START + hour * 3600
        watched.world.tick()
        edges += [e for e in watched.detector.step(watched.world.snapshot(), watched.world.now) if e.kind == "alert"]
    reported = [
        event for event in edges if event.label("rule") == "pattern_degraded" and event.label("component") == "nats"
    ]
    assert len(reported) == 4
    assert {event.label("since") for event in reported} == {snapshot.events[-1].label("since")}


def test_the_operators_own_limits_replace_the_declared_ones() -> None:
    world = VirtualPrism()
    world.pools["redis"] = (7, 10, 0)
    watched = Watched(world, Detector({"pool_use": ThresholdOverride(raise_at=0.6, clear_at=0.5)}))
    assert watched.seconds_until("pool_use", "firing", "redis") <= 5


def test_every_rule_is_declared_with_its_reason_and_can_be_evaluated(world: VirtualPrism) -> None:
    world.tick()
    for rule in RULES:
        assert len(rule.why) > 20
        assert rule.page.startswith("/")
        evaluate(rule, world.snapshot(), world.now)
    assert len(BY_ID) == len(RULES)


def test_nothing_stored_raises_nothing() -> None:
    world = VirtualPrism()
    assert Detector().step(world.snapshot(), world.now) == []
