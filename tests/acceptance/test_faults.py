"""Each fault is told on the page in words, and is gone after its end."""

from __future__ import annotations

from typing import Any

import pytest

from tests.acceptance.running_dashboard import House

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
def test_a_fault_is_told_in_words_and_is_gone_after_its_end(
    house: House, fault: str, target: str, params: dict[str, Any], words: str
) -> None:
    house.inject(fault, target, **params)
    seen = house.until_seen(words, SEEN_SECONDS)
    house.until_firing(words, SEEN_SECONDS - seen)
    house.clear()
    house.until_quiet(words, GONE_SECONDS)


@pytest.mark.browser
def test_a_restart_loop_is_told_as_one(house: House) -> None:
    house.inject("restart_loop", "memstore")
    house.until_seen(r"memstore", SEEN_SECONDS)
    house.until_seen(r"memstore restarted (twice|\d+ times)", SEEN_SECONDS)
    house.clear()
    house.until_quiet(r"memstore restarted", GONE_SECONDS)
