"""What depends on what in a Prism, declared once: along these lines trouble travels from a cause to its symptoms.

A line is felt by the troubles of `felt` in the component that depends, and caused by those of `by` in the other; an
empty set stands for any. Incidents, the service map and docs/ read this table and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """Kinds of component, as they stand on the map from those who ask to what everything rests on."""

    CLIENT = "client"
    NAMESPACE = "namespace"
    OPERATION = "operation"
    PROXY = "proxy"
    TOKENS = "token checks"
    DEX = "Dex"
    TOPIC = "topic"
    SUBSCRIBER = "subscriber"
    PATTERN = "pattern"
    POOL = "pool"
    SERVER = "backend server"
    SERVICE = "service"
    COLLECTOR = "OTel Collector"
    SIGNOZ = "SigNoz"
    CONTROL_PLANE = "control plane"
    NETWORK = "network"
    DASHBOARD = "dashboard"
    OTHER = "other"


ANY = "*"
"""The name of a component of which only the kind is known."""


class Component(NamedTuple):
    """One component. The proxy without a name stands for all proxies: for all requests."""

    kind: Kind
    name: str

    @property
    def words(self) -> str:
        """Its name for people: "pool redis", "all requests", "Dex"."""
        if self.kind is Kind.PROXY and not self.name:
            return "all requests"
        if self.kind in (Kind.PATTERN, Kind.OTHER) and self.name:
            return self.name
        return self.kind.value if self.name in ("", self.kind.value, ANY) else f"{self.kind.value} {self.name}"


class Trouble(StrEnum):
    """What can be wrong with a component, as far as it matters for what others feel of it."""

    STATE = "state"
    """It is down, hangs, restarts, says so itself or has no more room."""
    REQUESTS = "requests"
    """Its requests fail, are slow or stay away."""
    IDENTITY = "identity"
    """Whoever asks is not recognised."""
    MESSAGES = "messages"
    """Messages are dropped, late or wait."""
    TELEMETRY = "telemetry"
    """Traces, metrics and logs do not get through."""
    LOAD = "load"
    """It asks for more than its share."""


_ANY: frozenset[Trouble] = frozenset()
_ALL = frozenset(Trouble)
_STATE, _REQUESTS = frozenset({Trouble.STATE}), frozenset({Trouble.REQUESTS})
_TELEMETRY, _LOAD = frozenset({Trouble.TELEMETRY}), frozenset({Trouble.LOAD})
_IDENTITY = frozenset({Trouble.IDENTITY})


@dataclass(frozen=True, slots=True)
class Dependency:
    """`of` needs `on`; `why` says for what. See the module for `felt` and `by`."""

    of: Kind
    on: Kind
    why: str
    felt: frozenset[Trouble] = _ANY
    by: frozenset[Trouble] = _ANY

    def is_felt_as(self, trouble: Trouble) -> bool:
        """Whether what travels along it may show as this."""
        return not self.felt or trouble in self.felt

    def causes(self, felt: Trouble) -> frozenset[Trouble]:
        """What in the other may be felt as this. That its telemetry is lost makes nothing suffer but telemetry."""
        return self.by or (_ALL if felt is Trouble.TELEMETRY else _ALL - _TELEMETRY)


DEPENDENCIES: tuple[Dependency, ...] = (
    Dependency(Kind.NAMESPACE, Kind.PATTERN, "its requests are answered there", _REQUESTS),
    Dependency(Kind.NAMESPACE, Kind.PROXY, "its requests pass through it", _REQUESTS, _STATE | _REQUESTS),
    Dependency(Kind.NAMESPACE, Kind.TOKENS, "its callers are recognised there", _REQUESTS | _IDENTITY),
    Dependency(Kind.OPERATION, Kind.PATTERN, "it is carried out there"),
    Dependency(Kind.PROXY, Kind.PATTERN, "it passes requests on to it", _REQUESTS),
    Dependency(Kind.PROXY, Kind.TOKENS, "it lets nobody in unrecognised", _REQUESTS),
    Dependency(Kind.TOKENS, Kind.DEX, "its keys come from there"),
    Dependency(Kind.TOKENS, Kind.PROXY, "the proxy checks them", by=_STATE),
    Dependency(Kind.TOKENS, Kind.CLIENT, "a client that fails again and again is counted there", _IDENTITY),
    Dependency(Kind.PATTERN, Kind.POOL, "it needs a connection"),
    Dependency(Kind.PATTERN, Kind.SERVER, "its data is there"),
    Dependency(Kind.PATTERN, Kind.PROXY, "requests come through it", _REQUESTS, _STATE),
    Dependency(Kind.POOL, Kind.SERVER, "its connections lead there"),
    Dependency(Kind.TOPIC, Kind.PATTERN, "its messages are carried there"),
    Dependency(Kind.TOPIC, Kind.SUBSCRIBER, "what a slow subscriber does not take waits there"),
    Dependency(Kind.SUBSCRIBER, Kind.PATTERN, "its messages are carried there"),
    *(
        Dependency(kind, Kind.COLLECTOR, "its telemetry passes through it", _TELEMETRY)
        for kind in (Kind.PROXY, Kind.PATTERN, Kind.NAMESPACE, Kind.SERVICE, Kind.CONTROL_PLANE, Kind.DASHBOARD)
    ),
    Dependency(Kind.COLLECTOR, Kind.SIGNOZ, "it exports to it", _TELEMETRY),
    *(
        Dependency(kind, Kind.NAMESPACE, "a tenant that asks too much fills it", by=_LOAD)
        for kind in (Kind.PROXY, Kind.PATTERN, Kind.POOL, Kind.SERVER)
    ),
)

BY_KIND: dict[Kind, tuple[Dependency, ...]] = {
    kind: tuple(one for one in DEPENDENCIES if one.of is kind) for kind in Kind
}
"""What each kind depends on."""
