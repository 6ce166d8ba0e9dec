"""Which pages are our own, by Origin and Host."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.front.origin import same_origin


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("http://h", "h"), ("http://h:80", "h"), ("http://h", "h:80"), ("https://h", "h:443"), ("https://h:443", "h"),
        ("https://h", "h"), ("HTTP://HUD.Example", "hud.example"), ("http://hud.example", "HUD.example:80"),
        ("http://h:8095", "h:8095"), ("http://[::1]:8095", "[::1]:8095"), ("http://[::1]", "[::1]:80"),
        ("http://[::1]", "[0:0:0:0:0:0:0:1]"), ("https://[2001:DB8::1]:443", "[2001:db8::1]"), ("http://h.", "h"),
        ("http://127.0.0.1:8095", "127.0.0.1:8095"),
    ],
)  # fmt: skip
def test_an_origin_and_a_host_that_differ_only_in_a_default_port_or_in_spelling_are_the_same(
    origin: str, host: str
) -> None:
    assert same_origin(origin, host)


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("http://h", "h:443"), ("https://h", "h:80"), ("http://h:8095", "h"), ("http://h", "h:8095"),
        ("http://h.evil.example", "h"), ("http://evil.example", "h"), ("http://h@evil.example", "h"),
        ("http://evil@h", "h"), ("http://[::1]", "[::2]"), ("http://::1", "[::1]"),
    ],
)  # fmt: skip
def test_another_place_is_another_origin(origin: str, host: str) -> None:
    assert not same_origin(origin, host)


@pytest.mark.parametrize(
    "origin",
    [
        "", "null", "h", "//h", "http:", "http://", "http://[::1", "http://[h]", "http://h:x", "http://h:99999",
        "http://h/path", "http://h?x", "http://h#x", "ftp://h", "file://", "javascript:h", "http://h h", "http://\x00",
        "http://[v1.x]", "http://h, http://h",
    ],
)  # fmt: skip
def test_a_malformed_origin_is_nobodys(origin: str) -> None:
    assert not same_origin(origin, "h")


@given(st.text() | st.text().map(lambda rest: f"http://{rest}"), st.text())
def test_nothing_raises(origin: str, host: str) -> None:
    assert same_origin(origin, host) in (True, False)


def test_behind_tls_a_page_without_it_is_another_origin() -> None:
    assert same_origin("https://hud.example", "hud.example", "https")
    assert same_origin("https://hud.example:8443", "hud.example:8443", "https")
    assert not same_origin("http://hud.example", "hud.example", "https")
    assert not same_origin("http://hud.example:8443", "hud.example:8443", "https")
    assert same_origin("http://hud.example", "hud.example", "http"), "nobody says whether a proxy took it off"
