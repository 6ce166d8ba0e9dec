from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.traffic.scenario import default_scenario
from simulator.traffic.span_store import LIMIT_BYTES, SpanStore
from simulator.traffic.traffic_model import TrafficModel

START = 1_700_000_000.0


@settings(max_examples=30, deadline=None)
@given(gaps=st.lists(st.floats(0.1, 4000.0), min_size=1, max_size=200))
def test_no_request_is_reported_twice_or_forgotten_within_the_days_kept(gaps: list[float]) -> None:
    span_store, at = SpanStore(), START
    one, none = np.ones((2, 3), dtype=np.int64), np.zeros((2, 3), dtype=np.int64)
    for gap in gaps:
        at += gap
        span_store.add(at, one, none)
    reported = sum(int(slot.total.sum()) for slot in span_store.slots(START - 4000, at + 4000))
    assert reported == 6 * len(gaps) if at - START < 160 * 3600 else reported <= 6 * len(gaps)


def test_slots_never_overlap_and_reach_back_seven_days() -> None:
    traffic_model = TrafficModel(default_scenario(), 3, START)
    traffic_model.advance(START + 400)
    slots = sorted(traffic_model.span_store.slots(0, START + 1000), key=lambda slot: slot.start)
    for slot, following in pairwise(slots):
        assert slot.start + slot.seconds <= following.start
    assert slots[0].start < START - 6.9 * 86400
    gaps = [b.start - a.start - a.seconds for a, b in pairwise(slots)]
    assert max(gaps) == 0


def test_what_was_counted_since_the_start_is_what_the_journal_reports_of_it(traffic_model: TrafficModel) -> None:
    traffic_model.advance(START + 120)
    reported = sum(int(slot.total.sum()) for slot in traffic_model.span_store.slots(0, START + 1000))
    assert reported == traffic_model.requests().sum()


def test_very_many_series_shorten_the_past_to_a_bound_of_memory() -> None:
    span_store = SpanStore(slot_bytes=4 * 1024 * 1024)
    series = np.ones((4, 3), dtype=np.int64)
    for second in range(0, 4 * 86400, 300):
        span_store.add(START + second, series, series)
    slots = list(span_store.slots(0, START + 5 * 86400))
    assert span_store.shortened
    assert 0 < len(slots) <= LIMIT_BYTES // (4 * 1024 * 1024) + 3
    assert not SpanStore(slot_bytes=1024).shortened
