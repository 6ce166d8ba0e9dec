"""Servers that are stopped when a test ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from typing import Any

import pytest

from bench.processes import free_port
from tests.pages.conftest import now, prism
from tests.web.servers import Site, alone, gunicorn

__all__ = ["now", "prism", "site", "start"]


@pytest.fixture
def start() -> Iterator[Callable[..., Site]]:
    """Starts sites and stops them all at the end."""
    with ExitStack() as stack:
        yield partial(_started, stack)


@pytest.fixture(scope="module", params=["alone", "gunicorn"])
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    """One server of each kind that a websocket may come to, shared by the tests that leave it as it was."""
    with ExitStack() as stack:
        yield _started(stack, alone if request.param == "alone" else gunicorn)


def _started(stack: ExitStack, command: Callable[..., list[str]], path: str = "/stats", **extra: Any) -> Site:
    options = {name: extra.pop(name) for name in ("workers", "threads") if name in extra}
    port = free_port()
    site = Site(command(port, **options), port, **extra)
    stack.callback(site.stop)
    site.wait(path)
    return site
