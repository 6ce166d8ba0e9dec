"""Status and phase words, as the RFC's pattern grid uses them."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """A component's health (RFC view 1). UNKNOWN: nobody says, which is never HEALTHY."""

    HEALTHY = "HEALTHY"
    DEGRADED = "DEGRADED"
    UNHEALTHY = "UNHEALTHY"
    UNKNOWN = "UNKNOWN"


class Phase(StrEnum):
    """A pattern's lifecycle phase (RFC view 1; contracts section 11)."""

    SPAWN = "spawn"
    CONNECT = "connect"
    INITIALIZE = "initialize"
    START = "start"
    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"
    FAILED = "failed"


class Reading(StrEnum):
    """The states a shown figure may be in (law 2), never mixed. Zero is a VALUE that reads 0."""

    VALUE = "value"
    NO_TRAFFIC = "no traffic"
    NOT_REPORTED = "not reported"
    STALE = "stale"
    ERROR = "error"
