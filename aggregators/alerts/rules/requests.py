"""Requests: failed or slow ones."""

from __future__ import annotations

from aggregators.alerts.rules.rule import RATE, WARNING, Rule
from model.series import Unit

REQUESTS: tuple[Rule, ...] = (
    Rule(
        "error_ratio", "Requests fail", "error_ratio",
        "prism_requests_total; failed over all of the last 5 s, by pattern and namespace",
        ("proxy",), "errors", WARNING, 5.0, 0.003, 0.002, RATE, 3.0,
        "three times the budget of a 99.9 % objective, and more failures than chance gives; critical at 5 %",
        "{percent} of {whose} fail", "/performance", 0.05, unit=Unit.RATIO,
    ),
    Rule(
        "latency_p99", "Answers are slow", "latency_p99",
        "prism_request_duration_seconds; P99 of the last 5 s in seconds, by pattern and namespace",
        ("proxy",), "latency", WARNING, 5.0, 0.010, 0.008, RATE, 3.0,
        "the objective's 10 ms, or 3 times the own median P99 of 5 minutes but at least 2 ms; critical at 100 ms",
        "P99 of {whose} is {latency}{usual}", "/performance", 0.100, unit=Unit.SECONDS,
    ),
)  # fmt: skip
