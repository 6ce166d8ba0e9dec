from __future__ import annotations

import json
import socket

import pytest

from simulator.ports import RFC_PORTS, PortsError, addresses, choose, from_addresses


def test_the_rfcs_ports_are_the_default_addresses() -> None:
    reported = addresses("127.0.0.1", choose("rfc", "127.0.0.1"))
    assert reported.pop("prometheus_url") == "http://127.0.0.1:0"  # the system picks
    assert reported == {
        "proxy_metrics_url": "http://127.0.0.1:8980/metrics",
        "admin_api_url": "http://127.0.0.1:8090",
        "signoz_api_url": "http://127.0.0.1:8080",
        "otel_metrics_url": "http://127.0.0.1:8888/metrics",
        "otel_health_url": "http://127.0.0.1:13133",
        "dex_issuer": "http://127.0.0.1:5556/dex",
        "dex_telemetry_url": "http://127.0.0.1:5558",
        "alertmanager_url": "http://127.0.0.1:9093",
        "launcher": "127.0.0.1:8982",
        "control_url": "http://127.0.0.1:8096",
        "patterns": {
            "memstore": "127.0.0.1:50051",
            "redis": "127.0.0.1:50061",
            "nats": "127.0.0.1:50071",
            "postgresql": "127.0.0.1:50081",
        },
    }


def test_addresses_name_the_ports_they_were_made_of() -> None:
    assert from_addresses(json.dumps(addresses("127.0.0.1", RFC_PORTS))) == RFC_PORTS


def test_what_is_left_out_gets_a_free_port() -> None:
    ports = from_addresses(
        '{"proxy_metrics_url": "http://127.0.0.1:7001/metrics", "patterns": {"nats": "127.0.0.1:7002"}}'
    )
    assert (ports["proxy"], ports["pattern:nats"], ports["dex"]) == (7001, 7002, 0)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"launcher": "x"}', '{"launcher": 5}', '{"patterns": {"oracle": "h:1"}}']
)
def test_addresses_that_are_none_are_refused_in_words(text: str) -> None:
    with pytest.raises(PortsError, match=r"^--ports-from: "):
        from_addresses(text)


def test_one_taken_port_makes_auto_choose_free_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken, socket.socket() as free:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        free.bind(("127.0.0.1", 0))
        monkeypatch.setitem(RFC_PORTS, "admin", taken.getsockname()[1])
        assert set(choose("auto", "127.0.0.1").values()) == {0}


def test_auto_takes_the_rfcs_ports_when_all_are_free(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for name in RFC_PORTS:
        monkeypatch.setitem(RFC_PORTS, name, port)
    assert choose("auto", "127.0.0.1") == RFC_PORTS


@pytest.mark.parametrize(("host", "reached"), [("0.0.0.0", "127.0.0.1:1"), ("::", "[::1]:1"), ("::1", "[::1]:1")])
def test_a_wildcard_host_is_reached_on_loopback(host: str, reached: str) -> None:
    assert addresses(host, {"launcher": 1})["launcher"] == reached
