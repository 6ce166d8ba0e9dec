"""A library comes compressed as it lies there, to whoever can read that."""

from __future__ import annotations

from pathlib import Path

import brotli
import pytest
from flask import Flask
from flask.testing import FlaskClient

from model.settings import Settings
from web import http_headers
from web.files import libraries

TEXT = b"window.drawn = 1;" * 100


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    vendor = tmp_path / "vendor"
    vendor.mkdir()
    (vendor / "a.min.js").write_bytes(TEXT)
    (vendor / "a.min.js.br").write_bytes(brotli.compress(TEXT))
    (vendor / "a.min.css").write_bytes(TEXT)
    web = Flask("test")
    libraries.register(web, tmp_path)
    http_headers.register(web, Settings)
    return web.test_client()


@pytest.mark.parametrize("accepts", ["br", "gzip, deflate, br, zstd", "*"])
def test_who_takes_brotli_gets_the_file_beside_it_to_keep(client: FlaskClient, accepts: str) -> None:
    answer = client.get("/assets/vendor/a.min.js?m=1", headers={"Accept-Encoding": accepts}, buffered=True)
    assert (answer.status_code, answer.headers["Content-Encoding"], answer.data) == (200, "br", brotli.compress(TEXT))
    assert answer.mimetype == "text/javascript"
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert "immutable" in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    ("name", "accepts"), [("a.min.js", ""), ("a.min.js", "gzip, deflate"), ("a.min.js", "br;q=0"), ("a.min.css", "br")]
)
def test_others_and_those_that_want_another_get_the_file_itself(client: FlaskClient, name: str, accepts: str) -> None:
    answer = client.get(f"/assets/vendor/{name}", headers={"Accept-Encoding": accepts}, buffered=True)
    assert (answer.status_code, answer.data, answer.headers.get("Content-Encoding")) == (200, TEXT, None)
    assert answer.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize("name", ["none.js", "..%2fvendor%2fa.min.js", "%2e%2e/hud.css"])
def test_nothing_else_is_served(client: FlaskClient, name: str) -> None:
    assert client.get(f"/assets/vendor/{name}", buffered=True).status_code == 404
