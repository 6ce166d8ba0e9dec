"""Our alerts in a real Alertmanager of Debian's: sent, sent again after a kill, resolved, read back without doubles."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from aggregators.alerts.alerts import alerts
from aggregators.alerts.outgoing import Outgoing, outgoing
from collectors.alerting.alert_push import RESEND_SECONDS, AlertPush
from collectors.alerting.alertmanager import AlertmanagerCollector
from model.series import Event, Severity, labels_of
from model.settings import SourceOptions
from model.sources import CollectError, ErrorKind
from store.snapshot import Snapshot
from tests.patience import until
from tests.servers.alertmanager_process import AlertmanagerProcess
from tests.servers.process import running

OPTIONS = SourceOptions(interval_seconds=1.0, timeout_seconds=5.0)


@pytest.fixture(scope="module")
def alertmanager(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AlertmanagerProcess]:
    with running(AlertmanagerProcess(tmp_path_factory.mktemp("alertmanager"))) as server:
        yield server


def edge(time: float, state: str, since: float) -> Event:
    labels = {"id": "pattern_down:redis:1", "rule": "pattern_down", "component": "redis", "state": state,
              "page": "/patterns/redis", "since": f"{since}"}  # fmt: skip
    return Event(time, "alert", Severity.CRITICAL, labels_of(labels), "redis is down: its port is closed")


def pushing(url: str, events: Sequence[Event]) -> AlertPush:
    def said(now: float) -> Sequence[Outgoing]:
        return outgoing(Snapshot(events=tuple(events)), now)

    return AlertPush(url, OPTIONS, said)


def listed(url: str) -> list[dict[str, Any]]:
    with urllib.request.urlopen(f"{url}/api/v2/alerts", timeout=5) as answer:
        found: list[dict[str, Any]] = json.load(answer)
        return found


def waited(url: str, count: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []

    def enough() -> bool:
        found[:] = listed(url)
        return len(found) == count

    until(enough, lambda: f"not {count} alerts but {found}", pause=0.1)
    return found


@pytest.mark.server
def test_a_real_alertmanager_gets_ours_once_however_often_they_are_sent_and_hears_their_end(
    alertmanager: AlertmanagerProcess,
) -> None:
    since = time.time() - 30
    fired = edge(since + 1, "firing", since)
    pushing(alertmanager.url, [fired]).collect(time.time)
    (one,) = waited(alertmanager.url, 1)
    assert one["labels"] == {
        "alertname": "PatternDown", "component": "redis", "pattern": "redis", "rule": "pattern_down",
        "severity": "critical", "reported_by": "prism-hud",
    }  # fmt: skip
    assert one["annotations"]["summary"] == "redis is down: its port is closed"
    pushing(alertmanager.url, [fired]).collect(time.time)  # the collector was killed and started again, or is a replica
    (again,) = listed(alertmanager.url)
    assert (again["fingerprint"], again["startsAt"]) == (one["fingerprint"], one["startsAt"])
    reader = AlertmanagerCollector(alertmanager.url, OPTIONS)
    events = [fired, *reader.collect(time.time).events]
    reader.close()
    assert len(events) == 2
    assert [row.sources for row in alerts(Snapshot(events=tuple(events)), time.time())] == [("HUD",)]
    over = edge(time.time(), "resolved", since)
    pushing(alertmanager.url, [fired, over]).collect(time.time)
    waited(alertmanager.url, 0)


class Clock:
    """A time that is set."""

    def __init__(self) -> None:
        self.at = 1_700_000_000.0

    def __call__(self) -> float:
        return self.at


def counting(one: AlertPush) -> list[Any]:
    """What it sends, instead of sending it."""
    sent: list[Any] = []
    one._fetcher.post = lambda path, body: sent.append(body)  # type: ignore[method-assign, assignment, return-value]
    return sent


def test_it_is_sent_when_something_is_new_and_again_when_it_is_time() -> None:
    clock, events = Clock(), list[Event]()
    one = pushing("http://127.0.0.1:9", events)
    sent = counting(one)
    step: Callable[[], Any] = lambda: one.collect(clock)  # noqa: E731
    step()
    clock.at += 1
    step()
    assert sent == [[]]
    events.append(edge(clock.at, "firing", clock.at))
    clock.at += 1
    step()
    step()
    assert [len(body) for body in sent] == [0, 1]
    clock.at += RESEND_SECONDS
    step()
    assert [len(body) for body in sent] == [0, 1, 1]
    assert "endsAt" not in sent[-1][0]


def test_one_that_cannot_be_reached_is_an_error_like_that_of_any_source() -> None:
    with pytest.raises(CollectError) as failed:
        pushing("http://127.0.0.1:9", []).collect(time.time)
    assert failed.value.kind is ErrorKind.DOWN
