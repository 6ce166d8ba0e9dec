"""A pattern with a health page and nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from collectors.patterns.http_health import place_of
from collectors.patterns.pattern import PatternCollector
from model.series import Scrape
from model.settings import Settings as Known
from model.settings import SourceOptions
from model.sources import CollectError, ErrorKind
from tests.collectors.conftest import Answers, HttpServer, Reply

OPTIONS = SourceOptions(interval_seconds=1.0, timeout_seconds=5.0)
Http = Callable[[Answers], HttpServer]


def read(http: Http, status: int, body: bytes = b"", path: str = "/health") -> Scrape:
    server = http(lambda asked: Reply(status, body))
    scrape = PatternCollector("kv", f"{server.url}{path}", OPTIONS).collect(lambda: 100.0)
    assert [(asked.method, asked.path) for asked in server.asked] == [("GET", path or "/")]
    return scrape


def said(scrape: Scrape) -> tuple[str | None, str]:
    """(status, message)."""
    (status,) = [s for s in scrape.samples() if s.series.name == "prism_pattern_status" and s.value == 1.0]
    assert status.series.label("service") == "HTTP"
    words = [s.series.label("message") for s in scrape.samples() if s.series.name == "prism_pattern_message_info"]
    return status.series.label("status"), (words or [""])[0] or ""


@pytest.mark.parametrize(
    ("status", "body", "wanted", "words"),
    [
        (200, b"OK", "HEALTHY", "OK"), (204, b"", "HEALTHY", ""), (200, b'{"status":"healthy"}', "HEALTHY", "healthy"),
        (200, b'{"status":"UP"}', "HEALTHY", "UP"),
        (200, b'{"status":"degraded","message":"1 of 3"}', "DEGRADED", "1 of 3"),
        (200, b'{"status":"down"}', "UNHEALTHY", "down"), (200, b'{"healthy":false}', "UNHEALTHY", "False"),
        (200, b'{"status":"starting"}', "UNKNOWN", "starting"),
        (200, b'{"status":"Out Of Service"}', "UNHEALTHY", "Out Of Service"),
        (200, b'{"status":"shop","healthy":false}', "UNHEALTHY", "False"),
        (200, b'{"status":"ok","state":"degraded"}', "DEGRADED", "degraded"),
        (200, b'{"Status":"Unhealthy","Message":"disk full"}', "UNHEALTHY", "disk full"),
        (200, b'{"status":"v1.2"}', "HEALTHY", "v1.2"), (200, b'["x"]', "HEALTHY", '["x"]'),
        (200, b"DOWN\n", "UNHEALTHY", "DOWN"), (200, b"unhealthy: disk full", "UNHEALTHY", "unhealthy: disk full"),
        (200, b"not ready", "UNHEALTHY", "not ready"), (200, b'"DEGRADED"', "DEGRADED", '"DEGRADED"'),
        (200, b"false", "UNHEALTHY", "false"), (200, b"healthy: 3 processes running", "HEALTHY",
                                                "healthy: 3 processes running"),
        (200, b"Down under we are fine", "HEALTHY", "Down under we are fine"),
        (503, b"unhealthy: redis is gone", "UNHEALTHY", "HTTP 503 Service Unavailable: unhealthy: redis is gone"),
        (503, b"", "UNHEALTHY", "HTTP 503 Service Unavailable"),
        (503, b'{"status":"unhealthy","error":"no quorum"}', "UNHEALTHY", "HTTP 503: no quorum"),
        (503, b'{"status":"healthy"}', "UNHEALTHY", "HTTP 503: healthy"),
        (503, b'{"status":"degraded"}', "DEGRADED", "HTTP 503: degraded"),
        (500, b"oops", "UNHEALTHY", "HTTP 500 Internal Server Error: oops"),
    ],
)  # fmt: skip
def test_a_health_page_reports_the_status_and_its_words(
    http: Http, status: int, body: bytes, wanted: str, words: str
) -> None:
    assert said(read(http, status, body)) == (wanted, words)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (404, b"404 page not found", ErrorKind.NOT_OFFERED), (405, b"", ErrorKind.NOT_OFFERED),
        (501, b"", ErrorKind.NOT_OFFERED), (401, b"", ErrorKind.UNAUTHENTICATED), (403, b"", ErrorKind.REFUSED),
        (429, b"", ErrorKind.HTTP_ERROR), (502, b"", ErrorKind.HTTP_ERROR), (504, b"", ErrorKind.HTTP_ERROR),
        (200, b"<html>", ErrorKind.WRONG_PROTOCOL), (200, b"# TYPE a counter\na 1\n", ErrorKind.WRONG_PROTOCOL),
    ],
)  # fmt: skip
def test_what_is_no_health_page_is_typed_and_never_a_status(
    http: Http, status: int, body: bytes, kind: ErrorKind
) -> None:
    with pytest.raises(CollectError) as caught:
        read(http, status, body)
    assert caught.value.kind is kind


def test_a_wrong_path_is_said_with_the_path(http: Http) -> None:
    with pytest.raises(CollectError) as caught:
        read(http, 404, b"", "/healthz")
    assert caught.value.detail == "answers HTTP 404: no health page at /healthz"


def test_an_address_without_a_path_is_asked_at_its_root(http: Http) -> None:
    assert said(read(http, 200, b"OK", ""))[0] == "HEALTHY"


def test_a_page_that_is_gone_is_down(dead_port: int) -> None:
    with pytest.raises(CollectError) as caught:
        PatternCollector("kv", f"http://127.0.0.1:{dead_port}/health", OPTIONS).collect(lambda: 1.0)
    assert caught.value.kind is ErrorKind.DOWN


def test_no_password_of_an_address_is_ever_shown() -> None:
    one = PatternCollector("kv", "https://hud:s3cr3t@h/health", OPTIONS)
    assert (one.instance, "s3cr3t" in one.address) == ("h:443/health", False)
    assert "s3cr3t" not in repr(Known(pattern_health_targets=["kv=https://hud:s3cr3t@h/health"]))
    with pytest.raises(ValueError, match="name=http") as caught:
        Known(pattern_health_targets=["https://hud:s3cr3t@h/health"])
    assert "what is given is not of the form" in str(caught.value)


def test_two_patterns_behind_one_port_are_distinguished() -> None:
    assert place_of("http://h:1/a/health") != place_of("http://h:1/b/health")


@pytest.mark.parametrize("target", ["kv=http://h:50052/health", "kv=https://h/health", "kv=http://[::1]:8080/x"])
def test_health_pages_are_targets(target: str) -> None:
    assert Known(pattern_health_targets=[target]).pattern_health_targets == [target]


@pytest.mark.parametrize("target", ["http://h:1/health", "kv=ftp://h/", "kv=http://", "kv=http://h:x/"])
def test_what_names_no_page_is_refused(target: str) -> None:
    with pytest.raises(ValueError, match="not of the form"):
        Known(pattern_health_targets=[target])
