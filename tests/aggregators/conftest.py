"""A world to look at, and one that is watched."""

from __future__ import annotations

import pytest

from tests.aggregators.virtual_prism import VirtualPrism, Watched, warmed


@pytest.fixture
def world() -> VirtualPrism:
    """A world that was just switched on."""
    return VirtualPrism()


@pytest.fixture
def watched() -> Watched:
    """A world watched for 20 s, in which NATS is degraded and nothing else is wrong."""
    return warmed()
