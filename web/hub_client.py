"""One open browser connection, held without a thread: its outbox, and what it sends us."""

from __future__ import annotations

import socket
import threading
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from functools import lru_cache

import orjson
from wsproto import WSConnection
from wsproto.events import BytesMessage, CloseConnection, Ping, TextMessage
from wsproto.utilities import LocalProtocolError, RemoteProtocolError

from web.front.prefix import links
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

TEXT, DEFLATED = 0x81, 0x40
LEAST_DEFLATED = 200
"""Bytes of a message below which compressing gains little."""

UNSENDABLE = (1005, 1006, 1015)
"""Close codes that only ever describe a connection and must not travel (RFC 6455 section 7.4.1)."""


@lru_cache(maxsize=16)
def text_frame(payload: bytes, prefix: str = "", deflated: bool = False) -> bytes:
    """A whole unmasked websocket text message (RFC 6455 section 5.2), its links below `prefix`.

    Cached, so that a thousand clients that come back at once share the bytes of one full frame. `deflated` for those
    that take compressed messages (RFC 7692), each for itself, so that one compression serves them all.
    """
    payload = links(payload, prefix)
    first = TEXT
    if deflated and len(payload) >= LEAST_DEFLATED:
        first, payload = TEXT | DEFLATED, _deflate(payload)
    size = len(payload)
    if size < 126:
        return bytes((first, size)) + payload
    if size < 65_536:
        return bytes((first, 126)) + size.to_bytes(2, "big") + payload
    return bytes((first, 127)) + size.to_bytes(8, "big") + payload


def _deflate(payload: bytes) -> bytes:
    """RFC 7692 section 7.2.1: without what ends a block that is flushed."""
    made = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return (made.compress(payload) + made.flush(zlib.Z_SYNC_FLUSH)).removesuffix(b"\x00\x00\xff\xff")


class GoneError(Exception):
    """The client closed, or must be closed; `code` is the websocket close code to send."""

    def __init__(self, code: int = 1000) -> None:
        super().__init__(code)
        self.code = code


class Client:
    """A connected websocket. Used by the hub's loop alone, except for `done`."""

    def __init__(self, sock: socket.socket, protocol: WSConnection, key: Key, address: str, prefix: str = "") -> None:
        """`prefix` is the path below which its browser sees the dashboard, without a slash at its end."""
        self.sock = sock
        self.prefix = prefix
        self.deflated = False
        self.key = key
        self.address = address
        self.done = threading.Event()
        self.wants_full = True
        self.entitled: Callable[[], bool] = lambda: True
        self._protocol = protocol
        self._outbox: deque[memoryview] = deque()
        self._begun = False
        self._received = 0
        self._blocked_since: float | None = None
        self._heard_at: float | None = None
        self._pinged_at: float | None = None

    @property
    def waiting(self) -> bool:
        """True while something is left to send."""
        return bool(self._outbox)

    def push(self, frame: bytes, tick: float) -> None:
        """Queue one frame; a client that is too far behind loses its queue and gets a full frame later."""
        if len(self._outbox) >= QUEUE_FRAMES:
            kept = [self._outbox[0]] if self._begun else []
            self._outbox = deque(kept)
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
                self._outbox.popleft()

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
        try:
            self._protocol.receive_data(data)
            for message in self._messages():
                self.wants_full = self.wants_full or _asks_refresh(message)
        except (RemoteProtocolError, LocalProtocolError):
            raise GoneError(1002) from None

    def _messages(self) -> Iterator[str | bytes | bytearray]:
        for event in self._protocol.events():
            if isinstance(event, CloseConnection):
                raise GoneError(int(event.code))
            if isinstance(event, Ping):
                self._control(self._protocol.send(event.response()))
            elif isinstance(event, TextMessage | BytesMessage):
                self._received += len(event.data)  # of what was compressed, more than had come
                if self._received > INCOMING_BYTES:
                    raise GoneError(1008)
                yield event.data

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
            self.done.set()


def _asks_refresh(message: str | bytes | bytearray) -> bool:
    try:
        wish = orjson.loads(message)
    except orjson.JSONDecodeError:
        return False
    return isinstance(wish, dict) and bool(wish.get("refresh"))
