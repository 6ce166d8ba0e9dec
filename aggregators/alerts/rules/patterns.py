"""Patterns: down, hanging, by their own word, restarted."""

from __future__ import annotations

from aggregators.alerts.rules.rule import CRITICAL, FACT, INFO, PATTERN_PAGE, WARNING, Rule
from model.series import Unit

PATTERNS: tuple[Rule, ...] = (
    Rule(
        "pattern_down", "Pattern down", "pattern_down",
        "prism_pattern_status; seconds without an answer from a port that is closed",
        ("patterns",), "down", CRITICAL, 0.0, 2.0, 0.0, FACT, 3.0,
        "two missed checks in a row: one refused connection may be a restart, which has a rule of its own",
        "{component} is down: {why}", PATTERN_PAGE, unit=Unit.SECONDS,
    ),
    Rule(
        "pattern_hang", "Pattern hangs", "pattern_hang",
        "prism_pattern_status; its health call times out",
        ("patterns",), "down", CRITICAL, 0.0, 1.0, 0.0, FACT, 3.0,
        "two calls in a row without an answer: one that timed out may be a hiccup",
        "{component} hangs: it takes the health call and never answers", PATTERN_PAGE,
    ),
    Rule(
        "pattern_unhealthy", "Pattern unhealthy", "pattern_unhealthy",
        "prism_pattern_status UNHEALTHY",
        ("patterns",), "down", CRITICAL, 0.0, 1.0, 0.0, FACT, 3.0,
        "the pattern says so itself (RFC view 1: red)",
        "{component} reports UNHEALTHY{message}", PATTERN_PAGE,
    ),
    Rule(
        "pattern_degraded", "Pattern degraded", "pattern_degraded",
        "prism_pattern_status DEGRADED",
        ("patterns",), "degraded", WARNING, 0.0, 1.0, 0.0, FACT, 3.0,
        "the pattern says so itself (RFC view 1: yellow)",
        "{component} reports DEGRADED{message}", PATTERN_PAGE,
    ),
    Rule(
        "restart_loop", "Restart loop", "restart_loop",
        "prism_pattern_restarts_total, prism_pattern_start_time_seconds, restarts seen; restarts in 4 minutes",
        ("proxy", "patterns"), "restart", WARNING, 240.0, 2.0, 1.0, FACT, 1.0,
        "a deployment restarts once; RFC view 1 calls two a loop. It ends when the pattern outlives its last lap",
        "{component} restarted {times} in {span}", PATTERN_PAGE, 5.0, unit=Unit.COUNT,
    ),
    Rule(
        "pattern_restarted", "Pattern restarted", "pattern_restarted",
        "prism_pattern_restarts_total, prism_pattern_start_time_seconds, restarts seen; seconds since the restart",
        ("proxy", "patterns"), "restart", INFO, 240.0, 6.0, 6.0, FACT, 1.0,
        "one restart is news, not trouble",
        "{component} restarted", PATTERN_PAGE, unit=Unit.SECONDS,
    ),
)  # fmt: skip
