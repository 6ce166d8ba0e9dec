"""A simulated Prism on free ports, shared by the tests of a file; faults are cleared after each test."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from simulator.ports import RFC_PORTS
from simulator.prism import Prism
from simulator.signoz.server import SigNoz
from simulator.sockets.http import Request
from simulator.traffic.scenario import default_scenario
from simulator.traffic.traffic_model import TrafficModel

START = 1_700_000_000.0


@pytest.fixture
def traffic_model() -> TrafficModel:
    """Fresh books that begin at START and know no past."""
    return TrafficModel(default_scenario(), seed=7, now=START, history=False)


@pytest.fixture(scope="module")
def opened() -> Iterator[Prism]:
    model = TrafficModel(default_scenario(), seed=7, now=time.time())
    prism = Prism(model, "127.0.0.1", dict.fromkeys(RFC_PORTS, 0), time.time)
    prism.open()
    yield prism
    prism.close()


@pytest.fixture
def prism(opened: Prism) -> Iterator[Prism]:
    """Everything open on real sockets, without faults."""
    yield opened
    opened.board.clear()


@pytest.fixture(scope="module")
def model() -> TrafficModel:
    """Books of five minutes, for tests that only read them."""
    traffic_model = TrafficModel(default_scenario(), 11, START, history=False)
    traffic_model.advance(START + 300)
    return traffic_model


@pytest.fixture
def signoz(model: TrafficModel) -> SigNoz:
    """A SigNoz over `model`, without a key."""
    return SigNoz(model, lambda: START + 300)


Ask = Callable[..., tuple[int, Any]]


@pytest.fixture
def ask() -> Ask:
    """ask(signoz, path, body=…, headers=…): GET without a body, else POST; the status and the JSON, or its type."""

    def asked(signoz: SigNoz, path: str, body: Any = ..., headers: dict[str, str] | None = None) -> tuple[int, Any]:
        raw = b"" if body is ... else json.dumps(body).encode()
        answer = signoz(Request("GET" if body is ... else "POST", path, {}, headers or {}, raw))
        reported = json.loads(answer.body) if answer.content_type == "application/json" else answer.content_type
        return answer.status, reported

    return asked
