"""The control plane by prism-admin's own metrics: role, leader changes, counts; and what the misnamed ones are not."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregators.namespaces.active_namespaces import active_namespaces
from aggregators.resources.control_plane import NEVER_FORGOTTEN, ControlPlane, control_plane
from model.measure import Measure
from model.series import Kind, Scrape
from model.sources import CollectError, ErrorKind, SourceState
from model.status import Reading, Status
from store.snapshot import Snapshot, snapshot_of

NOW = 1_790_000_000.0
GAUGES = {
    "raft_state": 2, "raft_term": 7, "raft_last_index": 1234, "cluster_size": 3, "cluster_healthy_peers": 2,
    "admin_namespaces_total": 15, "admin_proxies_total": 1, "admin_launchers_total": 2, "admin_patterns_total": 0,
    "process_start_time_seconds": NOW - 3600, "process_resident_memory_bytes": 3e7,
}  # fmt: skip
KEY = "admin_metrics@adm:9090"
ADMIN = CollectError(ErrorKind.DOWN, "connection refused")


def admin(
    reads: int = 5,
    lost_for: float = 0.0,
    changes: tuple[float, ...] = (),
    absent: tuple[str, ...] = (),
    **gauges: float,
) -> Snapshot:
    """Read every 5 s; leader elections grow by one each time, as they do. `changes` is the counter read by read."""
    scrapes = []
    reported = {**GAUGES, **gauges}
    for number in range(reads):
        scrape = Scrape("admin_metrics", "adm:9090", NOW - lost_for - 5.0 * (reads - 1 - number))
        for name, value in reported.items():
            if name not in absent:
                scrape.add(f"prism_admin_{name}", float(value))
        scrape.add("prism_admin_raft_leader_elections_total", 1000.0 + number, Kind.COUNTER)
        grown = changes[number] if changes else 4.0
        scrape.add("prism_admin_raft_leader_changes_total", grown, Kind.COUNTER)
        scrapes.append(scrape)
    fresh = SourceState(KEY, "admin_metrics", "adm:9090", "http://adm:9090/metrics", 5.0)
    state = fresh.succeeded(NOW - lost_for, 0.01, 20) if reads else fresh.failed(NOW, 0.01, ADMIN)
    if lost_for:
        state = state.failed(NOW, 0.01, ADMIN)
    return snapshot_of(scrapes, sources=[state])


def measures(found: ControlPlane) -> dict[str, Measure]:
    reported = {field.name: getattr(found, field.name) for field in fields(found)}
    return {name: value for name, value in reported.items() if isinstance(value, Measure)}


@pytest.mark.parametrize(
    ("state", "role", "status"),
    [(0, "follower", Status.HEALTHY), (1, "candidate", Status.DEGRADED), (2, "leader", Status.HEALTHY),
     (3, "shut down", Status.UNHEALTHY), (9, "", Status.UNKNOWN)],
)  # fmt: skip
def test_its_role_is_what_the_code_means_by_the_number(state: int, role: str, status: Status) -> None:
    found = control_plane(admin(raft_state=state), NOW)
    assert (found.role, found.status) == (role, status)
    assert bool(found.reason) == (status is not Status.HEALTHY)


def test_its_counts_say_that_they_never_forget() -> None:
    found = control_plane(admin(), NOW)
    assert [one.value for one in (found.namespaces, found.proxies, found.launchers, found.patterns)] == [15, 1, 2, 0]
    assert found.namespaces.note == NEVER_FORGOTTEN
    assert (found.term.value, found.last_index.value, found.servers.value) == (7, 1234, 3)
    assert found.uptime.value == pytest.approx(3600)


def test_ticks_of_leadership_are_no_leader_changes() -> None:
    assert control_plane(admin(), NOW).leader_changes.value == 0.0


def test_leader_changes_say_how_much_was_read() -> None:
    found = control_plane(admin(changes=(4, 4, 5, 5, 6)), NOW).leader_changes
    assert (found.value, found.note) == (2.0, "in the 20 s that were read")


def test_a_restart_of_prism_admin_makes_no_negative_count() -> None:
    assert control_plane(admin(changes=(4, 5, 0, 1, 1)), NOW).leader_changes.value == 2.0


def test_of_one_read_no_change_is_reported() -> None:
    assert control_plane(admin(reads=1), NOW).leader_changes.reading is Reading.NOT_REPORTED


def test_without_such_a_source_every_figure_says_so() -> None:
    found = control_plane(Snapshot(), NOW)
    assert (found.configured, found.role, found.status) == (False, "", Status.UNKNOWN)
    assert {one.reading for one in measures(found).values()} == {Reading.NOT_REPORTED}
    assert "no admin_metrics source is configured" in found.term.note


def test_lost_it_is_stale_and_its_role_is_not_known_to_be_well() -> None:
    found = control_plane(admin(lost_for=60.0), NOW)
    assert {one.reading for one in measures(found).values()} == {Reading.STALE}
    assert (found.role, found.status) == ("leader", Status.UNKNOWN)


def test_never_read_it_is_an_error() -> None:
    found = control_plane(admin(reads=0), NOW)
    assert {one.reading for one in measures(found).values()} == {Reading.ERROR}
    assert (found.role, found.status) == ("", Status.UNKNOWN)


@given(st.sampled_from(sorted(GAUGES)))
def test_a_family_that_is_missing_costs_its_own_figure_only(name: str) -> None:
    known = {key: one.reading for key, one in measures(control_plane(admin(), NOW)).items()}
    found = {key: one.reading for key, one in measures(control_plane(admin(absent=(name,)), NOW)).items()}
    assert sum(found[key] is not reading for key, reading in known.items()) <= 1


def with_api(snapshot: Snapshot, reports: bool) -> Snapshot:
    """The same, with an Admin API that lists two namespaces or cannot be reached."""
    api = SourceState("admin@a:8090", "admin", "a:8090", "http://a:8090", 2.0)
    scrape = Scrape("admin", "a:8090", NOW)
    for name in ("shop", "search"):
        scrape.add("prism_namespace_info", 1.0, Kind.INFO, namespace=name, status="active")
    state = api.succeeded(NOW, 0.01, 2) if reports else api.failed(NOW, 0.01, ADMIN)
    other = snapshot_of([scrape] if reports else [], sources=[state])

    def load(start: float, end: float, fine: float) -> object:
        return [*snapshot.load(start, end, fine), *other.load(start, end, fine)]

    return replace(snapshot, load=load, sources={**snapshot.sources, **other.sources})  # type: ignore[arg-type]


def test_namespaces_are_counted_by_its_gauge_where_the_admin_api_does_not_report() -> None:
    reported = active_namespaces(with_api(admin(), reports=False), NOW)
    assert (reported.reading, reported.value) == (Reading.VALUE, 15.0)
    assert "by prism-admin's gauge" in reported.note
    assert active_namespaces(with_api(admin(), reports=True), NOW).value == 2.0


def test_an_old_gauge_does_not_stand_in_for_the_admin_api() -> None:
    reported = active_namespaces(with_api(admin(lost_for=60.0), reports=False), NOW)
    assert reported.reading is Reading.ERROR
