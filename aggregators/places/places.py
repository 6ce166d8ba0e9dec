"""Everything that can be gone to by its name, as the pages name it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, islice

from aggregators.alerts.alerts import alerts
from aggregators.alerts.rules import RULES
from aggregators.alerts.verdict import OF_SEVERITY
from aggregators.incidents.incidents import known_incidents
from aggregators.messaging.messaging import messaging
from aggregators.namespaces.namespaces import namespaces
from aggregators.overview.settings import effective
from aggregators.patterns.health import by_trouble, pattern_health
from aggregators.series.availability import defaults_tried
from model.status import Status
from store.snapshot import Snapshot

MOST_PLACES = 5000
"""Of each kind: more names than a list of matches is made for."""


class PlaceKind(StrEnum):
    """What a place is about."""

    INCIDENT = "incident"
    ALERT = "alert"
    PATTERN = "pattern"
    NAMESPACE = "namespace"
    TOPIC = "topic"
    SUBSCRIBER = "subscriber"
    SETTING = "setting"
    DETECTION = "detection"


@dataclass(frozen=True, slots=True)
class Place:
    """A thing that has a page, or a row on one. `href` is that page's path, or of an alert where it leads; in an answer
    (pages/shared/places.py) it is the thing's own address. `status` is null and `says` what it is where a thing does
    not stand in any way.
    """

    kind: PlaceKind
    name: str
    href: str
    status: Status | None
    says: str


@dataclass(frozen=True, slots=True)
class Places:
    """Every place, those of a kind in the order of their page. `left_out` counts what is beyond 5,000 of a kind."""

    places: tuple[Place, ...]
    left_out: int


def places(snapshot: Snapshot, now: float) -> Places:
    """What can be gone to at `now`, as the pages themselves name it."""
    kinds = [list(found) for found in _kinds(snapshot, now)]
    kept = chain.from_iterable(islice(found, MOST_PLACES) for found in kinds)
    return Places(tuple(kept), sum(max(0, len(found) - MOST_PLACES) for found in kinds))


def _kinds(snapshot: Snapshot, now: float) -> Iterator[Iterable[Place]]:
    yield _incidents(snapshot, now)
    yield _alerts(snapshot, now)
    yield _patterns(snapshot, now)
    yield _namespaces(snapshot, now)
    yield from _messaging(snapshot, now)
    yield _settings(snapshot)
    yield (Place(PlaceKind.DETECTION, rule.title, "/settings", None, rule.reads) for rule in RULES)


def _incidents(snapshot: Snapshot, now: float) -> Iterator[Place]:
    for one in known_incidents(snapshot, now):
        status = OF_SEVERITY[one.severity] if one.is_active else None
        yield Place(PlaceKind.INCIDENT, one.headline, one.path, status, one.state.value)


def _alerts(snapshot: Snapshot, now: float) -> Iterator[Place]:
    for one in alerts(snapshot, now):
        if one.is_active:
            yield Place(PlaceKind.ALERT, one.words or one.title, one.page, OF_SEVERITY[one.severity], one.state.value)


def _patterns(snapshot: Snapshot, now: float) -> Iterator[Place]:
    for one in by_trouble(pattern_health(snapshot, now)):
        yield Place(PlaceKind.PATTERN, one.name, one.path, one.status, one.status.value)


def _namespaces(snapshot: Snapshot, now: float) -> Iterator[Place]:
    for one in namespaces(snapshot, now).rows:
        yield Place(PlaceKind.NAMESPACE, one.name, "/namespaces", one.status, one.status.value)


def _messaging(snapshot: Snapshot, now: float) -> Iterator[Iterable[Place]]:
    found = messaging(snapshot, now)
    yield (Place(PlaceKind.TOPIC, one.name, "/messaging", one.status, one.status.value) for one in found.topics)
    yield (
        Place(PlaceKind.SUBSCRIBER, one.name, "/messaging", one.status, f"of {one.topic}")
        for one in found.subscribers.rows
    )


def _settings(snapshot: Snapshot) -> Iterator[Place]:
    for one in effective(snapshot.meta.get("settings"), defaults_tried(snapshot)):
        yield Place(PlaceKind.SETTING, one.name, "/settings", None, one.value)
