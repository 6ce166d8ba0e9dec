"""The detections, declared: what is watched, when it is raised and cleared, why there, and in which words.

`raise_at` and `clear_at` are in base units of what `reads` says. `votes` (k, n): k of the last n evaluations, one a
second, must be bad; state facts need one. After `clear_seconds` of nothing but good the alert resolves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from model.series import Severity
from model.settings import ThresholdOverride


@dataclass(frozen=True, slots=True)
class Rule:
    """One detection. `condition` is the name of its function in `aggregators.detection.conditions`.

    `inputs` are the kinds of source it needs: while one of them is lost, the rule's alerts neither rise nor clear.
    `family` names the kind of problem, by which another tool's alert is recognised as the same.
    """

    id: str
    title: str
    condition: str
    reads: str
    inputs: tuple[str, ...]
    family: str
    severity: Severity
    window_seconds: float
    raise_at: float
    clear_at: float
    votes: tuple[int, int]
    clear_seconds: float
    why: str
    words: str
    page: str = "/"
    critical_at: float = float("inf")

    @property
    def is_fact(self) -> bool:
        """True for what is so or not, False for a figure between limits."""
        return self.votes == _FACT


_FACT, _RATE = (1, 1), (3, 4)
_PATTERN = "/patterns/{component}"
_INFO, _WARNING, _CRITICAL = Severity.INFO, Severity.WARNING, Severity.CRITICAL

RULES: tuple[Rule, ...] = (
    Rule(
        "pattern_down", "Pattern down", "pattern_down",
        "prism_pattern_status; seconds without an answer from a port that is closed",
        ("patterns",), "down", _CRITICAL, 0.0, 2.0, 0.0, _FACT, 3.0,
        "two missed checks in a row: one refused connection may be a restart, which has a rule of its own",
        "{component} is down: {why}", _PATTERN,
    ),
    Rule(
        "pattern_hang", "Pattern hangs", "pattern_hang",
        "prism_pattern_status; its health call times out",
        ("patterns",), "down", _CRITICAL, 0.0, 1.0, 0.0, _FACT, 3.0,
        "two calls in a row without an answer: one that timed out may be a hiccup",
        "{component} hangs: it takes the health call and never answers", _PATTERN,
    ),
    Rule(
        "pattern_unhealthy", "Pattern unhealthy", "pattern_unhealthy",
        "prism_pattern_status UNHEALTHY",
        ("patterns",), "down", _CRITICAL, 0.0, 1.0, 0.0, _FACT, 3.0,
        "the pattern says so itself (RFC view 1: red)",
        "{component} reports UNHEALTHY{message}", _PATTERN,
    ),
    Rule(
        "pattern_degraded", "Pattern degraded", "pattern_degraded",
        "prism_pattern_status DEGRADED",
        ("patterns",), "degraded", _WARNING, 0.0, 1.0, 0.0, _FACT, 3.0,
        "the pattern says so itself (RFC view 1: yellow)",
        "{component} reports DEGRADED{message}", _PATTERN,
    ),
    Rule(
        "backend_server", "Backend server in trouble", "backend_server",
        "backend_up, backend_connections over _max, and what else Redis, NATS and PostgreSQL servers say of themselves",
        (), "backend", _WARNING, 0.0, 1.0, 0.0, _FACT, 3.0,
        "the server says so itself, or has closed its port (critical) or hangs; above 90 % its connections are scarce",
        "{server}: {reason}", "/backends",
    ),
    Rule(
        "restart_loop", "Restart loop", "restart_loop",
        "prism_pattern_restarts_total, prism_pattern_start_time_seconds, restarts seen; restarts in 4 minutes",
        ("proxy", "patterns"), "restart", _WARNING, 240.0, 2.0, 1.0, _FACT, 1.0,
        "a deployment restarts once; RFC view 1 calls two a loop. It ends when the pattern outlives its last lap",
        "{component} restarted {times} in {span}", _PATTERN, 5.0,
    ),
    Rule(
        "pattern_restarted", "Pattern restarted", "pattern_restarted",
        "prism_pattern_restarts_total, prism_pattern_start_time_seconds, restarts seen; seconds since the restart",
        ("proxy", "patterns"), "restart", _INFO, 240.0, 6.0, 6.0, _FACT, 1.0,
        "one restart is news, not trouble",
        "{component} restarted", _PATTERN,
    ),
    Rule(
        "pool_use", "Pool nearly full", "pool_use",
        "prism_pool_connections_active over _max, else pattern health details",
        ("proxy",), "pool", _WARNING, 0.0, 0.90, 0.80, (2, 3), 3.0,
        "RFC view 1: above 90 %; below 80 % there is room again. Critical when it is full and requests wait",
        "{component} pool {state}: {used} of {limit} connections in use{waiting}", _PATTERN, 1.0,
    ),
    Rule(
        "error_ratio", "Requests fail", "error_ratio",
        "prism_requests_total; failed over all of the last 5 s, by pattern and namespace",
        ("proxy",), "errors", _WARNING, 5.0, 0.003, 0.002, _RATE, 3.0,
        "three times the budget of a 99.9 % objective, and more failures than chance gives; critical at 5 %",
        "{percent} of {whose} fail", "/performance", 0.05,
    ),
    Rule(
        "latency_p99", "Answers are slow", "latency_p99",
        "prism_request_duration_seconds; P99 of the last 5 s in seconds, by pattern and namespace",
        ("proxy",), "latency", _WARNING, 5.0, 0.010, 0.008, _RATE, 3.0,
        "the objective's 10 ms, or 3 times the own median P99 of 5 minutes but at least 2 ms; critical at 100 ms",
        "P99 of {whose} is {latency}{usual}", "/performance", 0.100,
    ),
    Rule(
        "auth_success", "Token checks fail", "auth_success",
        "prism_auth_requests_total; refused over all of the last 5 s",
        ("proxy",), "auth", _WARNING, 5.0, 0.010, 0.005, _RATE, 3.0,
        "99 %: expired tokens alone make about 0.2 %; critical at 20 %, when clients are locked out",
        "{percent} of token checks fail", "/security", 0.20,
    ),
    Rule(
        "sign_in", "Sign-in in trouble", "sign_in",
        "dex_step_ok: discovery, issuer, keys and health of Dex",
        (), "sign-in", _WARNING, 0.0, 1.0, 0.0, _FACT, 3.0,
        "without Dex nobody signs in: critical when no keys are served and no proxy says that it holds some",
        "Dex: {reason}", "/security",
    ),
    Rule(
        "telemetry_exporter", "Telemetry exporter in trouble", "telemetry_exporter",
        "otelcol_exporter_sent, _send_failed and _enqueue_failed of the last reads, otelcol_exporter_queue_size over "
        "_capacity",
        ("otel",), "telemetry", _WARNING, 0.0, 1.0, 0.0, _FACT, 3.0,
        "what an exporter gives up is missing from traces, metrics and logs for good; a filling queue loses next",
        "exporter {exporter} of the collector at {collector}: {reason}", "/observability",
    ),
    Rule(
        "source_lost", "Source lost", "source_lost",
        "the state of each source that has been read before",
        (), "source", _WARNING, 0.0, 1.0, 0.0, _FACT, 2.0,
        "two failed reads, one of a source read rarely, or three intervals of silence",
        "{what} is lost: {error}", "/settings",
    ),
    Rule(
        "source_unreached", "Source never reached", "source_unreached",
        "the state of each source that has never been read; seconds since its first failure",
        (), "source", _WARNING, 0.0, 15.0, 0.0, _FACT, 2.0,
        "somebody named it, so somebody waits for it; what starts at the same time has this long to come up",
        "{what} was never reached: {error}", "/settings",
    ),
    Rule(
        "source_slow", "Source slow", "source_slow",
        "how long each source took to answer, in seconds",
        (), "source", _INFO, 0.0, 0.5, 0.4, (2, 3), 2.0,
        "half a second late is half a second older on the screen; sources read rarely may take half their interval",
        "{what} takes {latency} to answer", "/settings",
    ),
    Rule(
        "metrics_gone",
        "Metrics no longer reported",
        "metrics_gone",
        "whether the families of requests, latency and token checks are still in what the proxy reports",
        ("proxy",),
        "source",
        _INFO,
        60.0,
        1.0,
        0.0,
        _FACT,
        2.0,
        "they were there a minute ago and the source answers: another version, or a part of it that stopped counting",
        "the proxy no longer reports {families}: what is worked out from them is unknown",
        "/settings",
    ),
    Rule(
        "store_trouble", "Store in trouble", "store_trouble",
        "the collector's own status page",
        (), "collector", _WARNING, 0.0, 1.0, 0.0, _FACT, 3.0,
        "what is not written is lost to history",
        "the dashboard's store is in trouble: {message}", "/settings",
    ),
)  # fmt: skip
"""In order of how likely a rule names the cause: what comes first is the loudest."""

BY_ID = {rule.id: rule for rule in RULES}
LOUDNESS = {rule.id: position for position, rule in enumerate(RULES)}


def with_overrides(overrides: Mapping[str, ThresholdOverride]) -> tuple[Rule, ...]:
    """The rules with the operator's own raise and clear values; names that are no rule are left alone."""
    return tuple(
        replace(rule, raise_at=overrides[rule.id].raise_at, clear_at=overrides[rule.id].clear_at)
        if rule.id in overrides
        else rule
        for rule in RULES
    )
