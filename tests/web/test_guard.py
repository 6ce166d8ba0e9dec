"""What is asked of every request before anything is worked out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from gunicorn.config import Config
from gunicorn.http.parser import RequestParser

import app
from model.settings import Settings, SettingsError
from web.guard import MOST_BYTES, _refuse_strange, is_ours

JSON = "application/json"


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[FlaskClient]:
    """The application, without a store: nothing here gets that far."""
    asked_first = app.server.before_request_funcs
    monkeypatch.setitem(asked_first, None, [one for one in asked_first[None] if one != app.runtime.start])
    monkeypatch.setattr(app.runtime, "_settings", Settings())
    yield app.server.test_client()


@pytest.mark.parametrize(
    ("host", "listening", "named", "ours"),
    [
        ("localhost:8095", "127.0.0.1", "", True),
        ("LOCALHOST", "127.0.0.1", "", True),
        ("hud.localhost:1", "127.0.0.1", "", True),
        ("127.0.0.1:8095", "127.0.0.1", "", True),
        ("127.8.9.1", "127.0.0.1", "", True),
        ("[::1]:8095", "127.0.0.1", "", True),
        ("[::1]", "127.0.0.1", "", True),
        ("evil.example", "127.0.0.1", "", False),
        ("evil.example:8095", "127.0.0.1", "", False),
        ("localhost.evil.example", "127.0.0.1", "", False),
        ("127.0.0.1.evil.example", "127.0.0.1", "", False),
        ("10.0.0.7:8095", "127.0.0.1", "", False),
        ("10.0.0.7:8095", "10.0.0.7", "", True),
        ("10.0.0.7:8095", "0.0.0.0", "", True),
        ("[fe80::7]:8095", "::", "", True),
        ("evil.example", "0.0.0.0", "", False),
        ("hud.example", "0.0.0.0", "hud.example, other.example", True),
        ("other.example:443", "127.0.0.1", "hud.example, other.example", True),
        ("hud.example.evil.example", "127.0.0.1", "hud.example", False),
        ("HUD.Example", "127.0.0.1", "hud.example", True),
        ("hud.example", "127.0.0.1", "HUD.Example:443", True),
        ("hud.example.:8095", "127.0.0.1", "hud.example", True),
        ("[fe80::7]:8095", "fe80::7", "", True),
        ("[FE80:0::7]:8095", "127.0.0.1", "[fe80::7]", True),
        ("[fe80::8]:8095", "fe80::7", "[fe80::9]:443", False),
        ("", "127.0.0.1", "", False),
        ("a;script-src *;.localhost", "127.0.0.1", "", False),
        ("a b.localhost", "127.0.0.1", "", False),
        ("user@localhost", "127.0.0.1", "", False),
        ("localhost:port", "127.0.0.1", "", False),
    ],
)
def test_only_our_own_names_are_answered(host: str, listening: str, named: str, ours: bool) -> None:
    assert is_ours(host, Settings(host=listening, allowed_hosts=named)) is ours


@pytest.mark.parametrize("path", ["/", "/api/health", "/healthz", "/metrics", "/ws", "/simulated/faults", "/assets/x"])
def test_a_name_that_was_made_to_point_here_is_refused_on_every_route(client: FlaskClient, path: str) -> None:
    answer = client.get(path, headers={"Host": "evil.example"})
    assert answer.status_code == 421
    assert "HUD_ALLOWED_HOSTS" in answer.text


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400), (b"", 400), (b"[]", 400), (b"null", 400), (b"7", 400), (b"{}", 400), (b'{"output": 7}', 400),
        (b'{"output": "nobody.children"}', 404), (b"\xff\xfe", 400), (b'{"output": "' + b"[" * 50_000 + b'"}', 404),
        (b"[" * 200_000, 400), (b'{"a":' * 40_000, 400),
    ],
)  # fmt: skip
def test_what_asks_for_no_callback_is_refused_in_words(client: FlaskClient, body: bytes, status: int) -> None:
    assert client.post("/_dash-update-component", data=body, content_type=JSON).status_code == status


def asked_of_a_page(**said: Any) -> dict[str, Any]:
    """What a browser asks when a page's clock ticks; `said` are values by property."""
    output, known = next((name, one) for name, one in app.app.callback_map.items() if "performance-head" in name)
    outputs = [one.rpartition(".") for one in output.strip(".").split("...")]
    parts = {part: [{**one, "value": said.get(one["property"])} for one in known[part]] for part in ("inputs", "state")}
    return {
        "output": output, "outputs": [{"id": name, "property": prop} for name, _, prop in outputs], **parts,
        "changedPropIds": ["performance-clock.n_intervals"],
    }  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [{"inputs": []}, {"inputs": [7]}, {"inputs": {"id": "x"}}, {"outputs": "x"}, {"outputs": []}, {"outputs": {}},
     {"outputs": None}, {"outputs": [[]]}, {"changedPropIds": 7}, {"state": [{"id": "x", "property": "y"}]}],
)  # fmt: skip
def test_a_callback_with_other_inputs_is_refused(client: FlaskClient, change: dict[str, Any]) -> None:
    client.get("/healthz")
    body = json.dumps({**asked_of_a_page(n_intervals=1, data={}), **change})
    assert client.post("/_dash-update-component", data=body, content_type=JSON).status_code == 400


@pytest.mark.parametrize(
    "said",
    [{"data": -1}, {"data": "x"}, {"data": ["range"]}, {"data": {"range": None}}, {"data": {"range": ["1h"]}},
     {"data": {"at": 1e308}}, {"n_intervals": "x"}, {"n_intervals": [1]}, {"n_intervals": {}}],
)  # fmt: skip
def test_a_callback_with_values_that_no_browser_has_is_refused(client: FlaskClient, said: dict[str, Any]) -> None:
    client.get("/healthz")
    body = json.dumps(asked_of_a_page(**{"n_intervals": 1, "data": {"range": "1h"}, **said}))
    assert client.post("/_dash-update-component", data=body, content_type=JSON).status_code == 400


@pytest.mark.parametrize("place", [None, 7, ["/"], {}])
def test_a_browser_without_a_place_is_none(client: FlaskClient, place: object) -> None:
    client.get("/healthz")
    output, known = next((name, one) for name, one in app.app.callback_map.items() if "_pages_content" in name)
    outputs = [one.rpartition(".") for one in output.strip(".").split("...")]
    said = {"pathname": place, "search": ""}
    inputs = [{**one, "value": said.get(one["property"])} for one in known["inputs"]]
    body = {"output": output, "inputs": inputs, "state": known["state"], "changedPropIds": [],
            "outputs": [{"id": name, "property": prop} for name, _, prop in outputs]}  # fmt: skip
    assert client.post("/_dash-update-component", json=body).status_code == 400


@pytest.mark.parametrize("data", [None, {}, {"range": "1h", "name": "a", "junk": "\ud800"}])
def test_what_a_page_asks_is_not_refused(client: FlaskClient, data: dict[str, str] | None) -> None:
    client.get("/healthz")
    with app.server.test_request_context("/_dash-update-component", method="POST"):
        assert _refuse_strange(asked_of_a_page(n_intervals=1, data=data), app.app.callback_map) is None


@pytest.mark.parametrize(
    "chunks",
    [
        b"-2\r\n{}\r\n0\r\n\r\n",
        b"0x2\r\n{}\r\n0\r\n\r\n",
        b"2\r\n{}\r\n0\r\nHost: evil\r\n\r\n",
        b"2\r\n{}0\r\n\r\n",
        b"5\r\n{}",
    ],
)
@pytest.mark.parametrize("path", ["/_dash-update-component", "/healthz", "/api/own"])
def test_chunks_that_are_none_are_refused_and_no_fault(client: FlaskClient, chunks: bytes, path: str) -> None:
    head = b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    body = next(RequestParser(Config(), iter([head + chunks]), ("127.0.0.1", 1))).body
    as_arrived = {"wsgi.input": body, "wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    assert client.post(path, content_type=JSON, environ_overrides=as_arrived).status_code == 400


def test_a_body_that_is_too_long_is_not_read(client: FlaskClient) -> None:
    long = b"{" + b" " * MOST_BYTES
    assert client.post("/_dash-update-component", data=long, content_type=JSON).status_code == 413


@pytest.mark.parametrize("path", ["/_dash-component-suites/none/x.js", "/_dash-component-suites/dash/none.js"])
def test_a_component_that_there_is_not_is_not_found(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.7", "hud.example"])
def test_where_others_could_look_it_starts_only_when_that_is_said(host: str) -> None:
    with pytest.raises(SettingsError, match="HUD_ALLOW_ANONYMOUS"):
        Settings(host=host).refuse_open_door()
    Settings(host=host, allow_anonymous=True).refuse_open_door()


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.1.2.3"])
def test_on_this_machine_alone_nothing_has_to_be_said(host: str) -> None:
    Settings(host=host).refuse_open_door()


def test_no_page_of_others_may_hold_it_in_a_frame_and_it_talks_to_its_own_host_only(client: FlaskClient) -> None:
    policy = client.get("/", headers={"Host": "localhost:8095"}).headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "connect-src 'self' ws://localhost:8095 wss://localhost:8095;" in policy
    missing = client.get("/assets/none.png")
    assert (missing.status_code, missing.mimetype) == (404, "text/html")
    assert "frame-ancestors 'none'" in missing.headers["Content-Security-Policy"]
    assert "script-src 'self'" in missing.headers["Content-Security-Policy"]
