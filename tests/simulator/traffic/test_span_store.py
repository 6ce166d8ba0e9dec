from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.traffic.scenario import default_scene
from simulator.traffic.span_store import LIMIT_BYTES, Journal
from simulator.traffic.traffic_model import Books

START = 1_700_000_000.0


@settings(max_examples=30, deadline=None)
@given(gaps=st.lists(st.floats(0.1, 4000.0), min_size=1, max_size=200))
def test_no_request_is_told_twice_or_forgotten_within_the_days_kept(gaps: list[float]) -> None:
    journal, at = Journal(), START
    one, none = np.ones((2, 3), dtype=np.int64), np.zeros((2, 3), dtype=np.int64)
    for gap in gaps:
        at += gap
        journal.add(at, one, none)
    told = sum(int(slot.total.sum()) for slot in journal.slots(START - 4000, at + 4000))
    assert told == 6 * len(gaps) if at - START < 160 * 3600 else told <= 6 * len(gaps)


def test_slots_never_overlap_and_reach_back_seven_days() -> None:
    books = Books(default_scene(), 3, START)
    books.advance(START + 400)
    slots = sorted(books.journal.slots(0, START + 1000), key=lambda slot: slot.start)
    for slot, following in pairwise(slots):
        assert slot.start + slot.seconds <= following.start
    assert slots[0].start < START - 6.9 * 86400
    gaps = [b.start - a.start - a.seconds for a, b in pairwise(slots)]
    assert max(gaps) == 0


def test_what_was_counted_since_the_start_is_what_the_journal_tells_of_it(books: Books) -> None:
    books.advance(START + 120)
    told = sum(int(slot.total.sum()) for slot in books.journal.slots(0, START + 1000))
    assert told == books.requests().sum()


def test_very_many_series_shorten_the_past_to_a_bound_of_memory() -> None:
    journal = Journal(slot_bytes=4 * 1024 * 1024)
    series = np.ones((4, 3), dtype=np.int64)
    for second in range(0, 4 * 86400, 300):
        journal.add(START + second, series, series)
    slots = list(journal.slots(0, START + 5 * 86400))
    assert journal.shortened
    assert 0 < len(slots) <= LIMIT_BYTES // (4 * 1024 * 1024) + 3
    assert not Journal(slot_bytes=1024).shortened
