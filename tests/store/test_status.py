"""The status page: whole or older, never torn, and never in need of a new block."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.status import PAGE_BYTES, SLOT_BYTES, TROUBLE_BYTES, StatusPage, StatusWatch, StoreStatus


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "status.page"


def test_what_was_said_is_read(path: Path) -> None:
    page, watch = StatusPage(path), StatusWatch(path)
    page.update(alive_at=12.5, pid=7, trouble="the disk is full: 0 bytes – rien", version=3, epoch="ab" * 16)
    page.update(alive_at=13.5)
    status = watch.read()
    assert (status.alive_at, status.pid, status.trouble) == (13.5, 7, "the disk is full: 0 bytes – rien")
    assert (status.version, status.epoch) == (3, "ab" * 16)
    page.close()
    watch.close()


def test_no_page_is_no_writer(path: Path) -> None:
    assert StatusWatch(path).read() == StoreStatus()


def test_a_page_that_comes_goes_and_is_replaced_is_followed(path: Path) -> None:
    watch = StatusWatch(path)
    for version in (1, 2):
        assert watch.read() == StoreStatus()
        page = StatusPage(path)
        page.update(version=version)
        assert watch.read().version == version
        page.close()
        path.unlink()
    watch.close()


def test_the_next_writer_goes_on_where_the_last_one_ended(path: Path) -> None:
    first = StatusPage(path)
    first.update(version=5)
    first.close()
    second = StatusPage(path)
    assert second.status.version == 5
    second.update(version=6)
    assert StatusWatch(path).read().version == 6
    second.close()


@given(st.integers(0, SLOT_BYTES - 1), st.integers(1, 255))
def test_a_half_written_slot_leaves_the_one_before(
    tmp_path_factory: pytest.TempPathFactory, at: int, flip: int
) -> None:
    path = tmp_path_factory.mktemp("page") / "status.page"
    page = StatusPage(path)
    page.update(version=1)
    page.update(version=2)
    newest = SLOT_BYTES * (page.status.sequence % 2)
    page.close()
    data = bytearray(path.read_bytes())
    data[newest + at] ^= flip
    path.write_bytes(data)
    watch = StatusWatch(path)
    assert watch.read().version == 1
    watch.close()


@pytest.mark.parametrize("data", [b"", b"short", b"\xff" * PAGE_BYTES, bytes(PAGE_BYTES)])
def test_a_page_of_anything_else_is_no_writer_and_is_taken_over(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    watch = StatusWatch(path)
    assert watch.read() == StoreStatus()
    page = StatusPage(path)
    page.update(version=1)
    assert watch.read().version == 1
    page.close()
    watch.close()


def test_long_words_are_cut_at_a_whole_letter(path: Path) -> None:
    page, watch = StatusPage(path), StatusWatch(path)
    page.update(trouble="é" * SLOT_BYTES)
    trouble = watch.read().trouble
    assert set(trouble) == {"é"}
    assert TROUBLE_BYTES - 2 < len(trouble.encode()) <= TROUBLE_BYTES
    page.close()
    watch.close()


def test_the_page_never_grows(path: Path) -> None:
    page = StatusPage(path)
    blocks = path.stat().st_blocks
    for version in range(100):
        page.update(version=version, trouble="x" * 900)
    assert path.stat().st_size == PAGE_BYTES
    assert path.stat().st_blocks == blocks
    page.close()
