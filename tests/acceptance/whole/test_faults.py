"""Each fault is reported on the page in words, and is gone after its end."""

from __future__ import annotations

from typing import Any

import pytest

from tests.acceptance.running_dashboard import RunningDashboard

# Patience for a busy machine; `python -m bench faults` measures how long it really takes.
SEEN_SECONDS, GONE_SECONDS = 30.0, 60.0

FAULTS: list[tuple[str, str, dict[str, Any], str]] = [
    ("pattern_crash", "redis", {}, r"redis (is down|.*not answering)"),
    ("pattern_degraded", "memstore", {}, r"memstore (reports|is) DEGRADED"),
    ("pattern_unhealthy", "postgresql", {}, r"postgresql (reports|is) UNHEALTHY"),
    ("pattern_hang", "redis", {}, r"redis hangs"),
    ("latency", "", {}, r"P99 of .* is \d"),
    ("error_burst", "", {}, r"\d+ % of .* fail"),
    ("pool_exhaustion", "redis", {}, r"redis pool"),
    ("auth_failures", "", {}, r"token checks fail"),
    ("source_down", "proxy", {}, r"proxy source at .* is lost: down"),
    ("source_garbage", "proxy", {}, r"proxy source at .* is lost: (malformed|wrong protocol)"),
    ("source_slow", "proxy", {}, r"proxy source at .* is lost: timed out"),
]


@pytest.mark.browser
@pytest.mark.parametrize(("fault", "target", "params", "words"), FAULTS, ids=[f"{one[0]} {one[1]}" for one in FAULTS])
def test_a_fault_is_reported_in_words_and_is_gone_after_its_end(
    running_dashboard: RunningDashboard, fault: str, target: str, params: dict[str, Any], words: str
) -> None:
    running_dashboard.inject(fault, target, **params)
    seen = running_dashboard.until_seen(words, SEEN_SECONDS)
    running_dashboard.until_firing(words, SEEN_SECONDS - seen)
    running_dashboard.clear()
    running_dashboard.until_quiet(words, GONE_SECONDS)


@pytest.mark.browser
def test_a_restart_loop_is_reported_as_one(running_dashboard: RunningDashboard) -> None:
    running_dashboard.inject("restart_loop", "memstore")
    running_dashboard.until_seen(r"memstore", SEEN_SECONDS)
    running_dashboard.until_seen(r"memstore restarted (twice|\d+ times)", SEEN_SECONDS)
    running_dashboard.clear()
    running_dashboard.until_quiet(r"memstore restarted", GONE_SECONDS)
