"""`/report` gives one file of a window, and says what it does not know."""

from __future__ import annotations

import time

import pytest
from flask import Flask
from flask.testing import FlaskClient

from aggregators.changes.change import Change, ChangeKind, stored
from components import format as fmt
from model.series import Kind, Scrape
from store.snapshot import Snapshot, snapshot_of
from tests.web.test_api import pattern, reader_of, state
from web import report
from web.feed import StoreFeed
from web.lanes import Lanes
from web.replay.replays import Replays


def client_of(held: Snapshot) -> FlaskClient:
    web = Flask("test")
    reader = reader_of(held)
    feed, replays = StoreFeed(reader), Replays(reader)
    report.register(web, lambda: feed, Lanes(), lambda: replays)
    return web.test_client()


@pytest.fixture
def client() -> FlaskClient:
    at = time.time() - 0.5
    return client_of(snapshot_of([pattern("redis", "HEALTHY", at)], sources=[state("patterns@redis:1", at)]))


def test_a_file_of_each_form(client: FlaskClient) -> None:
    page = client.get("/report?range=15m")
    assert (page.status_code, page.mimetype) == (200, "text/html")
    assert b'href="/report?range=15m&amp;format=pdf"' in page.data
    file = client.get("/report?range=15m&format=pdf")
    assert (file.status_code, file.mimetype) == (200, "application/pdf")
    assert file.data.startswith(b"%PDF-")
    assert file.headers["Content-Disposition"].endswith('.pdf"')


@pytest.mark.parametrize(
    ("query", "status"),
    [("range=10y", 200), ("incident=none", 404), ("format=doc", 400), ("color=red", 400), ("proxy=a:1", 200),
     ("incident=" + "x" * 5000, 404), ("hide=", 400), ("at=yesterday", 400), ("at=1999-01-01T00:00:00Z", 404)],
)  # fmt: skip
def test_what_it_takes(client: FlaskClient, query: str, status: int) -> None:
    assert client.get(f"/report?{query}").status_code == status


def test_of_an_instant_of_the_past_it_is_as_it_was_then() -> None:
    now = time.time()
    source = state("proxy@a:1", now - 0.5)
    scrapes = []
    for second in range(120, 0, -1):
        own = Scrape("hud", "collector", now - second)
        for name, value in (("success", 1.0), ("read_at_seconds", own.time), ("attempted_at_seconds", own.time)):
            own.add(f"hud_source_{name}", value, Kind.GAUGE, source="proxy", target="a:1")
        read = Scrape("proxy", "a:1", now - second)
        read.add("prism_requests_total", 9000.0 - second, Kind.COUNTER, status="success")
        scrapes += [own, read]
    seen = [stored(Change(now - 90, ChangeKind.MEMBER, "x", "namespace early is new", "/"), now - 90),
            stored(Change(now - 5, ChangeKind.MEMBER, "x", "namespace late is new", "/"), now - 5)]  # fmt: skip
    client = client_of(snapshot_of(scrapes, sources=[source], events=seen))
    page = client.get(f"/report?range=5m&at={fmt.iso(now - 60)}")
    assert page.status_code == 200
    assert b"namespace early is new" in page.data
    assert b"namespace late is new" not in page.data
    assert fmt.clock(float(int(now - 60)), now).encode() in page.data


def test_before_the_first_write_there_is_none() -> None:
    assert client_of(Snapshot()).get("/report").status_code == 503
