"""What web processes count, from file to file: whole, bounded, and gone with whoever is gone."""

from __future__ import annotations

import stat
import time
from pathlib import Path

import pytest

from store.disk.store_directory import WEB
from store.web_counts import KEPT_SECONDS, MOST_VIEWERS, Counted, WebCounts

FIGURES = (
    Counted("hud_page_seconds_total", 12.5),
    Counted("hud_change_to_pixel_seconds_bucket", 3.0, (("le", "0.5"),)),
)
BROKEN = (
    "", "{", "[]", '{"figures": 1, "viewers": [], "day": 1}', '{"figures": [[1]], "viewers": [], "day": 1}',
)  # fmt: skip


def test_what_is_put_is_read_by_process(tmp_path: Path) -> None:
    counts = WebCounts(tmp_path)
    assert counts.put("11", FIGURES, 3, {"a"})
    assert counts.put("12", FIGURES[:1], 3, {"a", "b"})
    found = {one.process: one for one in counts.read(time.time())}
    assert (found["11"].figures, found["11"].viewers, found["11"].day) == (FIGURES, frozenset("a"), 3)
    assert found["12"].viewers == {"a", "b"}
    assert 0 <= found["12"].age_seconds < 60
    assert stat.S_IMODE((tmp_path / WEB / "11.json").stat().st_mode) == 0o600


def test_what_was_put_last_stands_and_viewers_are_bounded(tmp_path: Path) -> None:
    counts = WebCounts(tmp_path)
    counts.put("11", FIGURES, 3, ())
    counts.put("11", (), 4, map(str, range(2 * MOST_VIEWERS)))
    (found,) = counts.read(time.time())
    assert (found.figures, found.day, len(found.viewers)) == ((), 4, MOST_VIEWERS)


@pytest.mark.parametrize("body", BROKEN)
def test_what_is_no_such_file_goes_with_one_line(tmp_path: Path, body: str, caplog: pytest.LogCaptureFixture) -> None:
    counts = WebCounts(tmp_path)
    counts.put("11", FIGURES, 3, ())
    (tmp_path / WEB / "12.json").write_text(body)
    assert [one.process for one in counts.read(time.time())] == ["11"]
    assert [one.process for one in counts.read(time.time())] == ["11"]
    assert len(caplog.records) == 1


def test_the_file_of_a_process_that_ended_long_ago_goes(tmp_path: Path) -> None:
    counts = WebCounts(tmp_path)
    counts.put("11", FIGURES, 3, ())
    assert counts.read(time.time() + KEPT_SECONDS + 60) == []
    assert list((tmp_path / WEB).iterdir()) == []


def test_a_planted_link_is_not_followed(tmp_path: Path) -> None:
    counts = WebCounts(tmp_path)
    counts.put("11", FIGURES, 3, ())
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("theirs")
    (tmp_path / WEB / "12.new").symlink_to(elsewhere)
    assert not counts.put("12", FIGURES, 3, ())
    assert elsewhere.read_text() == "theirs"
