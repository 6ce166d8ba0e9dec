"""Answers that no reader should believe."""

from __future__ import annotations

import random
import socket
from collections.abc import Iterator

KINDS = ("random", "utf8", "html", "truncated", "binary", "grpc", "huge", "http500")
HTML = b"<!doctype html><html><head><title>SigNoz</title></head><body><div id=root></div></body></html>"
HTTP2_SETTINGS = bytes.fromhex("00001204000000000000030000006400040000ffff000500004000")
"""The first bytes of a gRPC server."""

_NOISE = b"\xff\xfe\x00\xc3\x28" + random.Random(50).randbytes(4096)
_BAD_NAMES = (
    b'# TYPE prism_requests_total counter\nprism_requests_total{namespace="\xff\xfe\xc3\x28",status="success"} 7\n'
)
_LINE = b'prism_filler{line="0123456789abcdefghijklmnopqrstuvwxyz"} 1\n'


def bodies(kind: str, real: bytes) -> tuple[int, str, bytes]:
    """Status, content type and body of a garbage answer that is HTTP at least; `real` is what would have been said."""
    known = {
        "random": (200, "text/plain; version=0.0.4; charset=utf-8", _NOISE),
        "utf8": (200, "text/plain; version=0.0.4; charset=utf-8", _BAD_NAMES),
        "html": (200, "text/html; charset=utf-8", HTML),
        "http500": (500, "text/plain; charset=utf-8", b"internal server error\n"),
    }
    return known.get(kind, (200, "text/plain", real))


def head(status: int, content_type: str, length: int) -> bytes:
    """A minimal HTTP/1.1 answer's head."""
    return (
        f"HTTP/1.1 {status} {'OK' if status == 200 else 'Error'}\r\nContent-Type: {content_type}\r\n"
        f"Content-Length: {length}\r\nConnection: close\r\n\r\n"
    ).encode()


def chunks(kind: str, real: bytes, content_type: str, size: int) -> Iterator[bytes]:
    """The bytes of one garbage answer on a connection that is closed afterwards."""
    if kind == "binary":
        yield _NOISE
    elif kind == "grpc":
        yield HTTP2_SETTINGS
    elif kind == "truncated":
        yield head(200, content_type, len(real)) + real[: len(real) // 2]
    elif kind == "huge":
        block = _LINE * 1024
        yield head(200, "text/plain; version=0.0.4; charset=utf-8", size)
        for _ in range(size // len(block)):
            yield block
        yield block[: size % len(block)]
    else:
        status, content_type, body = bodies(kind, real)
        yield head(status, content_type, len(body)) + body


def drain(connection: socket.socket) -> None:
    """Read what the peer still says, so that closing does not reset the bytes we sent."""
    connection.shutdown(socket.SHUT_WR)
    connection.settimeout(1.0)
    while connection.recv(65536):
        pass
