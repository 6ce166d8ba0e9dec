"""The counts of web processes as a read of the dashboard's own."""

from __future__ import annotations

import os
import time
from pathlib import Path

from collectors.core.web_scrape import GAUGE_SECONDS, LOOK_SECONDS, VIEWERS, WebScrape
from model.series import Kind, Scrape
from store.disk.store_directory import WEB
from store.web_counts import Counted, WebCounts

TODAY = 20_000


def values(scrape: Scrape | None) -> dict[tuple[str, str], float]:
    assert scrape is not None
    return {(one.series.name, one.series.label("process") or ""): one.value for one in scrape.samples()}


def test_each_process_has_series_of_its_own_and_a_viewer_of_two_is_one(tmp_path: Path) -> None:
    counts, now = WebCounts(tmp_path), TODAY * 86400.0 + 5
    counts.put("11", [Counted("hud_page_seconds_total", 10.0)], TODAY, {"a", "b"})
    counts.put("12", [Counted("hud_page_seconds_total", 5.0)], TODAY, {"b"})
    counts.put("13", [], TODAY - 1, {"yesterday"})
    scrape = WebScrape(tmp_path)(now)
    assert values(scrape) == {
        ("hud_page_seconds_total", "11"): 10.0, ("hud_page_seconds_total", "12"): 5.0, (VIEWERS, ""): 2.0,
    }  # fmt: skip
    assert scrape is not None
    assert {one.kind for one in scrape.series if one.name == "hud_page_seconds_total"} == {Kind.COUNTER}


def test_it_is_read_now_and_then_and_is_nothing_while_nobody_counts(tmp_path: Path) -> None:
    at = [0.0]
    scrape = WebScrape(tmp_path, lambda: at[0])
    assert scrape(1000.0) is None
    WebCounts(tmp_path).put("11", [], TODAY, {"a"})
    assert scrape(1000.0) is None, "not yet"
    at[0] = LOOK_SECONDS
    assert scrape(TODAY * 86400.0) is not None


def test_nothing_but_the_dashboards_own_amounts_is_taken(tmp_path: Path) -> None:
    figures = [
        Counted("prism_requests_total", 5.0), Counted("nonsense", 5.0), Counted("hud_page_seconds_total", -1.0),
        Counted("hud_page_connected_seconds_total", float("inf")), Counted("hud_page_heap_bytes", 7.0),
    ]  # fmt: skip
    WebCounts(tmp_path).put("11", figures, TODAY, ())
    assert set(values(WebScrape(tmp_path)(time.time()))) == {("hud_page_heap_bytes", "11"), (VIEWERS, "")}


def test_memory_of_a_process_that_says_nothing_any_more_is_not_there_but_its_counts_are(tmp_path: Path) -> None:
    figures = [Counted("hud_memory_bytes", 7.0), Counted("hud_page_seconds_total", 9.0)]
    WebCounts(tmp_path).put("11", figures, TODAY, ())
    before = time.time() - GAUGE_SECONDS - 5
    os.utime(tmp_path / WEB / "11.json", (before, before))
    assert set(values(WebScrape(tmp_path)(time.time()))) == {("hud_page_seconds_total", "11"), (VIEWERS, "")}
