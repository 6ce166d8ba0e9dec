"""Dex's check, step by step: which step failed, and that keys are what counts."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from threading import Event
from typing import Any

import pytest

from bench.processes import simulated_prism
from collectors.core.contract import PartialReadError
from collectors.dex.discovery import DexCollector
from model.series import Scrape
from model.settings import SourceOptions
from model.sources import CollectError, ErrorKind
from tests.collectors.conftest import Answers, Asked, HttpServer, Reply

OPTIONS = SourceOptions(interval_seconds=10.0, timeout_seconds=2.5)
NOW = 1_790_000_000.0
Http = Callable[[Answers], HttpServer]
METRICS = b"""# TYPE http_requests_total counter
http_requests_total{code="200",handler="/token",method="post"} 12
http_requests_total{code="401",handler="/token",method="post"} 3
# TYPE go_goroutines gauge
go_goroutines 9
# TYPE dex_build_info gauge
dex_build_info{version="v2.37.0"} 1
"""


class Dex:
    """A provider below /dex; what it says can be changed route by route."""

    def __init__(self, http: Http) -> None:
        self.server = http(self._answer)
        self.issuer = f"{self.server.url}/dex"
        self.document: dict[str, Any] = {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/keys"}
        self.replies: dict[str, Reply] = {
            "/dex/keys": Reply.of({"keys": [{"kty": "RSA", "kid": "k1", "alg": "RS256"}, {"kty": "EC", "kid": "k2"}]}),
            "/dex/healthz": Reply(200, b"Health check passed"),
            "/metrics": Reply(200, METRICS, {"Content-Type": "text/plain"}),
        }

    def _answer(self, asked: Asked) -> Reply:
        """Each answer ends its connection, so that a closed server is gone at once."""
        reply = self._said(asked)
        return replace(reply, headers={**reply.headers, "Connection": "close"})

    def _said(self, asked: Asked) -> Reply:
        if asked.path == "/dex/.well-known/openid-configuration":
            return self.replies.get("discovery") or Reply.of(self.document)
        return self.replies.get(asked.path, Reply(404, b"404 page not found"))

    def collector(self, telemetry: bool = True, issuer: str = "") -> DexCollector:
        return DexCollector(issuer or self.issuer, self.server.url if telemetry else "", OPTIONS)


def read(collector: DexCollector, at: float = NOW) -> Scrape:
    return collector.collect(lambda: at)


def partly(collector: DexCollector, at: float = NOW) -> tuple[CollectError, Scrape]:
    with pytest.raises(PartialReadError) as caught:
        read(collector, at)
    return caught.value, caught.value.scrape


def of(scrape: Scrape, name: str, label: str) -> dict[str, float]:
    return {s.series.label(label) or "": s.value for s in scrape.samples() if s.series.name == name}


def steps(scrape: Scrape) -> dict[str, float]:
    return of(scrape, "dex_step_ok", "step")


def why(scrape: Scrape, step: str) -> str:
    return next(
        f"{one.label('error')}: {one.label('detail')}"
        for one in scrape.series
        if one.name == "dex_step_failure_info" and one.label("step") == step
    )


@contextmanager
def hanging(dex: Dex, *paths: str) -> Iterator[None]:
    """The server takes what is asked at these paths, and never answers it."""
    answer, over = dex.server.answers, Event()

    def answers(asked: Asked) -> Reply:
        if asked.path in paths:
            over.wait()
        return answer(asked)

    dex.server.answers = answers
    try:
        yield
    finally:
        over.set()


@pytest.fixture
def dex(http: Http) -> Dex:
    return Dex(http)


def test_all_is_well(dex: Dex) -> None:
    scrape = read(dex.collector())
    assert steps(scrape) == dict.fromkeys(("discovery", "issuer", "keys", "health", "telemetry"), 1.0)
    assert of(scrape, "dex_key_info", "kid") == {"k1": 1.0, "k2": 1.0}
    assert of(scrape, "dex_keys", "instance") == {scrape.instance: 2.0}
    assert set(of(scrape, "dex_step_duration_seconds", "step")) == {"discovery", "keys", "health", "telemetry"}
    assert of(scrape, "dex_keys_read_timestamp_seconds", "instance") == {scrape.instance: NOW}
    assert all(one.label("instance") == scrape.instance for one in scrape.series)


def test_the_telemetry_reports_sign_ins_and_nothing_of_go(dex: Dex) -> None:
    scrape = read(dex.collector())
    assert of(scrape, "dex_http_requests_total", "code") == {"200": 12.0, "401": 3.0}
    assert of(scrape, "dex_build_info", "version") == {"v2.37.0": 1.0}
    assert not [one for one in scrape.series if one.name.startswith("go_")]


def test_without_a_telemetry_address_there_is_no_such_step(dex: Dex) -> None:
    assert "telemetry" not in steps(read(dex.collector(telemetry=False)))


@pytest.mark.parametrize("reply", [Reply(200, b"x 1\n"), Reply(500, b""), Reply(200, b"<html>")])
def test_a_telemetry_that_cannot_be_read_is_reported_and_no_failure(dex: Dex, reply: Reply) -> None:
    dex.replies["/metrics"] = reply
    scrape = read(dex.collector())
    assert (steps(scrape)["telemetry"], steps(scrape)["keys"]) == (0.0, 1.0)


@pytest.mark.parametrize("reported", ["http://localhost:5556/dex/", "HTTP://LOCALHOST:5556/dex", None, 7])
def test_an_issuer_that_is_not_exactly_ours_is_a_failed_step(dex: Dex, reported: Any) -> None:
    dex.document["issuer"] = reported
    scrape = read(dex.collector())
    assert (steps(scrape)["discovery"], steps(scrape)["issuer"], steps(scrape)["keys"]) == (1.0, 0.0, 1.0)
    assert dex.issuer in why(scrape, "issuer")


def test_the_issuers_last_slash_counts(dex: Dex) -> None:
    scrape = read(dex.collector(issuer=dex.issuer + "/"))
    assert steps(scrape)["issuer"] == 0.0
    dex.document["issuer"] += "/"
    assert steps(read(dex.collector(issuer=dex.issuer + "/")))["issuer"] == 1.0


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"keys": []}, "holds no key"),
        ({"keys": [5, None]}, "holds no key"),
        ({}, "no list of keys"),
        ([], "no object"),
    ],
)
def test_a_jwks_without_a_key_fails_the_read(dex: Dex, keys: Any, said: str) -> None:
    dex.replies["/dex/keys"] = Reply.of(keys)
    error, scrape = partly(dex.collector())
    assert (error.kind, steps(scrape)["keys"], steps(scrape)["discovery"]) == (ErrorKind.MALFORMED, 0.0, 1.0)
    assert said in why(scrape, "keys")
    assert "dex_keys_read_timestamp_seconds" not in {one.name for one in scrape.series}


@pytest.mark.parametrize("document", [{}, {"jwks_uri": 5}, {"jwks_uri": "file:///etc/passwd"}, []])
def test_a_discovery_that_leads_nowhere_fails_the_read(dex: Dex, document: Any) -> None:
    dex.replies["discovery"] = Reply.of(document)
    error, scrape = partly(dex.collector())
    assert error.kind is ErrorKind.MALFORMED
    assert steps(scrape)["discovery"] == 0.0
    assert "keys" not in steps(scrape)


def test_keys_that_hang_are_timed_out_soon_and_all_other_steps_are_still_judged(dex: Dex) -> None:
    began = time.monotonic()
    with hanging(dex, "/dex/keys"):
        error, scrape = partly(dex.collector())
    assert time.monotonic() - began < OPTIONS.timeout_seconds + 1.0
    assert error.kind is ErrorKind.TIMED_OUT
    assert steps(scrape) == {"discovery": 1.0, "issuer": 1.0, "keys": 0.0, "health": 1.0, "telemetry": 1.0}
    assert re.fullmatch(r"timed out: no complete answer within \d\.\d s", why(scrape, "keys"))


def test_a_discovery_that_hangs_costs_neither_known_keys_nor_the_health_check(dex: Dex) -> None:
    collector = dex.collector(telemetry=False)
    read(collector)
    with hanging(dex, "/dex/.well-known/openid-configuration"):
        scrape = read(collector, NOW + 10)
    assert steps(scrape) == {"discovery": 0.0, "keys": 1.0, "health": 1.0}


def test_a_server_that_hangs_altogether_is_left_within_its_time(dex: Dex) -> None:
    collector = dex.collector(telemetry=False)
    read(collector)
    began = time.monotonic()
    with hanging(dex, "/dex/.well-known/openid-configuration", "/dex/keys", "/dex/healthz"):
        error, scrape = partly(collector, NOW + 10)
    assert time.monotonic() - began < OPTIONS.timeout_seconds + 1.0
    assert (error.kind, set(steps(scrape).values())) == (ErrorKind.TIMED_OUT, {0.0})


def test_discovery_failing_while_the_keys_are_there_is_a_failed_step_and_no_failed_read(dex: Dex) -> None:
    collector = dex.collector()
    read(collector)
    dex.replies["discovery"] = Reply(500, b"storage")
    scrape = read(collector, NOW + 10)
    assert (steps(scrape)["discovery"], steps(scrape)["keys"]) == (0.0, 1.0)
    assert why(scrape, "discovery") == "HTTP error: HTTP 500 Internal Server Error: storage"
    assert "issuer" not in steps(scrape), "nobody reported it"


def test_when_all_is_gone_the_time_of_the_last_keys_stays_known(dex: Dex) -> None:
    collector = dex.collector(telemetry=False)
    read(collector)
    dex.server.close()
    error, scrape = partly(collector, NOW + 10)
    assert error.kind is ErrorKind.DOWN
    assert steps(scrape) == {"discovery": 0.0, "keys": 0.0}
    assert of(scrape, "dex_keys_read_timestamp_seconds", "instance") == {scrape.instance: NOW}


@pytest.mark.parametrize(("status", "reported"), [(404, None), (405, None), (500, 0.0)])
def test_a_provider_without_a_health_check_is_not_an_ill_one(dex: Dex, status: int, reported: float | None) -> None:
    dex.replies["/dex/healthz"] = Reply(status, b"no")
    assert steps(read(dex.collector())).get("health") == reported


def test_credentials_in_what_it_says_are_removed_and_names_are_cut(dex: Dex) -> None:
    dex.document["issuer"] = "http://bob:opensesame@x/" + "y" * 500
    dex.replies["/dex/keys"] = Reply.of({"keys": [{"kid": "<script>" + "z" * 500, "alg": {"a": 1}}]})
    scrape = read(dex.collector())
    assert "opensesame" not in why(scrape, "issuer")
    ((kid, _),) = of(scrape, "dex_key_info", "kid").items()
    assert kid.startswith("<script>")
    assert len(kid) == 120


def test_who_we_are_is_reported_to_the_issuer_only(dex: Dex, http: Http) -> None:
    other = http(lambda asked: Reply.of({"keys": [{"kid": "far"}]}))
    dex.document["jwks_uri"] = f"{other.url}/keys"
    options = OPTIONS.model_copy(update={"username": "hud", "password": SourceOptions.model_fields["password"].default})
    scrape = DexCollector(dex.issuer, "", options).collect(lambda: NOW)
    assert of(scrape, "dex_key_info", "kid") == {"far": 1.0}
    assert "authorization" in dex.server.asked[0].headers
    assert "authorization" not in other.asked[0].headers


@pytest.fixture(scope="module")
def prism() -> Iterator[dict[str, Any]]:
    with simulated_prism() as addresses:
        yield addresses


@pytest.mark.server
def test_the_simulated_dex_passes_every_step(prism: dict[str, Any]) -> None:
    collector = DexCollector(prism["dex_issuer"], prism["dex_telemetry_url"], OPTIONS)
    scrape = read(collector)
    assert steps(scrape) == dict.fromkeys(("discovery", "issuer", "keys", "health", "telemetry"), 1.0)
    assert of(scrape, "dex_key_info", "alg") == {"RS256": 1.0}
    assert of(scrape, "dex_http_requests_total", "handler").keys() == {"/token", "/keys"}
