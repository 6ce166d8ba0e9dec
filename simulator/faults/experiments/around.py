"""Experiments on what stands around the requests: messaging, sign-in, telemetry, the dashboard's own sources."""

from __future__ import annotations

from typing import Any

from simulator.faults.experiments.experiment import (
    EVERYBODY,
    SIGN_IN,
    SUBSCRIBERS,
    Experiment,
    Names,
    fault,
)

MESSAGING_VIEW, SECURITY, OBSERVABILITY, HEALTH = "Messaging", "Security", "Observability", "System Health"
LOGS, USER, SYSTEM, CRITICAL = "logs.application", "events.user", "events.system", "alerts.critical"


def _topic(id_: str, name: str, topic: str, **params: Any) -> Experiment:
    faults = (fault(name, topic, **params),)
    touches = ("nats", *_subscribers(topic))
    return Experiment(id_, "messaging", MESSAGING_VIEW, faults, ((topic,),), touches)


def _subscriber(id_: str, topic: str, subscriber: str, takes: float) -> Experiment:
    faults = (fault("subscriber_takes", f"{topic}/{subscriber}", takes=takes),)
    return Experiment(id_, "messaging", MESSAGING_VIEW, faults, ((subscriber, topic),), ("nats",))


def _subscribers(topic: str) -> Names:
    prefix = {USER: "sub-worker", SYSTEM: "sub-a", LOGS: "sub-logger", CRITICAL: "sub-pager"}[topic]
    return tuple(name for name in SUBSCRIBERS if name.startswith(prefix))


MESSAGING = (
    _topic("logs-dropped", "message_drops", LOGS, ratio=0.2),
    _topic("system-events-dropped", "message_drops", SYSTEM, ratio=0.05),
    _topic("user-events-delivered-slowly", "slow_delivery", USER, factor=60.0),
    _topic("critical-alerts-delivered-slowly", "slow_delivery", CRITICAL, factor=60.0),
    _topic("logs-not-delivered", "delivery_stalled", LOGS),
    _topic("system-events-not-delivered", "delivery_stalled", SYSTEM),
    _topic("nobody-publishes-user-events", "publishes", USER, factor=0.0),
    _topic("nobody-publishes-logs", "publishes", LOGS, factor=0.0),
    _subscriber("worker-1-is-silent", USER, "sub-worker-1", 0.0),
    _subscriber("analytics-falls-behind", SYSTEM, "sub-analytics", 0.5),
    _subscriber("logger-falls-behind", LOGS, "sub-logger", 0.7),
)
_TOKENS = ("auth", "tokens", "token", "security", "10.0.2.12")


def _auth(id_: str, name: str, *blames: str, load: float = 1.0, **params: Any) -> Experiment:
    touches = (*EVERYBODY, *SIGN_IN, *_TOKENS)
    return Experiment(id_, "auth", SECURITY, (fault(name, **params),), (blames or _TOKENS,), touches, load=load)


AUTH = (
    _auth("tokens-refused-30-percent", "auth_failures", ratio=0.3),
    _auth("tokens-refused-3-percent", "auth_failures", ratio=0.03),
    _auth("tokens-expired-8-percent-at-night", "auth_failures", load=0.1, ratio=0.08, reason="token_expired"),
    _auth("wrong-issuer-2-percent", "auth_failures", ratio=0.02, reason="invalid_issuer"),
    _auth("refusals-grow-to-15-percent", "auth_failures", ratio=0.15, ramp_seconds=40.0),
    _auth("one-address-makes-up-tokens", "token_attack", per_second=200.0),
    _auth("one-address-guesses-slowly", "token_attack", per_second=15.0),
    _auth("access-denied-5-percent", "access_denied", "authz", "authorization", "auth", "access", ratio=0.05),
    _auth("keys-not-fetched-for-2-hours", "keys_stale", "jwks", "keys", "auth", "proxy", seconds=7200.0),
    _auth("dex-serves-no-keys", "dex_step", *SIGN_IN, step="keys"),
    _auth("dex-names-another-issuer", "dex_step", *SIGN_IN, step="issuer"),
    _auth("dex-storage-fails", "dex_step", *SIGN_IN, step="health"),
    Experiment(
        "dex-is-down", "auth", SECURITY, (fault("source_down", "dex"),), (SIGN_IN,), ("dex telemetry", *_TOKENS)
    ),
)

_COLLECTOR = ("otel", "collector", "otelcol", "signoz", "traces", "exporter", "receiver")
_EXPORTERS = {
    "spans": "clickhousetraces",
    "metric_points": "signozclickhousemetrics",
    "log_records": "clickhouselogsexporter",
}


def _telemetry(id_: str, name: str, signal: str = "", *blames: str, **params: Any) -> Experiment:
    right = blames or ((_EXPORTERS[signal],) if name.startswith("exporter") else ("otlp", "receiver", signal))
    faults, part_of = (fault(name, signal, **params),), ("collector", "otel")
    return Experiment(id_, "telemetry", OBSERVABILITY, faults, (right,), _COLLECTOR, part_of)


TELEMETRY = (
    _telemetry("traces-given-up", "exporter_fails", "spans", ratio=0.2),
    _telemetry("metrics-given-up", "exporter_fails", "metric_points", ratio=0.5),
    _telemetry("logs-given-up-1-percent", "exporter_fails", "log_records", ratio=0.05),
    _telemetry("queue-of-traces-fills", "exporter_waits", "spans", ratio=1.0),
    _telemetry("spans-refused", "receiver_refuses", "spans", ratio=0.3),
    _telemetry("collector-not-available", "otel_unavailable", "", "otel", "collector", "otelcol"),
    Experiment(
        "backend-spans-missing", "telemetry", OBSERVABILITY, (fault("spans_missing", part="backend", ratio=0.3),),
        (("coverage", "traces", "backend", "signoz"),), _COLLECTOR,
    ),
    Experiment(
        "collector-gone", "telemetry", OBSERVABILITY, (fault("source_down", "otel"),), (("otel", "collector"),),
        _COLLECTOR,
    ),
    Experiment(
        "signoz-gone", "telemetry", OBSERVABILITY, (fault("source_down", "signoz"),), (("signoz",),),
        (*_COLLECTOR, *_EXPORTERS.values()),
    ),
)  # fmt: skip


def _dashboard(id_: str, name: str, target: str, *blames: str, **params: Any) -> Experiment:
    faults = (fault(name, target, **params),)
    return Experiment(id_, "dashboard", HEALTH, faults, (blames or (target,),), ("proxy", "requests", "all"))


DASHBOARD = (
    _dashboard("proxy-not-scraped", "source_down", "proxy"),
    _dashboard("proxy-answers-rubbish", "source_garbage", "proxy", kind="random"),
    _dashboard("proxy-never-answers", "source_hang", "proxy"),
    _dashboard("proxy-answers-slowly", "source_slow", "proxy", seconds=0.7),
    _dashboard("proxy-metrics-stand-still", "metrics_frozen", "", "proxy", "requests", "all"),
    _dashboard("proxy-counts-no-requests", "metrics_absent", "", "proxy", families=["prism_requests"]),
    _dashboard("proxy-reports-no-pools", "metrics_absent", "", "proxy", "pools", families=["prism_pool"]),
    _dashboard("admin-api-down", "source_down", "admin"),
    _dashboard("alertmanager-answers-500", "source_garbage", "alertmanager", kind="http500"),
    _dashboard("redis-health-answers-slowly", "source_slow", "pattern:redis", "redis", seconds=0.7),
)


def _two(id_: str, one: Experiment, other: Experiment) -> Experiment:
    """Both at once: two things break, and both are to be named."""
    seconds = max(one.seconds, other.seconds)
    touches = (*one.touches, *other.touches)
    faults, blames = (*one.faults, *other.faults), (*one.blames, *other.blames)
    part_of = (*one.part_of, *other.part_of)
    return Experiment(id_, "two at once", one.view, faults, blames, touches, part_of, seconds=seconds)


def two_at_once(single: dict[str, Experiment]) -> tuple[Experiment, ...]:
    """Pairs of what the other families hold."""
    pairs = (
        ("redis-crashes", "dex-serves-no-keys"),
        ("postgresql-pool-full", "tokens-refused-30-percent"),
        ("payments-fails-5-percent", "worker-1-is-silent"),
        ("memstore-degraded", "traces-given-up"),
        ("redis-slow", "postgresql-unhealthy"),
        ("proxy-memory-at-its-limit", "logs-dropped"),
    )
    return tuple(_two(f"{one} and {other}", single[one], single[other]) for one, other in pairs)


AROUND = (*MESSAGING, *AUTH, *TELEMETRY, *DASHBOARD)
