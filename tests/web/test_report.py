"""`/report` gives one file of a window, and says what it does not know."""

from __future__ import annotations

import time

import pytest
from flask import Flask
from flask.testing import FlaskClient

from store.snapshot import Snapshot, snapshot_of
from tests.web.test_api import LruCache, pattern, state
from web import report
from web.feed import StoreFeed
from web.lanes import Lanes


def client_of(held: Snapshot) -> FlaskClient:
    web = Flask("test")
    feed = StoreFeed(LruCache(held))
    report.register(web, lambda: feed, Lanes())
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
     ("incident=" + "x" * 5000, 404), ("hide=", 400)],
)  # fmt: skip
def test_what_it_takes(client: FlaskClient, query: str, status: int) -> None:
    assert client.get(f"/report?{query}").status_code == status


def test_before_the_first_write_there_is_none() -> None:
    assert client_of(Snapshot()).get("/report").status_code == 503
