"""Reads made by hand, and a store in a temporary directory."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from model.series import Kind, Scrape
from store.reader import Reader
from store.writer import Writer
from store.writing import retention_clock

START = 1_699_999_980.0
"""A whole minute."""
MakeScrape = Callable[..., Scrape]


def scrape(time: float, counters: Mapping[str, float], source: str = "proxy", **gauges: float) -> Scrape:
    made = Scrape(source, "host:1", time)
    for name, value in counters.items():
        made.add(name, value, Kind.COUNTER)
    for name, value in gauges.items():
        made.add(name, value, Kind.GAUGE)
    return made


@pytest.fixture
def make() -> MakeScrape:
    return scrape


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture(scope="module")
def commits_say_the_time() -> Iterator[None]:
    """Hours pass between two commits, for the machine too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(retention_clock, "JUMP_SECONDS", math.inf)
        yield


@pytest.fixture
def writer(directory: Path) -> Iterator[Writer]:
    opened = Writer.open(directory)
    yield opened
    opened.close()


@pytest.fixture
def reader(directory: Path) -> Iterator[Reader]:
    opened = Reader(directory)
    yield opened
    opened.close()
