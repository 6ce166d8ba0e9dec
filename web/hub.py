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

from wsproto import WSConnection

from web.hub_client import Client, GoneError, text_frame
from web.hub_payload import Feed, Selection, View

POLL_SECONDS = 0.03
"""How often the store's version is looked at while somebody is connected."""
COALESCE_SECONDS = 0.1
"""Versions closer together than this are sent as one."""
REST = 3.0
"""Views rest this many times as long as computing them all takes: watching costs a bounded share of a core."""
HEARTBEAT_SECONDS = 1.0
"""A view is sent this often even when nothing is new: ages advance, and silence means a lost connection."""
POLLED_VIEWS = 32
"""Views kept for clients that poll; the oldest is forgotten first."""

Key = tuple[str, Selection]
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
        self._max_clients = max_clients
        self._clock = clock
        self._ticks = ticks
        self._lock = threading.Lock()
        self._arrived: list[Client] = []
        self._held = 0
        self._thread: threading.Thread | None = None
        self._closing = False
        self._groups: dict[Key, tuple[View, set[Client]]] = {}
        self._failing: set[Key] = set()
        self._polled: dict[Key, View] = {}
        self._polled_lock = threading.Lock()
        self._selector = selectors.DefaultSelector()
        self._wake_read, self._wake_write = socket.socketpair()
        self._wake_read.setblocking(False)
        self._wake_write.setblocking(False)
        self._selector.register(self._wake_read, selectors.EVENT_READ)
        self._stats = HubStats()

    def admit(self) -> bool:
        """Reserve a place; False when the hub is full or closing. Give it back with `add` or `release`."""
        with self._lock:
            if self._closing or self._held >= self._max_clients:
                self._stats = replace(self._stats, refused=self._stats.refused + 1)
                return False
            self._held += 1
            return True

    def release(self) -> None:
        """Give back a place that no socket came to take."""
        with self._lock:
            self._held -= 1

    def add(self, sock: socket.socket, protocol: WSConnection, view: str, selection: Selection) -> Client:
        """Take over an upgraded socket, in a place that `admit` reserved. The hub closes it."""
        sock.setblocking(False)
        client = Client(sock, protocol, view, selection)
        with self._lock:
            if self._closing:
                self._held -= 1
                client.close(1001)
                return client
            self._arrived.append(client)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="hud-hub", daemon=True)
                self._thread.start()
        self._wake()
        return client

    def full(self, view: str, selection: Selection) -> bytes:
        """One full frame for a client that polls, computed at most once per version or second."""
        with self._polled_lock:
            one = self._polled.pop((view, selection), None) or View(self._feed, view, selection)
            self._polled[(view, selection)] = one
            while len(self._polled) > POLLED_VIEWS:
                self._polled.pop(next(iter(self._polled)))
            if one.empty or self._due(one):
                one.refresh(self._clock(), self._ticks())
            return one.full()

    def stats(self) -> HubStats:
        """A copy that does not change."""
        with self._lock:
            return replace(self._stats, clients=self._held, views=len(self._groups))

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
            key = (client.view, client.selection)
            if key not in self._groups:
                self._groups[key] = (View(self._feed, *key), set())
            view, clients = self._groups[key]
            clients.add(client)
            if not view.empty and not view.failed:
                self._send(client, view, b"")

    def _due(self, view: View) -> bool:
        waited = self._ticks() - view.read_at
        rest = max(COALESCE_SECONDS, REST * sum(one.cost_seconds for one, _ in self._groups.values()))
        return waited >= HEARTBEAT_SECONDS or (waited >= rest and self._feed.version() != view.version)

    def _refresh_one(self) -> bool:
        """Compute and push the view that has waited longest, if any is due; True when more are."""
        due = [view for view, _ in self._groups.values() if self._due(view)]
        if not due:
            return False
        view = min(due, key=lambda one: one.read_at)
        diff = self._refresh(view)
        clients = tuple(self._groups[(view.name, view.selection)][1])
        for client in clients:
            self._send(client, view, diff)
        self._count(pushes=len(clients))
        return len(due) > 1

    def _refresh(self, view: View) -> bytes:
        """The frame to send; only words when the view cannot be computed, which is logged once per breakdown."""
        key = (view.name, view.selection)
        try:
            diff = text_frame(view.refresh(self._clock(), self._ticks()))
        except Exception:  # a view's bug must neither end the hub nor silence the other views
            if key not in self._failing:
                self._failing.add(key)
                log.exception("view %s cannot be computed; its pages will say that they stand still", view.name)
            self._count(failures=1)
            return text_frame(view.trouble(self._clock()))
        if key in self._failing:
            self._failing.discard(key)
            log.warning("view %s can be computed again", view.name)
        view.cost_seconds = self._ticks() - view.read_at
        self._count(refreshes=1)
        return diff

    def _send(self, client: Client, view: View, diff: bytes) -> None:
        tick = self._ticks()
        try:
            client.check(tick)
            if client.wants_full and not client.waiting and not view.empty and not view.failed:
                client.wants_full = False
                client.push(text_frame(view.full()), tick)
            elif diff and (view.failed or not client.wants_full):
                client.push(diff, tick)
            self._listen(client)
        except GoneError as gone:
            self._drop(client, gone.code)

    def _listen(self, client: Client) -> None:
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if client.waiting else 0)
        if self._selector.get_key(client.sock).events != events:
            self._selector.modify(client.sock, events, client)

    def _drop(self, client: Client, code: int) -> None:
        self._selector.unregister(client.sock)
        client.close(code)
        key = (client.view, client.selection)
        self._groups[key][1].discard(client)
        if not self._groups[key][1]:
            del self._groups[key]
            self._failing.discard(key)
        self.release()

    def _count(self, refreshes: int = 0, pushes: int = 0, failures: int = 0) -> None:
        with self._lock:
            old = self._stats
            self._stats = replace(
                old,
                refreshes=old.refreshes + refreshes,
                pushes=old.pushes + pushes,
                failures=old.failures + failures,
            )
