"""Wishes for faults are passed on to the simulated Prism from our own pages only; a real Prism is never asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from web.api import fault_actions

OWN = {"Origin": "http://localhost"}


class Control:
    """A control endpoint that answers `status` with what it was asked."""

    def __init__(self) -> None:
        self.status = 200
        self.asked: list[tuple[str, str, str]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                outer.asked.append((self.command, self.path, body))
                said = json.dumps({"active": []} if outer.status < 400 else {"error": "no such fault"}).encode()
                self.send_response(outer.status)
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            do_POST = do_DELETE = do_GET  # noqa: N815 (the server looks for these names)

            def log_message(self, format: str, *args: Any) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def control() -> Iterator[Control]:
    one = Control()
    yield one
    one.close()


def client_of(address: str) -> FlaskClient:
    server = Flask(__name__)
    fault_actions.register(server, lambda: address)
    return server.test_client()


def test_what_can_be_injected_is_read_and_wishes_are_passed_on(control: Control) -> None:
    client = client_of(control.url)
    assert client.get(fault_actions.PATH).get_json() == {"active": []}
    wish = {"fault": "latency", "target": "redis", "params": {"factor": 20}}
    assert client.post(fault_actions.PATH, json=wish, headers=OWN).status_code == 200
    assert client.delete(f"{fault_actions.PATH}/f1", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 200
    assert client.delete(fault_actions.PATH, headers=OWN).status_code == 200
    assert [(method, path) for method, path, _ in control.asked] == [
        ("GET", "/faults"), ("POST", "/faults"), ("DELETE", "/faults/f1"), ("DELETE", "/faults"),
    ]  # fmt: skip
    assert json.loads(control.asked[1][2]) == wish


def test_while_a_real_prism_is_read_there_is_no_such_route() -> None:
    client = client_of("")
    assert client.get(fault_actions.PATH).status_code == 404
    assert client.post(fault_actions.PATH, json={}, headers=OWN).status_code == 404
    assert client.delete(fault_actions.PATH, headers=OWN).status_code == 404
    assert client.delete(f"{fault_actions.PATH}/f1", headers=OWN).status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"}, {"Origin": "null"}, {}, {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://localhost.evil.example"}, {"Origin": "http://evil.example", "Sec-Fetch-Site": "same-origin"},
    ],
)  # fmt: skip
def test_another_sites_page_breaks_nothing_here(control: Control, headers: dict[str, str]) -> None:
    client = client_of(control.url)
    assert client.post(fault_actions.PATH, json={"fault": "latency"}, headers=headers).status_code == 403
    assert client.delete(fault_actions.PATH, headers=headers).status_code == 403
    assert control.asked == []


def test_a_wish_that_is_no_json_or_too_long_is_refused(control: Control) -> None:
    client = client_of(control.url)
    assert client.post(fault_actions.PATH, data="fault=latency", headers=OWN).status_code == 415
    long = {"fault": "x" * fault_actions.MOST_BYTES}
    assert client.post(fault_actions.PATH, json=long, headers=OWN).status_code == 413
    assert control.asked == []


def test_a_refusal_comes_back_in_its_own_words(control: Control) -> None:
    control.status = 400
    answer = client_of(control.url).post(fault_actions.PATH, json={"fault": "x"}, headers=OWN)
    assert (answer.status_code, answer.get_json()) == (400, {"error": "no such fault"})


def test_a_name_cannot_leave_its_place_in_the_address(control: Control) -> None:
    client_of(control.url).delete(f"{fault_actions.PATH}/a%3Fb%20c", headers=OWN)
    assert control.asked[-1][1] == "/faults/a%3Fb%20c"


def test_a_simulated_prism_that_is_gone_is_said() -> None:
    answer = client_of("http://127.0.0.1:9").get(fault_actions.PATH)
    assert (answer.status_code, answer.get_json()) == (502, {"error": "the simulated Prism does not answer"})
