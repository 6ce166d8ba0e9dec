"""One pattern's share of a snapshot, and how its status was over a day."""

from __future__ import annotations

import pytest

from aggregators.patterns.status_history import status_changes, status_history
from aggregators.series.label_filter import of_pattern
from model.series import Event, Kind, Scrape, Severity, labels_of
from model.status import Status
from store.snapshot import Snapshot, snapshot_of

NOW = 1_790_000_030.0


def requests(time: float, redis: float, nats: float) -> Scrape:
    scrape = Scrape("proxy", "p:1", time)
    scrape.add("prism_requests_total", redis, Kind.COUNTER, pattern="redis", status="success")
    scrape.add("up", 1)
    scrape.add("prism_requests_total", nats, Kind.COUNTER, pattern="nats", status="success")
    return scrape


def reported(time: float, status: str) -> Scrape:
    scrape = Scrape("patterns", "r:1", time)
    for word in ("HEALTHY", "DEGRADED"):
        scrape.add("prism_pattern_status", float(word == status), Kind.STATESET, pattern="redis", status=word)
    return scrape


def test_only_the_series_of_the_pattern_are_left() -> None:
    whole = snapshot_of([requests(NOW - 1, 10, 5), requests(NOW, 20, 6)])
    block = of_pattern(whole, "nats").frame("prism_requests_total", NOW - 10, NOW).blocks[0]
    assert [series.label("pattern") for series in block.series] == ["nats"]
    assert block.values.to_numpy().tolist() == [[5.0], [6.0]]
    assert block.labels["pattern"].tolist() == ["nats"]


@pytest.mark.parametrize(("pattern", "family"), [("mongo", "prism_requests_total"), ("redis", "up")])
def test_what_the_pattern_has_not_is_not_reported(pattern: str, family: str) -> None:
    whole = snapshot_of([requests(NOW, 20, 6)])
    assert not of_pattern(whole, pattern).frame(family, NOW - 10, NOW).reported


def test_the_narrowed_table_reports_the_same_by_every_way_of_asking() -> None:
    whole = snapshot_of([requests(NOW, 20, 6)])
    table = next(iter(of_pattern(whole, "nats").load(NOW - 1, NOW, NOW - 1))).table
    assert list(table.names) == ["prism_requests_total", "up"]
    assert list(table.positions("prism_requests_total")) == [2]
    assert list(table.positions("up")) == []
    assert table.order("up") == 1


def test_two_sets_of_series_are_joined_for_the_pattern() -> None:
    later = requests(NOW, 20, 6)
    later.add("prism_requests_total", 3, Kind.COUNTER, pattern="nats", status="error")
    block = (
        of_pattern(snapshot_of([requests(NOW - 1, 10, 5), later]), "nats")
        .frame("prism_requests_total", NOW - 10, NOW)
        .blocks[0]
    )
    assert [series.label("status") for series in block.series] == ["success", "error"]
    assert block.values.fillna(-1).to_numpy().tolist() == [[5.0, -1.0], [6.0, 3.0]]


def test_a_step_has_the_worst_that_was_reported_in_it_and_none_where_nothing_was() -> None:
    start = NOW - NOW % 300
    reads = [
        reported(start - 700, "HEALTHY"),
        reported(start + 1, "HEALTHY"),
        reported(start + 2, "DEGRADED"),
        reported(start + 3, "HEALTHY"),
    ]
    history = status_history(snapshot_of(reads), start + 10, "redis", window=1200, step=300)
    assert history.ends == (start - 600, start - 300, start, start + 300)
    assert history.worst == (Status.HEALTHY, None, None, Status.DEGRADED)


def test_a_day_without_any_read_is_all_gaps() -> None:
    history = status_history(Snapshot(), NOW, "redis")
    assert len(history.ends) == 288
    assert set(history.worst) == {None}


def test_changes_are_those_of_the_pattern_in_the_last_day_the_newest_first() -> None:
    def change(time: float, pattern: str) -> Event:
        return Event(time, "status", Severity.INFO, labels_of({"pattern": pattern, "status": "HEALTHY"}), f"{time}")

    events = [
        change(NOW - 90000, "redis"),
        change(NOW - 60, "redis"),
        change(NOW - 50, "nats"),
        change(NOW - 40, "redis"),
    ]
    found = status_changes(snapshot_of([], events=events), NOW, "redis")
    assert [event.time for event in found] == [NOW - 40, NOW - 60]
