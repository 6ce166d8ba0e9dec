"""The hub: every open browser of this process on one thread, each view computed and encoded once (law 6)."""

from __future__ import annotations

import contextlib
import logging
import selectors
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from web.hub_client import Client, GoneError
from web.hub_payload import Feed, Key, View, text_frame
from web.hub_places import Places
from web.hub_turns import Turns

POLL_SECONDS = 0.03
"""How often the store's version is looked at while somebody is connected."""
LATE_SECONDS = 1.4
"""A view whose turn does not come says by then that it is still there."""

CLOSING = "This process is about to end."
log = logging.getLogger("hud.hub")


@dataclass(frozen=True)
class HubStats:
    """What the hub has done since it started."""

    clients: int = 0
    views: int = 0
    refreshes: int = 0
    pushes: int = 0
    failures: int = 0
    refused: int = 0


class Hub:
    """Holds websockets and pushes views to them. Starts its thread with the first client; `close` ends it."""

    def __init__(
        self,
        feed: Feed,
        max_clients: int,
        clock: Callable[[], float] = time.time,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._feed = feed
        self._places = Places(max_clients)
        self._turns = Turns()
        self._clock = clock
        self._ticks = ticks
        self._lock = threading.Lock()
        self._arrived: list[Client] = []
        self._thread: threading.Thread | None = None
        self._closing = False
        self._groups: dict[Key, tuple[View, set[Client]]] = {}
        self._failing: set[Key] = set()
        self._selector = selectors.DefaultSelector()
        self._wake_read, self._wake_write = socket.socketpair()
        self._wake_read.setblocking(False)
        self._wake_write.setblocking(False)
        self._selector.register(self._wake_read, selectors.EVENT_READ)
        self._stats = HubStats()

    def admit(self, key: Key, address: str) -> str:
        """Reserve a place, or say why there is none. Give it back with `add` or `release`."""
        with self._lock:
            refusal = CLOSING if self._closing else self._places.take(key, address)
            if refusal:
                self._stats = replace(self._stats, refused=self._stats.refused + 1)
            return refusal

    def release(self, key: Key, address: str) -> None:
        """Give back a place that no socket came to take."""
        with self._lock:
            self._places.give_back(key, address)

    def add(self, client: Client) -> None:
        """Take over an upgraded socket, in a place that `admit` reserved. The hub closes it."""
        client.sock.setblocking(False)
        with self._lock:
            if self._closing:
                self._places.give_back(client.key, client.address)
                client.close(1001)
                return
            self._arrived.append(client)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="hud-hub", daemon=True)
                self._thread.start()
        self._wake()

    def stats(self) -> HubStats:
        """A copy that does not change."""
        with self._lock:
            return replace(self._stats, clients=self._places.held, views=len(self._groups))

    def stop(self) -> None:
        """Ask the loop to say goodbye to everybody and end. Returns at once; safe in a signal handler."""
        self._closing = True
        self._wake()

    def close(self, timeout: float = 1.0) -> None:
        """Stop, and wait until all sockets are closed."""
        self.stop()
        if self._thread is not None:
            self._thread.join(timeout)

    def _wake(self) -> None:
        with contextlib.suppress(OSError):  # already full of wake-ups, or closed
            self._wake_write.send(b"\0")

    def _run(self) -> None:
        busy = False
        while not self._closing:
            idle = POLL_SECONDS if self._groups else None
            self._serve_sockets(0.0 if busy else idle)
            self._take_arrivals()
            busy = self._refresh_one()
        for client in [c for _, clients in self._groups.values() for c in clients] + self._arrived:
            client.close(1001)
        self._selector.close()
        self._wake_read.close()
        self._wake_write.close()

    def _serve_sockets(self, timeout: float | None) -> None:
        tick = self._ticks()
        for key, mask in self._selector.select(timeout):
            client = key.data
            if client is None:
                self._wake_read.recv(4096)
                continue
            try:
                if mask & selectors.EVENT_READ:
                    client.receive(tick)
                client.flush(tick)
                self._listen(client)
            except GoneError as gone:
                self._drop(client, gone.code)

    def _take_arrivals(self) -> None:
        with self._lock:
            arrived, self._arrived = self._arrived, []
        for client in arrived:
            self._selector.register(client.sock, selectors.EVENT_READ, client)
            if client.key not in self._groups:
                self._groups[client.key] = (View(self._feed, *client.key), set())
            view, clients = self._groups[client.key]
            clients.add(client)
            if not view.empty and not view.failed:
                self._send(client, view, b"")

    def _refresh_one(self) -> bool:
        """Compute and push the view whose turn it is, if any is due; True when more are."""
        tick = self._ticks()
        watched = [(view, len(clients)) for view, clients in self._groups.values()]
        due = self._turns.due(watched, self._feed.version, tick)
        if not due:
            return False
        view = self._turns.next(due, tick)
        self._push(view, self._refresh(view))
        view.cost_seconds = self._ticks() - tick
        for late in [one for one, _ in due if not one.empty and self._ticks() - one.sent_at > LATE_SECONDS]:
            self._push(late, late.beat(self._clock()))
        return len(due) > 1

    def _push(self, view: View, diff: bytes) -> None:
        view.sent_at = tick = self._ticks()
        clients = tuple(self._groups[(view.name, view.selection)][1])
        frames: dict[tuple[str, bool], bytes] = {}
        for client in clients:
            frame = frames.get(client.way)
            if frame is None:
                frame = frames[client.way] = text_frame(diff, *client.way)
            try:
                offered = client.offer(frame, tick)
            except GoneError as gone:
                self._drop(client, gone.code)
                continue
            if not offered:
                self._send(client, view, diff)
            elif client.waiting:
                self._listen(client)
        self._count(pushes=len(clients))

    def _refresh(self, view: View) -> bytes:
        """The frame to send; only words when the view cannot be computed, which is logged once per breakdown."""
        key = (view.name, view.selection)
        try:
            diff = view.refresh(self._clock(), self._ticks())
        except Exception:  # a view's bug must neither end the hub nor silence the other views
            if key not in self._failing:
                self._failing.add(key)
                log.exception("view %s cannot be computed; its pages will say that they stand still", view.name)
            self._count(failures=1)
            return view.trouble(self._clock())
        if key in self._failing:
            self._failing.discard(key)
            log.warning("view %s can be computed again", view.name)
        self._count(refreshes=1)
        return diff

    def _send(self, client: Client, view: View, diff: bytes) -> None:
        tick = self._ticks()
        try:
            client.check(tick)
            if client.wants_full and not client.waiting and not view.empty and not view.failed:
                client.wants_full = False
                client.push(text_frame(view.full(), *client.way), tick)
            elif diff and (view.failed or not client.wants_full):
                client.push(text_frame(diff, *client.way), tick)
            self._listen(client)
        except GoneError as gone:
            self._drop(client, gone.code)

    def _listen(self, client: Client) -> None:
        if client.writing != client.waiting:
            client.writing = client.waiting
            events = selectors.EVENT_READ | (selectors.EVENT_WRITE if client.writing else 0)
            self._selector.modify(client.sock, events, client)

    def _drop(self, client: Client, code: int) -> None:
        self._selector.unregister(client.sock)
        client.close(code)
        self._groups[client.key][1].discard(client)
        if not self._groups[client.key][1]:
            del self._groups[client.key]
            self._failing.discard(client.key)
        self.release(client.key, client.address)

    def _count(self, refreshes: int = 0, pushes: int = 0, failures: int = 0) -> None:
        with self._lock:
            old = self._stats
            self._stats = replace(
                old,
                refreshes=old.refreshes + refreshes,
                pushes=old.pushes + pushes,
                failures=old.failures + failures,
            )
