"""Counters that are followed from step to step are those that the whole minute gives, whatever happens to them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregators.detection import rolling
from aggregators.detection.rolling import RollingCounters
from aggregators.series.counters import Counter, counters, edges
from model.series import Kind, Scrape
from store.snapshot import snapshot_of

NOW, FAMILY = 1_790_000_000.0, "prism_requests_total"
Grown = tuple[int, int]
READ = st.tuples(st.integers(0, 50), st.integers(0, 3))


def reads(courses: dict[str, list[Grown]], restarts: dict[str, int]) -> list[list[Scrape]]:
    """Second by second what each proxy counts of two series; from its restart on it counts from 0."""
    made: list[list[Scrape]] = []
    for second in range(max(map(len, courses.values()))):
        made.append([])
        for proxy, course in courses.items():
            began = restarts.get(proxy, -1)
            since = began if 0 <= began <= second else 0
            scrape = Scrape("proxy", proxy, NOW + second)
            scrape.add("process_start_time_seconds", NOW - 900 + 10 * since)
            for at, namespace in enumerate("ab"):
                total = 1000.0 * (since == 0) + sum(step[at] for step in course[since : second + 1])
                scrape.add(FAMILY, total, Kind.COUNTER, namespace=namespace, status="success")
            made[-1].append(scrape)
    return made


def grown(parts: list[tuple[str, Counter]], now: float, seconds: float) -> dict[str, list[float]]:
    found = {}
    for source, one in parts:
        rows = edges(one.times, now - seconds, now)
        if rows is not None:
            found[source] = (one.totals[rows[1]] - one.totals[rows[0]]).tolist()
    return found


@settings(deadline=None, max_examples=40)
@given(
    st.lists(READ, min_size=12, max_size=24), st.lists(READ, min_size=12, max_size=24),
    st.dictionaries(st.sampled_from(["p", "q"]), st.integers(2, 20), max_size=2), st.integers(1, 4),
)  # fmt: skip
def test_what_is_followed_is_what_the_whole_minute_says(
    one: list[Grown], other: list[Grown], restarts: dict[str, int], every: int
) -> None:
    length = min(len(one), len(other))
    made, seen = reads({"p": one[:length], "q": other[:length]}, restarts), RollingCounters()
    for until in range(2, length + 1, every):
        snapshot = snapshot_of([scrape for second in made[:until] for scrape in second])
        now = NOW + until - 1
        frame = snapshot.frame(FAMILY, now - 60, now)
        whole = [(block.source, counter) for block, counter in zip(frame.blocks, counters(frame), strict=True)]
        followed = seen.of(snapshot, now, FAMILY, 60.0)
        for seconds in (1.0, 3.0, 5.0, 15.0):
            known, wanted = grown(followed, now, seconds), grown(whole, now, seconds)
            assert known.keys() == wanted.keys()
            assert all(known[source] == pytest.approx(wanted[source]) for source in wanted)


def test_what_goes_on_plainly_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    made, seen = reads({"p": [(5, 1)] * 90}, {}), RollingCounters()
    scrapes = [scrape for second in made for scrape in second]
    snapshot = snapshot_of(scrapes)
    seen.of(snapshot, NOW + 60, FAMILY, 60.0)
    monkeypatch.setattr(rolling, "counters", lambda frame: pytest.fail("the whole minute was read again"))
    for second in range(61, 90):
        ((source, one),) = seen.of(snapshot, NOW + second, FAMILY, 60.0)
        assert source == "proxy@p" and one.times[-1] == NOW + second
        assert grown([(source, one)], NOW + second, 10.0) == {"proxy@p": [50.0, 10.0]}
        assert one.times[0] >= NOW + second - rolling.KEPT_SECONDS
        assert bool((np.diff(one.totals, axis=0) >= 0).all())
