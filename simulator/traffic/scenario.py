"""The default scenario: who asks what of which pattern, how fast and how well (the RFC's views 1, 3, 4 and 5).

Rates are per second, durations seconds. Everything here is a number to be drawn around, never a number to be shown.
"""

from __future__ import annotations

from dataclasses import dataclass

BOUNDS = (
    5e-05, 1e-04, 2e-04, 3e-04, 4e-04, 5e-04, 6e-04, 8e-04, 1e-03, 1.5e-03, 2e-03, 3e-03, 5e-03,
    0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0,
)  # fmt: skip
"""Upper bounds of the latency buckets in seconds; the last bucket, +Inf, has none."""


@dataclass(frozen=True, slots=True)
class PatternSpec:
    """One pattern process. `up_seconds` is its uptime when the scenario begins; `maximum` 0 means it has no pool."""

    name: str
    driver: str
    backend: str
    port: int
    up_seconds: float
    restarts: int
    restart_seconds_ago: tuple[float, ...]
    degraded: bool
    active: int
    idle: int
    maximum: int
    memory_bytes: float
    cpu_cores: float
    goroutines: int


@dataclass(frozen=True, slots=True)
class NamespaceSpec:
    """One namespace as the Admin API reports it; `created_at` is RFC 3339, `limits` (reads, writes)."""

    name: str
    description: str
    owner: str
    created_at: str
    max_rps: int
    error_ratio: float
    patterns: tuple[str, ...]
    limits: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Flow:
    """One stream of requests: `rate` per second, `median` seconds to answer."""

    namespace: str
    pattern: str
    operation: str
    rate: float
    median: float


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """One topic; `share` of all publishes, `median` seconds to deliver, each subscriber with its lag in seconds."""

    name: str
    share: float
    median: float
    subscribers: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Scenario:
    """Everything that the model draws around."""

    patterns: tuple[PatternSpec, ...]
    namespaces: tuple[NamespaceSpec, ...]
    flows: tuple[Flow, ...]
    topics: tuple[TopicSpec, ...]
    strangers: tuple[str, ...] = ()
    """Users who knock without a valid signature, besides those of the crowd that always does."""


_DAYS = 4 * 86400.0 + 3 * 3600.0
_MIB = 1024.0 * 1024.0
PATTERNS = (
    PatternSpec(
        "memstore", "memstore", "memory", 50051, _DAYS, 0, (), False, 0, 0, 0, 84 * _MIB, 0.04, 19,
    ),
    PatternSpec(
        "redis", "redis", "redis", 50061, _DAYS, 0, (), False, 7, 1, 10, 61 * _MIB, 0.21, 34,
    ),
    PatternSpec(
        "nats", "nats", "nats", 50071, 8100.0, 2, (8340.0, 8100.0), True, 1, 0, 1, 47 * _MIB, 0.12, 41,
    ),
    PatternSpec(
        "postgresql", "postgres", "postgresql", 50081, _DAYS, 0, (), False, 3, 17, 20, 72 * _MIB, 0.17, 46,
    ),
)  # fmt: skip

_MEDIANS = {
    "KeyValue.Get": 0.00038,
    "KeyValue.Set": 0.00042,
    "KeyValue.Exists": 0.00036,
    "KeyValue.Delete": 0.00041,
    "PubSub.Publish": 0.00043,
    "PubSub.Subscribe": 0.00047,
    "Queue.Enqueue": 0.00042,
    "Queue.Dequeue": 0.00044,
}

# (name, created, max RPS, error ratio, latency factor, [(pattern, operation, rate), …]); RFC view 5's shares.
_TENANTS: tuple[tuple[str, str, int, float, float, tuple[tuple[str, str, float], ...]], ...] = (
    ("user-platform", "2025-10-15", 10000, 0.0002, 0.97,
     (("redis", "KeyValue.Get", 3201), ("redis", "KeyValue.Set", 987), ("nats", "PubSub.Publish", 43))),
    ("payments", "2025-09-02", 5000, 0.0001, 1.0,
     (("postgresql", "KeyValue.Get", 520), ("postgresql", "KeyValue.Set", 510), ("postgresql", "KeyValue.Exists", 40),
      ("postgresql", "KeyValue.Delete", 37),
      ("postgresql", "Queue.Enqueue", 430), ("postgresql", "Queue.Dequeue", 310))),
    ("analytics", "2025-09-20", 2500, 0.0005, 1.08,
     (("nats", "PubSub.Publish", 523), ("nats", "PubSub.Subscribe", 120), ("memstore", "KeyValue.Set", 160),
      ("memstore", "KeyValue.Get", 89))),
    ("notifications", "2025-10-01", 2000, 0.0012, 1.02,
     (("nats", "PubSub.Publish", 160), ("nats", "PubSub.Subscribe", 360), ("redis", "KeyValue.Set", 125))),
    ("search-index", "2025-10-08", 1500, 0.0003, 1.12,
     (("redis", "KeyValue.Get", 270), ("redis", "KeyValue.Set", 117))),
    ("checkout", "2025-08-11", 500, 0.0003, 1.0,
     (("postgresql", "KeyValue.Get", 52), ("postgresql", "KeyValue.Set", 22))),
    ("inventory", "2025-08-19", 500, 0.0003, 1.0,
     (("postgresql", "KeyValue.Get", 44), ("postgresql", "KeyValue.Set", 18))),
    ("catalog", "2025-08-27", 500, 0.0002, 0.98,
     (("redis", "KeyValue.Get", 44), ("redis", "KeyValue.Exists", 4), ("redis", "KeyValue.Set", 12))),
    ("sessions", "2025-09-09", 400, 0.0002, 0.95,
     (("memstore", "KeyValue.Get", 42), ("memstore", "KeyValue.Set", 14), ("memstore", "KeyValue.Delete", 6))),
    ("recommendations", "2025-09-25", 400, 0.0004, 1.05,
     (("redis", "KeyValue.Get", 34), ("redis", "KeyValue.Set", 10))),
    ("audit-log", "2025-10-03", 300, 0.0002, 1.0,
     (("nats", "PubSub.Publish", 28), ("nats", "PubSub.Subscribe", 5))),
    ("billing", "2025-10-06", 300, 0.0001, 1.0,
     (("postgresql", "Queue.Enqueue", 16), ("postgresql", "Queue.Dequeue", 22))),
    ("feature-flags", "2025-10-10", 300, 0.0001, 0.92,
     (("memstore", "KeyValue.Get", 38), ("memstore", "KeyValue.Set", 2))),
    ("ml-features", "2025-10-20", 200, 0.0004, 1.1,
     (("redis", "KeyValue.Get", 10), ("redis", "KeyValue.Set", 5))),
    ("staging", "2025-10-28", 100, 0.0010, 1.0,
     (("memstore", "KeyValue.Get", 1.5), ("memstore", "KeyValue.Set", 0.5))),
)  # fmt: skip

TOPICS = (
    TopicSpec("events.user", 142 / 754, 0.0012, tuple((f"sub-worker-{n}", 0.0) for n in (1, 2, 3))),
    TopicSpec(
        "events.system", 87 / 754, 0.0009, (("sub-analytics", 0.0), *((f"sub-audit-{n}", 0.0) for n in (1, 2, 3, 4)))
    ),
    TopicSpec("logs.application", 523 / 754, 0.0004, (("sub-logger", 0.125),)),
    TopicSpec("alerts.critical", 2 / 754, 0.0152, tuple((f"sub-pager-{n:02d}", 0.0) for n in range(1, 13))),
)

READ_WRITE_LIMITS = {"payments": (3000, 2000), "search-index": (1200, 300)}
"""Requests per second, of the namespaces whose reads and writes are limited apart."""
RESTS_PER_SECOND = {"token refreshes": 127 / 3600, "log records": 30.0}
POINTS_PER_SECOND = 2300 / 15
"""Points of metrics that the OTel collector takes in."""
PROXY_CORES, USUAL_RATE = 0.85, 8432.0
"""The proxy's cores at so many requests a second; nine tenths of them even without any."""
AUTH_FAILURE_RATIO = 0.002
AUTH_FAILURE_REASONS = {
    "token_expired": 0.62,
    "invalid_signature": 0.18,
    "missing_token": 0.12,
    "invalid_issuer": 0.08,
}
AUTHZ_DENIED_RATIO = 0.00006
AUTHZ_DENIED_REASONS = {
    "namespace_access_denied": 0.58,
    "pattern_not_allowed": 0.26,
    "rate_limit_exceeded": 0.16,
    "invalid_operation": 0.0,
}
JWKS_MISS_RATIO = 0.00006
JWKS_PERIOD_SECONDS = 1800.0


def default_scenario(namespaces: int = 15, topics: int = 4) -> Scenario:
    """The RFC's scenario; namespaces and topics beyond its own are small ones, added for scale."""
    tenants: list[NamespaceSpec] = []
    flows: list[Flow] = []
    for name, created, max_rps, errors, slowness, asks in _TENANTS[:namespaces]:
        patterns = tuple(dict.fromkeys(pattern for pattern, _, _ in asks))
        tenants.append(_tenant(name, created, max_rps, errors, patterns))
        flows += [Flow(name, pattern, op, rate, _MEDIANS[op] * slowness) for pattern, op, rate in asks]
    for number in range(len(_TENANTS) + 1, namespaces + 1):
        name, pattern = f"tenant-{number:04d}", PATTERNS[(number % 2) * 3].name
        tenants.append(_tenant(name, "2025-11-01", 100, 0.0003, (pattern,)))
        flows += [Flow(name, pattern, op, 0.5, _MEDIANS[op]) for op in ("KeyValue.Get", "KeyValue.Set")]
    small = tuple(
        TopicSpec(f"topic.{number:04d}", 0.0001, 0.0008, ((f"sub-{number:04d}", 0.0),))
        for number in range(len(TOPICS) + 1, topics + 1)
    )
    return Scenario(PATTERNS, tuple(tenants), tuple(flows), TOPICS[:topics] + small)


def _tenant(name: str, created: str, max_rps: int, errors: float, patterns: tuple[str, ...]) -> NamespaceSpec:
    description = f"{name.replace('-', ' ').capitalize()} data"
    return NamespaceSpec(
        name,
        description,
        f"team-{name}@example.com",
        f"{created}T09:00:00Z",
        max_rps,
        errors,
        patterns,
        READ_WRITE_LIMITS.get(name),
    )
