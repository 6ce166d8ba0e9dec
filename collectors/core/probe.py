"""What speaks on a port, known by its first bytes: to say "wrong protocol" where "down" would mislead."""

from __future__ import annotations

import socket
import ssl
from contextlib import suppress
from enum import Enum

_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00\x00\x00\x04\x00\x00\x00\x00\x00"
_SETTINGS_FRAME = 4
_FRAME_HEADER_BYTES = 9
_TLS_RECORDS = (b"\x15\x03", b"\x16\x03")
"""How an alert and a handshake begin, in every version of TLS."""


class Speech(Enum):
    """What was heard after HTTP/2's opening words."""

    UNRESOLVED = "its name does not resolve"
    NOBODY = "connection refused"
    SILENCE = "no answer"
    HUNG_UP = "closed the connection without a word"
    HTTP1 = "HTTP/1"
    HTTP2 = "HTTP/2"
    TLS = "TLS"
    OTHER = "something else"


def listen_to(host: str, port: int, timeout_seconds: float) -> Speech:
    """Open a connection, greet as HTTP/2 does, and judge the first bytes of the answer. Never raises.

    Who hangs up on that is greeted once more, as TLS is: an encrypted port says nothing to those who speak plainly.
    """
    heard = _answer_to(_PREFACE, host, port, timeout_seconds)
    if heard is not Speech.HUNG_UP:
        return heard
    return Speech.TLS if speaks_tls(host, port, timeout_seconds) else heard


def speaks_tls(host: str, port: int, timeout_seconds: float) -> bool:
    """Whether a port answers TLS' greeting. Never raises."""
    return _answer_to(_client_hello(), host, port, timeout_seconds) is Speech.TLS


def _answer_to(greeting: bytes, host: str, port: int, timeout_seconds: float) -> Speech:
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
            connection.sendall(greeting)
            first = connection.recv(_FRAME_HEADER_BYTES)
        except TimeoutError:
            return Speech.SILENCE
        except OSError:
            return Speech.HUNG_UP
    return speech_of(first)


def _client_hello() -> bytes:
    """TLS' opening words, as this Python says them."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    said = ssl.MemoryBIO()
    greeting = context.wrap_bio(ssl.MemoryBIO(), said)
    with suppress(ssl.SSLWantReadError):  # it has said its first words, and waits
        greeting.do_handshake()
    return said.read()


def speech_of(first: bytes) -> Speech:
    """Who begins an answer with these bytes."""
    if not first:
        return Speech.HUNG_UP
    if first.startswith(_TLS_RECORDS):
        return Speech.TLS
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
