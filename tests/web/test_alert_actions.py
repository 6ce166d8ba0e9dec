"""Acknowledge and silence over HTTP: our own forms and programs, what is refused, what is left for the collector."""

from __future__ import annotations

import json
import time
from hashlib import sha256
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from components.alert_form import PATH
from model.series import Event, Severity, labels_of
from store.inbox import Inbox
from store.snapshot import Snapshot
from web.api import alert_actions
from web.api.alert_action import REFUSALS

ID = "pattern_down:redis:1"
OWN = {"Origin": "http://localhost", "Referer": "http://localhost/incidents/abc"}


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    return Inbox(tmp_path)


@pytest.fixture
def client(inbox: Inbox) -> FlaskClient:
    labels = {"id": ID, "rule": "pattern_down", "component": "redis", "state": "firing"}
    event = Event(time.time() - 9, "alert", Severity.CRITICAL, labels_of(labels), "redis is down")
    web = Flask("test")
    alert_actions.register(web, lambda: Snapshot(events=(event,)), lambda: inbox)
    return web.test_client()


def test_a_program_silences_an_alert_for_a_while(client: FlaskClient, inbox: Inbox) -> None:
    before = time.time()
    asked = {"action": "silence", "alert": ID, "by": "ana", "why": "deploy", "seconds": 600}
    answer = client.post(PATH, json=asked)
    assert (answer.status_code, answer.json) == (202, {"accepted": 1})
    (event,) = inbox.arrived([], before)
    assert (event.kind, event.label("rule"), event.label("component")) == ("alert_action", "pattern_down", "redis")
    assert before + 600 <= float(event.label("until") or 0) <= time.time() + 600
    assert event.message == "Pattern down (redis) silenced by ana: deploy"


def test_the_pages_own_form_acknowledges_a_whole_incident_and_leads_back(client: FlaskClient, inbox: Inbox) -> None:
    from_page = {"action": "acknowledge", "incident": incident(), "by": "ana", "why": "", "seconds": "3600"}
    answer = client.post(PATH, data=from_page, headers=OWN)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/incidents/abc")
    assert [one.label("alert") for one in inbox.arrived([], 0.0)] == [ID]


def incident() -> str:
    return sha256(ID.encode()).hexdigest()[:12]


@pytest.mark.parametrize(
    ("headers", "form", "status"),
    [
        ({"Origin": "http://evil.example"}, True, 403),
        ({"Origin": "http://evil.example"}, False, 403),
        ({"Origin": "null"}, True, 403),
        ({"Sec-Fetch-Site": "cross-site"}, True, 403),
        ({"Sec-Fetch-Site": "cross-site"}, False, 403),
        ({}, True, 403),
        ({"Content-Type": "text/plain"}, False, 415),
    ],
)
def test_another_sites_page_may_not_ask(
    client: FlaskClient, inbox: Inbox, headers: dict[str, str], form: bool, status: int
) -> None:
    asked = {"action": "acknowledge", "alert": ID, "by": "eve"}
    answer = client.post(PATH, data=asked, headers=headers) if form else client.post(PATH, json=asked, headers=headers)
    assert answer.status_code == status
    assert inbox.arrived([], 0.0) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"by": ""}, {"by": "x" * 81}, {"action": "delete"}, {"seconds": 5}, {"action": "silence"},
        {"action": "silence", "seconds": 600}, {"action": "silence", "seconds": 1e9, "why": "x"}, {"more": "x"},
        {"incident": "abc"}, {"alert": ""},
    ],
)  # fmt: skip
def test_what_is_not_whole_is_refused_in_words(client: FlaskClient, wrong: dict[str, object]) -> None:
    answer = client.post(PATH, json={"action": "acknowledge", "alert": ID, "by": "ana"} | wrong)
    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["error"] == "bad_request"


def test_an_alert_that_does_not_last_is_not_found(client: FlaskClient) -> None:
    assert client.post(PATH, json={"action": "acknowledge", "alert": "x", "by": "ana"}).status_code == 404


def test_a_wish_that_cannot_be_written_down_is_refused(client: FlaskClient, tmp_path: Path) -> None:
    (tmp_path / "inbox").write_text("no folder", encoding="utf-8")
    answer = client.post(PATH, json={"action": "acknowledge", "alert": ID, "by": "ana"})
    assert (answer.status_code, described(answer)) == (503, True)


@pytest.mark.parametrize(
    ("body", "content", "status"),
    [({"by": ""}, "application/json", 400), ({"alert": "x"}, "application/json", 404), ({}, "text/plain", 415)],
)
def test_each_refusal_is_called_what_the_description_calls_it(
    client: FlaskClient, body: dict[str, str], content: str, status: int
) -> None:
    whole = {"action": "acknowledge", "alert": ID, "by": "ana"} | body
    answer = client.post(PATH, data=json.dumps(whole), content_type=content)
    assert (answer.status_code, described(answer)) == (status, True)


def described(answer: TestResponse) -> bool:
    """Whether the description of /api has this refusal by this word."""
    said = answer.json
    return said is not None and REFUSALS[str(answer.status_code)].startswith(f"{said['error']}: ")
