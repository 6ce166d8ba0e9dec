"""How reading each source goes: its state, its log lines, its own samples. Pure bookkeeping, no clock and no thread."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from collectors.core.contract import Collector, Gateway, PartialReadError, Reported, TriedDefault, key_of
from model.series import Event, Kind, Scrape, Series, Severity, labels_of
from model.sources import STATE_EVENT, CollectError, SourceState, change_labels

log = logging.getLogger("hud.collectors")

OWN_NAMES = (
    "hud_source_success", "hud_source_duration_seconds", "hud_source_samples", "hud_source_attempted_at_seconds",
    "hud_source_read_at_seconds", "hud_source_failures",
)  # fmt: skip
"""What the HUD's own row says of each source, in this order."""

UNTRIED = (math.nan,) * len(OWN_NAMES)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One read that ended at `time` (seconds since 1970), well or with `error`. A partial read has both.

    `reported` are the sources that are read through this one, None when it is no gateway; `note` is said of a good
    read.
    """

    key: str
    time: float
    duration_seconds: float
    scrape: Scrape | None = None
    error: CollectError | None = None
    reported: Sequence[Reported] | None = None
    note: str = ""

    @classmethod
    def failed(cls, key: str, time: float, duration_seconds: float, error: CollectError) -> Attempt:
        """A failed read, with what a partial one still brought."""
        scrape = error.scrape if isinstance(error, PartialReadError) else None
        return cls(key, time, duration_seconds, scrape, error)


class SourceStates:
    """The state of every configured source."""

    def __init__(self, collectors: Iterable[Collector], known: Mapping[str, SourceState] | None = None) -> None:
        """`known`: the states that an earlier run left; times of the last good read and of a lasting failure go on."""
        self.states: dict[str, SourceState] = {}
        self._down: set[str] = set()
        self._behind: dict[str, set[str]] = {}
        self._series: dict[str, list[Series]] = {}
        self._changes: list[tuple[SourceState, SourceState]] = []
        self._tried: dict[str, TriedDefault] = {}
        self.turned = False
        """A source went or came back among the attempts entered last."""
        for one in collectors:
            key = key_of(one)
            if isinstance(one, TriedDefault):
                self._tried[key] = one
                continue
            fresh = _unread(one)
            before = (known or {}).get(key)
            if before is not None:
                fresh = replace(before, address=one.address, interval_seconds=one.interval_seconds)
            self.states[key] = fresh
            if isinstance(one, Gateway):
                self._pass_on(key, one.reported())

    def enter(self, attempts: Iterable[Attempt]) -> list[Scrape]:
        """Book what was tried; returns what it brought. The store takes the events of a scrape with it."""
        scrapes: list[Scrape] = []
        self.turned = False
        for attempt in attempts:
            if attempt.key not in self.states and not self._adopted(attempt):
                continue
            self._book(attempt)
            if attempt.scrape is not None:
                scrapes.append(attempt.scrape)
            if attempt.reported is not None:
                scrapes += self._pass_on(attempt.key, attempt.reported)
        return scrapes

    def own_samples(self, now: float) -> Scrape:
        """The HUD's own row. Every source is in each row, with NaN until it was tried, so that the rows keep their
        columns: of 200 sources that answered one after the other each of the first 200 rows had a table of its own.

        With the events of what changed in how they stand, so that any instant of the past can be shown as it was.
        """
        scrape = Scrape("hud", "collector", now)
        for state in self.states.values():
            scrape.series += self._series_of(state)
            scrape.values.extend(_own_values(state) if state.last_attempt else UNTRIED)
        for before, after in self._changes:
            scrape.events.append(Event(now, STATE_EVENT, Severity.INFO, change_labels(before, after), ""))
        self._changes = []
        return scrape

    def _series_of(self, state: SourceState) -> list[Series]:
        known = self._series.get(state.key)
        if known is None:
            labels = labels_of({"instance": "collector", "source": state.source, "target": state.instance})
            known = self._series[state.key] = [Series(name, labels, Kind.GAUGE) for name in OWN_NAMES]
        return known

    def _adopted(self, attempt: Attempt) -> bool:
        """True with the first good read of a default that nobody named: from then on it is a source."""
        if attempt.error is not None:
            return False
        one = self._tried.pop(attempt.key)
        self.states[attempt.key] = _unread(one)
        log.info("%s answers at its default address: it is read from now on", attempt.key)
        return True

    def _book(self, attempt: Attempt) -> None:
        state = self.states[attempt.key]
        if attempt.error is None:
            samples = len(attempt.scrape.values) if attempt.scrape else 0
            booked = state.succeeded(attempt.time, attempt.duration_seconds, samples)
            reported_at = attempt.scrape.time if attempt.scrape else attempt.time
            self._enter_state(replace(booked, last_success=reported_at, detail=attempt.note))
        else:
            self._enter_state(state.failed(attempt.time, attempt.duration_seconds, attempt.error))

    def _pass_on(self, gateway: str, reported: Sequence[Reported]) -> list[Scrape]:
        """The sources behind a gateway come and go as it says; returns what was read of them."""
        keys = {one.state.key for one in reported}
        for key in self._behind.get(gateway, set()) - keys:
            self.states.pop(key, None)
            self._series.pop(key, None)
            self._down.discard(key)
        self._behind[gateway] = keys
        for one in reported:
            self._enter_state(one.state)
        return [one.scrape for one in reported if one.scrape is not None]

    def _enter_state(self, booked: SourceState) -> None:
        key, before = booked.key, self.states.get(booked.key)
        self.states[key] = booked
        if before is not None and before.lasting != booked.lasting:
            self._changes.append((before, booked))
        if booked.error is None and key in self._down:
            self._down.remove(key)
            self.turned = True
            log.info("%s is back after %.0f s", key, booked.last_attempt - (before.since if before else 0.0))
        elif booked.error is not None and key not in self._down:
            self._down.add(key)
            self.turned = True
            log.warning("%s (%s) cannot be read: %s: %s", key, booked.address, booked.error.value, booked.detail)


def _unread(one: Collector) -> SourceState:
    return SourceState(key_of(one), one.source, one.instance, one.address, one.interval_seconds)


def _own_values(state: SourceState) -> tuple[float, ...]:
    """A value for each of OWN_NAMES."""
    success = 0.0 if state.error else 1.0
    times = state.last_attempt, state.last_success
    return (success, state.duration_seconds, float(state.samples), *times, float(state.failures))
