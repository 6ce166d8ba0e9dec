"""Tells people of incidents, by whatever Apprise can send to: one message for each, with its cause as the title, and
one when it is over.

An incident is known again by its alerts, also when it has become a part of another. What cannot be sent is tried again,
ever more seldom, and given up after an hour. How it goes is seen like the reading of a source; of the addresses, which
are secrets, nothing is shown but their number and the kind of service.
"""

from __future__ import annotations

import logging
import re
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

import apprise

from collectors.core.contract import Clock
from model.series import Scrape, Severity
from model.sources import CollectError, ErrorKind

MOST_AT_ONCE = 10
"""Messages of one look; of what begins beyond that only the number is told."""
MOST_WAITING = 50
"""Messages that wait for one address; then the oldest is given up."""
GIVEN_UP_SECONDS = 3600.0
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 2.0, 300.0
OVER_SECONDS = 30.0
"""An incident that is not there for so long is over; it may come back before."""
INTERVAL_SECONDS, TIMEOUT_SECONDS = 1.0, 60.0
SEPARATOR = re.compile(r"[\s,]+(?=[A-Za-z][A-Za-z0-9+.-]*://)")
TYPES = {Severity.CRITICAL: apprise.NotifyType.FAILURE, Severity.WARNING: apprise.NotifyType.WARNING}

logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)  # it would log every failure, with the address


class Calling(Protocol):
    """An incident that fires, as `aggregators.incidents.notices.Notice` has it; `started` in seconds since 1970."""

    @property
    def id(self) -> str:
        """By which it is the same as long as its cause is."""

    @property
    def names(self) -> tuple[str, ...]:
        """Those of its alerts."""

    @property
    def headline(self) -> str:
        """Its cause in words."""

    @property
    def severity(self) -> Severity:
        """As loud as its loudest alert."""

    @property
    def page(self) -> str:
        """Where it is, on the dashboard."""

    @property
    def started(self) -> float:
        """When it began."""

    @property
    def alerts(self) -> int:
        """How many of its alerts fire."""

    @property
    def seen_to(self) -> bool:
        """Whether somebody has acknowledged all of it."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent. `at` is when it was made, in seconds since 1970."""

    at: float
    title: str
    body: str
    kind: apprise.NotifyType


class Addressee:
    """One address, and what waits to be sent there. Raises CollectError for one that Apprise does not know."""

    def __init__(self, url: str, number: int) -> None:
        plugin = apprise.Apprise.instantiate(url, asset=apprise.AppriseAsset(app_id="Prism HUD", secure_logging=True))
        self.name = f"address {number}" if plugin is None else f"address {number} ({plugin.service_name})"
        if plugin is None or isinstance(plugin, dict):
            raise CollectError(ErrorKind.MALFORMED, f"{self.name} of HUD_NOTIFY_URLS is none that Apprise knows")
        self._plugin = plugin
        self._waiting: deque[Message] = deque(maxlen=MOST_WAITING)
        self._pause, self._next = 0.0, 0.0

    @property
    def fails(self) -> bool:
        """Whether the last attempt went wrong."""
        return self._pause > 0.0

    def take(self, messages: Iterable[Message]) -> None:
        """Have these sent, in this order."""
        self._waiting.extend(messages)

    def send(self, at: float) -> None:
        """Send what waits, if it is time for an attempt; at the first that fails the rest goes on waiting."""
        while self._waiting and at - self._waiting[0].at > GIVEN_UP_SECONDS:
            self._waiting.popleft()
        while self._waiting and at >= self._next:
            if self._sent(self._waiting[0]):
                self._waiting.popleft()
                self._pause, self._next = 0.0, 0.0
            else:
                self._pause = min(LONGEST_PAUSE_SECONDS, 2 * self._pause or FIRST_PAUSE_SECONDS)
                self._next = at + self._pause

    def _sent(self, one: Message) -> bool:
        try:
            return bool(self._plugin.notify(title=one.title, body=one.body, notify_type=one.kind))
        except Exception:  # noqa: BLE001 (a plugin of somebody else's; what it says may hold the address)
            return False


class Index:
    """Which of the told incidents share an alert with another: of a storm each is not compared with each."""

    def __init__(self, told: Iterable[Calling]) -> None:
        self._ids: dict[str, set[str]] = {}
        self._names: dict[str, tuple[str, ...]] = {}
        for one in told:
            self._add(one)

    def alike(self, one: Calling) -> list[str]:
        """The ids of those that are the same as `one`, or have an alert of it."""
        shared = set[str]().union(*(self._ids.get(name, ()) for name in one.names))
        return sorted(shared | ({one.id} & self._names.keys()))

    def replace(self, before: Iterable[Calling], one: Calling) -> None:
        """`one` is told instead of those before."""
        for old in before:
            for name in self._names.pop(old.id):
                self._ids[name].discard(old.id)
        self._add(one)

    def _add(self, one: Calling) -> None:
        self._names[one.id] = one.names
        for name in one.names:
            self._ids.setdefault(name, set()).add(one.id)


class Notifications:
    """All addresses. `calling` gives the incidents that fire at an instant; `known` fire already, and were told."""

    source = "notify"
    interval_seconds, timeout_seconds = INTERVAL_SECONDS, TIMEOUT_SECONDS

    def __init__(
        self, urls: str, calling: Callable[[float], Sequence[Calling]], known: Sequence[Calling] = (), base: str = ""
    ) -> None:
        self._addressees, self._wrong = _addressees(urls)
        self._calling, self._base = calling, base.rstrip("/")
        self._told: dict[str, Calling] = {one.id: one for one in known}
        self._gone: dict[str, float] = {}
        count = len(self._addressees)
        self.instance = f"{count}-address{'es' if count != 1 else ''}"
        self.address = f"{count} of Apprise's (hidden)"

    def collect(self, now: Clock) -> Scrape:
        """Send what is new and what waits. Raises CollectError while something cannot be sent."""
        at = now()
        found = [one for one in self._calling(at) if not one.seen_to]
        messages = [*self._begun(found, at), *self._over(found, at)]
        for one in self._addressees:
            one.take(messages)
            one.send(at)
        failing = [one.name for one in self._addressees if one.fails]
        if failing:
            raise CollectError(
                ErrorKind.REFUSED, f"{', '.join(failing)}: a message could not be sent; it is tried again"
            )
        if self._wrong:
            raise self._wrong[0]
        return Scrape(self.source, self.instance, now())

    def close(self) -> None:
        """Nothing is held open."""

    def _begun(self, found: Sequence[Calling], at: float) -> list[Message]:
        """Of what is new; of one that is known by an alert only its new form is remembered, unless it got worse."""
        fresh, by_name = [], Index(self._told.values())
        for one in found:
            same = [self._told.pop(name) for name in by_name.alike(one)]
            worse = one.severity is Severity.CRITICAL and not any(old.severity is Severity.CRITICAL for old in same)
            self._told[one.id] = one
            by_name.replace(same, one)
            if not same or worse:
                fresh.append(one)
        if len(fresh) <= MOST_AT_ONCE:
            return [self._message(one, at) for one in fresh]
        rest = len(fresh) - MOST_AT_ONCE + 1
        more = Message(
            at, f"{rest} more incidents began", f"all of them: {self._link('/alerts')}", apprise.NotifyType.FAILURE
        )
        return [*(self._message(one, at) for one in fresh[: MOST_AT_ONCE - 1]), more]

    def _over(self, found: Sequence[Calling], at: float) -> list[Message]:
        """Of what was told and is not there any more."""
        there = {one.id for one in found}
        self._gone = {name: self._gone.get(name, at) for name in self._told if name not in there}
        over = [self._told.pop(name) for name, since in self._gone.items() if at - since >= OVER_SECONDS]
        return [
            Message(at, f"Over: {one.headline}", f"since {_clock(self._gone[one.id])}", apprise.NotifyType.SUCCESS)
            for one in over[:MOST_AT_ONCE]
        ]

    def _message(self, one: Calling, at: float) -> Message:
        many = f", {one.alerts} alerts" if one.alerts > 1 else ""
        body = f"{one.severity.value} since {_clock(one.started)}{many}\n{self._link(one.page)}"
        return Message(at, one.headline, body.rstrip(), TYPES.get(one.severity, apprise.NotifyType.WARNING))

    def _link(self, page: str) -> str:
        return f"{self._base}{page}"


def _addressees(urls: str) -> tuple[list[Addressee], list[CollectError]]:
    found, wrong = [], []
    for number, url in enumerate(filter(None, SEPARATOR.split(urls.strip(" ,\n"))), 1):
        try:
            found.append(Addressee(url, number))
        except CollectError as error:
            wrong.append(error)
    return found, wrong


def _clock(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
