"""Slow and silent clients hold no thread of the web process: everybody else is answered as if they were not there."""

from __future__ import annotations

import http.client
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.patience import patience, until
from tests.web.servers import Site, get_json, gunicorn
from web.processes.gunicorn_worker import HEAD_BYTES, KEPT_BYTES, MOST_LONG, _missing

THREADS = 4
PROMPT_SECONDS = 2.0


@pytest.fixture
def site(start: Callable[..., Site]) -> Site:
    return start(gunicorn, threads=THREADS)


@pytest.fixture
def connect(site: Site) -> Iterator[Callable[..., socket.socket]]:
    with ExitStack() as stack:

        def connected(*parts: bytes) -> socket.socket:
            one = stack.enter_context(socket.create_connection(("127.0.0.1", site.port), timeout=30))
            for part in parts:
                one.sendall(part)
            return one

        yield connected


HALF = b"GET /stats HTTP/1.1\r\nHost: localhost\r\n"
POST = HALF.replace(b"GET", b"POST")
CLIENTS = {
    "says nothing": (200, b""),
    "sends half a head": (100, HALF),
    "sends half a body": (50, POST + b"Content-Length: 20\r\n\r\n{"),
    "sends chunks for ever": (MOST_LONG + 4, POST + b"Transfer-Encoding: chunked\r\n\r\n1"),
}  # fmt: skip


@pytest.mark.server
@pytest.mark.parametrize("kind", [one for one in CLIENTS if one != "sends chunks for ever"])
def test_others_are_answered_beside_many_who(site: Site, connect: Callable[..., socket.socket], kind: str) -> None:
    count, sent = CLIENTS[kind]
    for _ in range(count):
        connect(sent)
    began = time.monotonic()
    for _ in range(5):
        get_json(site.address + "/stats")
    assert time.monotonic() - began < PROMPT_SECONDS * patience()


@pytest.mark.server
def test_bodies_of_unknown_length_keep_no_more_than_some_threads_and_not_for_long(
    start: Callable[..., Site],
) -> None:
    site = start(gunicorn, threads=MOST_LONG + 1)
    count, sent = CLIENTS["sends chunks for ever"]
    with ExitStack() as stack:
        for _ in range(count):
            stack.enter_context(socket.create_connection(("127.0.0.1", site.port), timeout=30)).sendall(sent)
        began = time.monotonic()
        get_json(site.address + "/stats")
        assert time.monotonic() - began < PROMPT_SECONDS * patience()


@pytest.mark.server
def test_what_one_address_asks_holds_no_other_and_no_question_whether_this_is_up(start: Callable[..., Site]) -> None:
    """More at once than there are threads, of which none is over before it is told to be."""
    site, greedy = start(gunicorn, threads=16), "127.0.0.9"
    with ExitStack() as stack:

        def asks(path: str, whence: str) -> http.client.HTTPResponse:
            one = http.client.HTTPConnection("127.0.0.1", site.port, timeout=30, source_address=(whence, 0))
            stack.callback(one.close)
            one.request("GET", path)
            return one.getresponse() if path != "/waits" else one.response_class(one.sock)

        waiting = [asks("/waits", greedy) for _ in range(40)]
        assert asks("/stats", "127.0.0.1").status == 200
        assert asks("/healthz", greedy).status == 200
        assert asks("/ends", "127.0.0.1").status == 200
        for one in waiting:
            one.begin()
            assert (one.status, one.read()) == (200, b"over\n"), "each in its turn"


def answered(one: socket.socket) -> bytes:
    """An answer to its end, which is that of a JSON object."""
    said = b""
    while not said.endswith(b"}\n"):
        part = one.recv(4096)
        assert part, said
        said += part
    return said


@pytest.mark.server
def test_a_request_in_pieces_is_answered_when_it_is_whole(site: Site, connect: Callable[..., socket.socket]) -> None:
    one = connect(b"GET /sta")
    for part in (b"ts HTTP/1.1\r\nHost: loc", b"alhost\r\n", b"\r", b"\n"):
        get_json(site.address + "/stats")  # once that is answered, what lay there before has been looked at
        one.sendall(part)
    assert answered(one).startswith(b"HTTP/1.1 200")
    one.sendall(HALF)
    get_json(site.address + "/stats")
    one.sendall(b"\r\n")
    assert answered(one).startswith(b"HTTP/1.1 200"), "the same connection again"


@pytest.mark.server
def test_who_leaves_in_the_middle_is_forgotten(site: Site, connect: Callable[..., socket.socket]) -> None:
    for sent in (b"", b"GET", HALF, b"\r\n\r\n", b"\x16\x03\x01"):
        connect(sent).close()
    until(lambda: get_json(site.address + "/stats") is not None)


@pytest.mark.parametrize(
    ("head", "missing"),
    [
        (b"", 1),
        (b"GET / HTTP/1.1\r\n", 1),
        (b"GET / HTTP/1.1\r\n\r\n", 0),
        (b"POST / HTTP/1.1\r\ncontent-LENGTH:  5 \r\n\r\n", 5),
        (b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nabc", 2),
        (b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nabcdefgh", 0),
        (b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % (KEPT_BYTES + 1), None),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", None),
        (b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", 0),
        (b"x" * HEAD_BYTES, 0),
    ],
)
def test_how_much_of_a_request_is_missing(head: bytes, missing: int | None) -> None:
    assert _missing(head) == missing
