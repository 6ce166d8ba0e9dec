"""A server that does not start says why, in its own words and at once."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.patience import patience
from tests.servers.process import Server, running

pytestmark = pytest.mark.server


def test_a_server_that_ends_instead_of_starting_fails_at_once_with_what_it_said(tmp_path: Path) -> None:
    began = time.monotonic()
    server = Server(("sh", "-c", "echo cannot open /sys; exit 3"), tmp_path, lambda: False)
    with pytest.raises(AssertionError, match=r"status 3: .*cannot open /sys"), running(server):
        pass
    assert time.monotonic() - began < 15.0 * patience()
