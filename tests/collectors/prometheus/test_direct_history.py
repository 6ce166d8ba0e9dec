"""The past of what is read directly: under the names of the live series, with sums that these go on from."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from itertools import chain, repeat
from typing import Any

import numpy as np
import pytest

from collectors.exposition.rollup import RollUps
from collectors.prometheus.backward_sums import BackwardSums
from collectors.prometheus.direct_history import DirectHistory
from collectors.proxy.metrics import ProxyCollector
from model.rollup import PATTERNS
from model.series import Kind, Scrape, Series, labels_of
from model.settings import Aliases, Settings, SourceOptions
from model.sources import SourceState
from store.incoming import ReadFrame, columns_of, frame_of
from store.snapshot import Snapshot
from tests.collectors.conftest import HttpServer, Reply
from tests.collectors.prometheus_fake import NOW, FakePrometheus, Scraped, counted, proxy

Http = Callable[..., HttpServer]
HOUR, DAY = 3600.0, 86400.0
KEY = "proxy@p:1"


def scraped(at: float) -> Iterable[Scraped]:
    """Every 5 s; 2 requests a second."""
    stamp = at // 5 * 5 - 1
    yield proxy(stamp, counted(2 * (stamp - NOW + 2 * DAY), namespace="a", pattern="redis"))


def load(http: Http, *keys: str, before: Snapshot | None = None, **more: Any) -> list[list[ReadFrame]]:
    """What one `recall` hands over, but for the minute in which it began."""
    return recalled(http, *keys, before=before, **more)[0]


def recalled(http: Http, *keys: str, before: Snapshot | None = None, **more: Any) -> tuple[list[list[ReadFrame]], ...]:
    """What one `recall` hands over at once, and what once that minute is over."""
    past = more.pop("past", scraped)
    server = FakePrometheus(more.pop("targets", list(past(NOW))), past=past, **more)
    settings = Settings(prometheus={"history_hours": 24})
    history = DirectHistory(settings, http(server).url, keys or (KEY,), before or Snapshot())
    loads: list[list[ReadFrame]] = []
    later: list[list[ReadFrame]] = []
    instants = chain([more.pop("now", NOW)], repeat(NOW + 120.0))

    def keep(frames: Any) -> bool:
        (loads if all(frame.times[-1] < NOW // 60 * 60 for frame in frames) else later).append(list(frames))
        return True

    history.recall(keep, threading.Event(), lambda: next(instants))
    return loads, later


def rows(loads: list[list[ReadFrame]], name: str = "prism_requests_total") -> list[tuple[float, float]]:
    """(time, the sum of a name's series), oldest first."""
    found: list[tuple[float, float]] = []
    for frame in (frame for one in loads for frame in one):
        chosen = frame.values.loc[:, [one.name == name for one in frame.series]]
        found += zip(frame.times.tolist(), chosen.sum(axis=1, min_count=1).tolist(), strict=True)
    return sorted(found)


def test_the_newest_comes_first_scrape_by_scrape_and_the_day_minute_by_minute(http: Http) -> None:
    loads = load(http)
    times = [time for time, _ in rows(loads)]
    assert times[0] == pytest.approx(NOW - DAY, abs=90)
    fine = [time for time in times if time > NOW - 900]
    assert len(fine) == pytest.approx(180, abs=2)
    assert len(times) - len(fine) == pytest.approx(24 * 60 - 15 + 12, abs=3)
    starts = [min(frame.times.min() for frame in one) for one in loads]
    assert starts == sorted(starts, reverse=True)
    assert all(value == 2 * (time - NOW + 2 * DAY) for time, value in rows(loads))


def test_the_rows_of_the_minute_in_which_it_began_follow_once_that_is_over(http: Http) -> None:
    now, minute = NOW + 30.0, NOW // 60 * 60
    whole, (begun,) = recalled(http, now=now, targets=list(scraped(now)))
    assert max(time for time, _ in rows(whole)) == pytest.approx(minute, abs=6)
    assert [time for time, _ in rows([begun])] == pytest.approx(np.arange(minute + 4, now, 5.0).tolist())
    sums = rows([*whole, begun], PATTERNS.summed)
    assert [value for _, value in sums] == sorted(value for _, value in sums)


def test_its_series_are_those_of_the_live_read(http: Http) -> None:
    text = """
# TYPE prism_requests_total counter
prism_requests_total{namespace="a",pattern="redis"} 3
# TYPE prism_request_duration_seconds histogram
prism_request_duration_seconds_bucket{namespace="a",le="1.0"} 3
prism_request_duration_seconds_bucket{namespace="a",le="+Inf"} 3
# EOF
"""
    web = http(lambda asked: Reply(200, text.encode(), {"Content-Type": "application/openmetrics-text"}))
    options = SourceOptions(interval_seconds=1.0, timeout_seconds=2.0)
    live = ProxyCollector(f"{web.url}/metrics", options, Aliases()).collect(lambda: NOW)
    port = web.url.rpartition(":")[2]

    def past(at: float) -> Iterable[Scraped]:
        bucket = {"__name__": "prism_request_duration_seconds_bucket", "namespace": "a"}
        buckets = [({**bucket, "le": "1.0"}, 3.0), ({**bucket, "le": "+Inf"}, 3.0)]
        yield proxy(at - 1, counted(3.0, namespace="a", pattern="redis"), *buckets, instance=f"other.name:{port}")

    loads = load(http, f"proxy@127.0.0.1:{port}", past=past)
    assert {one for load in loads for frame in load for one in frame.series} == set(live.series)


def test_what_is_not_read_directly_is_left_alone(http: Http) -> None:
    assert rows(load(http, "proxy@elsewhere:2")) == []


def test_of_two_that_may_be_ours_neither_is_taken_for_it(http: Http) -> None:
    def two(at: float) -> Iterable[Scraped]:
        yield from (proxy(at - 1, instance=f"{host}:1") for host in ("a", "b"))

    assert rows(load(http, "proxy@p:1", past=two)) == []


def test_without_hours_or_sources_there_is_nothing_to_ask() -> None:
    assert not DirectHistory(Settings(prometheus={"history_hours": 0}), "http://h", [KEY], Snapshot()).of_use
    assert not DirectHistory(Settings(), "http://h", ["patterns@h:1"], Snapshot()).of_use
    assert DirectHistory(Settings(), "http://h", [KEY], Snapshot()).of_use


def test_of_a_proxy_that_an_earlier_run_watched_there_are_no_new_sums(http: Http) -> None:
    state = SourceState(KEY, "proxy", "p:1", "", 1.0, last_success=NOW - HOUR)
    again = load(http, before=Snapshot(sources={KEY: state}))
    assert rows(load(http), PATTERNS.summed) != []
    assert {one.name for one_load in again for frame in one_load for one in frame.series} == {"prism_requests_total"}


def test_a_server_that_refuses_costs_nothing_but_the_past(http: Http, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO"):
        assert load(http, instead=Reply.of({"status": "error", "error": "no"}, 400)) == []
    assert "no" in caplog.text


def test_a_store_that_takes_nothing_ends_it(http: Http) -> None:
    server = FakePrometheus(list(scraped(NOW)), past=scraped)
    history = DirectHistory(Settings(), http(server).url, [KEY], Snapshot())
    stop, asked = threading.Event(), []

    def keep(frames: Any) -> bool:
        asked.append(len(frames))
        stop.set()
        return False

    history.recall(keep, stop, lambda: NOW)
    assert len(asked) == 1


SERIES = [
    Series("prism_requests_total", labels_of({"instance": "p:1", "namespace": name, "pattern": pattern}), Kind.COUNTER)
    for name, pattern in (("a", "redis"), ("b", "redis"), ("c", "nats"))
]


def sums_of(parts: list[tuple[list[float], list[list[float]]]]) -> list[tuple[float, dict[str, float]]]:
    """The sums by pattern of rows that are given in parts, the newest part first; oldest row first."""
    sums, found = BackwardSums("proxy", "p:1"), []
    for times, values in parts:
        frame = ReadFrame(KEY, frame_of(np.array(times), columns_of(SERIES), np.array(values)))
        made = sums.of(list(SERIES), frame)
        for time, row in zip(made.times.tolist(), made.values.to_numpy(), strict=True):
            named = zip(made.series, row.tolist(), strict=True)
            found.append(
                (time, {one.label("pattern") or "": value for one, value in named if one.name == PATTERNS.summed})
            )
    return sorted(found, key=lambda one: one[0])


def test_the_sums_of_the_past_end_where_those_of_the_live_reads_begin() -> None:
    found = sums_of([([40.0, 50.0], [[9, 4, 2], [12, 5, 3]]), ([20.0, 30.0], [[3, 1, 0], [6, 2, 1]])])
    assert found[-1] == (50.0, {"redis": 17.0, "nats": 3.0})
    assert [one["redis"] for _, one in found] == [4.0, 8.0, 13.0, 17.0]
    live = RollUps()
    scrape = Scrape("proxy", "p:1", 51.0, list(SERIES))
    scrape.values.extend([13.0, 6.0, 3.0])
    live.add(scrape)
    begun = {
        one.label("pattern"): value
        for one, value in zip(scrape.series, scrape.values, strict=True)
        if one.name == PATTERNS.summed
    }
    assert begun == {"redis": 19.0, "nats": 3.0}


def test_a_restart_in_the_past_is_no_fall_of_the_sums() -> None:
    found = sums_of([([40.0, 50.0], [[200, 0, 0], [500, 0, 0]]), ([20.0, 30.0], [[70_000, 0, 0], [90_000, 0, 0]])])
    redis = [one["redis"] for _, one in found]
    assert redis == sorted(redis)
    assert (redis[1] - redis[0], redis[3] - redis[2], redis[3]) == (20_000.0, 300.0, 500.0)
