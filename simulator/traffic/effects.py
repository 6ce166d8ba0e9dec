"""What the active faults do to the model: plain values that the books read at each step."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from model.status import Status


class Mode(StrEnum):
    """How a source's listener behaves."""

    SERVE = "serve"
    DOWN = "down"
    GARBAGE = "garbage"
    SLOW = "slow"
    HANG = "hang"


@dataclass(frozen=True, slots=True)
class Transport:
    """A listener's behaviour: `kind` of garbage, `seconds` of delay, `size` in bytes of a huge answer."""

    mode: Mode = Mode.SERVE
    kind: str = ""
    seconds: float = 0.0
    size: int = 0


@dataclass(slots=True)
class PatternEffect:
    """What is wrong with one pattern. `loop_since`: a restart loop began; `full_since`: its pool filled up."""

    down: bool = False
    status: Status | None = None
    hang: bool = False
    loop_since: float | None = None
    latency: float = 1.0
    error_ratio: float = 0.0
    full_since: float | None = None
    active: int | None = None
    demand: float = 1.0


@dataclass(slots=True)
class Slowness:
    """What is wrong with one namespace's requests, or with all: times as slow, the share that fails, times as many."""

    latency: float = 1.0
    error_ratio: float = 0.0
    demand: float = 1.0


@dataclass(slots=True)
class Effects:
    """Everything that is wrong at present. `absent` are prefixes of metric families that the proxy leaves out."""

    patterns: dict[str, PatternEffect] = field(default_factory=dict)
    everywhere: Slowness = field(default_factory=Slowness)
    tenants: dict[str, Slowness] = field(default_factory=dict)
    auth_failure_ratio: float | None = None
    absent: tuple[str, ...] = ()
    namespace_count: int | None = None
    transports: dict[str, Transport] = field(default_factory=dict)

    def pattern(self, name: str) -> PatternEffect:
        """The effect on a pattern; a neutral one when nothing is wrong with it."""
        return self.patterns.get(name) or PatternEffect()

    def transport(self, source: str) -> Transport:
        """The behaviour of a source's listener."""
        return self.transports.get(source) or Transport()
