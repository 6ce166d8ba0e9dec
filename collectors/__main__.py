"""`python -m collectors`: reads every source, writes the store, runs the detections. Exactly one per store."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Any

from aggregators.alerts.outgoing import outgoing
from aggregators.changes.observer import ChangeObserver
from aggregators.detection.detections import Detector
from aggregators.incidents.notices import called_for
from aggregators.incidents.observer import EvidenceObserver
from collectors.alerting.alert_push import AlertPush
from collectors.build import build_collectors
from collectors.check.report import check
from collectors.core.contract import Collector, key_of
from collectors.core.detection_loop import Detect, Suspects
from collectors.core.own_size import OwnSize
from collectors.core.quotes import Quotes
from collectors.core.scheduler import Scheduler
from collectors.core.source_states import SourceStates
from collectors.core.web_scrape import WebScrape
from collectors.embedded import EmbeddedError, EmbeddedPrism, settings_for
from collectors.own_process import once_more, opened, watch_stdin
from collectors.prometheus.collector import PrometheusCollector
from collectors.prometheus.direct_history import DirectHistory
from collectors.proxy.proxy import ProxySource
from collectors.quiet_default import QuietDefault
from collectors.servers.build import optional
from collectors.settings_report import reported, versions
from model.process.file_limits import collector_files, make_room, shortage
from model.process.malloc_tuning import settle
from model.series import Event, Severity
from model.settings import Settings, SettingsError
from model.settings_file import load_settings
from store.choice import storage_of
from store.errors import StoreBusy, StoreError, StoreFenced, StoreForeign
from store.inbox import Inbox
from store.reader import Reader
from store.snapshot import Snapshot
from store.storage import Storage
from store.writer import Writer

DAY_SECONDS = 86400.0
WRONG_SETTINGS, BUSY, FOREIGN, UNUSABLE = 2, 3, 4, 5
FENCED = -BUSY
"""Another collector took over while this one was held up."""

ABOUT = """Reads every source, writes the store, runs the detections. Exactly one per store. Exit status: 0 when asked
to stop, 2 wrong settings, 3 another collector writes, 4 the directory is not a store of ours, 5 the store or the
simulated Prism cannot be used. With --check: 0 when something useful can be read, 1 when nothing can, 2 wrong settings.
"""

log = logging.getLogger("hud")


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(prog="python -m collectors", description=ABOUT)
    made.add_argument("--supervised", action="store_true", help="stop when stdin ends")
    made.add_argument("--wait", action="store_true", help="wait while another collector writes, instead of leaving")
    made.add_argument("--check", action="store_true", help="visit every source once, say what was found, and leave")
    return made


def main(
    arguments: Sequence[str] | None = None, settings: Settings | None = None, next_turn: Callable[[], int] = once_more
) -> int:
    """Run until SIGTERM, SIGINT or (supervised) the end of stdin. Returns the exit status.

    Settings are read where none are given; `next_turn` is what a collector does that is to wait and lost its turn.
    """
    options = parser().parse_args(arguments)
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        settings = settings or load_settings()
    except SettingsError as error:
        print(error, file=sys.stderr)
        return WRONG_SETTINGS
    if options.check:
        return _check(settings)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if options.supervised:
        threading.Thread(target=watch_stdin, args=(stop,), daemon=True).start()
    os.umask(0o077)  # the store is its owner's alone
    try:
        storage = storage_of(settings)
        writer = opened(storage, options.wait, stop)
        status = _run(settings, storage, writer, stop)
        return next_turn() if status == FENCED and options.wait else abs(status)
    except SettingsError as error:  # of a source whose library is missing, or that has no use for a setting
        print(error, file=sys.stderr)
        return WRONG_SETTINGS
    except StoreError as error:
        if not stop.is_set():
            print(error, file=sys.stderr)
        return 0 if stop.is_set() else _status_of(error)


def _check(settings: Settings) -> int:
    logging.getLogger("hud").setLevel(logging.ERROR)
    try:
        found = check(settings)
    except SettingsError as error:  # a source whose client library is not installed
        print(error, file=sys.stderr)
        return WRONG_SETTINGS
    print("\n".join(found.lines))
    return found.status


def _run(settings: Settings, storage: Storage, writer: Writer, stop: threading.Event) -> int:
    with ExitStack() as closing:
        closing.callback(writer.close)
        reader = Reader(storage, known=writer.table)
        closing.callback(reader.close)
        before = reader.snapshot()
        meta: dict[str, Any] = {"simulated": not settings.configured, "control_url": "", "versions": versions()}
        given, past_url = settings, ""
        if not settings.configured:
            prism = EmbeddedPrism(stop)
            closing.callback(prism.close)
            closing.callback(stop.set)
            try:
                addresses = prism.start(before.meta.get("simulated_addresses"), _past_hours(settings, before))
            except EmbeddedError as error:
                if not stop.is_set():
                    print(f"the simulated Prism did not start: {error}", file=sys.stderr)
                return 0 if stop.is_set() else UNUSABLE
            settings = settings_for(settings, addresses)
            meta["control_url"] = addresses.get("control_url", "")
            meta["simulated_addresses"] = dict(addresses)
            past_url = addresses.get("prometheus_url", "")
        meta["settings"] = reported(given, settings)
        history = past_url or settings.prometheus_url
        try:
            _scheduler(settings, storage, writer, reader, before, meta, stop, history).run()
        except StoreFenced as error:
            log.error("%s: this one stops", error)
            return BUSY if stop.is_set() else FENCED
    return 0


def _past_hours(settings: Settings, before: Snapshot) -> float:
    """How long the simulated Prism has lived: one that was watched in the last day goes on with what was seen of it."""
    return settings.prometheus.history_hours if time.time() - before.written_at > DAY_SECONDS else 0.0


def _scheduler(
    settings: Settings,
    storage: Storage,
    writer: Writer,
    reader: Reader,
    before: Snapshot,
    meta: dict[str, Any],
    stop: threading.Event,
    past_url: str = "",
) -> Scheduler:
    collectors = [*build_collectors(settings, before.events), *_told(settings, reader, before)]
    for one in collectors:
        if isinstance(one, ProxySource | PrometheusCollector | QuietDefault):
            one.restore(before)
    _say(collectors, storage)
    tried = [one for one in collectors if isinstance(one, QuietDefault)]
    meta["started_at"] = time.time()
    meta["sources"] = [key_of(one) for one in collectors if one not in tried]
    meta["defaults_tried"] = {key_of(one): one.address for one in tried}
    meta["thresholds"] = {name: limits.model_dump() for name, limits in settings.thresholds.items()}
    meta["slo"], meta["signoz_public_url"] = settings.slo.reported(), settings.signoz_public_url
    settle()
    inbox = Inbox(storage)
    detect, suspects = detections(settings, reader, before, inbox)
    past = DirectHistory(settings, past_url, [key_of(one) for one in collectors], before)
    return Scheduler(
        collectors,
        writer,
        source_states=SourceStates(collectors, before.sources),
        detect=detect,
        suspects=suspects,
        meta=meta,
        sizes=OwnSize(None if storage.shared else settings.cache_dir),
        web=WebScrape(settings.cache_dir),
        backfill=writer.backfill,
        historians=[past] if past.of_use else [],
        quotes=Quotes(inbox.asked),
        stop=stop,
    )


def _told(settings: Settings, reader: Reader, before: Snapshot) -> list[Collector]:
    """Whom the settings name to be told of trouble: an Alertmanager of alerts, people of incidents."""
    found: list[Collector] = []
    if url := settings.alertmanager_push_url:
        found.append(AlertPush(url, settings.sources.alertmanager, lambda now: outgoing(reader.snapshot(), now)))
    if settings.notify_urls.get_secret_value():
        made = optional("collectors.alerting.notifications", "notify", "HUD_NOTIFY_URLS").Notifications
        mildest, urls = Severity(settings.notify_severity), settings.notify_urls.get_secret_value()
        known = called_for(before, before.written_at, mildest) if before.version else ()
        found.append(made(urls, lambda now: called_for(reader.snapshot(), now, mildest), known, settings.public_url))
    return found


def detections(settings: Settings, reader: Reader, before: Snapshot, inbox: Inbox) -> tuple[Detect, Suspects]:
    """The rules' edges, of what begins to fire the evidence in the samples, what changed, and what operators ask of
    alerts; and whom the rules suspect.
    """
    detector, evidence, changed = Detector(settings.thresholds), EvidenceObserver(), ChangeObserver()
    detector.restore(before)
    changed.restore(before)

    def detect(now: float) -> list[Event]:
        snapshot = reader.snapshot()
        edges = detector.step(snapshot, now)
        seen = [*evidence.step(snapshot, now, edges), *changed.step(snapshot, now)]
        return [*edges, *seen, *inbox.arrived(snapshot.events, now)]

    return detect, lambda: detector.suspects


def _say(collectors: Sequence[Collector], storage: Storage) -> None:
    log.info("store %s, pid %d, %d sources", storage.name, os.getpid(), len(collectors))
    wanted = collector_files(len(collectors))
    if short := shortage("the collector", wanted, make_room(wanted), "name fewer sources"):
        log.warning(short)
    for one in collectors:
        if isinstance(one, QuietDefault):
            log.info("nobody named %s: trying its default %s", one.source, one.address)
        else:
            log.info("reading %s at %s every %g s", one.source, one.address, one.interval_seconds)


def _status_of(error: StoreError) -> int:
    if isinstance(error, StoreBusy):
        return BUSY
    return FOREIGN if isinstance(error, StoreForeign) else UNUSABLE


if __name__ == "__main__":
    sys.exit(main())
