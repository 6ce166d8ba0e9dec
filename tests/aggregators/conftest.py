"""A world to look at, and one that is watched."""

from __future__ import annotations

import pytest

from aggregators.detection.detections import Detector
from tests.aggregators.virtual_prism import Watched, World


@pytest.fixture
def world() -> World:
    """A world that was just switched on."""
    return World()


@pytest.fixture
def watched() -> Watched:
    """A world watched for 20 s, in which NATS is degraded and nothing else is wrong."""
    one = Watched(World(), Detector())
    one.run(20)
    return one
