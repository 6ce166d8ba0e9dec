"""gunicorn's threaded worker, with threads that slow clients cannot hold: a request gets one when it has arrived.

gunicorn 27 gives every new connection a thread for five seconds, and every half-sent request one for ever: sixteen of
those silenced the dashboard. Here the poller waits for the whole head, and for a body as far as the kernel keeps it;
by SO_RCVLOWAT it wakes up only for bytes that it has not seen. What is longer, or says not how long it is, may keep
few threads busy, and for a bounded time. Of what has arrived one address gets so many threads at a time, and whoever
asks whether this process is up is answered before all others.

gunicorn also asks the old workers of a reload to leave before the new ones serve, and leaves browsers alone when the
parent is killed. Here a worker stays until another one serves (web/processes/gunicorn_handover.py).
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import selectors
import socket
import time
from collections.abc import Callable, Sequence
from functools import partial
from types import FrameType
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

from web.front.forwarded import Network, within
from web.processes.gunicorn_handover import Handover, serves
from web.processes.request_turns import RequestTurns

RECEIVE_SECONDS = 10.0
"""From a connection's first moment, or the answer before, until the next request must have arrived."""
HEAD_BYTES = 32 * 1024
KEPT_BYTES = 32 * 1024
"""Of a body, while the poller waits for it; the kernel keeps more than this beside a head."""
MOST_LONG = 4
"""Requests with longer bodies at a time, of the sixteen threads."""
SHARE = 4
"""Requests of one address at a time; they compute one after another anyway."""
MOST_PROBES = 2
"""Questions whether this process is up that are answered before others."""
LOOK_SECONDS = 0.1
IP = (socket.AF_INET, socket.AF_INET6)
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,18})[ \t]*\r\n", re.IGNORECASE)
_PROBE = re.compile(rb"(?:GET|HEAD) [^ ?]*/(?:healthz|readyz) ")
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:", re.IGNORECASE)


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn ships no types
    """A ThreadWorker whose connections wait in the poller until a request is there."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)  # in the parent, before the fork
        self._long: dict[TConn, float] = {}
        self._probes: set[TConn] = set()
        beside = MOST_LONG + MOST_PROBES  # these have threads of their own
        self._turns: RequestTurns[TConn] = RequestTurns(max(1, self.cfg.threads - beside), self._share)
        self.proxies: Sequence[Network] = ()
        self._handover = Handover(self.age)
        self._addresses: list[tuple[str, int]] = []
        self.hang_up: Callable[[], None] = lambda: None
        self.collects, self.generation = False, object()

    def collect(self) -> None:
        """Be no web worker but the collector (web/processes/gunicorn_collector.py). Called before the fork."""
        self.collects = True
        self._handover.withdraw()

    def run(self) -> None:
        """Serve; from here on older workers may go."""
        self._handover.serving()
        super().run()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Asked to leave, perhaps several times: as soon as there is no younger worker that begins just now."""
        self._handover.asked()
        self.method_queue.defer(self._leave_when_replaced)

    def is_parent_alive(self) -> bool:
        """False when it is time to go. Called each time round, once a second at least.

        Without a parent the port is given free for the next one; who is connected stays so until that one serves.
        """
        if os.getppid() != self.ppid and self.alive:
            if not self._handover.orphaned:
                self._orphan()
            elif serves(self._addresses):
                self._leave()
        self._leave_when_replaced()
        return bool(self.alive)

    def set_accept_enabled(self, enabled: bool) -> None:
        """An orphan has no port any more."""
        super().set_accept_enabled(enabled and not self._handover.orphaned)

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """Look round more often while somebody else begins to serve."""
        super().wait_for_and_dispatch_events(min(timeout, LOOK_SECONDS) if self._handover.under_way else timeout)

    def _orphan(self) -> None:
        self.log.warning("the parent is gone; serving those who are connected until another one does")
        self._handover.orphan()
        self._addresses = [one.getsockname()[:2] for one in self.sockets if one.sock.family in IP]
        super().set_accept_enabled(False)
        for listener in self.sockets:
            listener.close()

    def _leave_when_replaced(self) -> None:
        if self.alive and self._handover.may_leave:
            self._leave()

    def _leave(self) -> None:
        self.alive = False
        self.hang_up()
        for conn in (*self.keepalived_conns, *self.pending_conns):
            conn.timeout = 0.0

    def accept(self, listener: socket.socket) -> None:
        """Take a connection, which waits like any other; what is encrypted nobody reads before gunicorn does."""
        if self.cfg.is_ssl:
            super().accept(listener)
            return
        try:
            sock, address = listener.accept()
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.ECONNABORTED):
                raise
            return
        self.nr_conns += 1
        conn = TConn(self.cfg, sock, address, listener.getsockname())
        conn.data_ready = True
        self._wait(conn, 1)

    def on_client_socket_readable(self, conn: TConn, client: socket.socket) -> None:
        """The next request of a connection that was kept begins to arrive."""
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._received(conn)

    def on_pending_socket_readable(self, conn: TConn, client: socket.socket) -> None:
        """More of a request has arrived."""
        self.poller.unregister(client)
        self.pending_conns.remove(conn)
        self._received(conn, conn.timeout)

    def murder_pending(self) -> None:
        """Give up requests that do not arrive, and bodies that drip."""
        super().murder_pending()
        now = time.monotonic()
        for conn in [one for one, until in self._long.items() if until < now]:
            self._shut(conn)

    def finish_request(self, conn: TConn, fs: Any) -> None:
        """An answer is out."""
        self._long.pop(conn, None)
        self._probes.discard(conn)
        following = self._turns.end(conn)
        super().finish_request(conn, fs)
        for one in following:
            super().enqueue_req(one)

    def _share(self, address: str) -> int:
        """A proxy that we trust brings everybody from its one address."""
        return int(self.cfg.threads) if within(address, self.proxies) else SHARE

    def enqueue_req(self, conn: TConn) -> None:
        """A thread when it is the turn of its address."""
        if self._turns.begin(conn, _address(conn)):
            super().enqueue_req(conn)

    def _received(self, conn: TConn, until: float | None = None) -> None:
        """A thread for what is whole, patience for what is not; what is encrypted only gunicorn can read."""
        if self.cfg.is_ssl:
            self.enqueue_req(conn)
            return
        try:
            head = conn.sock.recv(HEAD_BYTES + KEPT_BYTES, socket.MSG_PEEK)
        except BlockingIOError:
            self._wait(conn, 1, until)
            return
        except OSError:
            self._drop(conn)
            return
        missing = _missing(head)
        if missing and head:
            self._wait(conn, len(head) + missing, until)
            return
        if missing is None:
            if len(self._long) >= MOST_LONG:
                self._drop(conn)
                return
            self._long[conn] = time.monotonic() + RECEIVE_SECONDS
        conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 1)
        if _PROBE.match(head) and len(self._probes) < MOST_PROBES:
            self._probes.add(conn)
        if conn in self._long or conn in self._probes:
            super().enqueue_req(conn)
        else:
            self.enqueue_req(conn)

    def _wait(self, conn: TConn, wanted: int, until: float | None = None) -> None:
        """Wake up when `wanted` bytes are there, or the connection ends. The deque stays in the order of its times."""
        conn.sock.setblocking(False)
        conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, wanted)
        conn.timeout = until or time.monotonic() + RECEIVE_SECONDS
        at = len(self.pending_conns)
        while at and self.pending_conns[at - 1].timeout > conn.timeout:
            at -= 1
        self.pending_conns.insert(at, conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def _drop(self, conn: TConn) -> None:
        self.nr_conns -= 1
        conn.close()

    @staticmethod
    def _shut(conn: TConn) -> None:
        """The thread that reads there finds the end of it."""
        with contextlib.suppress(OSError):
            conn.sock.shutdown(socket.SHUT_RD)


def _address(conn: TConn) -> str:
    """Of whoever is connected; what is on this machine without an address is one."""
    return str(conn.client[0]) if isinstance(conn.client, tuple) else ""


def _missing(head: bytes) -> int | None:
    """How many bytes more to wait for: 0 when the request is whole, None when no wait would make it so."""
    end = head.find(b"\r\n\r\n")
    if end < 0:
        return 1 if len(head) < HEAD_BYTES else 0  # the parser refuses what is too long
    if _CHUNKED.search(head, 0, end + 2):
        return None
    length = _LENGTH.search(head, 0, end + 2)
    wanted = int(length[1]) if length else 0
    return None if wanted > KEPT_BYTES else max(0, end + 4 + wanted - len(head))
