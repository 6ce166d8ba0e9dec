from __future__ import annotations

import json
import socket
import threading
import time
from urllib.parse import urlsplit

import pytest
import requests

from simulator.prism import Prism
from simulator.sockets.listener import PortInUseError

KEYS = {"proxy": "proxy_metrics_url", "admin": "admin_api_url", "signoz": "signoz_api_url", "otel": "otel_health_url"}


def inject(prism: Prism, fault: str, target: str, **params: object) -> str:
    answer = requests.post(
        prism.addresses()["control_url"] + "/faults",
        json={"fault": fault, "target": target, "params": params},
        timeout=5,
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def address(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return str(parts.hostname), int(parts.port or 0)


@pytest.mark.parametrize("target", list(KEYS))
def test_a_source_that_is_down_refuses_and_comes_back_on_the_same_port(prism: Prism, target: str) -> None:
    url = prism.addresses()[KEYS[target]]
    session = requests.Session()
    assert session.get(url, timeout=5).status_code in (200, 404)
    inject(prism, "source_down", target)
    with pytest.raises(requests.ConnectionError):
        session.get(url, timeout=5)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address(url), timeout=5)
    prism.board.clear()
    assert prism.addresses()[KEYS[target]] == url
    assert session.get(url, timeout=5).status_code in (200, 404)
    session.close()


def test_a_hung_source_accepts_and_never_answers(prism: Prism) -> None:
    url = prism.addresses()["proxy_metrics_url"]
    inject(prism, "source_hang", "proxy")
    with pytest.raises(requests.ReadTimeout):
        requests.get(url, timeout=0.3)
    prism.board.clear()
    assert requests.get(url, timeout=5).ok


def test_a_slow_source_answers_late_and_at_once_when_cleared(prism: Prism) -> None:
    url = prism.addresses()["admin_api_url"] + "/health"
    inject(prism, "source_slow", "admin", seconds=0.3)
    began = time.monotonic()
    assert requests.get(url, timeout=5).ok
    assert time.monotonic() - began >= 0.3
    prism.board.clear()
    inject(prism, "source_slow", "admin", seconds=60)
    answers: list[int] = []
    waiting = threading.Thread(target=lambda: answers.append(requests.get(url, timeout=10).status_code))
    waiting.start()
    prism.board.clear()
    waiting.join(timeout=5)
    assert answers == [200]


def test_random_rubbish_is_no_utf8(prism: Prism) -> None:
    inject(prism, "source_garbage", "proxy")
    answer = requests.get(prism.addresses()["proxy_metrics_url"], timeout=5)
    assert answer.status_code == 200
    with pytest.raises(UnicodeDecodeError):
        answer.content.decode()


def test_names_may_be_no_utf8(prism: Prism) -> None:
    inject(prism, "source_garbage", "proxy", kind="utf8")
    answer = requests.get(prism.addresses()["proxy_metrics_url"], timeout=5)
    assert answer.content.startswith(b"# TYPE prism_requests_total counter\n")
    with pytest.raises(UnicodeDecodeError):
        answer.content.decode()


def test_a_web_page_and_a_server_error_can_stand_in(prism: Prism) -> None:
    url = prism.addresses()["admin_api_url"] + "/api/v1/namespaces"
    inject(prism, "source_garbage", "admin", kind="html")
    page = requests.get(url, timeout=5)
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    inject(prism, "source_garbage", "admin", kind="http500")
    assert requests.get(url, timeout=5).status_code == 500


def test_a_truncated_answer_ends_before_its_length(prism: Prism) -> None:
    inject(prism, "source_garbage", "admin", kind="truncated")
    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.ConnectionError)):
        requests.get(prism.addresses()["admin_api_url"] + "/api/v1/namespaces", timeout=5)


@pytest.mark.parametrize("kind", ["binary", "grpc"])
def test_what_is_no_http_at_all_is_a_protocol_error(prism: Prism, kind: str) -> None:
    inject(prism, "source_garbage", "signoz", kind=kind)
    with pytest.raises(requests.ConnectionError):
        requests.get(prism.addresses()["signoz_api_url"] + "/api/v1/version", timeout=5)


def test_a_huge_answer_is_as_long_as_it_says(prism: Prism) -> None:
    inject(prism, "source_garbage", "proxy", kind="huge", megabytes=3)
    answer = requests.get(prism.addresses()["proxy_metrics_url"], timeout=10)
    assert len(answer.content) == 3 * 1024 * 1024 == int(answer.headers["Content-Length"])


def test_a_reader_that_leaves_a_huge_answer_does_no_harm(prism: Prism) -> None:
    inject(prism, "source_garbage", "proxy", kind="huge")
    with requests.get(prism.addresses()["proxy_metrics_url"], timeout=5, stream=True) as answer:
        assert len(answer.raw.read(100_000)) == 100_000
    prism.board.clear()
    assert requests.get(prism.addresses()["proxy_metrics_url"], timeout=5).ok


def test_requests_that_are_too_large_are_refused(prism: Prism) -> None:
    with socket.create_connection(address(prism.addresses()["control_url"]), timeout=5) as connection:
        connection.sendall(b"POST /faults HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n")
        assert connection.recv(1000).startswith(b"HTTP/1.1 413 ")


def test_one_connection_serves_many_requests(prism: Prism) -> None:
    with socket.create_connection(address(prism.addresses()["admin_api_url"]), timeout=5) as connection:
        for _ in range(3):
            connection.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
            head, _, body = connection.recv(4000).partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200 OK")
            assert json.loads(body)["status"] == "healthy"


def test_a_second_prism_on_the_same_ports_is_refused_with_the_port(prism: Prism) -> None:
    ports = {**{name: source.port for name, source in prism.sources.items()}, "control": 0}
    second = Prism(prism.traffic_model, "127.0.0.1", ports, time.time)
    with pytest.raises(PortInUseError, match=f"proxy: cannot listen on 127.0.0.1:{ports['proxy']}"):
        second.open()
    ports = dict.fromkeys(ports, 0) | {"launcher": prism.sources["launcher"].port}
    third = Prism(prism.traffic_model, "127.0.0.1", ports, time.time)
    with pytest.raises(PortInUseError, match=f"launcher: cannot listen on 127.0.0.1:{ports['launcher']}"):
        third.open()
