"""What speaks on a port, known by its first bytes: to say "wrong protocol" where "down" would mislead."""

from __future__ import annotations

import socket
from enum import Enum

_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00\x00\x00\x04\x00\x00\x00\x00\x00"
_SETTINGS_FRAME = 4
_FRAME_HEADER_BYTES = 9


class Speech(Enum):
    """What was heard after HTTP/2's opening words."""

    UNRESOLVED = "its name does not resolve"
    NOBODY = "connection refused"
    SILENCE = "no answer"
    HUNG_UP = "closed the connection without a word"
    HTTP1 = "HTTP/1"
    HTTP2 = "HTTP/2"
    OTHER = "something else"


def listen_to(host: str, port: int, timeout_seconds: float) -> Speech:
    """Open a connection, greet as HTTP/2 does, and judge the first bytes of the answer. Never raises."""
    try:
        connection = socket.create_connection((host, port), timeout_seconds)
    except TimeoutError:
        return Speech.SILENCE
    except socket.gaierror:
        return Speech.UNRESOLVED
    except OSError:
        return Speech.NOBODY
    with connection:
        try:
            connection.sendall(_PREFACE)
            first = connection.recv(_FRAME_HEADER_BYTES)
        except TimeoutError:
            return Speech.SILENCE
        except OSError:
            return Speech.HUNG_UP
    return speech_of(first)


def speech_of(first: bytes) -> Speech:
    """Who begins an answer with these bytes."""
    if not first:
        return Speech.HUNG_UP
    # Old servers answer a greeting they do not know with a page, without a status line.
    if first.startswith((b"HTTP/", b"<")):
        return Speech.HTTP1
    # A frame header: three bytes of length (SETTINGS are short), then the type.
    if len(first) >= 4 and first[:2] == b"\x00\x00" and first[3] == _SETTINGS_FRAME:
        return Speech.HTTP2
    return Speech.OTHER


def split_target(target: str) -> tuple[str, int]:
    """(host, port) of `host:port` or `[v6]:port`."""
    host, _, port = target.rpartition(":")
    return host.strip("[]"), int(port)
