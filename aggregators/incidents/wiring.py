"""The topology of one Prism as its sources show it: who asks which pattern, and which server is behind it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from aggregators.alerts.verdict import Look
from aggregators.backends.backends import interfaces
from aggregators.backends.health_details import driver_of
from aggregators.backends.pools import pools
from aggregators.backends.server_status import is_server, name_of
from aggregators.incidents.dependencies import ANY, Kind
from aggregators.incidents.topology import Pairs, Topology
from aggregators.patterns.health import PatternHealth
from aggregators.requests.attribution import NAMESPACE
from aggregators.requests.labels import REQUESTS
from aggregators.series.grouping import group_codes
from aggregators.series.window import Window
from model.sources import SourceState
from store.snapshot import Snapshot

PUBSUB = "PubSub"
ANYBODY = frozenset({ANY})
_SOURCE_OF_DRIVER = {"redis": "redis", "nats": "nats", "postgresql": "postgres"}


def topology_of(look: Look, everyone: bool = False) -> Topology:
    """What is known of who depends on whom. Which namespaces ask which patterns is looked up when an alert names a
    namespace, or when `everyone` is wanted: there may be thousands.
    """
    wanted = everyone or any(one.component.startswith(NAMESPACE) for one in look.alerts)
    asks = {(Kind.NAMESPACE, Kind.PATTERN): _askers(look.snapshot, look.now)} if wanted else {}
    return Topology({**_backing(look), **_carrying(look), **_belonging(look), **asks})


def health_keys(patterns: Iterable[PatternHealth]) -> dict[str, str]:
    """Patterns' names by the key of the source that reads their health."""
    return {one.source_key: one.name for one in patterns if one.source_key}


def servers_of(backend: str, driver: str, states: Iterable[SourceState]) -> frozenset[str]:
    """The keys of the servers that may be behind a backend: of its kind, and of its name where one has it."""
    alike = [one for one in states if is_server(one) and one.source == _SOURCE_OF_DRIVER.get(driver)]
    named = [one for one in alike if name_of(one).lower() == backend.lower()]
    return frozenset(one.key for one in named or alike)


def _backing(look: Look) -> Pairs:
    """Patterns to their pools and servers, pools to servers."""
    states = tuple(look.snapshot.sources.values())
    known = {one.name: one for one in look.patterns}
    found = pools(look.snapshot, look.now)
    backends = {one.pattern or one.backend: one.backend for one in found}
    behind = {}
    for name in {*known, *backends}:
        details = known[name].details if name in known else {}
        backend = backends.get(name, name)
        behind[name] = servers_of(backend, driver_of(name, backend, details), states)
    pooled = {one.pattern or one.backend: frozenset({one.pattern or one.backend}) for one in found if one.is_pool}
    return {
        (Kind.PATTERN, Kind.POOL): pooled,
        (Kind.PATTERN, Kind.SERVER): behind,
        (Kind.POOL, Kind.SERVER): {name: behind[name] for name in pooled},
    }


def _carrying(look: Look) -> Pairs:
    """The patterns that carry messages, where operations' names say which those are."""
    uses = interfaces(look.snapshot, look.now)
    carriers = frozenset(name for name, kinds in uses.items() if PUBSUB in kinds)
    if not carriers:
        return {}
    return {(kind, Kind.PATTERN): {ANY: carriers} for kind in (Kind.TOPIC, Kind.SUBSCRIBER)}


def _belonging(look: Look) -> Pairs:
    """Topics to their subscribers and operations to their patterns, of those that alerts name: their names say it."""
    topics, patterns = _named(look, Kind.TOPIC), {one.name for one in look.patterns}
    ears: dict[str, set[str]] = {topic: set() for topic in topics}
    for one in _named(look, Kind.SUBSCRIBER):
        for topic in _owners(one, topics):
            ears[topic].add(one)
    return {
        (Kind.TOPIC, Kind.SUBSCRIBER): {topic: frozenset(names) for topic, names in ears.items()},
        (Kind.OPERATION, Kind.PATTERN): {
            one: _owners(one, patterns) or ANYBODY for one in _named(look, Kind.OPERATION)
        },
    }


def _named(look: Look, kind: Kind) -> set[str]:
    """The components of a kind that alerts name, without the kind."""
    return {one.component.removeprefix(f"{kind} ") for one in look.alerts if one.component.startswith(f"{kind} ")}


def _owners(name: str, known: Collection[str]) -> frozenset[str]:
    """Who of the known ones "x of y" may belong to, whatever stands in either name."""
    parts = name.split(" of ")
    return frozenset(" of ".join(parts[at:]) for at in range(1, len(parts))) & frozenset(known)


def _askers(snapshot: Snapshot, now: float) -> Mapping[str, frozenset[str]]:
    """The patterns that each namespace asks."""
    found: dict[str, set[str]] = {}
    for block in Window.newest(snapshot, now, REQUESTS).frame.blocks:
        for pattern, namespace in group_codes(block.labels, ("pattern", "namespace"))[1]:
            if pattern and namespace:
                found.setdefault(namespace, set()).add(pattern)
    return {name: frozenset(patterns) for name, patterns in found.items()}
