"""The past that a Prometheus remembers: into the store once, in order, and nothing that was not scraped."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from aggregators.series.counters import increase
from collectors.core.backfill import Backfill, keeper
from model.series import Scrape
from model.sources import ErrorKind, SourceState
from store.incoming import ReadFrame, frames_of
from store.reader import Reader
from store.snapshot import Snapshot, snapshot_of
from store.writer import Writer
from tests.collectors.conftest import HttpServer, Reply
from tests.collectors.prometheus_fake import NOW, FakePrometheus, Reading, Scraped, counted, form, proxy

Http = Callable[..., HttpServer]
HOUR, DAY = 3600.0, 86400.0


class Loaded:
    """Runs one `recall` to its end; what it reported, by source."""

    def __init__(self, reading: Reading, keep: Callable[[list[ReadFrame]], bool] | None = None, loads: int = 0) -> None:
        """`keep`: what the store answers. `loads`: how many to wait for, where the first past is known already."""
        self.loads: list[list[ReadFrame]] = []
        stop, enough = threading.Event(), threading.Event()
        recall = reading.collector._recall

        def keeps(segments: Any) -> bool:
            self.loads.append(list(segments))
            if len(self.loads) == loads:
                enough.set()
            return keep(self.loads[-1]) if keep else True

        reading.collector.collect(reading.clock)
        thread = threading.Thread(target=reading.collector.recall, args=(keeps, stop, reading.clock), daemon=True)
        thread.start()
        assert (enough if loads else recall._done).wait(20)
        stop.set()
        thread.join(5)

    def rows(self, key: str = "proxy@p:1", name: str = "prism_requests_total") -> list[tuple[float, float]]:
        return [
            row
            for load in self.loads
            for one in load
            if one.source == key
            for row in zip(
                one.times.tolist(),
                one.values.loc[:, [series.name == name for series in one.series]].sum(axis=1, skipna=False).tolist(),
                strict=True,
            )
        ]


def steady(at: float) -> Iterable[Scraped]:
    """Scraped every 15 s; 2 requests a second; restarted every 5,000 s."""
    stamp = at // 15 * 15 - 1
    yield proxy(stamp, counted(2 * (stamp % 5000), namespace="a"), counted(stamp % 5000, namespace="b"))


def reading_of(http: Http, past: Callable[[float], Iterable[Scraped]] = steady, **more: Any) -> Reading:
    hours = more.pop("hours", 24)
    server = FakePrometheus(list(past(NOW)), past=past, **more)
    return Reading(http, server, prometheus={"history_hours": hours})


def ranges(reading: Reading) -> list[tuple[float, float]]:
    found = [form(one) for one in reading.web.asked if one.path == "/api/v1/query_range"]
    return [(float(one["start"]), float(one["end"])) for one in found]


def test_a_day_is_reported_a_minute_a_row_at_the_times_of_the_scrapes(http: Http) -> None:
    reading = reading_of(http)
    rows = Loaded(reading).rows()
    assert len(rows) == DAY / 60
    assert all(value == 3 * (time % 5000) for time, value in rows)
    assert [time for time, _ in rows] == sorted({time for time, _ in rows})
    assert rows[0][0] == pytest.approx(NOW - DAY, abs=90)
    assert all(end - start <= HOUR for start, end in ranges(reading)), "bounded, however long the past"
    assert reading.collector.note == ""


def test_the_sums_over_namespaces_go_on_from_the_past_into_the_live_reads(http: Http) -> None:
    reading = reading_of(http, hours=2)
    loaded = Loaded(reading)
    server = reading.server
    server.now += 20
    server.targets = list(steady(server.now))
    scrape = reading.read()["proxy@p:1"].scrape
    assert scrape is not None
    past = [Scrape("proxy", "p:1", time) for time, _ in loaded.rows()]
    for one, (_, total) in zip(past, loaded.rows(name="hud_pattern_requests_total"), strict=True):
        one.add("total", total)
    live = {series.name: value for series, value in zip(scrape.series, scrape.values, strict=True)}
    grown = live["hud_pattern_requests_total"] - past[0].values[0]
    counters = [value for _, value in loaded.rows()] + [live["prism_requests_total"] * 1.0]
    assert grown > 0
    steps = zip(counters[:-1], [*counters[1:-1], 3 * ((server.now // 15 * 15 - 1) % 5000)], strict=True)
    assert grown == sum(after - before if after >= before else after for before, after in steps)


def test_live_reads_have_no_sums_before_the_past_is_reported(http: Http) -> None:
    reading = reading_of(http)
    scrape = reading.read()["proxy@p:1"].scrape
    assert scrape is not None
    assert not [one for one in scrape.series if one.name.startswith("hud_")]
    assert reading.collector.note == "its history is about to be loaded"


def test_what_was_not_scraped_again_is_no_row(http: Http) -> None:
    def halted(at: float) -> Iterable[Scraped]:
        return steady(min(at, NOW - HOUR) if at < NOW - 600 else at)

    rows = Loaded(reading_of(http, halted, hours=3)).rows()
    assert not [time for time, _ in rows if NOW - HOUR < time < NOW - 700]
    assert len(rows) == pytest.approx(180 - 50, abs=2)


def test_a_time_when_the_target_was_down_is_a_gap(http: Http) -> None:
    def flapping(at: float) -> Iterable[Scraped]:
        for one in steady(at):
            one.up = 0.0 if NOW - 3000 <= at <= NOW - 1200 else 1.0
            yield one

    rows = Loaded(reading_of(http, flapping, hours=2)).rows()
    assert not [time for time, _ in rows if NOW - 3000 < time < NOW - 1215]


def test_only_minutes_that_are_missing_are_asked_for(http: Http) -> None:
    rows = [NOW - DAY + 60 * minute for minute in range(24 * 60) if not 600 <= minute < 700 and minute != 300]
    before = snapshot_of([Scrape("proxy", "p:1", time) for time in rows], sources=[state(rows[-1])])
    reading = reading_of(http)
    reading.collector.restore(before)
    loaded = Loaded(reading)
    assert ranges(reading), "the gap of 100 minutes is filled, that of one minute is not"
    assert all(NOW - DAY + 599 * 60 <= start <= end <= NOW - DAY + 701 * 60 for start, end in ranges(reading))
    assert len(loaded.rows()) == 100
    assert not loaded.rows(name="hud_pattern_requests_total")[0][1], "no sums that would not fit those around them"


def test_a_store_that_lacks_nothing_is_left_alone(http: Http) -> None:
    rows = [NOW - DAY + 60 * minute for minute in range(24 * 60 + 1)]
    reading = reading_of(http)
    reading.collector.restore(snapshot_of([Scrape("proxy", "p:1", time) for time in rows], sources=[state(rows[-1])]))
    assert not Loaded(reading).loads
    assert not ranges(reading)


def test_a_gap_while_running_is_filled_too(http: Http) -> None:
    reading = reading_of(http, hours=1)
    Loaded(reading)
    before = len(ranges(reading))
    reading.server.now += 1200
    reading.server.targets = list(steady(reading.server.now))
    rows = Loaded(reading, loads=1).rows()
    assert ranges(reading)[before:] == [(NOW + 60, NOW + 1200)]
    assert [time for time, _ in rows] == [NOW + 60 * minute - 1 for minute in range(1, 21)]


def test_a_server_that_refuses_so_much_at_once_is_asked_for_less(http: Http) -> None:
    reading = reading_of(http, hours=2, longest_range=1000.0)
    assert len(Loaded(reading).rows()) == 120


def test_a_store_that_cannot_be_written_is_tried_again(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("collectors.prometheus.history.RETRY_SECONDS", 0.01)
    answers = iter([False, False, *[True] * 100])
    loaded = Loaded(reading_of(http, hours=1), lambda load: next(answers))
    assert len({id(one) for load in loaded.loads[:3] for one in load}) == 1, "the same rows, three times"


def test_a_past_that_cannot_be_had_is_said_and_costs_nothing_else(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("collectors.prometheus.history.RETRY_SECONDS", 0.01)

    class Forgetful(FakePrometheus):
        def _range(self, fields: dict[str, str]) -> Reply:
            return Reply.of({"status": "error", "error": "no long term store"}, 503)

    reading = Reading(http, Forgetful([proxy(NOW)]), prometheus={"history_hours": 24})
    assert not Loaded(reading).loads
    assert reading.collector.note == "its history could not be loaded: HTTP error: HTTP 503: no long term store"
    reading.server.targets = [proxy(NOW + 1)]
    scrape = reading.read()["proxy@p:1"].scrape
    assert scrape is not None
    assert "hud_pattern_requests_total" in {one.name for one in scrape.series}, "its sums begin now"


def test_a_target_that_is_down_at_the_start_is_known_from_the_past(http: Http) -> None:
    def gone(at: float) -> Iterable[Scraped]:
        for one in steady(at):
            one.up = 0.0 if at > NOW - 3600 else 1.0
            yield one

    reading = reading_of(http, gone, hours=3)
    assert reading.read() == {}, "nothing reports what it is"
    Loaded(reading)
    reported = reading.read()["proxy@p:1"].state
    assert reported.error is ErrorKind.DOWN
    assert reported.last_success == pytest.approx(NOW - 3600, abs=80)


def test_a_prism_of_very_many_series_is_fetched_in_smaller_parts(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("collectors.prometheus.history.POINTS_AT_ONCE", 20)
    monkeypatch.setattr("collectors.prometheus.history.MOST_POINTS", 120)
    reading = reading_of(http)
    rows = Loaded(reading).rows()
    assert all(end - start <= 9 * 60 for start, end in ranges(reading))
    assert len(rows) == 60, "an hour of two series, instead of a day"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[tuple[Writer, Reader]]:
    writer, reader = Writer.open(tmp_path / "store"), Reader(tmp_path / "store")
    yield writer, reader
    writer.close()
    reader.close()


def test_the_store_has_the_day_beside_the_live_reads(http: Http, store: tuple[Writer, Reader]) -> None:
    writer, reader = store
    reading = reading_of(http)
    live = reading.read()["proxy@p:1"]
    assert live.scrape is not None
    writer.commit(NOW, frames_of([live.scrape]), {live.state.key: live.state})
    for load in Loaded(reading).loads:
        writer.backfill(load)
    writer.commit(NOW + 1, [], {live.state.key: live.state})
    snapshot: Snapshot = reader.snapshot()
    grown = increase(snapshot.frame("prism_requests_total", NOW - DAY, NOW, coarse=True), NOW - DAY, NOW)
    summed = increase(snapshot.frame("hud_pattern_requests_total", NOW - DAY, NOW, coarse=True), NOW - DAY, NOW)
    # A restart hides at most the minute before it; there are 18 of them in a day of 3 requests a second.
    assert grown["value"].sum() == pytest.approx(3 * DAY, rel=18 * 60 / DAY)
    assert summed["value"].sum() == pytest.approx(grown["value"].sum(), rel=0.001)


def test_loads_wait_for_the_writers_thread_one_by_one() -> None:
    loads: queue.SimpleQueue[Backfill] = queue.SimpleQueue()
    stop = threading.Event()
    keep = keeper(loads.put, stop)
    kept: list[bool] = []
    thread = threading.Thread(target=lambda: kept.append(keep([])))
    thread.start()
    loads.get(timeout=10).settle(lambda segments: True)
    thread.join(5)
    stop.set()
    assert kept == [True]
    assert keep([]) is False, "nobody waits for a writer that has stopped"


def state(last: float) -> SourceState:
    return SourceState("proxy@p:1", "proxy", "p:1", "", 5.0, last_success=last)
