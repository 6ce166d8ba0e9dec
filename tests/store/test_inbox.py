"""What operators ask of alerts reaches the writer once, whatever is killed on the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from store.errors import StoreError
from store.inbox import MOST_WAITING, Inbox

NOW = 1_700_000_000.0


def test_a_wish_is_an_event_once_and_its_file_goes_when_the_event_is_stored(tmp_path: Path) -> None:
    Inbox(tmp_path).put([{"action": "acknowledge", "by": "ana", "message": "seen"}, {"action": "lift"}])
    collector = Inbox(tmp_path)
    first = collector.arrived([], NOW)
    assert [(one.label("action"), one.time) for one in first] == [("acknowledge", NOW), ("lift", NOW)]
    assert first[0].message == "seen"
    assert collector.arrived([], NOW + 1) == []
    assert collector.arrived(first, NOW + 2) == []
    assert list((tmp_path / "inbox").iterdir()) == []


def test_a_collector_that_was_killed_before_it_stored_them_loses_none_and_doubles_none(tmp_path: Path) -> None:
    Inbox(tmp_path).put([{"by": "a"}, {"by": "b"}])
    stored = Inbox(tmp_path).arrived([], NOW)[:1]  # killed: one was stored, the other was not
    again = Inbox(tmp_path).arrived(stored, NOW + 5)
    assert [one.label("by") for one in again] == ["b"]


def test_what_is_no_wish_goes_and_a_flood_is_refused(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path)
    (tmp_path / "inbox").mkdir()
    for name, body in (("a", b"[1]"), ("b", b"{"), ("c", b"\xff")):
        (tmp_path / "inbox" / f"{name}.json").write_bytes(body)
    assert inbox.arrived([], NOW) == []
    assert list((tmp_path / "inbox").iterdir()) == []
    inbox.put({"by": str(at)} for at in range(MOST_WAITING))
    with pytest.raises(StoreError, match="too many"):
        inbox.put([{"by": "x"}])


def test_what_is_asked_of_a_scrape_is_read_once_and_is_no_event(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path)
    for _ in range(3):
        inbox.ask(["b", "a"])
    inbox.ask(["c"])
    assert len(list((tmp_path / "inbox").iterdir())) == 2, "the same again is the same file"
    collector = Inbox(tmp_path)
    assert collector.arrived([], NOW) == []
    assert collector.asked() == {"a", "b", "c"}
    assert collector.asked() == set()
    (tmp_path / "inbox" / "lines-x.json").write_bytes(b"[1]")
    assert collector.asked() == set()
    assert list((tmp_path / "inbox").iterdir()) == []
