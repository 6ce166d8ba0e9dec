"""A simulated Prism on free ports, shared by the tests of a file; faults are cleared after each test."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from simulator.books import Books
from simulator.ports import RFC_PORTS
from simulator.prism import Prism
from simulator.scene import default_scene

START = 1_700_000_000.0


@pytest.fixture
def books() -> Books:
    """Fresh books that begin at START and know no past."""
    return Books(default_scene(), seed=7, now=START, history=False)


@pytest.fixture(scope="module")
def opened() -> Iterator[Prism]:
    model = Books(default_scene(), seed=7, now=time.time())
    prism = Prism(model, "127.0.0.1", dict.fromkeys(RFC_PORTS, 0), time.time)
    prism.open()
    yield prism
    prism.close()


@pytest.fixture
def prism(opened: Prism) -> Iterator[Prism]:
    """Everything open on real sockets, without faults."""
    yield opened
    opened.board.clear()
