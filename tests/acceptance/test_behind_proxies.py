"""The dashboard below a path, behind the real nginx and the real Caddy as deploy/ has them, in a real browser."""

from __future__ import annotations

import json
import socket
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from bench.processes import dashboard, simulated_prism
from tests.acceptance.pages import DRAWN, PAGES
from tests.patience import LONG_SECONDS
from tests.servers.front_process import NAME, CaddyProcess, Certified, FrontProcess, NginxProcess
from tests.servers.process import running

pytestmark = [pytest.mark.browser, pytest.mark.server]
LINKS = """() => Array.from(document.querySelectorAll("a[href]"),
  one => new URL(one.getAttribute("href"), document.baseURI).href)"""
"""Links of a drawing too, whose `href` is no text."""


@pytest.fixture(scope="module")
def behind() -> Iterator[str]:
    """A dashboard that lies below /hud/ and believes the proxies of this machine."""
    settings = {"HUD_URL_PREFIX": "/hud/", "HUD_TRUSTED_PROXIES": "127.0.0.1"}
    with simulated_prism() as prism, dashboard(prism, **settings) as (address, _):
        yield address


@pytest.fixture(scope="module", params=[NginxProcess, CaddyProcess], ids=["nginx", "caddy"])
def front(request: pytest.FixtureRequest, behind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A proxy, with the certificate that it shows."""
    certified = Certified(tmp_path_factory.mktemp("front"))
    made: FrontProcess = request.param(certified.folder, urlsplit(behind).port)
    with running(made):
        yield made, certified


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    with chromium.new_context(ignore_https_errors=True, viewport={"width": 1440, "height": 900}) as context:
        yield context.new_page()


def asked(front: tuple[FrontProcess, Certified], path: str, **headers: str) -> Any:
    request = urllib.request.Request(front[0].url + path, headers=headers)
    return urllib.request.urlopen(request, timeout=LONG_SECONDS, context=front[1].context)


def test_every_page_lives_below_the_path_with_nothing_missing(
    front: tuple[FrontProcess, Certified], page: Page
) -> None:
    said: list[str] = []
    home, sockets = f"{front[0].url}/hud", []
    page.on("console", lambda one: said.append(one.text) if one.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("response", lambda one: said.append(f"{one.status} {one.url}") if one.status >= 400 else None)
    own = (home, "data:", "blob:")
    page.on("request", lambda one: None if one.url.startswith(own) else said.append(one.url))
    page.on("websocket", lambda one: sockets.append(one.url))
    page.goto(home)
    page.wait_for_url(f"{home}/*")
    for path in PAGES[1:]:
        page.wait_for_function(DRAWN)
        outside = [one for one in page.evaluate(LINKS) if not one.startswith((f"{home}/", "data:"))]
        assert outside == [], "links of the first paint, of pushes and of tables"
        page.evaluate("href => window.dash_clientside.set_props('address', { href })", f"/hud{path}")
        page.wait_for_url(f"{home}{path}*")
    page.wait_for_function(DRAWN)
    page.click(".rail-link >> nth=1")
    expect(page.locator(".rail-link").nth(1)).to_have_attribute("aria-current", "page")
    page.wait_for_function(DRAWN)
    page.reload()
    page.wait_for_function(DRAWN)
    assert said == []
    assert sockets and all(one.startswith(f"{home.replace('https', 'wss')}/ws/") for one in sockets)


def test_without_a_socket_it_polls_below_the_path(front: tuple[FrontProcess, Certified], page: Page) -> None:
    page.add_init_script("WebSocket = class { constructor() { setTimeout(() => this.onclose({}), 0); } close() {} }")
    page.goto(f"{front[0].url}/hud/namespaces")
    page.wait_for_selector('html[data-live="polling"]')
    page.wait_for_selector(".grid a.row-link")
    assert {urlsplit(one).path.split("/")[1] for one in page.evaluate(LINKS)} == {"hud"}


def test_programs_are_told_where_the_answers_are(front: tuple[FrontProcess, Certified]) -> None:
    with asked(front, "/hud/api/openapi.json") as answer:
        described = json.load(answer)
    assert described["servers"] == [{"url": "/hud"}]
    with asked(front, described["servers"][0]["url"] + "/api/health") as answer:
        assert json.load(answer)["version"] > 0


def test_a_live_connection_is_for_its_own_origin_alone(front: tuple[FrontProcess, Certified]) -> None:
    assert upgraded(front, front[0].url, until=b'"h":"/hud/namespaces/').startswith(b"HTTP/1.1 101")
    for origin in (f"https://{NAME}", "https://evil.example", front[0].url.replace("https", "http")):
        assert upgraded(front, origin).startswith(b"HTTP/1.1 403")


def upgraded(front: tuple[FrontProcess, Certified], origin: str, until: bytes = b"HTTP/1.1 ") -> bytes:
    """What is said to a page of `origin` that asks for a live connection, until that has come."""
    asked = (
        f"GET /hud/ws/namespaces HTTP/1.1\r\nHost: {NAME}:{front[0].port}\r\nOrigin: {origin}\r\n"
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    plain = socket.create_connection(("127.0.0.1", front[0].port), timeout=LONG_SECONDS)
    with front[1].context.wrap_socket(plain, server_hostname=NAME) as connection:
        connection.sendall(asked.encode())
        said = connection.recv(65_536)
        while until not in said:
            said += connection.recv(65_536)
        return said
