"""What runs in a web process, made on first use and therefore after any fork: store reader, feed, hub, supervisor."""

from __future__ import annotations

import atexit
import logging
import os
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from flask import g

from aggregators.series.sources import COLLECTOR_SILENT_SECONDS
from model.settings import Settings
from model.settings_file import load_settings
from pages.shared.callbacks import Moment
from pages.shared.choices import AT
from pages.shared.selections import permitted
from store.choice import storage_of
from store.errors import StoreError
from store.inbox import Inbox
from store.reader import Reader
from store.snapshot import Snapshot
from store.storage import Storage
from web.feed import StoreFeed, within
from web.hub import Hub
from web.lanes import Lanes
from web.log_limits import bound
from web.polled import PolledViews
from web.processes.supervisor import Supervisor
from web.replay.replays import CACHE_BYTES, Replays
from web.signin.doorkeeper import Doorkeeper
from web.signin.held_sessions import Held, HeldSessions

ROOT = Path(__file__).parent.parent


class Runtime:
    """The running parts of one web process. `start` may be called by any thread, any number of times."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._settings: Settings | None = None
        self._storage: Storage | None = None
        self._feed: StoreFeed | None = None
        self._hub: Hub | None = None
        self._polled: PolledViews | None = None
        self._replays: Replays | None = None
        self.lanes = Lanes()
        self._supervisor: Supervisor | None = None
        self._doorkeeper: Doorkeeper | None = None
        self._held: HeldSessions | None = None

    @property
    def settings(self) -> Settings:
        """What this process was started with, read once. Raises SettingsError on the first use with wrong ones."""
        if self._settings is None:
            self._settings = load_settings()
        return self._settings

    def configure(self, settings: Settings) -> None:
        """Take these settings for what is started from now on."""
        self._settings = settings

    @property
    def storage(self) -> Storage:
        """Where the store lies. Raises SettingsError."""
        if self._storage is None:
            self._storage = storage_of(self.settings)
        return self._storage

    def inbox(self) -> Inbox:
        """What operators ask, on its way to the collector. Raises SettingsError."""
        return Inbox(self.storage)

    @property
    def doorkeeper(self) -> Doorkeeper:
        """Who decides who gets in. Raises SettingsError on the first use with wrong settings."""
        with self._lock:
            if self._doorkeeper is None:
                self._doorkeeper = Doorkeeper(self.settings)
                self._held = HeldSessions(self._doorkeeper.current)
            return self._doorkeeper

    def held(self) -> Held:
        """The session with which the request of just now came, for as long as its live connection lasts."""
        assert self._held is not None  # the guard asked the doorkeeper first
        return self._held.hold(g.person.session)

    @property
    def feed(self) -> StoreFeed:
        """Views and snapshots of the store. Raises SettingsError on the first use with wrong settings."""
        self.start()
        assert self._feed is not None
        return self._feed

    @property
    def hub(self) -> Hub:
        """The one hub of this process. Raises SettingsError on the first use with wrong settings."""
        self.start()
        assert self._hub is not None
        return self._hub

    @property
    def replays(self) -> Replays:
        """Views of the past. Raises SettingsError on the first use with wrong settings."""
        self.start()
        assert self._replays is not None
        return self._replays

    def snapshot(self) -> Snapshot:
        """The newest snapshot."""
        return self.feed.snapshot()

    def moment(self, selection: Mapping[str, str]) -> Moment:
        """What a page's first paint is worked out from."""
        at = self.replays.instant(selection)
        if at is None:
            _, snapshot, now = self.feed.together(time.time())
            return Moment(snapshot, now, self.feed.judgement)
        feed = self.replays.feed(at)
        return Moment(feed.snapshot(), feed.instant, feed.judgement, feed.beside(selection))

    def full(self, view: str, selection: Mapping[str, str]) -> bytes:
        """A full frame of a view, for a browser that polls or looks at the past."""
        at, chosen = self.replays.instant(selection), permitted(selection)
        if at is not None:
            return self.replays.full(at, view, chosen)
        assert self._polled is not None
        return self._polled.full((view, within(self.feed.selection(view, chosen))))

    def ask_lines(self, families: Sequence[str]) -> None:
        """Have the next scrapes' lines of these families kept for a while; without room for the wish nothing is."""
        try:
            self.inbox().ask(families)
        except StoreError as error:
            logging.getLogger("hud.web").warning("%s", error)

    def turn(self, selection: Mapping[str, str]) -> AbstractContextManager[None]:
        """For the time that it takes to work out a page of `selection`. Raises BusyError."""
        if self.replays.instant(selection) is not None:
            return self.replays.turn()
        return self.lanes.turn({name: value for name, value in selection.items() if name != AT})

    def control_url(self) -> str:
        """Where faults of the simulated Prism are injected; '' while a real one is read."""
        meta = self.snapshot().meta
        return str(meta.get("control_url") or "") if meta.get("simulated") else ""

    def start(self) -> None:
        """Open the store, and look after a collector unless the settings say that another program does."""
        with self._lock:
            if self._hub is not None:
                return
            settings = self.settings
            logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.INFO)
            bound(logging.getLogger(), logging.getLogger("gunicorn.error"))
            reader = Reader(self.storage)
            self._feed = StoreFeed(reader)
            self._polled = PolledViews(self._feed, self.lanes)
            self._replays = Replays(Reader(self.storage, CACHE_BYTES))
            self._hub = Hub(self._feed, settings.max_sockets)
            if settings.supervise_collector:
                self._supervisor = _collector(settings, reader, self.storage.shared)
                self._supervisor.start()
                atexit.register(self.stop)

    def hang_up(self) -> None:
        """Let all live connections go, without waiting. Safe in a signal handler."""
        if self._hub is not None:
            self._hub.stop()

    def stop(self) -> None:
        """Close all connections and end the collector that was started here."""
        if self._hub is not None:
            self._hub.close()
        if self._supervisor is not None:
            self._supervisor.stop()


def _collector(settings: Settings, reader: Reader, shared: bool) -> Supervisor:
    """`python -m collectors` for this store, wherever this process was started, while nobody else runs one; beside a
    store that hosts share always, waiting for its turn.
    """
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(paths),
        "HUD_CACHE_DIR": str(settings.cache_dir.absolute()),
    }

    def needed(ended: int | None) -> bool:
        if shared:
            return True
        status = reader.status()
        return status.pid == ended or time.time() - status.alive_at > COLLECTOR_SILENT_SECONDS

    command = (sys.executable, "-m", "collectors", "--supervised", *(["--wait"] if shared else []))
    return Supervisor("collector", command, environment, needed)
