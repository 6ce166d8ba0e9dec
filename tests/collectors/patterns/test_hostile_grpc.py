"""The patterns collector meets HTTP servers, damaged messages and refusals."""

from __future__ import annotations

import socket
from collections.abc import Callable

import grpc
import pytest

from collectors.proxy.proxy import ProxySource
from model.settings import Aliases
from model.sources import ErrorKind
from tests.collectors.conftest import Answers, HttpServer, Reply, Talk
from tests.collectors.every_collector import ALL_BUILDS, HEAD, HTML, failure, options, say


@pytest.mark.parametrize(
    "reply",
    [Reply(200, b"a 1\n"), Reply(500, b"no"), Reply(200, HTML), Reply(200, b"\xff\xfe"), Reply(200, b"x" * 5_000_000)],
    ids=["metrics", "500", "html", "not utf-8", "large"],
)
def test_an_http_server_on_a_grpc_port_is_the_wrong_protocol(
    http: Callable[[Answers], HttpServer], reply: Reply
) -> None:
    server = http(lambda asked: reply)
    error = failure(ALL_BUILDS["patterns"](server.port))
    assert (error.kind, error.detail) == (ErrorKind.WRONG_PROTOCOL, "speaks HTTP/1, not gRPC")


@pytest.mark.parametrize(
    "said", [HEAD + b"Content-Length: 1000\r\n\r\na 1\n", HEAD + b"\r\n" + b"a 1\n" * 100_000], ids=["cut", "flood"]
)
def test_raw_http_on_a_grpc_port_is_the_wrong_protocol(raw: Callable[[Talk], int], said: bytes) -> None:
    assert failure(ALL_BUILDS["patterns"](raw(say(said)))).kind is ErrorKind.WRONG_PROTOCOL


def answering(answer: Callable[[bytes, grpc.ServicerContext], bytes]) -> grpc.GenericRpcHandler[bytes, bytes]:
    class Handler(grpc.GenericRpcHandler):  # type: ignore[type-arg]
        def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler[bytes, bytes]:
            return grpc.unary_unary_rpc_method_handler(answer)

    return Handler()


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"\x0a\xff\xff", ErrorKind.MALFORMED),
        (b"\x12\x02\xff\xfe", ErrorKind.MALFORMED),
        (b"x" * 2_000_000, ErrorKind.TOO_LARGE),
    ],
    ids=["cut message", "invalid utf-8", "large"],
)
def test_a_damaged_grpc_message_is_typed(grpc_server: Callable[..., int], answer: bytes, kind: ErrorKind) -> None:
    port = grpc_server(answering(lambda request, context: answer))
    assert failure(ALL_BUILDS["patterns"](port)).kind is kind


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (grpc.StatusCode.UNAUTHENTICATED, ErrorKind.UNAUTHENTICATED),
        (grpc.StatusCode.PERMISSION_DENIED, ErrorKind.REFUSED),
        (grpc.StatusCode.UNAVAILABLE, ErrorKind.DOWN),
        (grpc.StatusCode.INTERNAL, ErrorKind.HTTP_ERROR),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, ErrorKind.HTTP_ERROR),
        (grpc.StatusCode.DEADLINE_EXCEEDED, ErrorKind.TIMED_OUT),
        (grpc.StatusCode.CANCELLED, ErrorKind.HTTP_ERROR),
    ],
)
def test_a_grpc_refusal_is_typed_and_redacted(
    grpc_server: Callable[..., int], code: grpc.StatusCode, kind: ErrorKind
) -> None:
    def answer(request: bytes, context: grpc.ServicerContext) -> bytes:
        context.abort(code, "dial redis://u:opensesame@db")
        return b""

    error = failure(ALL_BUILDS["patterns"](grpc_server(answering(answer))))
    assert error.kind is kind
    assert "opensesame" not in error.detail


@pytest.mark.parametrize(
    "code", [grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.CANCELLED, grpc.StatusCode.ABORTED]
)
def test_a_proxy_that_answers_with_a_time_of_its_own_is_up(
    grpc_server: Callable[..., int], code: grpc.StatusCode
) -> None:
    def answer(request: bytes, context: grpc.ServicerContext) -> bytes:
        context.abort(code, "the upstream took too long")
        return b""

    source = ProxySource(f"grpc://127.0.0.1:{grpc_server(answering(answer))}", options(), Aliases())
    (sample,) = source.collect(lambda: 100.0).samples()
    source.close()
    assert sample.series.name == "prism_proxy_probe_duration_seconds"


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    """One of HTTP/2."""
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def field(name: bytes, value: bytes) -> bytes:
    """One of HTTP/2's headers, not compressed."""
    return b"\0" + bytes([len(name)]) + name + bytes([len(value)]) + value


def web_server(status: bytes) -> Talk:
    """Speaks HTTP/2 as a web server does; it never heard of gRPC."""

    def talk(connection: socket.socket) -> None:
        connection.sendall(frame(4, 0, 0) + frame(4, 1, 0))
        heard = connection.recv(65536)
        while b"\x01\x04\0\0\0\x01" not in heard:  # the head of the first question
            heard += connection.recv(65536)
        head = field(b":status", status) + field(b"content-type", b"text/html")
        connection.sendall(frame(1, 4, 1, head) + frame(0, 1, 1, b"<h1>Welcome</h1>"))
        while connection.recv(65536):
            pass

    return talk


@pytest.mark.parametrize("status", [b"200", b"301", b"403", b"404", b"415"])
def test_a_web_server_that_speaks_http2_is_no_grpc_server_and_no_proxy(
    raw: Callable[[Talk], int], status: bytes
) -> None:
    port = raw(web_server(status))
    for source in (ALL_BUILDS["patterns"](port), ProxySource(f"grpc://127.0.0.1:{port}", options(), Aliases())):
        error = failure(source)
        assert error.kind is ErrorKind.WRONG_PROTOCOL
        assert error.detail.startswith("speaks HTTP/2, but not gRPC")
