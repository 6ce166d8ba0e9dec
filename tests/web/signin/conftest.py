"""The dashboard as its test client sees it, with a sign-in, beside a provider that may lie."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

import app
from model.settings import Settings
from tests.collectors.conftest import http
from tests.web.signin.issuer import CLIENT, SECRET, Issuer
from web.signin.doorkeeper import Doorkeeper
from web.signin.held_sessions import HeldSessions

__all__ = ["http"]
HOST = "localhost:8095"
BROWSER = {"Accept": "text/html", "Sec-Fetch-Mode": "navigate"}


class Dashboard:
    """One dashboard with these settings; `later` moves its clock."""

    def __init__(self, settings: Settings, patch: pytest.MonkeyPatch) -> None:
        settings.refuse_open_door()
        self._ahead = 0.0
        self.door = Doorkeeper(settings, self.clock)
        self.held = HeldSessions(self.door.current)
        for name, value in {"_settings": settings, "_doorkeeper": self.door, "_held": self.held}.items():
            patch.setattr(app.runtime, name, value)
        asked_first = app.server.before_request_funcs
        patch.setitem(asked_first, None, [one for one in asked_first[None] if one != app.runtime.start])

    def clock(self) -> float:
        return time.time() + self._ahead

    def later(self, seconds: float) -> None:
        self._ahead += seconds

    def browser(self) -> FlaskClient:
        """One with no cookie yet."""
        made: FlaskClient = app.server.test_client()
        return made

    def get(self, browser: FlaskClient, path: str, **headers: str) -> TestResponse:
        return browser.get(path, base_url=self.door.home, headers={**BROWSER, **headers})


@pytest.fixture
def issuer(http: Callable[..., Any]) -> Issuer:
    return Issuer(http)


@pytest.fixture
def dashboard(issuer: Issuer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Dashboard]:
    """Makes one; what is said of it goes on top of a sign-in that lets the group `ops` in."""

    def made(**said: Any) -> Dashboard:
        plain = {
            "oidc_issuer": issuer.url, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET, "allowed_groups": "ops",
            "cache_dir": tmp_path / "store",
        }  # fmt: skip
        return Dashboard(Settings(**{**plain, **said}), monkeypatch)

    return made


def sent_to(site: Dashboard, browser: FlaskClient, path: str = "/signin") -> str:
    """The provider's address where a sign-in leads."""
    answer = site.get(browser, path)
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def sign_in(site: Dashboard, issuer: Issuer, path: str = "/signin") -> tuple[FlaskClient, TestResponse]:
    """A browser that went all the way, and the last answer."""
    browser = site.browser()
    back = issuer.consent(sent_to(site, browser, path))
    return browser, come_back(site, browser, back)


def session_of(site: Dashboard, browser: FlaskClient) -> str:
    """The name of the session that a browser holds."""
    held = browser.get_cookie("hud-session")
    assert held is not None
    return str(site.door.cookies._signer("hud-session").loads(held.value))


def come_back(site: Dashboard, browser: FlaskClient, back: dict[str, str]) -> TestResponse:
    return browser.get("/signin/callback", base_url=site.door.home, query_string=back, headers=BROWSER)
