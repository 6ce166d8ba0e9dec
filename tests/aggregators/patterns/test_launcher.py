"""With nothing but a launcher the patterns are there, and nothing is claimed that nobody reported."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from aggregators.alerts.rules import BY_ID
from aggregators.detection.detections import evaluate
from aggregators.namespaces.active_namespaces import active_namespaces
from aggregators.namespaces.detail import namespace_detail
from aggregators.namespaces.namespaces import namespaces
from aggregators.overview.overall import overall
from aggregators.patterns.health import pattern_health
from aggregators.patterns.launcher import RUNS, UNSAID
from model.series import Event, Kind, Scrape, Severity, labels_of
from model.sources import SourceState
from model.status import Phase, Reading, Status
from store.snapshot import Snapshot, snapshot_of

NOW = 1_790_000_000.0


def read(age: float, healthy: float, state: str, launcher: str = "l:8982") -> Scrape:
    scrape = Scrape("launcher", launcher, NOW - age)
    for name in ("redis", "nats"):
        labels = {"pattern": name, "process": "shared"}
        for one in ("running", "failed", "starting", "unknown"):
            scrape.add("launcher_process_state", float(one == state), Kind.STATESET, state=one, **labels)
        scrape.add("launcher_process_healthy", healthy, **labels)
        scrape.add("launcher_process_started_timestamp_seconds", NOW - 3600, **labels)
        scrape.add("launcher_process_info", 1.0, Kind.INFO, namespace="shop", session="", address="", pid="", error="",
                   **labels)  # fmt: skip
    return scrape


def of(*reads: Scrape, events: Sequence[Event] = ()) -> Snapshot:
    sources = [
        SourceState(f"launcher@{one.instance}", "launcher", one.instance, one.instance, 5.0)
        .succeeded(one.time, 0.01, 10) for one in reads
    ]  # fmt: skip
    return snapshot_of(reads, sources=sources, events=events, meta={"collector_alive_at": NOW})


def snapshot(age: float = 0.0, healthy: float = 1.0, state: str = "running", *events: Event) -> Snapshot:
    return of(read(age, healthy, state), events=events)


def test_a_running_process_is_not_called_healthy_and_its_uptime_is_reported() -> None:
    redis = pattern_health(snapshot(), NOW)[1]
    assert (redis.name, redis.status, redis.reason) == ("redis", Status.UNKNOWN, RUNS)
    assert (redis.phase, redis.uptime.value) == (Phase.RUNNING, 3600.0)
    assert redis.details["launcher namespace"] == "shop"
    assert overall(snapshot(), NOW).status is Status.UNKNOWN


@pytest.mark.parametrize(
    ("healthy", "state", "status"),
    [(0.0, "running", Status.UNHEALTHY), (1.0, "failed", Status.UNHEALTHY), (1.0, "starting", Status.DEGRADED)],
)
def test_what_a_launcher_says_against_a_process_counts(healthy: float, state: str, status: Status) -> None:
    assert {one.status for one in pattern_health(snapshot(0.0, healthy, state), NOW)} == {status}


def test_a_process_of_which_no_state_is_said_is_not_said_to_run() -> None:
    assert {one.reason for one in pattern_health(snapshot(0.0, 1.0, "unknown"), NOW)} == {UNSAID}


def test_a_silent_launcher_leaves_its_patterns_unknown_with_the_age() -> None:
    redis = pattern_health(snapshot(age=60.0), NOW)[1]
    assert (redis.status, redis.reason) == (Status.UNKNOWN, "its launcher has not answered for 1m")
    assert (redis.uptime.reading, redis.uptime.age_seconds) == (Reading.STALE, 60.0)


def test_a_restart_that_two_have_seen_counts_once() -> None:
    def seen(at: float, how: str) -> Event:
        labels = labels_of({"pattern": "redis", "how": how, "count": "1"})
        return Event(at, "restart", Severity.INFO, labels, "redis restarted")

    events = (seen(NOW - 90, "inferred: its pid changed"), seen(NOW - 88, "inferred: it was down and came back"),
              seen(NOW - 30, "inferred: its pid changed"))  # fmt: skip
    redis = pattern_health(snapshot(0.0, 1.0, "running", *events), NOW)[1]
    assert redis.restarts.count.value == 2


@pytest.mark.parametrize(("healthy", "state"), [(0.0, "running"), (1.0, "failed")])
def test_an_alert_of_a_launched_process_names_its_namespace_and_what_its_launcher_says(
    healthy: float, state: str
) -> None:
    reported = {one.component: one for one in evaluate(BY_ID["pattern_unhealthy"], snapshot(0.0, healthy, state), NOW)}
    assert reported["redis"].bad
    said = "not healthy" if state == "running" else "failed"
    assert reported["redis"].words == f"redis (namespace shop) reports UNHEALTHY: {said}, says its launcher"


def test_namespaces_that_only_a_launcher_names_are_namespaces() -> None:
    world = snapshot()
    count = active_namespaces(world, NOW)
    assert count.value == 1.0
    assert count.note.startswith("named by a launcher")
    reported = namespaces(world, NOW)
    assert reported.active == count
    assert [(one.name, one.patterns, one.status) for one in reported.rows] == [
        ("shop", ("nats", "redis"), Status.UNKNOWN)
    ]
    detail = namespace_detail(world, NOW, "shop")
    assert detail is not None
    assert not namespace_detail(world, NOW, "nobody").known


def test_a_namespace_whose_processes_have_ended_or_whose_launcher_is_silent_is_not_counted() -> None:
    for world in (snapshot(0.0, 1.0, "failed"), snapshot(age=60.0)):
        assert active_namespaces(world, NOW).value is None
        assert namespaces(world, NOW).rows == ()


@pytest.mark.parametrize("names", [("a:8982", "b:8982"), ("b:8982", "a:8982")])
def test_two_launchers_may_call_their_processes_the_same(names: tuple[str, str]) -> None:
    well, ill = names
    world = of(read(0.0, 1.0, "running", well), read(0.0, 0.0, "running", ill))
    assert {one.status for one in pattern_health(world, NOW)} == {Status.UNHEALTHY}
    ended = of(read(0.0, 1.0, "running", well), read(0.0, 1.0, "failed", ill))
    assert active_namespaces(ended, NOW).value == 1.0


def test_a_pattern_whose_launcher_is_lost_does_not_vanish_because_another_launcher_answers() -> None:
    lost, heard = read(60.0, 0.0, "running", "a:8982"), read(0.0, 1.0, "running", "b:8982")
    for at, series in enumerate(lost.series):
        labels = dict(series.labels) | {"pattern": f"old-{series.label('pattern')}"}
        lost.series[at] = series._replace(labels=labels_of(labels))
    reasons = {one.name: (one.status, one.reason) for one in pattern_health(of(lost, heard), NOW)}
    assert reasons["old-redis"] == (Status.UNKNOWN, "its launcher has not answered for 1m")
    assert reasons["redis"] == (Status.UNKNOWN, RUNS)
