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
    pool_wait: float = 1.0
    pool_errors: dict[str, float] = field(default_factory=dict)
    reconnects_per_second: float = 0.0
    slow_queries: float = 1.0
    goroutines: int = 0
    memory: float = 1.0
    restarted_at: float = 0.0


@dataclass(slots=True)
class TopicEffect:
    """What is wrong with one topic. `shares`: how much of what is due each subscriber takes, where it is not all."""

    drop_ratio: float = 0.0
    slowness: float = 1.0
    stalled: bool = False
    demand: float = 1.0
    shares: dict[str, float] = field(default_factory=dict)


@dataclass(slots=True)
class AuthEffect:
    """What is wrong with checks of tokens. `reason`: why more are refused, '' for the usual reasons; `attack`: refused
    tokens a second from one address; `keys_age`: the keys were last fetched so many seconds ago; `dex`: what is wrong
    with each step of signing in.
    """

    reason: str = ""
    denied_ratio: float | None = None
    attack: float = 0.0
    keys_age: float | None = None
    dex: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class TelemetryEffect:
    """What is wrong on the way of traces, metrics and logs: by signal, the share that an exporter fails to send, that
    it leaves waiting, that the receiver refuses; by part of a trace, the share of spans that are missing.
    """

    failed: dict[str, float] = field(default_factory=dict)
    waiting: dict[str, float] = field(default_factory=dict)
    refused: dict[str, float] = field(default_factory=dict)
    missing: dict[str, float] = field(default_factory=dict)
    unavailable: bool = False


@dataclass(slots=True)
class ProxyEffect:
    """What is wrong with the proxy's process. `frozen`: its metrics stand still; `restarted_at`: when it began anew."""

    memory_bytes: float = 0.0
    descriptors: int = 0
    cpu_cores: float = 0.0
    frozen: bool = False
    restarted_at: float = 0.0


@dataclass(slots=True)
class Slowness:
    """What is wrong with one namespace's or operation's requests, or with all: times as slow, the share that fails,
    times as many.
    """

    latency: float = 1.0
    error_ratio: float = 0.0
    demand: float = 1.0


@dataclass(slots=True)
class Effects:
    """Everything that is wrong at present. `absent` are prefixes of metric families that the proxy leaves out."""

    patterns: dict[str, PatternEffect] = field(default_factory=dict)
    everywhere: Slowness = field(default_factory=Slowness)
    tenants: dict[str, Slowness] = field(default_factory=dict)
    operations: dict[str, Slowness] = field(default_factory=dict)
    topics: dict[str, TopicEffect] = field(default_factory=dict)
    auth: AuthEffect = field(default_factory=AuthEffect)
    telemetry: TelemetryEffect = field(default_factory=TelemetryEffect)
    proxy: ProxyEffect = field(default_factory=ProxyEffect)
    memstore_keys: int | None = None
    auth_failure_ratio: float | None = None
    absent: tuple[str, ...] = ()
    namespace_count: int | None = None
    transports: dict[str, Transport] = field(default_factory=dict)

    def pattern(self, name: str) -> PatternEffect:
        """The effect on a pattern; a neutral one when nothing is wrong with it."""
        return self.patterns.get(name) or PatternEffect()

    def topic(self, name: str) -> TopicEffect:
        """The effect on a topic; a neutral one when nothing is wrong with it."""
        return self.topics.get(name) or TopicEffect()

    def transport(self, source: str) -> Transport:
        """The behaviour of a source's listener."""
        return self.transports.get(source) or Transport()
