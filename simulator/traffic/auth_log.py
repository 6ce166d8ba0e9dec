"""Every failed token check as a span: who, from where, why. The newest one by one, a day of them as counts.

The counts agree with the books' counters of failures, reason by reason.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

KEEP_SPANS = 20_000
SLOT_SECONDS = 5.0
KEEP_SLOTS = 17_400
"""A day and a little more."""
ATTACKER = "10.0.2.12"
"""Who makes up tokens, and once in a while very many."""
SEED = 11
"""Drawn apart from the traffic, so that whoever is refused does not change what the others do."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Somebody who is refused for one reason; `user` is '' where no token named one."""

    reason: str
    address: str
    user: str
    weight: float


def _crowd() -> tuple[Refused, ...]:
    """Clients whose tokens run out, and a few who knock again and again (the addresses are the RFC's)."""
    names = ("bob", "carol", "dave", "erin", "frank", "grace", "heidi", "ivan", "judy", "mallory", "niaj", "olivia")
    clients = [Refused("token_expired", f"10.0.1.{50 + n}", f"{name}@example.com", 1.0) for n, name in enumerate(names)]
    clients.append(Refused("token_expired", "10.0.1.45", "alice@example.com", 6.0))
    forgers = ("admin@example.com", "root", "svc-payments", "admin' OR '1'='1")
    clients += [Refused("invalid_signature", "10.0.2.12", user, 3.0) for user in forgers]
    clients += [Refused("invalid_signature", f"10.0.2.{n}", "root", 0.5) for n in (14, 15)]
    clients.append(Refused("invalid_signature", "10.0.2.31", "", 0.5))
    clients += [Refused("missing_token", f"10.0.3.{n}", "", 1.0) for n in (88, 89, 90, 104)]
    clients.append(Refused("invalid_issuer", "10.0.2.99", "", 3.0))
    clients.append(Refused("invalid_issuer", "2001:db8::7", "ci-bot", 1.0))
    return tuple(clients)


Crowd = tuple[Refused, ...]
CROWD = _crowd()


def _shares(crowd: Crowd, reason: str) -> NDArray[np.float64]:
    """Of the checks that fail for a reason, each one's share."""
    weights = np.array([one.weight if one.reason == reason else 0.0 for one in crowd])
    return np.asarray(weights / weights.sum())


@dataclass(frozen=True, slots=True)
class FailedCheck:
    """One span; `time` in seconds since 1970, `number` counts them, `who` is a position in the crowd."""

    time: float
    number: int
    who: int


class AuthLog:
    """Fed with the counters after each step; somebody of the crowd has each of their reasons."""

    def __init__(self, crowd: Crowd = CROWD) -> None:
        self.crowd = crowd
        self._shares = {reason: _shares(crowd, reason) for reason in dict.fromkeys(one.reason for one in crowd)}
        self._attacker = next(n for n, one in enumerate(crowd) if one.address == ATTACKER)
        self._rng = np.random.default_rng(SEED)
        self._known: dict[str, int] = {}
        self._slots: OrderedDict[int, NDArray[np.int64]] = OrderedDict()
        self._spans: deque[FailedCheck] = deque(maxlen=KEEP_SPANS)
        self._count = 0

    def begin_at(self, failures: Mapping[str, int]) -> None:
        """What the counters held before anything is booked."""
        self._known = dict(failures)

    def book(
        self, start: float, end: float, failures: Mapping[str, int], attacks: int = 0, one_by_one: bool = True
    ) -> None:
        """What was refused between `start` and `end`: the growth of the counters since the last call.

        `attacks` of them are one attacker's; not `one_by_one` they are counted only.
        """
        counts = np.zeros(len(self.crowd), dtype=np.int64)
        counts[self._attacker] = attacks
        if attacks:
            self._known[self.crowd[self._attacker].reason] = attacks + self._known.get(
                self.crowd[self._attacker].reason, 0
            )
        for reason, total in failures.items():
            new = total - self._known.get(reason, 0)
            self._known[reason] = total
            if new > 0:
                counts += self._rng.multinomial(new, self._shares[reason])
        if counts.sum() == 0:
            return
        self._slot(start, counts)
        if one_by_one:
            self._remember(start, end, counts)

    def forget_counters(self) -> None:
        """The counters begin at 0 again."""
        self._known = {}

    def counts(self, start: float, end: float) -> NDArray[np.int64]:
        """How often each of the crowd was refused in [start, end), to the slot."""
        first, last = (ceil(at / SLOT_SECONDS - 0.5) for at in (start, end))
        numbers = self._slots if last - first > len(self._slots) else range(first, last)
        found = np.zeros(len(self.crowd), dtype=np.int64)
        for number in numbers:
            if first <= number < last and number in self._slots:
                found += self._slots[number]
        return found

    def newest(self, start: float, end: float) -> Iterator[FailedCheck]:
        """The spans of [start, end), the newest first, as far back as they are held."""
        for span in reversed(self._spans):
            if span.time < start:
                return
            if span.time < end:
                yield span

    def _slot(self, at: float, counts: NDArray[np.int64]) -> None:
        number = int(at // SLOT_SECONDS)
        held = self._slots.get(number)
        self._slots[number] = counts if held is None else held + counts
        while len(self._slots) > KEEP_SLOTS:
            self._slots.popitem(last=False)

    def _remember(self, start: float, end: float, counts: NDArray[np.int64]) -> None:
        """The newest of them as spans, mixed, in order of time; more than are held are only counted."""
        who = self._rng.permutation(np.repeat(np.arange(len(counts)), counts))
        times = np.sort(self._rng.uniform(start, end, min(len(who), KEEP_SPANS)))
        first = self._count + len(who) - len(times)
        self._count += len(who)
        for number, (time, one) in enumerate(zip(times.tolist(), who[-len(times) :].tolist(), strict=True)):
            self._spans.append(FailedCheck(time, first + number, one))
