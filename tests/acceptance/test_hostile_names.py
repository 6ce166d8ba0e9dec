"""Names that are markup, quotes, paths, very long or written from right to left: each has a whole page of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from components.lists.table import namespace_href, pattern_href
from simulator.traffic.crowd import HOSTILE_NAMES
from tests.acceptance.crowd import Crowd, crowd_of
from tests.acceptance.running_dashboard import LOOK_SECONDS
from tests.patience import until

PATTERNS = tuple(name.strip() for name in HOSTILE_NAMES if not set("=,") & set(name))


@pytest.fixture(scope="module")
def hostile(chromium: Browser) -> Iterator[Crowd]:
    with crowd_of(chromium, "--hostile-names") as named:

        def read() -> set[str]:
            return {one["name"] for path, rows in (("namespaces", "rows"), ("patterns", "patterns"))
                    for one in named.answer(path)[rows] if one["status"] != "UNKNOWN"}  # fmt: skip

        until(lambda: read() >= {*HOSTILE_NAMES, *PATTERNS}, lambda: str(read()), pause=LOOK_SECONDS)
        yield named


@pytest.mark.browser
@pytest.mark.parametrize(
    "path",
    [*map(namespace_href, HOSTILE_NAMES), *map(pattern_href, PATTERNS)],
    ids=[
        f"{kind} {at}"
        for kind, names in (("namespace", HOSTILE_NAMES), ("pattern", PATTERNS))
        for at in range(len(names))
    ],
)
def test_the_page_of_a_hostile_name_is_its_own_and_whole(hostile: Crowd, path: str) -> None:
    hostile.open(path)
    hostile.is_right(1440, 390)
    name = hostile.page.evaluate("JSON.parse(document.querySelector('main').dataset.selection).name")
    reported = hostile.page.inner_text("main h1")
    assert " ".join(name.split()) in " ".join(reported.split())
    assert hostile.page.is_hidden("#nd-unknown, #pd-unknown")
