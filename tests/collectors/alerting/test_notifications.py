"""Incidents told to people by Apprise: real HTTP receivers, one message each, retried, bounded, no address shown."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from aggregators.incidents.notices import Notice
from collectors.alerting.notifications import (
    GIVEN_UP_SECONDS,
    LONGEST_PAUSE_SECONDS,
    MOST_AT_ONCE,
    MOST_WAITING,
    OVER_SECONDS,
    Notifications,
)
from model.series import Severity
from model.settings import Settings
from model.settings_text import HIDDEN, leaves, worded
from model.sources import CollectError, ErrorKind

SECRET = "s3cr3t-t0ken"
NOW = 1_790_000_000.0


class Receiver:
    """An HTTP server that takes JSON, and answers with `status`."""

    def __init__(self) -> None:
        self.status, self.got = 200, list[dict[str, Any]]()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if receiver.status == 200:
                    receiver.got.append(json.loads(body))
                self.send_response(receiver.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"json://user:{SECRET}@127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def titles(self) -> list[str]:
        return [one["title"] for one in self.got]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def receivers() -> Iterator[tuple[Receiver, Receiver]]:
    both = Receiver(), Receiver()
    yield both
    for one in both:
        one.close()


@dataclass
class Site:
    """What fires, and the clock."""

    firing: list[Notice] = field(default_factory=list)
    at: float = NOW

    def calling(self, _: float) -> Sequence[Notice]:
        return tuple(self.firing)

    def look(self, told: Notifications, after: float = 1.0) -> CollectError | None:
        """One collect, some seconds later."""
        self.at += after
        try:
            told.collect(lambda: self.at)
        except CollectError as error:
            return error
        return None


def notice(name: str, severity: Severity = Severity.CRITICAL, *names: str, seen_to: bool = False) -> Notice:
    headline = f"{name} is down: its port is closed"
    return Notice(name, names or (name,), headline, severity, ("Patterns",), f"/incidents/{name}", NOW, 3, seen_to)


def test_an_incident_is_told_once_everywhere_with_its_cause_and_that_it_is_over(
    receivers: tuple[Receiver, Receiver],
) -> None:
    site = Site([notice("redis")])
    told = Notifications(f"{receivers[0].url}, {receivers[1].url}", site.calling, base="https://hud.example.com/")
    for _ in range(3):
        assert site.look(told) is None
    for one in receivers:
        assert one.titles == ["redis is down: its port is closed"]
        assert one.got[0]["type"] == "failure"
        assert one.got[0]["message"].splitlines() == [
            "critical since 2026-09-21 14:13:20 UTC, 3 alerts", "https://hud.example.com/incidents/redis",
        ]  # fmt: skip
    site.firing.clear()
    site.look(told)
    site.look(told, OVER_SECONDS)
    site.look(told)
    assert receivers[0].titles[1:] == ["Over: redis is down: its port is closed"]
    assert receivers[0].got[1]["type"] == "success"


def test_what_was_told_before_a_restart_or_becomes_part_of_another_is_not_told_again(
    receivers: tuple[Receiver, Receiver],
) -> None:
    site = Site([notice("redis"), notice("nats", Severity.WARNING)])
    told = Notifications(receivers[0].url, site.calling, known=[notice("redis")])
    site.look(told)
    assert receivers[0].titles == ["nats is down: its port is closed"]
    site.firing = [notice("host", Severity.CRITICAL, "host", "redis")]
    site.look(told)
    site.firing = [notice("host", Severity.CRITICAL, "host", "redis"), notice("nats")]
    site.look(told)
    site.look(told, 2 * OVER_SECONDS)
    assert receivers[0].titles == ["nats is down: its port is closed"] * 2, "it got worse; the others are known"
    site.firing.append(notice("seen", seen_to=True))
    site.look(told)
    assert len(receivers[0].got) == 2, "somebody sees to it"


def test_what_cannot_be_sent_is_sent_later_and_only_once(receivers: tuple[Receiver, Receiver]) -> None:
    good, bad = receivers
    bad.status = 503
    site = Site([notice("redis")])
    told = Notifications(f"{good.url} {bad.url}", site.calling)
    error = site.look(told)
    assert error is not None and error.kind is ErrorKind.REFUSED
    assert "address 2 (JSON)" in error.detail
    assert good.titles == ["redis is down: its port is closed"]
    site.firing.append(notice("nats"))
    assert site.look(told) is not None
    bad.status = 200
    assert site.look(told, LONGEST_PAUSE_SECONDS) is None
    assert bad.titles == good.titles == ["redis is down: its port is closed", "nats is down: its port is closed"]


def test_pauses_grow_and_after_an_hour_it_is_given_up(receivers: tuple[Receiver, Receiver]) -> None:
    receivers[0].status = 500
    site = Site([notice("redis")])
    told = Notifications(receivers[0].url, site.calling)
    site.look(told)
    attempts = sum(1 for _ in range(60) if site.look(told) and receivers[0].status)
    assert attempts == 60, "it is seen to fail until it succeeds"
    receivers[0].status = 200
    site.look(told, GIVEN_UP_SECONDS + 1)
    assert receivers[0].got == []


def test_a_storm_of_incidents_is_a_few_messages(receivers: tuple[Receiver, Receiver]) -> None:
    site = Site([notice(f"pattern-{at}") for at in range(500)])
    told = Notifications(receivers[0].url, site.calling)
    site.look(told)
    assert len(receivers[0].got) == MOST_AT_ONCE
    assert receivers[0].titles[-1] == f"{500 - MOST_AT_ONCE + 1} more incidents began"
    receivers[0].status = 503
    for round_ in range(30):
        site.firing = [notice(f"{round_}-{at}") for at in range(500)]
        site.look(told)
    receivers[0].status, receivers[0].got = 200, []
    site.look(told, LONGEST_PAUSE_SECONDS)
    assert len(receivers[0].got) <= MOST_WAITING


def test_a_bad_address_is_said_by_its_number_and_the_others_are_served(
    receivers: tuple[Receiver, Receiver], caplog: pytest.LogCaptureFixture
) -> None:
    site = Site([notice("redis")])
    with caplog.at_level(logging.DEBUG):
        told = Notifications(f"nobody://{SECRET} {receivers[0].url} json://127.0.0.1:1/{SECRET}", site.calling)
        error = site.look(told)
    assert error is not None and "address 3 (JSON)" in error.detail
    assert receivers[0].titles == ["redis is down: its port is closed"]
    logged = [record.getMessage() for record in caplog.records if record.name.startswith("apprise")]
    assert SECRET not in f"{error} {told.address} {told.instance} {logged}"
    site.firing.clear()
    lonely = Notifications(f"nobody://{SECRET}", site.calling)
    wrong = site.look(lonely)
    assert wrong is not None and wrong.kind is ErrorKind.MALFORMED and "address 1 of HUD_NOTIFY_URLS" in wrong.detail


def test_the_addresses_are_hidden_wherever_settings_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUD_NOTIFY_URLS", f"json://{SECRET}@127.0.0.1")
    settings = Settings()
    assert SECRET in settings.notify_urls.get_secret_value()
    assert SECRET not in repr(settings)
    assert worded("notify_urls", leaves(settings)["notify_urls"]) == HIDDEN


def test_an_incident_that_changes_its_words_stays_the_same(receivers: tuple[Receiver, Receiver]) -> None:
    site = Site([notice("redis")])
    told = Notifications(receivers[0].url, site.calling)
    site.look(told)
    site.firing = [replace(site.firing[0], headline="redis is down for 5 minutes")]
    site.look(told)
    assert len(receivers[0].got) == 1
