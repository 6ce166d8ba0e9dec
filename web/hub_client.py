"""One open browser connection, held without a thread: its outbox, and what it sends us."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator

import orjson
from wsproto.connection import Connection, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Ping, TextMessage
from wsproto.extensions import PerMessageDeflate
from wsproto.utilities import LocalProtocolError, RemoteProtocolError

from web.hub_payload import Key

PING_SECONDS = 25.0
SILENT_SECONDS = 70.0
"""A browser answers pings by itself: nothing heard for this long means that nobody is there."""
BLOCKED_SECONDS = 20.0
"""A client that takes nothing for this long is closed; it will come back with a fresh connection."""
QUEUE_FRAMES = 4
"""Frames that may wait for a slow client; then they are dropped and one full frame follows when it has caught up."""
INCOMING_BYTES = 16_384
"""A browser only ever sends small requests; more than this between two pings and it is not ours."""
SEND_BUFFER_BYTES = 65_536
"""Bounds what the kernel queues, so that a slow client is noticed instead of shown minutes-old figures."""

SESSION_ENDED = 4401
"""The close code that says so (4000 to 4999 are an application's own); live.js loads the page anew."""

DEFLATE = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
"""What is agreed with a browser that offers it: each message is compressed for itself. So a message is compressed once
for all who get it, and nothing is remembered of any of them, which would cost 300 kB each.
"""
PONG, PONG_BYTES = b"\x8a\x80", 6
"""How the answer to our empty ping begins, and how long it is with its mask: as short as a client's frame can be."""

UNSENDABLE = (1005, 1006, 1015)
"""Close codes that only ever describe a connection and must not travel (RFC 6455 section 7.4.1)."""


class GoneError(Exception):
    """The client closed, or must be closed; `code` is the websocket close code to send."""

    def __init__(self, code: int = 1000) -> None:
        super().__init__(code)
        self.code = code


class Client:
    """A connected websocket. Used by the hub's loop alone, except for `done`.

    There are thousands, mostly silent: each holds what it must, and a parser only while half a message is there.
    """

    __slots__ = (
        "_begun", "_blocked_since", "_check_at", "_heard_at", "_outbox", "_parser", "_pinged_at", "_received", "_said",
        "address", "done", "entitled", "key", "sock", "wants_full", "way", "writing",
    )  # fmt: skip

    def __init__(self, sock: socket.socket, key: Key, address: str, prefix: str = "", deflated: bool = False) -> None:
        """`prefix` is the path below which its browser sees the dashboard, without a slash at its end."""
        self.sock = sock
        self.way = prefix, deflated
        self.key = key
        self.address = address
        self.done: threading.Event | None = None
        self.wants_full = True
        self.writing = False
        self.entitled: Callable[[], bool] = always
        self._parser: Connection | None = None
        self._outbox: list[memoryview] = []
        self._begun = False
        self._received = 0
        self._said = b""
        self._blocked_since: float | None = None
        self._heard_at: float | None = None
        self._pinged_at: float | None = None
        self._check_at = float("-inf")

    @property
    def waiting(self) -> bool:
        """True while something is left to send."""
        return bool(self._outbox)

    def offer(self, frame: bytes, tick: float) -> bool:
        """Send a frame at once; False, with nothing sent, when something else has to be done first. Raises GoneError.

        What a push does to all but few of thousands, so it is as short as it can be.
        """
        if self.wants_full or self._outbox or tick >= self._check_at or not self.entitled():
            return False
        try:
            sent = self.sock.send(frame)
        except BlockingIOError:
            return False
        except OSError:
            raise GoneError from None
        if sent < len(frame):
            self._outbox.append(memoryview(frame)[sent:])
            self._begun = True
        return True

    def push(self, frame: bytes, tick: float) -> None:
        """Queue one frame; a client that is too far behind loses its queue and gets a full frame later."""
        if len(self._outbox) >= QUEUE_FRAMES:
            self._outbox = self._outbox[:1] if self._begun else []
            self.wants_full = True
            return
        self._outbox.append(memoryview(frame))
        self.flush(tick)

    def flush(self, tick: float) -> None:
        """Send as much as the socket takes. Raises GoneError."""
        while self._outbox:
            try:
                sent = self.sock.send(self._outbox[0])
            except BlockingIOError:
                if self._blocked_since is None:
                    self._blocked_since = tick
                return
            except OSError:
                raise GoneError from None
            self._blocked_since = None
            rest = self._outbox[0][sent:]
            self._begun = bool(rest)
            if rest:
                self._outbox[0] = rest
            else:
                del self._outbox[0]

    def receive(self, tick: float) -> None:
        """Read what the client sent: answers to pings, a close, a request for a full frame. Raises GoneError."""
        try:
            data = self.sock.recv(4096)
        except BlockingIOError:
            return
        except OSError:
            raise GoneError from None
        if not data:
            raise GoneError
        self._heard_at = tick
        self._received += len(data)
        if self._received > INCOMING_BYTES:
            raise GoneError(1008)
        if not (len(data) == PONG_BYTES and data.startswith(PONG)):  # nearly all that ever comes
            self._parse(data)

    def _parse(self, data: bytes) -> None:
        """Messages that are whole leave nothing to remember: each is compressed for itself (web/sockets.py)."""
        parser = self._parser or _parser(self.way[1])
        try:
            parser.receive_data(data)
            for message in self._messages(parser):
                self.wants_full = self.wants_full or _asks_refresh(message)
        except (RemoteProtocolError, LocalProtocolError):
            raise GoneError(1002) from None
        if self._parser is None and not _whole(data):
            self._parser = parser

    def _messages(self, parser: Connection) -> Iterator[bytes]:
        for event in parser.events():
            if isinstance(event, CloseConnection):
                raise GoneError(int(event.code))
            if isinstance(event, Ping):
                self._control(parser.send(event.response()))
            elif isinstance(event, TextMessage | BytesMessage):
                self._received += len(event.data)  # of what was compressed, more than had come
                if self._received > INCOMING_BYTES:
                    raise GoneError(1008)
                self._said += event.data.encode() if isinstance(event.data, str) else event.data
                if event.message_finished:
                    yield self._said
                    self._said = b""

    def check(self, tick: float) -> None:
        """Ping when it is time. Raises GoneError for a client that is blocked or silent for too long, or whose session
        has ended.
        """
        if not self.entitled():
            raise GoneError(SESSION_ENDED)
        if self._blocked_since is not None and tick - self._blocked_since > BLOCKED_SECONDS:
            raise GoneError(1013)
        if self._heard_at is None or self._pinged_at is None:
            self._heard_at = self._pinged_at = tick
        if tick - self._heard_at > SILENT_SECONDS:
            raise GoneError(1001)
        if tick - self._pinged_at >= PING_SECONDS:
            self._pinged_at = tick
            self._received = 0
            self._control(b"\x89\x00")
            self.flush(tick)
        self._check_at = min(self._pinged_at + PING_SECONDS, self._heard_at + SILENT_SECONDS)

    def _control(self, frame: bytes) -> None:
        if len(self._outbox) < 2 * QUEUE_FRAMES:
            self._outbox.append(memoryview(frame))

    def close(self, code: int) -> None:
        """Say goodbye if the socket still takes it, and let go."""
        try:
            if not self._begun:
                self.sock.send(b"\x88\x02" + (1000 if code in UNSENDABLE else code).to_bytes(2, "big"))
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # the other side left first
        finally:
            self.sock.close()
            if self.done is not None:
                self.done.set()


def always() -> bool:
    """Of a session that never ends."""
    return True


def _parser(deflated: bool) -> Connection:
    """Of what a client sends, after the handshake."""
    agreed = PerMessageDeflate()
    if deflated:
        agreed.accept(DEFLATE)
    return Connection(ConnectionType.SERVER, [agreed] if deflated else [])


def _whole(data: bytes) -> bool:
    """Whether this is nothing but whole frames of a client, each a message of its own (RFC 6455 section 5.2)."""
    at = 0
    while len(data) - at >= PONG_BYTES and data[at] & 0x80:
        size, head = data[at + 1] & 0x7F, PONG_BYTES
        if size >= 126:
            head += 2 if size == 126 else 8
            size = int.from_bytes(data[at + 2 : at + head - 4], "big")
        at += head + size
    return at == len(data)


def _asks_refresh(message: bytes) -> bool:
    try:
        wish = orjson.loads(message)
    except orjson.JSONDecodeError:
        return False
    return isinstance(wish, dict) and bool(wish.get("refresh"))
