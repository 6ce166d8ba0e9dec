"""Requests over kept connections: one deadline, few sockets, no surprises from the environment."""

from __future__ import annotations

import gzip
import socket
import time
from collections.abc import Callable

import pytest

from collectors.http.fetch import Fetcher
from model.sources import CollectError, ErrorKind
from tests.collectors.conftest import Answers, HttpServer, Reply, Talk
from tests.patience import patience

Http = Callable[[Answers], HttpServer]


def fetcher(url: str, **headers: str) -> Fetcher:
    made = Fetcher(url, timeout_seconds=1.0, max_bytes=1_000_000, headers=headers)
    made.begin()
    return made


def test_connections_are_kept(http: Http) -> None:
    server = http(lambda asked: Reply(200, b"a 1\n"))
    one = fetcher(server.url)
    for _ in range(3):
        one.begin()
        assert one.get("/metrics").text("metrics") == "a 1\n"
    one.close()
    assert len({asked.peer for asked in server.asked}) == 1


def test_a_kept_connection_that_the_server_closed_is_made_anew(raw: Callable[[Talk], int]) -> None:
    def talk(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\na 1\n")
        connection.recv(65536)  # the next request arrives, and is not answered

    one = fetcher(f"http://127.0.0.1:{raw(talk)}")
    for _ in range(3):
        one.begin()
        assert one.get().body == b"a 1\n"
    one.close()


def test_a_packed_answer_is_unpacked_member_by_member(http: Http) -> None:
    packed = gzip.compress(b"a 1\n") + gzip.compress(b"b 2\n" * 100_000)
    server = http(lambda asked: Reply(200, packed, {"Content-Encoding": "gzip"}))
    assert fetcher(server.url).get().body == b"a 1\n" + b"b 2\n" * 100_000
    assert server.asked[0].headers["accept-encoding"] == "gzip"


def test_the_time_is_shared_by_all_requests_of_a_read(http: Http) -> None:
    server = http(lambda asked: Reply(200, b"a 1\n"))
    one = Fetcher(server.url, timeout_seconds=1e-6, max_bytes=1000)
    one.begin()
    with pytest.raises(CollectError) as caught:
        one.get()
    assert caught.value.kind is ErrorKind.TIMED_OUT


def test_proxies_of_the_environment_are_not_used(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "")
    server = http(lambda asked: Reply(200, b"a 1\n"))
    assert fetcher(server.url).get().body == b"a 1\n"


def test_user_and_password_of_an_address_are_sent(http: Http) -> None:
    server = http(lambda asked: Reply(200, b"a 1\n"))
    fetcher(server.url.replace("//", "//prism:secret@")).get()
    assert server.asked[0].headers["authorization"].startswith("Basic ")


def test_a_byte_order_mark_is_left_out(http: Http) -> None:
    server = http(lambda asked: Reply(200, b"\xef\xbb\xbfa 1\n"))
    assert fetcher(server.url).get().text("metrics") == "a 1\n"


@pytest.mark.parametrize(
    ("body", "kind"),
    [(b"", ErrorKind.MALFORMED), (b'{"a": 1', ErrorKind.MALFORMED), (b"[" * 100_000, ErrorKind.MALFORMED),
     (b"# HELP a b\n", ErrorKind.WRONG_PROTOCOL), (b" <html>", ErrorKind.WRONG_PROTOCOL),
     (b"\xef\xbb\xbf<!DOCTYPE html>", ErrorKind.WRONG_PROTOCOL)],
)  # fmt: skip
def test_what_is_no_json_is_typed(http: Http, body: bytes, kind: ErrorKind) -> None:
    server = http(lambda asked: Reply(200, body))
    with pytest.raises(CollectError) as caught:
        fetcher(server.url).get().json()
    assert caught.value.kind is kind


def test_a_reader_in_another_thread_may_close_it(black_hole: int) -> None:
    one = fetcher(f"http://127.0.0.1:{black_hole}")
    one.close()
    began = time.monotonic()
    one.begin()
    with pytest.raises(CollectError):
        one.get()
    assert time.monotonic() - began < 2 * patience()


@pytest.mark.parametrize("announced", [100, 102, 103, 150, 199])
def test_interim_answers_are_passed_over(raw: Callable[[Talk], int], announced: int) -> None:
    def talk(connection: socket.socket) -> None:
        interim = f"HTTP/1.1 {announced} Wait\r\nLink: </style.css>; rel=preload\r\n\r\n".encode()
        connection.sendall(2 * interim + b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\na 1\n")

    assert fetcher(f"http://127.0.0.1:{raw(talk)}").get().body == b"a 1\n"


def test_interim_answers_without_end_are_late(raw: Callable[[Talk], int]) -> None:
    def talk(connection: socket.socket) -> None:
        while True:
            connection.sendall(b"HTTP/1.1 103 Early Hints\r\n\r\n")

    with pytest.raises(CollectError) as caught:
        fetcher(f"http://127.0.0.1:{raw(talk)}").get()
    assert caught.value.kind is ErrorKind.TIMED_OUT


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\na 1\n",
        b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: http://[::1\r\n\r\n",
        b"HTTP/1.1 307 Go\r\nContent-Length: 0\r\nLocation: //[zz]/x\r\n\r\n",
    ],
    ids=["negative chunk", "no such place", "nor this one"],
)
def test_an_answer_that_makes_no_sense_came_from_somebody_who_is_up(raw: Callable[[Talk], int], head: bytes) -> None:
    with pytest.raises(CollectError) as caught:
        fetcher(f"http://127.0.0.1:{raw(lambda connection: connection.sendall(head))}").get()
    assert caught.value.kind is ErrorKind.MALFORMED


@pytest.mark.parametrize("length", ["\u00b2", "-1", "x"])
def test_a_length_that_is_no_number_is_none(raw: Callable[[Talk], int], length: str) -> None:
    def talk(connection: socket.socket) -> None:
        connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\na 1\n".encode("latin-1"))
        connection.shutdown(socket.SHUT_WR)

    answer = fetcher(f"http://127.0.0.1:{raw(talk)}").get()
    assert (answer.body, answer.declared) == (b"a 1\n", False)


def test_a_length_beyond_all_measure_is_too_large(raw: Callable[[Talk], int]) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n"
    with pytest.raises(CollectError) as caught:
        fetcher(f"http://127.0.0.1:{raw(lambda connection: connection.sendall(head))}").get()
    assert caught.value.kind is ErrorKind.TOO_LARGE


def test_a_refusal_keeps_its_status_whatever_its_body_is(raw: Callable[[Talk], int]) -> None:
    head = b"HTTP/1.1 503 Busy\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nno"
    with pytest.raises(CollectError, match="HTTP 503 Busy"):
        fetcher(f"http://127.0.0.1:{raw(lambda connection: connection.sendall(head))}").get()
