from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from bench.virtual.clock import VirtualClock
from bench.virtual.wire import Wire, connected
from collectors.http.fetch import Fetcher
from collectors.patterns.health_calls import Health, HealthCalls
from model.access import Access
from model.sources import CollectError, ErrorKind
from simulator.ports import choose
from simulator.prism import Prism
from simulator.traffic.effects import Mode, Transport
from simulator.traffic.scenario import default_scenario
from simulator.traffic.traffic_model import TrafficModel

START = 1_700_000_000.0
PATHS = {
    "proxy": "/metrics",
    "admin": "/api/v1/namespaces",
    "otel metrics": "/metrics",
    "otel health": "/",
    "dex": "/dex/keys",
    "dex telemetry": "/metrics",
    "alertmanager": "/api/v2/alerts",
    "signoz": "/api/v1/alerts",
}


@pytest.fixture
def listening() -> Iterator[tuple[Prism, VirtualClock]]:
    """A Prism that really listens, whose time stands still."""
    clock = VirtualClock(START + 60.0)
    model = TrafficModel(default_scenario(), 5, START)
    prism = Prism(model, "127.0.0.1", choose("free", "127.0.0.1"), clock.true)
    prism.open()
    yield prism, clock
    prism.close()


def _fetched(prism: Prism, name: str, seconds: float = 20.0) -> bytes:
    port = prism.sources[name].port
    fetcher = Fetcher(f"http://127.0.0.1:{port}", timeout_seconds=seconds, max_bytes=10**7)
    fetcher.begin()
    try:
        return fetcher.get(PATHS[name]).body
    finally:
        fetcher.close()


def _health(prism: Prism, seconds: float = 20.0) -> Health:
    calls = HealthCalls(f"127.0.0.1:{prism.sources['pattern:redis'].port}", seconds, Access())
    calls.begin()
    try:
        return calls.lifecycle()
    finally:
        calls.close()


@pytest.mark.server
def test_the_collectors_get_the_very_bytes_that_the_sockets_serve(listening: tuple[Prism, VirtualClock]) -> None:
    prism, clock = listening
    for name, path in PATHS.items():
        served = requests.get(f"http://127.0.0.1:{prism.sources[name].port}{path}", timeout=60).content
        real = _fetched(prism, name)
        with connected(Wire(prism, clock)):
            virtual = _fetched(prism, name)
        assert served == real == virtual, name
    real_health = _health(prism)
    with connected(Wire(prism, clock)):
        assert _health(prism) == real_health


@pytest.mark.parametrize(
    ("transport", "kind", "took"),
    [
        (Transport(Mode.DOWN), ErrorKind.DOWN, 0.0),
        (Transport(Mode.HANG), ErrorKind.TIMED_OUT, 20.0),
        (Transport(Mode.SLOW, seconds=30.0), ErrorKind.TIMED_OUT, 20.0),
        (Transport(Mode.GARBAGE, "http500"), ErrorKind.HTTP_ERROR, 0.003),
    ],
)
def test_a_fault_of_the_wire_is_the_error_that_the_sockets_fault_gives(
    transport: Transport, kind: ErrorKind, took: float
) -> None:
    clock = VirtualClock(START + 60.0)
    ports = {name: 10_000 + at for at, name in enumerate(choose("free", "127.0.0.1"))}
    wire = Wire(Prism(TrafficModel(default_scenario(), 5, START, history=False), "127.0.0.1", ports, clock.true), clock)
    with connected(wire):
        wire.once["admin"] = transport
        with pytest.raises(CollectError) as raised:
            _fetched(wire.prism, "admin")
        assert raised.value.kind is kind
        assert clock.elapsed == pytest.approx(took, abs=1.0)
        assert _fetched(wire.prism, "admin").startswith(b'{"namespaces"')
