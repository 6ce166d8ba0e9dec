"""The dashboard's own promises: what is measured of them, when they are judged, and how."""

from __future__ import annotations

import math

import pytest

from aggregators.alerts.verdict import Look
from aggregators.overview.promises import (
    ANSWERS,
    LEAST_WATCHED_SECONDS,
    PAINTS,
    Promise,
    hud_itself,
    hud_verdict,
    promises,
)
from model.series import Kind, Scrape
from model.sources import SourceState
from model.status import Status
from store.snapshot import Snapshot, snapshot_of

NOW = 1_700_000_000.0
EDGES = ("0.5", "1.0", "2.0", "5.0", "+Inf")


def web(
    at: float, *, fast: int = 0, slow: int = 0, api: int = 0, opened: float = 0.0, had: float = 0.0, process: str = "1"
) -> Scrape:
    """A read: `fast` paints of 0.5 to 1 s and `slow` ones of 2 to 5 s so far."""
    scrape = Scrape("hud", "web", at)
    for edge, count in zip(EDGES, (0, fast, fast, fast + slow, fast + slow), strict=True):
        scrape.add("hud_change_to_pixel_seconds_bucket", float(count), Kind.HISTOGRAM, le=edge, process=process)
    for edge, count in (("0.01", api), ("+Inf", api)):
        scrape.add("hud_api_request_duration_seconds_bucket", float(count), Kind.HISTOGRAM, le=edge, process=process)
    scrape.add("hud_page_seconds_total", opened, Kind.COUNTER, process=process)
    scrape.add("hud_page_connected_seconds_total", had, Kind.COUNTER, process=process)
    scrape.add("hud_memory_bytes", 100 * 2.0**20, Kind.GAUGE, process=process)
    scrape.add("hud_memory_bytes", 120 * 2.0**20, Kind.GAUGE, process="2")
    scrape.add("hud_viewers", 3.0)
    return scrape


def of(*scrapes: Scrape, **states: SourceState) -> Snapshot:
    return snapshot_of(scrapes, sources=states.values(), meta={"collector_pid": 1})


def by_id(snapshot: Snapshot) -> dict[str, Promise]:
    return {one.id: one for one in promises(snapshot, NOW)}


def test_paints_are_judged_by_their_p99_once_there_are_enough() -> None:
    start = web(NOW - 600)
    good = by_id(of(start, web(NOW - 1, fast=PAINTS)))["pixel"]
    assert (good.status, good.target, good.unit) == (Status.HEALTHY, 2.0, "seconds")
    assert good.hour.value is not None
    assert 0.5 <= good.hour.value <= 1.0
    late = by_id(of(start, web(NOW - 1, fast=PAINTS, slow=PAINTS // 10)))["pixel"]
    assert late.status is Status.DEGRADED
    assert late.hour.value is not None
    assert late.hour.value > 2.0
    few = by_id(of(start, web(NOW - 1, slow=PAINTS - 1)))["pixel"]
    assert (few.status, few.hour.note) == (Status.UNKNOWN, f"of {PAINTS - 1} that were measured; {PAINTS} are judged")


def test_what_nobody_measured_is_not_reported_and_judged_by_nobody() -> None:
    found = by_id(snapshot_of([]))
    assert {one.status for one in found.values()} == {Status.UNKNOWN}
    assert {one.hour.value for one in found.values()} == {None}
    assert all(one.hour.note for one in found.values())


def test_answers_are_those_of_all_processes_together() -> None:
    first = [web(NOW - 600, process=one) for one in ("1", "3")]
    last = [web(NOW - 1, api=ANSWERS // 2, process=one) for one in ("1", "3")]
    whole = [Scrape("hud", "web", one.time, one.series + two.series, one.values + two.values)
             for one, two in (first, last)]  # fmt: skip
    assert by_id(of(*whole))["api"].status is Status.HEALTHY


@pytest.mark.parametrize(("had", "status"), [(1.0, Status.HEALTHY), (0.9991, Status.HEALTHY), (0.998, Status.DEGRADED)])
def test_websocket_uptime_is_the_share_of_the_time_that_pages_were_open(had: float, status: Status) -> None:
    whole = LEAST_WATCHED_SECONDS * 2
    found = by_id(of(web(NOW - 600), web(NOW - 1, opened=whole, had=whole * had)))["websocket"]
    assert found.status is status
    assert found.hour.value == pytest.approx(had)
    short = by_id(of(web(NOW - 600), web(NOW - 1, opened=LEAST_WATCHED_SECONDS / 2)))["websocket"]
    assert (short.status, short.hour.value) == (Status.UNKNOWN, None)


def test_memory_is_the_sum_of_the_processes_and_lag_leaves_lost_sources_to_their_alert() -> None:
    fine = SourceState("proxy@a", "proxy", "a", "http://a", 1.0).succeeded(NOW - 1.5, 0.1, 5)
    lost = SourceState("dex@a", "dex", "a", "http://a", 1.0).succeeded(NOW - 500, 0.1, 5)
    found = by_id(of(web(NOW - 5), proxy=fine, dex=lost))
    assert found["backend"].hour.value == 220 * 2.0**20
    assert found["lag"].hour.value == pytest.approx(0.5)


def test_the_page_says_what_is_missed_and_hours_are_those_in_which_somebody_looked() -> None:
    late = of(web(NOW - 600), web(NOW - 1, fast=PAINTS, slow=PAINTS))
    found = hud_itself(late, NOW)
    assert hud_verdict(Look(late, NOW)).reason == "missed: change to pixel"
    assert (found.status, found.viewers.value) == (Status.DEGRADED, 3.0)
    assert sum(one.paints.value or 0.0 for one in found.hours) == 2 * PAINTS
    assert all(math.isfinite(one.p99.value or math.nan) for one in found.hours)
