"""One whole dashboard for all tests of this folder; they leave it running, without faults."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.whole.full_site import Whole


@pytest.fixture(scope="package")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    """A whole dashboard on a simulated Prism."""
    one = Whole(tmp_path_factory.mktemp("whole") / "cache")
    yield one
    one.stop()
