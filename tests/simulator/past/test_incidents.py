"""Three incidents of the past: in the figures, and as alerts in the history of whoever reports alerts."""

from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import pytest

from simulator.past.instants import Instants
from simulator.past.ledgers import PoolPast
from simulator.past.past import Past
from simulator.signoz.server import SigNoz
from simulator.sockets.http import Request
from simulator.traffic.scenario import PATTERNS, default_scenario
from simulator.traffic.traffic_model import TrafficModel
from tests.simulator.conftest import START

REDIS = next(spec for spec in PATTERNS if spec.name == "redis")
NATS = next(spec for spec in PATTERNS if spec.name == "nats")


@pytest.fixture(scope="module")
def model() -> TrafficModel:
    return TrafficModel(default_scenario(), 7, START, past_hours=24.0)


@pytest.fixture(scope="module")
def past(model: TrafficModel) -> Past:
    assert model.past is not None
    return model.past


def test_the_incidents_do_not_overlap_and_are_over_at_the_start(past: Past) -> None:
    found = past.incidents
    assert {one.name for one in found} == {"restart loop", "nearly full pool", "slow deployment"}
    assert all(one.end <= later.start for one, later in pairwise(found))
    assert found[-1].end < START


def test_the_process_that_runs_now_is_that_of_the_last_restart(model: TrafficModel, past: Past) -> None:
    books = Instants(past, np.array([START - 24 * 3600, START - 8400.0, START - 8300.0, START]))
    assert books.restarts(NATS).tolist() == [0, 0, 1, 2]
    assert books.up("nats").tolist() == [True, False, True, True]
    assert books.started(NATS)[-1] == model.processes["nats"].started


def test_the_pool_is_full_for_seven_minutes_only(past: Past) -> None:
    gauges = PoolPast(Instants(past, np.array([START - 1400.0, START - 1000.0, START])), REDIS).gauges
    assert gauges[:, 0].tolist() == [REDIS.active, REDIS.maximum, REDIS.active]
    assert gauges[1, 2] > 0


def history(model: TrafficModel, rule: str) -> list[tuple[str, int]]:
    """The rule's edges as SigNoz reports them, oldest first: the state, and seconds before the start."""
    body = {"start": (START - 90_000) * 1000, "end": START * 1000, "limit": 100, "order": "asc"}
    asked = Request("POST", f"/api/v1/rules/{rule}/history/timeline", {}, {}, json.dumps(body).encode())
    items = json.loads(SigNoz(model, lambda: START)(asked).body)["data"]["items"]
    return [(one["state"], round(START - one["unixMilli"] / 1000)) for one in items]


def test_signoz_has_the_alerts_of_all_three_with_their_ends(model: TrafficModel) -> None:
    assert history(model, "3") == [("firing", 8460), ("inactive", 8340), ("firing", 8220), ("inactive", 8100)]
    assert history(model, "4") == [("firing", 1320), ("inactive", 900)]
    (began, ended) = history(model, "6")
    assert began[0] == "firing"
    assert 57_500 < began[1] <= 57_600
    assert ended[0] == "inactive"
    assert 56_000 < ended[1] <= 56_100


def test_a_short_past_has_only_what_happened_in_it() -> None:
    short = TrafficModel(default_scenario(), 7, START, history=False, past_hours=1.0)
    assert short.past is not None
    assert [one.name for one in short.past.incidents] == ["nearly full pool"]
