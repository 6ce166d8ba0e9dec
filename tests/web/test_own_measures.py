"""What pages report of what they had: who may, what is refused, and what is counted of it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from store.web_counts import WebCounts
from web.own import measures
from web.own.measures import BOUNDS, PATH, PIXEL, WRITE_SECONDS, OwnMeasures, PageReport

OWN = {"Origin": "http://localhost"}
REPORT: dict[str, Any] = {
    "viewer": "0123456789abcdef" * 2, "delays": [0.3, 1.6], "paint": 0.8, "open_seconds": 15.0,
    "connected_seconds": 14.0, "heap_bytes": 20_000_000,
}  # fmt: skip


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    web = Flask("test")
    measures.register(web, lambda: tmp_path)
    web.add_url_rule("/api/health", "health", lambda: "{}")
    return web.test_client()


def figures(directory: Path) -> dict[tuple[str, str], float]:
    (found,) = WebCounts(directory).read(time.time())
    return {(one.name, dict(one.labels).get("le", "")): one.value for one in found.figures}


def written(measures: OwnMeasures, directory: Path) -> dict[tuple[str, str], float]:
    measures.write(directory)
    return figures(directory)


def test_a_pages_report_is_counted(tmp_path: Path) -> None:
    measures = OwnMeasures("1")
    measures.take(PageReport.model_validate(REPORT))
    found = written(measures, tmp_path)
    assert [found[f"{PIXEL}_bucket", edge] for edge in ("0.2", "0.3", "1.5", "2.0", "+Inf")] == [0, 1, 1, 2, 2]
    assert found[f"{PIXEL}_count", ""] == 2
    assert found[f"{PIXEL}_sum", ""] == pytest.approx(1.9)
    assert (found["hud_page_seconds_total", ""], found["hud_page_connected_seconds_total", ""]) == (15.0, 14.0)
    assert found["hud_page_heap_bytes", ""] == 20_000_000
    assert found["hud_memory_bytes", ""] > 2**20


@given(st.lists(st.floats(0, 600), max_size=50))
def test_buckets_hold_every_delay_once_at_its_edge(delays: list[float]) -> None:
    measures = OwnMeasures("1")
    measures.take(PageReport.model_validate({**REPORT, "delays": delays}))
    counts = measures._counts[PIXEL]
    for at, edge in enumerate(BOUNDS[PIXEL]):
        assert sum(counts[: at + 1]) == sum(delay <= edge for delay in delays)
    assert sum(counts) == len(delays)


def test_reports_come_from_our_own_pages_alone(client: FlaskClient) -> None:
    assert client.post(PATH, json=REPORT, headers=OWN).status_code == 204
    assert client.post(PATH, json=REPORT, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 204
    assert client.post(PATH, json=REPORT).status_code == 403
    assert client.post(PATH, json=REPORT, headers={"Origin": "http://evil.example"}).status_code == 403


@pytest.mark.parametrize(
    "wrong",
    [
        {"viewer": "ana"}, {"delays": [-1]}, {"delays": [1e9]}, {"delays": [0.1] * 301}, {"open_seconds": "NaN"},
        {"heap_bytes": -1}, {"more": 1}, {"delays": None},
    ],
)  # fmt: skip
def test_what_is_no_report_is_refused_and_counts_nothing(client: FlaskClient, tmp_path: Path, wrong: Any) -> None:
    assert client.post(PATH, json={**REPORT, **wrong}, headers=OWN).status_code == 400
    assert client.post(PATH, data="{", headers=OWN, content_type="application/json").status_code == 400
    assert figures(tmp_path)[f"{PIXEL}_count", ""] == 0


def test_answers_under_api_are_timed(client: FlaskClient, tmp_path: Path) -> None:
    for _ in range(3):
        assert client.get("/api/health").status_code == 200
    client.get("/api/nothing")
    measures = OwnMeasures("1")
    measures.write(tmp_path)
    found = {one.process: one for one in WebCounts(tmp_path).read(time.time())}
    assert len(found) == 2, "this process' own file, and the one that was written here"


def test_a_day_has_its_own_viewers_and_files_are_written_now_and_then(tmp_path: Path) -> None:
    at = [86400.0 * 5 - 1]
    measures = OwnMeasures("1", lambda: at[0])
    measures.take(PageReport.model_validate(REPORT))
    measures.write(tmp_path)
    at[0] += WRITE_SECONDS / 2
    measures.write(tmp_path)
    (found,) = WebCounts(tmp_path).read(time.time())
    assert (found.day, len(found.viewers)) == (4, 1), "written a moment ago"
    at[0] += WRITE_SECONDS
    measures.write(tmp_path)
    (found,) = WebCounts(tmp_path).read(time.time())
    assert (found.day, len(found.viewers)) == (5, 0)


def test_more_time_connected_than_open_is_not_believed(tmp_path: Path) -> None:
    measures = OwnMeasures("1")
    measures.take(PageReport.model_validate({**REPORT, "open_seconds": 5.0, "connected_seconds": 50.0}))
    assert written(measures, tmp_path)["hud_page_connected_seconds_total", ""] == 5.0
