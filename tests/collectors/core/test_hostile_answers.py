"""Every collector meets everything that can listen on a port: the right typed error, in time, and nothing else."""

from __future__ import annotations

import gzip
import os
import socket
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from collectors.patterns.pattern import PatternCollector
from collectors.proxy.metrics import ProxyCollector
from model.settings import Aliases
from model.sources import CollectError, ErrorKind
from tests.collectors.certificates import Certificates, behind_tls
from tests.collectors.conftest import Answers, HttpServer, Reply, Talk
from tests.collectors.every_collector import (
    ALL_BUILDS,
    HEAD,
    HTML,
    HTTP_BUILDS,
    MAX_BYTES,
    SETTINGS_FRAME,
    Build,
    failure,
    options,
    say,
)
from tests.patience import until

BOMB = gzip.compress(b"a 1\n" * 5_000_000, 9)


@pytest.fixture(params=HTTP_BUILDS)
def build(request: pytest.FixtureRequest) -> Build:
    return HTTP_BUILDS[request.param]


@pytest.fixture(params=ALL_BUILDS)
def any_build(request: pytest.FixtureRequest) -> Build:
    return ALL_BUILDS[request.param]


def test_a_closed_port_is_down(any_build: Build, dead_port: int) -> None:
    error = failure(any_build(dead_port))
    assert (error.kind, error.detail) == (ErrorKind.DOWN, "connection refused")


def test_a_black_hole_times_out(any_build: Build, black_hole: int) -> None:
    assert failure(any_build(black_hole)).kind is ErrorKind.TIMED_OUT


def drip(head: bytes) -> Talk:
    def talk(connection: socket.socket) -> None:
        connection.sendall(head)
        waiting = threading.Event()
        while True:  # until whoever asked has gone, which is an OSError
            waiting.wait(0.05)
            connection.sendall(b"a")

    return talk


@pytest.mark.parametrize(
    "head",
    [b"", b"HTTP/1.1 200 OK\r\nX-Slow: ", HEAD + b"Content-Length: 100000\r\n\r\n",
     HEAD + b"Transfer-Encoding: chunked\r\n\r\nf", HEAD + b"\r\n"],
    ids=["status line", "header", "body", "chunk size", "body without length"],
)  # fmt: skip
def test_a_slow_drip_times_out_wherever_it_drips(build: Build, raw: Callable[[Talk], int], head: bytes) -> None:
    assert failure(build(raw(drip(head)))).kind is ErrorKind.TIMED_OUT


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (500, ErrorKind.HTTP_ERROR), (503, ErrorKind.HTTP_ERROR), (404, ErrorKind.HTTP_ERROR),
        (429, ErrorKind.HTTP_ERROR), (401, ErrorKind.UNAUTHENTICATED), (403, ErrorKind.REFUSED),
    ],
)  # fmt: skip
def test_a_bad_status_is_reported_with_its_words(
    build: Build, http: Callable[[Answers], HttpServer], status: int, kind: ErrorKind
) -> None:
    server = http(lambda asked: Reply(status, b"because of redis://u:opensesame@db"))
    error = failure(build(server.port))
    assert error.kind is kind
    assert str(status) in error.detail
    assert "opensesame" not in error.detail


def test_a_redirect_is_not_followed(build: Build, http: Callable[[Answers], HttpServer]) -> None:
    server = http(lambda asked: Reply(302, b"", {"Location": "http://127.0.0.1:1/login"}))
    error = failure(build(server.port))
    assert error.kind is ErrorKind.HTTP_ERROR
    assert "302" in error.detail


def test_a_web_page_with_200_is_the_wrong_protocol(build: Build, http: Callable[[Answers], HttpServer]) -> None:
    server = http(lambda asked: Reply(200, HTML, {"Content-Type": "text/html"}))
    error = failure(build(server.port))
    assert error.kind is ErrorKind.WRONG_PROTOCOL
    assert "answered HTML" in error.detail


@pytest.mark.parametrize(
    "said",
    [
        HEAD + b"Content-Length: 1000\r\n\r\na 1\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n4\r\na 1\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nff\r\na 1\n",
        HEAD + b"Content-Encoding: gzip\r\nContent-Length: 30\r\n\r\n" + gzip.compress(b"a 1\n" * 500)[:30],
        HEAD + b"Content-Encoding: gzip\r\nContent-Length: 6\r\n\r\nabcdef",
        HEAD + b"Content-Encoding: br\r\nContent-Length: 6\r\n\r\nabcdef",
        HEAD + b"\r\na 1\nb{x=\"1",
    ],
    ids=["length", "last chunk", "within a chunk", "gzip", "no gzip", "brotli", "without length"],
)  # fmt: skip
def test_a_truncated_body_is_malformed(build: Build, raw: Callable[[Talk], int], said: bytes) -> None:
    assert failure(build(raw(say(said)))).kind is ErrorKind.MALFORMED


def test_a_connection_reset_within_the_body_is_malformed(build: Build, raw: Callable[[Talk], int]) -> None:
    def talk(connection: socket.socket) -> None:
        connection.sendall(HEAD + b"Content-Length: 100000\r\n\r\na 1\n")
        threading.Event().wait(0.05)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        connection.close()

    assert failure(build(raw(talk))).kind is ErrorKind.MALFORMED


def test_invalid_utf8_is_malformed(build: Build, http: Callable[[Answers], HttpServer]) -> None:
    server = http(lambda asked: Reply(200, b'a{x="\xff\xfe"} 1\n'))
    error = failure(build(server.port))
    assert error.kind is ErrorKind.MALFORMED
    assert "UTF-8" in error.detail


def test_an_empty_answer_is_malformed(build: Build, http: Callable[[Answers], HttpServer]) -> None:
    assert failure(build(http(lambda asked: Reply()).port)).kind is ErrorKind.MALFORMED


def flood(head: bytes, chunked: bool) -> Talk:
    line = b'prism_filler{line="0123456789"} 1\n' * 1000
    block = f"{len(line):x}\r\n".encode() + line + b"\r\n" if chunked else line

    def talk(connection: socket.socket) -> None:
        connection.sendall(head)
        for _ in range(200_000_000 // len(line)):
            connection.sendall(block)

    return talk


@pytest.mark.parametrize(
    ("head", "chunked"),
    [(HEAD + b"Content-Length: 200000000\r\n\r\n", False), (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", True),
     (HEAD + b"\r\n", False)],
    ids=["length", "chunked", "without length"],
)  # fmt: skip
def test_200_megabytes_of_text_are_too_large_and_never_held(
    build: Build, raw: Callable[[Talk], int], head: bytes, chunked: bool
) -> None:
    collector = build(raw(flood(head, chunked)))
    tracemalloc.start()
    try:
        error = failure(collector)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert error.kind is ErrorKind.TOO_LARGE
    assert peak < 8 * MAX_BYTES


def test_a_gzip_bomb_is_too_large_and_never_unpacked(build: Build, http: Callable[[Answers], HttpServer]) -> None:
    assert len(BOMB) < MAX_BYTES
    server = http(lambda asked: Reply(200, BOMB, {"Content-Encoding": "gzip"}))
    collector = build(server.port)
    tracemalloc.start()
    try:
        error = failure(collector)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert error.kind is ErrorKind.TOO_LARGE
    assert peak < 8 * MAX_BYTES


def test_a_real_grpc_server_on_an_http_port_is_the_wrong_protocol(
    build: Build, grpc_server: Callable[..., int]
) -> None:
    port = grpc_server()
    for _ in range(5):
        error = failure(build(port))
        assert (error.kind, error.detail) == (ErrorKind.WRONG_PROTOCOL, "speaks HTTP/2 (gRPC), not HTTP/1")


@pytest.mark.parametrize("said", [SETTINGS_FRAME, b""], ids=["frame", "nothing"])
def test_a_server_that_greets_in_http2_or_hangs_up_is_distinguished(
    build: Build, raw: Callable[[Talk], int], said: bytes
) -> None:
    kind = ErrorKind.WRONG_PROTOCOL if said else ErrorKind.DOWN
    assert failure(build(raw(say(said)))).kind is kind


@pytest.mark.parametrize("said", [b"-ERR unknown command 'GET'\r\n", b"SSH-2.0-OpenSSH_9.2\r\n", os.urandom(500)])
def test_something_else_on_the_port_is_the_wrong_protocol(
    any_build: Build, raw: Callable[[Talk], int], said: bytes
) -> None:
    assert failure(any_build(raw(say(said)))).kind is ErrorKind.WRONG_PROTOCOL


def test_a_tls_address_of_a_plain_port_is_the_wrong_protocol(http: Callable[[Answers], HttpServer]) -> None:
    server = http(lambda asked: Reply(200, b"a 1\n"))
    error = failure(ProxyCollector(f"https://127.0.0.1:{server.port}/metrics", options(), Aliases()))
    assert error.kind is ErrorKind.WRONG_PROTOCOL


def test_an_encrypted_port_asked_in_plain_text_is_up_and_the_wrong_protocol(
    any_build: Build, http: Callable[[Answers], HttpServer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for asks in ("collectors.http.errors", "collectors.core.grpc_calls"):
        monkeypatch.setattr(f"{asks}.PROBE_SECONDS", 10.0)  # on a crowded machine an answer takes its time
    server = behind_tls(http(lambda asked: Reply(200, b"a 1\n")), Certificates(tmp_path), False)
    error = failure(any_build(server.port))
    assert (error.kind, error.detail[:10]) == (ErrorKind.WRONG_PROTOCOL, "speaks TLS")


def test_a_name_that_does_not_resolve_is_down() -> None:
    for collector in (
        ProxyCollector("http://no-such-host.invalid/metrics", options(), Aliases()),
        PatternCollector("redis", "no-such-host.invalid:1", options()),
    ):
        error = failure(collector)
        assert (error.kind, error.detail) == (ErrorKind.DOWN, "its name does not resolve")


# What must not be left behind.


@pytest.fixture
def descriptors() -> Iterator[Callable[[], int]]:
    yield lambda: len(list(Path("/proc/self/fd").iterdir()))


def test_failures_leave_no_sockets_behind(
    any_build: Build, raw: Callable[[Talk], int], dead_port: int, descriptors: Callable[[], int]
) -> None:
    ports = [dead_port, raw(say(HEAD + b"Content-Length: 9\r\n\r\na")), raw(say(SETTINGS_FRAME)), raw(say(b""))]
    for collector in [any_build(port) for port in ports]:
        for _ in range(3):
            with pytest.raises(CollectError):
                collector.collect(time.time)
        collector.close()
    before = descriptors()
    for _ in range(5):
        for port in ports:
            failure(any_build(port))
    until(lambda: descriptors() <= before + 3, lambda: f"{descriptors() - before} sockets stayed")
