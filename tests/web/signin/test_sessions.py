"""A session: whose it is, how long it holds, how it ends, and what ends with it."""

from __future__ import annotations

import json
import socket
import stat
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.web.signin.conftest import HOST, Dashboard, come_back, sent_to, session_of, sign_in
from tests.web.signin.issuer import Issuer
from web.hub_client import SESSION_ENDED, Client, GoneError

Made = Callable[..., Dashboard]
OURS = {"Origin": f"http://{HOST}"}


def status(site: Dashboard, browser: FlaskClient, path: str = "/") -> int:
    return site.get(browser, path).status_code


@pytest.mark.parametrize(
    ("public", "name", "secure"),
    [("", "hud-session", False), ("https://hud.example", "__Host-hud-session", True)],
)
def test_the_cookie_is_for_http_and_this_site_alone(
    dashboard: Made, issuer: Issuer, public: str, name: str, secure: bool
) -> None:
    site = dashboard(public_url=public)
    _, answer = sign_in(site, issuer)
    found = next(one for one in answer.headers.getlist("Set-Cookie") if one.startswith(f"{name}="))
    said = {part.strip().lower() for part in found.split(";")[1:]}
    assert {"httponly", "samesite=lax", "path=/"} <= said
    assert ("secure" in said) is secure
    assert not any(part.startswith("domain") for part in said)


def test_a_session_ends_when_it_is_not_used_and_when_it_is_old(dashboard: Made, issuer: Issuer) -> None:
    site = dashboard(session_idle_seconds=60, session_seconds=300, session_check_seconds=3600)
    browser, _ = sign_in(site, issuer)
    for _ in range(6):
        site.later(45.0)
        assert status(site, browser) == 200, "it was used meanwhile"
    site.later(45.0)
    assert status(site, browser) == 303, "however often it was used"
    browser, _ = sign_in(site, issuer)
    site.later(61.0)
    assert status(site, browser) == 303


def test_signing_out_ends_every_copy_of_the_cookie(dashboard: Made, issuer: Issuer) -> None:
    site = dashboard()
    browser, _ = sign_in(site, issuer)
    copy = site.browser()
    held = browser.get_cookie("hud-session")
    assert held is not None
    copy.set_cookie("hud-session", held.value)
    assert status(site, copy) == 200
    assert browser.post("/signout", base_url=site.door.home).status_code == 403, "a page must ask for it"
    evil = browser.post("/signout", base_url=site.door.home, headers={"Origin": "http://evil.example"})
    assert evil.status_code == 403
    browser.get("/signout", base_url=site.door.home)
    assert status(site, browser) == 200, "a mere link signs nobody out"
    left = browser.post("/signout", base_url=site.door.home, headers=OURS)
    assert left.location == "http://localhost:8095/signed-out"
    assert "signed out" in site.get(browser, "/signed-out").text
    assert (status(site, browser), status(site, copy)) == (303, 303)


def test_a_cookie_that_was_planted_before_is_not_taken_over(dashboard: Made, issuer: Issuer) -> None:
    site = dashboard()
    evil, _ = sign_in(site, issuer)
    planted = evil.get_cookie("hud-session")
    assert planted is not None
    browser = site.browser()
    browser.set_cookie("hud-session", planted.value)
    come_back(site, browser, issuer.consent(sent_to(site, browser)))
    own = browser.get_cookie("hud-session")
    assert own is not None
    assert own.value != planted.value
    assert status(site, evil) == 303, "and the planted one has ended"


@pytest.mark.parametrize("value", ["x", "a.b.c", "ImFkYSI.aaaa.bbbb", "\u00e4"])
def test_a_cookie_that_we_did_not_sign_is_refused(dashboard: Made, value: str) -> None:
    site = dashboard()
    browser = site.browser()
    browser.set_cookie("hud-session", value)
    answer = site.get(browser, "/api/health", Accept="application/json")
    assert (answer.status_code, _said(answer)["error"]) == (401, "unauthenticated")


def test_whoever_lost_the_group_is_refused_with_the_next_check(dashboard: Made, issuer: Issuer) -> None:
    site = dashboard(session_check_seconds=60)
    browser, _ = sign_in(site, issuer)
    site.later(61.0)
    assert status(site, browser) == 200
    issuer.person["groups"] = []
    assert status(site, browser) == 200, "it was checked just now"
    site.later(61.0)
    refused = site.get(browser, "/api/health", Accept="application/json")
    assert (refused.status_code, "may not look" in _said(refused)["message"]) == (403, True)
    issuer.person["groups"] = ["ops"]
    assert status(site, browser) == 303, "and must sign in anew"


def test_a_session_that_the_provider_revoked_ends(dashboard: Made, issuer: Issuer) -> None:
    site = dashboard(session_check_seconds=60)
    browser, _ = sign_in(site, issuer)
    held = session_of(site, browser)
    issuer.gone.add(site.door.sessions.find(held).refresh)
    site.later(61.0)
    assert status(site, browser) == 303


@pytest.mark.parametrize("back", [400.0, 86400.0])
def test_a_clock_that_was_set_back_keeps_no_session_alive(dashboard: Made, issuer: Issuer, back: float) -> None:
    """What began ahead of the clock neither lasts until the clock is there again nor goes unchecked for so long."""
    site = dashboard(session_check_seconds=60)
    browser, _ = sign_in(site, issuer)
    issuer.gone.add(site.door.sessions.find(session_of(site, browser)).refresh)
    site.later(-back)
    assert status(site, browser) == 303


def test_somebody_elses_token_renews_no_session(dashboard: Made, issuer: Issuer) -> None:
    site = dashboard(session_check_seconds=60)
    browser, _ = sign_in(site, issuer)
    issuer.person["sub"] = "eve"
    site.later(61.0)
    assert status(site, browser) == 303


def test_while_the_provider_is_away_sessions_stand_until_they_are_old(dashboard: Made, issuer: Issuer) -> None:
    site = dashboard(session_check_seconds=60, session_seconds=600)
    browser, _ = sign_in(site, issuer)
    issuer.away = True
    site.later(300.0)
    assert status(site, browser) == 200, "it may be what the dashboard is looked at for"
    asked = len(issuer.asked)
    assert status(site, browser) == 200
    assert len(issuer.asked) == asked, "nobody waits for it again so soon"
    site.later(301.0)
    assert status(site, browser) == 303


def test_a_renewal_under_way_does_not_bring_a_session_back(dashboard: Made, issuer: Issuer) -> None:
    site = dashboard()
    browser, _ = sign_in(site, issuer)
    name = session_of(site, browser)
    session = site.door.sessions.find(name)
    site.door.sessions.end(name)
    site.door.sessions.keep(name, session)
    assert status(site, browser) == 303


def test_a_live_connection_ends_with_its_session(dashboard: Made, issuer: Issuer) -> None:
    site = dashboard(session_idle_seconds=60, session_check_seconds=3600)
    browser, _ = sign_in(site, issuer)
    name = session_of(site, browser)
    ours, theirs = socket.socketpair()
    client = Client(ours, ("security", ()), "")
    client.entitled = site.held.hold(name)
    client.check(1.0)
    site.later(45.0)
    site.held.look()
    site.later(45.0)
    site.held.look()
    client.check(2.0)
    site.door.sessions.end(name)
    site.held.look()
    with pytest.raises(GoneError) as gone:
        client.check(3.0)
    assert gone.value.code == SESSION_ENDED
    client.close(gone.value.code)
    assert theirs.recv(16)[2:4] == SESSION_ENDED.to_bytes(2, "big")
    theirs.close()
    site.held.close()


def test_what_is_kept_of_sessions_is_for_their_owner_alone(dashboard: Made, issuer: Issuer) -> None:
    site = dashboard()
    sign_in(site, issuer)
    folder = site.door.settings.cache_dir / "sessions"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(one.stat().st_mode) for one in folder.iterdir()} == {0o600}


def _said(answer: TestResponse) -> Any:
    return json.loads(answer.data)
