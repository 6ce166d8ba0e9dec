"""The page of one incident: what broke first and how sure that is, what it touches, what had changed before."""

from __future__ import annotations

from collections.abc import Callable

from aggregators.incidents.incidents import known_incidents
from components import format as fmt
from components.props import ids_of
from model.series import Event, Severity, labels_of
from model.status import Status
from pages.incident_detail import page
from store.snapshot import Snapshot
from tests.pages.conftest import places_of

Build = Callable[..., Snapshot]


def fired(at: float, rule: str, component: str, words: str, severity: Severity = Severity.WARNING) -> Event:
    labels = {"id": f"{rule}:{component}", "rule": rule, "component": component, "state": "firing",
              "page": f"/patterns/{component}", "since": f"{at}"}  # fmt: skip
    return Event(at, "alert", severity, labels_of(labels), words)


def events(now: float) -> list[Event]:
    seen = {"pattern": "redis", "status": "HEALTHY"}
    return [
        Event(now - 95, "status", Severity.INFO, labels_of(seen | {"before": "UNKNOWN"}), "redis healthy"),
        Event(now - 90, "restart", Severity.INFO, labels_of({"pattern": "redis"}), "redis restarted"),
        fired(now - 20, "pool_use", "redis", "redis pool is full: 10 of 10 connections in use"),
        fired(now - 12, "latency_p99", "redis", "P99 of requests to redis is 90 ms", Severity.CRITICAL),
        Event(now - 11, "departure", Severity.INFO,
              labels_of({"of": "pool", "name": "redis", "at": f"{now - 26:.3f}"}),
              "pool redis: requests waiting rose from 0 to 12"),
    ]  # fmt: skip


def test_an_incident_tells_what_broke_first_and_how_sure_that_is(prism: Build, now: float) -> None:
    snapshot = prism(events=events(now))
    (one,) = known_incidents(snapshot, now)
    view = page.view_model(snapshot, now, one.id)
    assert (view.known, view.status.status) == (True, Status.UNHEALTHY)
    assert view.headline == "redis pool is full: 10 of 10 connections in use"
    assert [(line.word, line.words, line.time) for line in view.steps] == [
        ("Pool", "pool redis: requests waiting rose from 0 to 12", now - 26),
        ("Pattern", "P99 of requests to redis is 90 ms", now - 12),
    ]
    assert one.started == now - 26
    said = page.update(snapshot, now, one.id)["in-cause"]["children"]
    assert "Likely" in str(said)
    assert "redis depends on it, and it was first by 14" in str(said)


def test_it_says_whose_requests_are_touched_and_what_had_changed_before(prism: Build, now: float) -> None:
    snapshot = prism(events=events(now))
    (one,) = known_incidents(snapshot, now)
    view = page.view_model(snapshot, now, one.id)
    share, namespaces = view.stats[1].measure, view.stats[2].measure
    assert fmt.words(share) == "33.3 %"
    assert fmt.words(namespaces) == "1"
    assert [(line.word, line.words) for line in view.before] == [("Restart", "redis restarted")]


def test_without_requests_the_share_is_not_reported_rather_than_none(prism: Build, now: float) -> None:
    snapshot = prism(events=events(now), absent=["prism_requests_total"])
    (one,) = known_incidents(snapshot, now)
    assert page.view_model(snapshot, now, one.id).stats[1].measure.value is None


def test_an_incident_that_is_not_known_is_said_to_be_so(prism: Build, now: float) -> None:
    props = page.update(prism(), now, "nothing")
    assert (props["in-known"], props["in-unknown"]) == ({"hidden": True}, {"hidden": False})


def test_everything_said_has_a_place(prism: Build, now: float) -> None:
    tree = page.tree("x")
    assert set(page.update(prism(events=events(now)), now, "x")) <= places_of(tree)
    named = ids_of(tree)
    assert len(named) == len(set(named))
