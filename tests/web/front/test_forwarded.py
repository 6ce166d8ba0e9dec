"""Who sent a request, by which name and below which path: as a trusted proxy says, and nobody else."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import ExitStack, closing
from typing import Any

import pytest
from flask import Flask, request
from hypothesis import given
from hypothesis import strategies as st

from model.settings import Settings
from tests.web.servers import Site, alone, gunicorn
from web.front.forwarded import believe, networks, within
from web.front.middleware import Front

NEAR, FAR, CLIENT = "10.0.0.1", "10.0.0.2", "203.0.113.9"
TRUSTED = "10.0.0.0/24, fd00::/8"


@pytest.fixture
def seen() -> Callable[..., dict[str, Any]]:
    """What an application behind the middleware sees of a request."""

    def ask(peer: str, headers: dict[str, str], path: str = "/x", **settings: str) -> dict[str, Any]:
        inner = Flask("seen")

        @inner.get("/<path:rest>")
        def answer(rest: str) -> dict[str, Any]:
            at = {"from": request.remote_addr, "url": request.url, "root": request.script_root}
            return at | {"path": request.path, "host": request.host, "scheme": request.scheme}

        said = Settings(trusted_proxies=TRUSTED, **settings)
        inner.wsgi_app = Front(inner.wsgi_app, lambda: said)  # type: ignore[method-assign]
        found = inner.test_client().get(path, headers=headers, environ_base={"REMOTE_ADDR": peer})
        return dict(found.json or {})

    return ask


@pytest.mark.parametrize(
    ("said", "who"),
    [
        ({"X-Forwarded-For": CLIENT}, CLIENT),
        ({"X-Forwarded-For": f"{CLIENT}:4711"}, CLIENT),
        ({"X-Forwarded-For": "[2001:db8::7]:4711"}, "2001:db8::7"),
        ({"X-Forwarded-For": f"6.6.6.6, {CLIENT}"}, CLIENT),
        ({"X-Forwarded-For": f"6.6.6.6, {CLIENT}, {FAR}"}, CLIENT),
        ({"X-Forwarded-For": f"{FAR}, {NEAR}"}, FAR),
        ({"X-Forwarded-For": f"{CLIENT}, unknown"}, NEAR),
        ({"X-Forwarded-For": f"{CLIENT}, unknown, {FAR}"}, FAR),
        ({"X-Forwarded-For": "<script>"}, NEAR),
        ({"X-Forwarded-For": ""}, NEAR),
        ({"Forwarded": f"for={CLIENT}"}, CLIENT),
        ({"Forwarded": f'For="{CLIENT}:4711";proto=https;by=10.0.0.1'}, CLIENT),
        ({"Forwarded": f'for=6.6.6.6, for="[2001:db8::7]:4711", for={FAR}'}, "2001:db8::7"),
        ({"Forwarded": 'for="6.6.6.6, for=7.7.7.7"'}, NEAR),
        ({"Forwarded": "for=_hidden"}, NEAR),
        ({"Forwarded": f"for={CLIENT};;, ;="}, NEAR),
        ({"Forwarded": f'for={CLIENT}, for="x'}, NEAR),
        ({"X-Forwarded-For": CLIENT, "Forwarded": f"for={CLIENT}"}, CLIENT),
        ({"X-Forwarded-For": CLIENT, "Forwarded": "for=6.6.6.6"}, NEAR),
        ({"X-Forwarded-For": "6.6.6.6", "Forwarded": f"for={CLIENT}"}, NEAR),
    ],
)
def test_who_sent_a_request(seen: Callable[..., dict[str, Any]], said: dict[str, str], who: str) -> None:
    assert seen(NEAR, said)["from"] == who
    assert seen("198.51.100.1", said)["from"] == "198.51.100.1", "anybody may send such a header"
    assert seen("::ffff:10.0.0.3", said)["from"] == (who if who != NEAR else "::ffff:10.0.0.3")


@pytest.mark.parametrize(
    ("said", "url"),
    [
        ({"X-Forwarded-Proto": "https"}, "https://hud.test/x"),
        ({"X-Forwarded-Proto": "wss"}, "https://hud.test/x"),
        ({"X-Forwarded-Proto": "http, https"}, "https://hud.test/x"),
        ({"X-Forwarded-Proto": "javascript"}, "http://hud.test/x"),
        ({"X-Forwarded-Host": "front.test"}, "http://front.test/x"),
        ({"X-Forwarded-Host": "front.test", "X-Forwarded-Port": "8443"}, "http://front.test:8443/x"),
        ({"X-Forwarded-Proto": "https", "X-Forwarded-Port": "443"}, "https://hud.test/x"),
        ({"X-Forwarded-Port": "80;evil"}, "http://hud.test/x"),
        ({"Forwarded": 'for=9.9.9.9;proto=https;host="front.test:8443"'}, "https://front.test:8443/x"),
        ({"X-Forwarded-Prefix": "/hud"}, "http://hud.test/hud/x"),
        ({"X-Forwarded-Prefix": "/team/hud/"}, "http://hud.test/team/hud/x"),
        ({"X-Forwarded-Prefix": "//evil.test"}, "http://hud.test/x"),
        ({"X-Forwarded-Prefix": '/"><script>'}, "http://hud.test/x"),
        ({"X-Forwarded-Prefix": "/../up"}, "http://hud.test/x"),
    ],
)
def test_by_which_address_it_was_asked(seen: Callable[..., dict[str, Any]], said: dict[str, str], url: str) -> None:
    assert seen(NEAR, {"Host": "hud.test", **said})["url"] == url
    assert seen("198.51.100.1", {"Host": "hud.test", **said})["url"] == "http://hud.test/x"


@pytest.mark.parametrize("path", ["/hud/x", "/x"])
@pytest.mark.parametrize("peer", [NEAR, "198.51.100.1"])
def test_a_proxy_may_take_the_prefix_off_or_leave_it(seen: Callable[..., dict[str, Any]], path: str, peer: str) -> None:
    found = seen(peer, {}, path, url_prefix="/hud/")
    assert (found["root"], found["path"]) == ("/hud", "/x")


def test_a_proxys_prefix_goes_before_the_setting(seen: Callable[..., dict[str, Any]]) -> None:
    found = seen(NEAR, {"X-Forwarded-Prefix": "/other"}, "/other/x", url_prefix="/hud/")
    assert (found["root"], found["path"]) == ("/other", "/x")


WORDS = st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=60)


@given(WORDS, WORDS, st.sampled_from(["FOR", "PROTO", "HOST", "PORT", "PREFIX"]))
def test_no_header_whatever_it_says_is_a_fault(forwarded: str, other: str, name: str) -> None:
    environ = {"REMOTE_ADDR": NEAR, "HTTP_FORWARDED": forwarded, f"HTTP_X_FORWARDED_{name}": other}
    believe(environ, networks(TRUSTED))
    assert "HTTP_FORWARDED" not in environ
    assert environ.get("HTTP_X_FORWARDED_PROTO", "http") in ("http", "https")
    assert "FOR" not in environ or not within(environ["FOR"], ())


@pytest.mark.parametrize("said", ["hud", "/hud", "hud/", "/hud/"])
def test_a_prefix_may_be_said_with_fewer_slashes(said: str) -> None:
    assert Settings(url_prefix=said).url_prefix == "/hud/"


@pytest.mark.parametrize("said", ["/hud?x", "/a//b", "/../x", '/"', "/a b", "https://x/hud", "/h\nx"])
def test_a_prefix_that_is_no_path_stops_the_start(said: str) -> None:
    with pytest.raises(ValueError, match="such as /hud/"):
        Settings(url_prefix=said)


def test_a_proxy_that_is_no_address_stops_the_start() -> None:
    with pytest.raises(ValueError, match=r"proxy\.example"):
        Settings(trusted_proxies="10.0.0.1, proxy.example")


@pytest.mark.server
@pytest.mark.parametrize("command", [alone, gunicorn])
@pytest.mark.parametrize(("trusted", "status"), [("", 503), ("127.0.0.1", 101)])
def test_a_forged_address_takes_no_more_than_its_share(
    start: Callable[..., Site], command: Callable[..., list[str]], trusted: str, status: int
) -> None:
    """Ten places, of which the last is for an address that holds less than half."""
    site = start(command, HUD_MAX_SOCKETS="10", HUD_TRUSTED_PROXIES=trusted)
    with ExitStack() as stack:
        found = [stack.enter_context(closing(_connected(site, f"203.0.113.{one}"))) for one in range(10)]
        assert [_status(one) for one in found] == [101] * 9 + [status]


def _connected(site: Site, said: str) -> socket.socket:
    sock = socket.create_connection(("127.0.0.1", site.port), timeout=10)
    sock.sendall(
        b"GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nX-Forwarded-For: "
        + said.encode()
        + b"\r\n\r\n"
    )
    sock.recv(9, socket.MSG_PEEK | socket.MSG_WAITALL)
    return sock


def _status(sock: socket.socket) -> int:
    return int(sock.recv(12, socket.MSG_WAITALL).split()[1])
