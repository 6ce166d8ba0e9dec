"""Whom another tool's alert is about: a component of this Prism only when its labels say so beyond doubt."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from aggregators.patterns.health import pattern_health
from aggregators.requests.attribution import NAMESPACE
from aggregators.requests.proxies import proxies
from model.catalogue.source_kinds import SERVERS
from model.sources import SourceState
from store.snapshot import Snapshot

WINDOW_SECONDS = 300.0
LOOPBACK = "localhost"
_LOOPBACKS = ("localhost", "127.0.0.1", "[::1]", "::1")
_IN_A_CLUSTER = (
    "pod", "container", "node", "kubernetes_namespace", "deployment", "statefulset", "daemonset", "replicaset",
    "cronjob", "job_name", "persistentvolumeclaim", "horizontalpodautoscaler",
)  # fmt: skip
"""Beside one of these a `namespace` is the cluster's, not Prism's."""
_SERVICES = ("service_name", "service.name", "service")
_ELSEWHERE = ("host", "hostname", "node", "job", "component", "pod")
"""Labels that name something, if nothing that we could know."""
_UNREACHABLE = ("down", "degraded")
_ADDRESS = re.compile(
    r"^(?:[a-z][a-z0-9+.-]*://)?(?:[^/@]*@)?(?P<host>\[[^\]]+\]|[^:/?#]+):(?P<port>\d{1,5})(?:[/?#].*)?$"
)


@dataclass(frozen=True, slots=True)
class Subject:
    """`component` as our own alerts name it when `known`, else in a form that none of ours has; '' for nobody.

    `family` is the kind of problem in our words: a source that is down is a lost source. It is `sure` unless nothing
    but an address says whom it is about: something else may have answered there when the alert was raised.
    """

    component: str
    family: str
    known: bool
    page: str = ""
    sure: bool = True

    @property
    def words(self) -> str:
        """Its name for people: "redis", "perhaps redis@db:6379"."""
        return self.component if self.sure else f"perhaps {self.component}"


class Subjects:
    """The components of one Prism, each worked out when an alert first asks for it."""

    def __init__(self, snapshot: Snapshot, now: float) -> None:
        self._snapshot, self._now = snapshot, now

    def of(self, labels: Mapping[str, str], family: str, reported_at: str) -> Subject:
        """Whom `labels` name; `reported_at` is the tool's own address, which says whose `localhost` is meant."""
        if labels.get("pattern"):
            name = labels["pattern"]
            return Subject(name, family, name in self._patterns, f"/patterns/{name}")
        state = self._source(labels, reported_at)
        namespace = labels.get("exported_namespace") or labels.get("namespace", "")
        if namespace and (state is not None or not _names_a_place(labels)):
            return Subject(NAMESPACE + namespace, family, (namespace,) in self._namespaces)
        if state is not None:
            return self._of_source(state, family)
        if labels.get("backend"):
            return self._of_backend(labels["backend"], family)
        counted = self._counted_proxy(labels, reported_at)
        if counted:
            return Subject(f"proxy {counted}", family, True, sure=False)
        service = next(filter(None, map(labels.get, _SERVICES)), "")
        if service:
            return Subject(f"service {service}", family, False)
        return Subject(_stranger(labels), family, False)

    def _of_source(self, state: SourceState, family: str) -> Subject:
        if state.source == "patterns":
            names = [one.name for one in pattern_health(self._snapshot, self._now) if one.source_key == state.key]
            if len(names) == 1:
                return Subject(names[0], family, True, f"/patterns/{names[0]}", sure=False)
        if state.source in SERVERS:
            kind = "backend" if family in (*_UNREACHABLE, "pool") else family
            return Subject(state.key, kind, True, "/backends", sure=False)
        if state.source == "proxy" and family not in _UNREACHABLE:
            return Subject(f"proxy {state.instance}", family, True, sure=False)
        return Subject(state.key, "source" if family in _UNREACHABLE else family, True, sure=False)

    def _of_backend(self, name: str, family: str) -> Subject:
        """A pool bears its backend's name; anything else of it may be the server's or a client's."""
        if family == "pool" and name in {pattern or backend for backend, pattern in self._pools}:
            return Subject(name, family, True)
        servers = {state.source for state in self._snapshot.sources.values() if state.source in SERVERS}
        return Subject(f"backend {name}", family, name in servers or name in {backend for backend, _ in self._pools})

    def _source(self, labels: Mapping[str, str], reported_at: str) -> SourceState | None:
        """The one source at the address that the labels name; None when none is, or more than one."""
        for one in _addresses(labels, reported_at):
            found = self._by_address.get(one, [])
            if len(found) == 1:
                return found[0]
        return None

    def _counted_proxy(self, labels: Mapping[str, str], reported_at: str) -> str:
        """The proxy at that address that somebody else reads for us; '' when none is."""
        known = {_place(one, True): one for one in proxies(self._snapshot, self._now)}
        return next((known[one] for one in _addresses(labels, reported_at) if one in known), "")

    @cached_property
    def _by_address(self) -> dict[str, list[SourceState]]:
        found: dict[str, list[SourceState]] = {}
        for state in self._snapshot.sources.values():
            if state.source == "hud":
                continue
            for place in {_place(state.instance, True), _place(state.address.rpartition(" at ")[2], True)} - {""}:
                found.setdefault(place, []).append(state)
        return found

    @cached_property
    def _patterns(self) -> frozenset[str]:
        return frozenset(one.name for one in pattern_health(self._snapshot, self._now))

    @cached_property
    def _pools(self) -> frozenset[tuple[str, ...]]:
        """(backend, pattern) of each pool that the proxy reports."""
        return self._reported(("prism_pool_connections_active", "prism_pool_connections_max"), "backend", "pattern")

    @cached_property
    def _namespaces(self) -> frozenset[tuple[str, ...]]:
        return self._reported(("prism_namespace_info", "prism_requests_total"), "namespace")

    def _reported(self, families: Iterable[str], *names: str) -> frozenset[tuple[str, ...]]:
        """What these labels have been in the last minutes."""
        frames = [self._snapshot.frame(family, self._now - WINDOW_SECONDS, self._now) for family in families]
        return frozenset(
            tuple(one.label(name) or "" for name in names)
            for frame in frames
            for block in frame.blocks
            for one in block.series
        )


def _names_a_place(labels: Mapping[str, str]) -> bool:
    return any(labels.get(name) for name in ("exported_instance", "host", "target", *_IN_A_CLUSTER))


def _addresses(labels: Mapping[str, str], reported_at: str) -> list[str]:
    """The places (`host:port`) that the labels name."""
    host, port = labels.get("host", ""), labels.get("port", "")
    named = [labels.get("exported_instance", ""), labels.get("target", ""), f"{host}:{port}" if port else host]
    return [place for one in named if (place := _place(one, _is_loopback(reported_at)))]


def _stranger(labels: Mapping[str, str]) -> str:
    """Something that is not known, in words: no component of ours is called so."""
    if labels.get("exported_instance"):
        return f"instance {labels['exported_instance']}"
    return next((f"{name} {labels[name]}" for name in _ELSEWHERE if labels.get(name)), "")


def _place(address: str, loopback: bool) -> str:
    """`host:port` of an address, one name for every loopback; '' without a port, or for somebody else's loopback."""
    found = _ADDRESS.match(address.strip().lower())
    if found is None:
        return ""
    if found["host"] not in _LOOPBACKS:
        return f"{found['host']}:{found['port']}"
    return f"{LOOPBACK}:{found['port']}" if loopback else ""


def _is_loopback(address: str) -> bool:
    return address.lower().rpartition(":")[0] in _LOOPBACKS
