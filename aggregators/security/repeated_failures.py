"""Who fails to get in again and again (RFC view 6): addresses and users, in ten minutes or slowly over a day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any, TypeVar

from aggregators.security.auth import is_expired
from aggregators.series.last_reads import Last
from aggregators.series.window import newest_reads
from store.snapshot import Snapshot

BY_ADDRESS, USERS = "signoz_auth_failures_by_address", "signoz_auth_failure_users"
COUNTED_AT = "signoz_auth_failures_counted_timestamp_seconds"
BY_USER, ADDRESSES = "signoz_auth_failures_by_user", "signoz_auth_failure_addresses"
DAY, SHORT = "24h", "10m"
SECONDS = {DAY: 86400.0, SHORT: 600.0}
MOST_REPEATS = 6
MOSTLY = 0.6
LEAST_REACH_SECONDS = 1800.0
"""What attempts of so long show is usual, and not of less."""
REPEATED = {SHORT: 20, DAY: 100}
"""Failures that are pointed out: somebody who mistypes gives up before the twentieth time in ten minutes; slow guessing
stays below that and adds up over a day.
"""
ADDRESS, USER = "address", "user"
HIDDEN = "hidden"
"""Stands for a name or an address that is not for everybody."""
_LABELS = {ADDRESS: ("source_ip", "user", BY_ADDRESS, USERS), USER: ("user", "source_ip", BY_USER, ADDRESSES)}
"""By kind: its own label, the other's, and the families that count both."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One failed check; '' where the span does not say. `id` is the span's."""

    id: str
    time: float
    reason: str
    source_ip: str
    user: str


@dataclass(frozen=True, slots=True)
class Repeat:
    """An address (or a user) with many failures in a window of `window_seconds`.

    `others` are the users that the address tried, or the addresses that the user came from; None when nobody counts
    them. `mostly` is the reason of most of its attempts. `at_least`: the window is known in part only.
    """

    kind: str
    name: str
    failures: int
    others: int | None
    window_seconds: float
    mostly: str
    at_least: bool


Named = TypeVar("Named", Attempt, Repeat)


def hidden(one: Named) -> Named:
    """The same without the user and the address; what was not said stays so."""
    names: dict[str, Any] = {name: HIDDEN for name in ("source_ip", "user", "name") if getattr(one, name, "")}
    return replace(one, **names)


def repeats(snapshot: Snapshot, now: float, reported: Sequence[Attempt], is_cut: bool) -> tuple[Repeat, ...]:
    """As SigNoz counts them, else as `reported` (the newest first, perhaps cut) shows them: the fastest first, but
    after them those whose tokens merely expired.

    A user that came from one address only is reported with that address.
    """
    return the_worst(every_repeat(snapshot, now, reported, is_cut))


def the_worst(found: Collection[Repeat]) -> tuple[Repeat, ...]:
    """The fastest of them, each once."""
    alone = not any(one.kind == ADDRESS for one in found)
    kept = [one for one in found if one.kind == ADDRESS or one.others != 1 or alone]
    kept.sort(key=lambda one: (is_expired(one.mostly), -one.failures / one.window_seconds, one.kind, one.name))
    return tuple(kept[:MOST_REPEATS])


def every_repeat(snapshot: Snapshot, now: float, reported: Sequence[Attempt], is_cut: bool) -> list[Repeat]:
    """All that fail as often as `REPEATED` says, in no order."""
    found: dict[tuple[str, str], Repeat] = {}
    for word in (SHORT, DAY):
        for one in _counted(snapshot, now, word, reported) or _seen(now, word, reported, is_cut):
            if one.failures >= REPEATED[word]:
                found.setdefault((one.kind, one.name), one)
    return list(found.values())


def is_day_counted(snapshot: Snapshot, now: float) -> bool:
    """Whether SigNoz has said how many failed in a day; True where it counts nothing."""
    return bool(of_window(snapshot, now, COUNTED_AT, DAY)) or not of_window(snapshot, now, COUNTED_AT, SHORT)


def usual_failures(snapshot: Snapshot, now: float, reported: Sequence[Attempt]) -> dict[tuple[str, str], float]:
    """What ten minutes of the rest of the day make, by kind and name: as SigNoz counts it, else as `reported` shows.

    Of whom nothing is known nothing is usual.
    """
    earlier = [one for one in reported if one.time <= now - SECONDS[SHORT]]
    reach = now - SECONDS[SHORT] - earlier[-1].time if earlier else 0.0
    found: dict[tuple[str, str], float] = {}
    for kind, (label, _, family, _) in _LABELS.items():
        if reach >= LEAST_REACH_SECONDS:
            for name, failures in Counter(getattr(one, label) for one in earlier).items():
                found[kind, name] = failures * SECONDS[SHORT] / reach
        short, day = (
            {one.label(label): one.value for one in of_window(snapshot, now, family, word)} for word in (SHORT, DAY)
        )
        for name, count in day.items():
            before = max(0.0, count - short.get(name, 0.0)) * SECONDS[SHORT] / (SECONDS[DAY] - SECONDS[SHORT])
            found[kind, name] = max(before, found.get((kind, name), 0.0))
    return found


def _counted(snapshot: Snapshot, now: float, word: str, reported: Sequence[Attempt]) -> list[Repeat]:
    """Nothing when SigNoz does not count them."""
    made = []
    for kind, (label, _, family, others) in _LABELS.items():
        groups = of_window(snapshot, now, family, word)
        beside = {one.label(label): int(one.value) for one in of_window(snapshot, now, others, word)} if groups else {}
        reasons = _reasons(reported, label, {one.label(label) for one in groups})
        for one in groups:
            name = one.label(label)
            mostly = _most(reasons.get(name))
            made.append(Repeat(kind, name, int(one.value), beside.get(name), SECONDS[word], mostly, False))
    return made


def _seen(now: float, word: str, reported: Sequence[Attempt], is_cut: bool) -> list[Repeat]:
    """A list that was cut within the window reports a part of it."""
    recent = [one for one in reported if one.time > now - SECONDS[word]]
    part = is_cut and len(recent) == len(reported)
    made = []
    for kind, (label, other, _, _) in _LABELS.items():
        counts = Counter(getattr(one, label) for one in recent)
        many = {name for name, count in counts.items() if name and count >= REPEATED[word]}
        reasons = _reasons(recent, label, many)
        others: dict[str, set[str]] = {name: set() for name in many}
        for one in recent:
            if getattr(one, label) in many:
                others[getattr(one, label)].add(getattr(one, other))
        for name in many:
            count = len(others[name] - {""})
            made.append(Repeat(kind, name, counts[name], count, SECONDS[word], _most(reasons[name]), part))
    return made


def _reasons(reported: Sequence[Attempt], label: str, names: set[str]) -> Mapping[str, Counter[str]]:
    """How often each of `names` failed for which reason."""
    found: dict[str, Counter[str]] = {}
    for (name, reason), count in Counter(map(attrgetter(label, "reason"), reported)).items():
        if name in names:
            found.setdefault(name, Counter())[reason] += count
    return found


def _most(reasons: Counter[str] | None) -> str:
    """The reason of most attempts; '' when none stands out."""
    if not reasons:
        return ""
    ((reason, count),) = reasons.most_common(1)
    return reason if count >= MOSTLY * reasons.total() else ""


def of_window(snapshot: Snapshot, now: float, family: str, word: str) -> list[Last]:
    """What the last read said of one window's counts."""
    return [one for one in newest_reads(snapshot, now, family) if one.label("window") == word]
