"""The last read of each source, without its window: the same as the last rows of the window."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from model.series import Scrape
from store.frames import Frame
from store.snapshot import Snapshot, snapshot_of

NAMES = ("prism_requests_total", "prism_pool_waiting")
Rows = list[tuple[str, list[tuple[str, float]], float]]


@st.composite
def scrapes(draw: st.DrawFn) -> list[Scrape]:
    """Reads of up to three sources, of changing series, some of them lacking a name or everything."""
    found = []
    times = {float(at) for at in draw(st.lists(st.integers(0, 200), max_size=12))}
    for time in sorted(times):
        for source in draw(st.lists(st.sampled_from("abc"), unique=True)):
            scrape = Scrape("proxy", source, time)
            for name in draw(st.lists(st.sampled_from(NAMES), unique=True)):
                for status in draw(st.lists(st.sampled_from(("success", "error")), unique=True, min_size=1)):
                    scrape.add(name, draw(st.sampled_from((0.0, 1.0, 7.5))), status=status)
            found.append(scrape)
    return found


def said(frame: Frame, since: float) -> Rows:
    """Of each block's last row, if it is no older than `since`: the source, what it has, its time."""
    found: Rows = []
    for block in frame.blocks:
        values = block.samples[-1].tolist()
        has = [
            (one.label("status") or "", value)
            for one, value in zip(block.series, values, strict=True)
            if value == value
        ]
        if block.times[-1] >= since and has:
            found.append((block.source, sorted(has), float(block.times[-1])))
    return found


@given(scrapes(), st.integers(0, 220), st.integers(0, 50))
def test_it_is_the_last_row_of_the_window(reads: list[Scrape], end: int, max_age: int) -> None:
    for name in NAMES:
        window = snapshot_of(reads).frame(name, end - max_age, end)
        assert said(snapshot_of(reads).newest(name, end, max_age), 0.0) == said(window, end - max_age)


def test_sources_that_are_left_out_are_not_there() -> None:
    reads = [Scrape("proxy", one, 1.0) for one in ("a", "b")]
    for one in reads:
        one.add("prism_pool_waiting", 1.0)
    snapshot: Snapshot = snapshot_of(reads)
    assert [block.source for block in snapshot.newest("prism_pool_waiting", 2.0, 5.0).blocks] == ["proxy@a", "proxy@b"]
    (left,) = snapshot.without({"a"}).newest("prism_pool_waiting", 2.0, 5.0).blocks
    assert left.source == "proxy@b"
