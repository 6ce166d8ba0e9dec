"""Somebody signs in at an OpenID provider, comes back through nginx to the path of the dashboard, and leaves again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from bench.processes import dashboard, free_port, simulated_prism
from tests.acceptance.pages import DRAWN
from tests.collectors.conftest import http
from tests.patience import LONG_SECONDS, until
from tests.servers.front_process import NAME, Certified, NginxProcess
from tests.servers.process import running
from tests.web.signin.issuer import CLIENT, SECRET, Issuer

__all__ = ["http"]
pytestmark = [pytest.mark.browser, pytest.mark.server]


@pytest.fixture
def issuer(http: Callable[..., Any]) -> Issuer:
    return Issuer(http)


@pytest.fixture
def home(issuer: Issuer, tmp_path: Path) -> Iterator[str]:
    """Where the dashboard is for a browser: TLS and a path at nginx, which alone knows the port of the dashboard."""
    port = free_port()
    settings = {
        "HUD_URL_PREFIX": "/hud/",
        "HUD_TRUSTED_PROXIES": "127.0.0.1",
        "HUD_PUBLIC_URL": f"https://{NAME}:{port}",
        "HUD_OIDC_ISSUER": issuer.url,
        "HUD_OIDC_CLIENT_ID": CLIENT,
        "HUD_OIDC_CLIENT_SECRET": SECRET,
        "HUD_ALLOWED_GROUPS": "ops",
        "HUD_SESSION_CHECK_SECONDS": "5",
    }
    certified = Certified(tmp_path)
    with (
        simulated_prism() as prism,
        dashboard(prism, **settings) as (address, _),
        running(NginxProcess(certified.folder, int(address.rpartition(":")[2]), port)),
    ):
        yield f"https://{NAME}:{port}/hud"


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    with chromium.new_context(ignore_https_errors=True, viewport={"width": 1440, "height": 900}) as context:
        yield context.new_page()


def test_who_signs_in_sees_live_figures_until_the_session_ends(home: str, issuer: Issuer, page: Page) -> None:
    page.goto(f"{home}/security?range=1h")
    assert page.url == f"{home}/security?range=1h", "there and back again"
    page.wait_for_function(DRAWN)
    page.wait_for_selector('html[data-live="live"]')
    held = {one["name"]: one for one in page.context.cookies()}["__Secure-hud-session"]
    assert (held["path"], held["secure"], held["httpOnly"], held["sameSite"]) == ("/hud/", True, True, "Lax")
    page.locator(".sign-out").click()
    page.wait_for_url(f"{home}/signed-out")
    assert "__Secure-hud-session" not in {one["name"] for one in page.context.cookies()}
    page.get_by_role("link", name="Sign in").click()
    page.wait_for_selector('html[data-live="live"]')
    assert page.url.startswith(f"{home}/")
    issuer.person["groups"] = []
    until(lambda: "may not look" in page.inner_text("body"), lambda: page.inner_text("body")[-500:], 2 * LONG_SECONDS)
