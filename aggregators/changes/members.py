"""Who is there: patterns, namespaces, topics, subscribers, as the newest reads name them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from aggregators.changes.ledger import Fact, Key, Told
from aggregators.patterns.health import pattern_health
from aggregators.requests.attribution import NAMESPACE
from aggregators.series.grouping import group_codes
from aggregators.series.window import Window
from model.status import Reading
from store.snapshot import Snapshot

UNKNOWN = (Reading.STALE, Reading.ERROR)
NAMESPACES = (("prism_namespace_info", ("namespace",)), ("prism_requests_total", ("namespace",)))
TOPICS = (("prism_pubsub_published_total", ("topic",)), ("prism_pubsub_subscribers", ("topic",)))
SUBSCRIBERS = (
    ("prism_pubsub_subscriber_received_total", ("topic", "subscriber")),
    ("nats_server_subscriber_messages_total", ("subject", "subscriber")),
)
Families = Sequence[tuple[str, tuple[str, ...]]]


def patterns(snapshot: Snapshot, now: float) -> Told | None:
    """Every pattern that anybody reports."""
    found: dict[Key, Fact] = {(one.name,): Fact(one.name, f"pattern {one.name}", f"/patterns/{one.name}")
             for one in pattern_health(snapshot, now) if one.name}  # fmt: skip
    told = (state.source for state in snapshot.sources.values() if not state.is_stale(now))
    return Told(found, frozenset(told) & {"proxy", "patterns", "launcher"})


def namespaces(snapshot: Snapshot, now: float) -> Told | None:
    """Every namespace that the Admin API lists or that asks anything."""
    said = _said(snapshot, now, NAMESPACES)
    if said is None:
        return None
    names, by = said
    found = {key: Fact(NAMESPACE + key[0], f"namespace {key[0]}", "/namespaces") for key in names if key[0]}
    return Told(found, by)


def topics(snapshot: Snapshot, now: float) -> Told | None:
    """Every topic."""
    said = _said(snapshot, now, TOPICS)
    if said is None:
        return None
    names, by = said
    return Told({key: Fact(f"topic {key[0]}", f"topic {key[0]}", "/messaging") for key in names if key[0]}, by)


def subscribers(snapshot: Snapshot, now: float) -> Told | None:
    """Every subscriber of every topic."""
    said = _said(snapshot, now, SUBSCRIBERS)
    if said is None:
        return None
    names, by = said
    found: dict[Key, Fact] = {}
    for topic, subscriber in names:
        if subscriber:
            what = f"subscriber {subscriber} of {topic}"
            found[topic, subscriber] = Fact(what, what, "/messaging")
    return Told(found, by)


def _said(snapshot: Snapshot, now: float, families: Families) -> tuple[set[Key], frozenset[str]] | None:
    """Which values these labels have, and who says so; None while one of those who would tell cannot be read."""
    names: set[Key] = set()
    by: set[str] = set()
    for family, labels in families:
        window = Window.newest(snapshot, now, family)
        if window.availability.reading in UNKNOWN or "without" in window.availability.note:
            return None
        for source, found in _in_last_reads(window, labels):
            names |= found
            by.add(f"{source} {family}")
    return names, frozenset(by)


def _in_last_reads(window: Window, labels: Sequence[str]) -> Iterable[tuple[str, set[Key]]]:
    for block in window.frame.blocks:
        times = block.values.index.to_numpy(dtype=np.float64)
        row = int(times.searchsorted(window.at, "right")) - 1
        if row >= 0 and window.at - times[row] <= window.seconds:
            codes, groups = group_codes(block.labels, labels)
            known = ~np.isnan(block.values.to_numpy(dtype=np.float64)[row])
            yield block.source, {groups[code] for code in np.unique(codes[known]).tolist()}
