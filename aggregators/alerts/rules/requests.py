"""Requests: failed or slow ones."""

from __future__ import annotations

from aggregators.alerts.rules.rule import FACT, RATE, WARNING, Blamed, Rule
from model.series import Unit

REQUESTS: tuple[Rule, ...] = (
    Rule(
        "error_ratio", "Requests fail", "error_ratio",
        "prism_requests_total; failed over all of the last 5 s (many: 1 s), by pattern and namespace",
        ("proxy",), "errors", WARNING, 5.0, 0.003, 0.002, RATE, 3.0,
        "three times the budget of a 99.9 % objective, and more failures than chance gives; critical at 5 %",
        "{percent} of {whose} fail", "/performance", 0.05, unit=Unit.RATIO, by_spans=True,
    ),
    Rule(
        "latency_p99", "Answers are slow", "latency_p99",
        "prism_request_duration_seconds; P99 of the last 5 s (many: 1 s) in seconds, by pattern and namespace",
        ("proxy",), "latency", WARNING, 5.0, 0.010, 0.008, RATE, 3.0,
        "the objective's 10 ms, or 3 times the own median P99 of 5 minutes but at least 2 ms; critical at 100 ms",
        "P99 of {whose} is {latency}{usual}", "/performance", 0.100, unit=Unit.SECONDS, by_spans=True,
    ),
    Rule(
        "latency_rising", "Answers take longer and longer", "latency_rising",
        "prism_request_duration_seconds; three steps of 3 s, in each the share slower than the usual P75 of 5 min",
        ("proxy",), "latency", WARNING, 3.0, 0.10, 0.05, RATE, 3.0,
        "a quarter is; more than a third when all take a third longer. Each step has surely more than the one before: "
        "what grows like this within seconds will not stop at its limit, and what load moves by and by does not. News "
        "only while P99 stays below 2 ms",
        "{whose} take longer and longer: {percent} are slower than usually a quarter, {usual} in the last minute; "
        "P99 is {latency}", "/performance",
        unit=Unit.RATIO, every_seconds=0.5, by_spans=True,
    ),
    Rule(
        "operation_slow", "An operation is slower than usual", "operation_slow",
        "prism_request_duration_seconds by operation; of the last 10 s the share beyond the usual P99 of 5 min",
        ("proxy",), "latency", WARNING, 10.0, 0.05, 0.02, RATE, 3.0,
        "by definition 1 % is; 5 % is an operation half as slow again. News only while P99 stays below 2 ms",
        "{percent} of {whose} take longer than their usual P99 of {usual}: it is {latency}", "/performance",
        unit=Unit.RATIO, blames=Blamed.OPERATION, every_seconds=1.0, by_spans=True,
    ),
    Rule(
        "budget_burn", "The error budget burns", "budget_burn",
        "prism_request_duration_seconds; requests slower than the objective over 1 h and 5 min, or 6 h and 30 min",
        ("proxy",), "latency", WARNING, 3600.0, 6.0, 6.0, FACT, 10.0,
        "6 times as fast uses 5 % of a month's budget in 6 h; 14.4 times (critical) 2 % in one hour",
        "the budget of the latency objective burns {times} times as fast as it may, over {long} and over {short}",
        "/performance", 14.4,
        unit=Unit.COUNT, blames=Blamed.PRISM, every_seconds=10.0,
    ),
)  # fmt: skip
