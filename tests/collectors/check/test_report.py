"""`--check` against servers that answer, refuse, hang or speak something else: what it says, and what it never does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse

from collectors.check import visit as check_visit
from collectors.check.alias_suggestions import alias_lines, related
from collectors.check.report import USEFUL, USELESS, Checked, check, unfilled
from collectors.check.visit import Visit
from collectors.core.contract import Clock, KeepPast, Reported
from model.catalogue import BY_NAME
from model.needs import NEEDS
from model.series import Kind, Scrape
from model.settings import Settings as Known
from model.settings import SourceTable
from model.sources import CollectError, ErrorKind, SourceState
from tests.collectors.conftest import Answers, Asked, HttpServer, Reply
from tests.patience import patience
from tests.servers.process import running
from tests.servers.redis_process import RedisProcess

Http = Callable[[Answers], HttpServer]
Raw = Callable[[Callable[..., None]], int]
SECRET = "s3cr3t"
METRICS = b"""# TYPE prism_requests_total counter
prism_requests_total{namespace="shop",pattern="redis",operation="Get",status="success"} 7
# TYPE proxy_jwks_cache_hits_total counter
proxy_jwks_cache_hits_total 3
# TYPE prism_mystery gauge
prism_mystery 1
# TYPE something_else_entirely gauge
something_else_entirely 1
"""
PLAIN = METRICS.partition(b"# TYPE proxy_")[0]


def settings(**given: object) -> Known:
    """Nothing but what is given."""
    off = {"proxy_metrics_url": [], "signoz_api_url": "", "admin_api_url": ""}
    return Known(**{**off, **given})


def row(found: Checked, source: str) -> list[str]:
    """The cells of a source's row."""
    line = next(line for line in found.lines if line.startswith(source))
    return [cell.strip() for cell in line.split("  ") if cell.strip()]


def text(found: Checked) -> str:
    return "\n".join(found.lines)


def serving(body: bytes, status: int = 200) -> Answers:
    return lambda asked: Reply(status, body, {"Content-Type": "text/plain"})


def test_nothing_configured_says_that_a_simulated_prism_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Known.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    found = check(Known())
    assert found.status == USEFUL
    assert "simulated Prism" in found.lines[0]
    assert found.lines[-1].startswith("Next: name what you have")


def test_a_proxy_that_is_read_shows_its_families_and_what_is_missing(http: Http) -> None:
    server = http(serving(METRICS))
    found = check(settings(proxy_metrics_url=[f"{server.url}/metrics"]))
    assert found.status == USEFUL
    assert row(found, "proxy")[1:] == [f"{server.url}/metrics", "yes", "HTTP", "not asked", "1: prism_requests_total"]
    assert "System Health: P99 latency, Auth success, Latency; by PROXY_METRICS_URL" in text(found).replace(
        "\n      ", " "
    )
    assert "Success rate" not in text(found)
    assert [(asked.method, asked.path) for asked in server.asked] == [("GET", "/metrics")]


SUMMARY_OF_REQUESTS = (
    METRICS
    + b"""# TYPE prism_request_duration_seconds summary
prism_request_duration_seconds{quantile="0.99"} 0.004
prism_request_duration_seconds_sum 9
prism_request_duration_seconds_count 7
"""
)


def test_a_histogram_that_is_none_is_named_with_why_and_fills_nothing(http: Http) -> None:
    found = check(settings(proxy_metrics_url=[http(serving(SUMMARY_OF_REQUESTS)).url]))
    said = " ".join(text(found).split())
    assert "Histograms that cannot be used: proxy@" in said
    assert "prism_request_duration_seconds: it is reported as a summary, whose quantiles cannot be merged" in said
    assert "System Health: P99 latency, Auth success, Latency; by" in said


def test_names_that_look_related_come_with_the_line_that_maps_them(http: Http) -> None:
    found = check(settings(proxy_metrics_url=[http(serving(METRICS)).url], launcher_targets=["127.0.0.1:1"]))
    assert "prism_mystery, proxy_jwks_cache_hits_total" in text(found)
    assert "something_else_entirely" not in text(found)
    assert '    proxy_jwks_cache_hits_total = "prism_jwks_cache_hits_total"' in text(found)


def test_the_offered_line_does_what_it_promises(http: Http) -> None:
    server = http(serving(METRICS))
    before = check(settings(proxy_metrics_url=[server.url]))
    mapped = {"metrics": {"proxy_jwks_cache_hits_total": "prism_jwks_cache_hits_total"}}
    after = check(settings(proxy_metrics_url=[server.url], aliases=mapped))
    assert "JWKS hits" in text(before)
    assert "JWKS hits" not in text(after)
    assert "[aliases.metrics]" not in text(after)


def test_a_proxy_that_speaks_grpc_only_is_up_and_said_to_have_no_metrics(grpc_server: Callable[..., int]) -> None:
    port = grpc_server()
    found = check(settings(proxy_metrics_url=[f"http://127.0.0.1:{port}/metrics"], launcher_targets=["127.0.0.1:1"]))
    assert found.status == USEFUL
    assert row(found, "proxy")[2:4] == ["yes", "gRPC, no metrics"]
    assert row(found, "proxy")[-1] == "1: prism_proxy_probe_duration_seconds"


def test_whose_metrics_answer_in_the_proxys_stead_is_said_with_their_setting(http: Http) -> None:
    server = http(serving(b"# TYPE prism_admin_raft_state gauge\nprism_admin_raft_state 2\n"))
    found = check(settings(proxy_metrics_url=[f"{server.url}/metrics"]))
    assert found.status == USELESS
    assert "these are the metrics of prism-admin; its address belongs in ADMIN_METRICS_URL" in found.lines[-1]


def test_the_advice_for_a_health_page_works_when_it_is_copied(http: Http) -> None:
    server = http(lambda asked: Reply(200 if asked.path == "/health" else 404, b"OK"))
    before = check(settings(pattern_health_targets=[f"kv=127.0.0.1:{server.port}"]))
    assert before.status == USELESS
    advised = before.lines[-1].partition("set PATTERN_HEALTH_TARGETS=")[2]
    after = check(settings(pattern_health_targets=[advised]))
    assert after.status == USEFUL
    assert row(after, "patterns")[2:4] == ["yes", "HTTP"]


def test_a_pattern_without_grpc_health_is_advised_to_the_page_a_port_above(grpc_server: Callable[..., int]) -> None:
    port = grpc_server()
    found = check(settings(pattern_health_targets=[f"kv=127.0.0.1:{port}"]))
    assert found.lines[-1].endswith(f"set PATTERN_HEALTH_TARGETS=kv=http://127.0.0.1:{port + 1}/health")


def test_a_web_page_in_a_health_target_is_no_grpc(http: Http) -> None:
    server = http(serving(b"<html>"))
    found = check(settings(pattern_health_targets=[f"redis=127.0.0.1:{server.port}"]))
    assert row(found, "patterns")[1:5] == [f"redis at 127.0.0.1:{server.port}", "yes", "HTTP, not gRPC", "-"]
    assert "PATTERN_HEALTH_TARGETS" in found.lines[-1]


@pytest.mark.parametrize("status", [401, 403])
def test_who_wants_to_know_who_asks_is_said_with_the_setting(http: Http, status: int) -> None:
    found = check(settings(proxy_metrics_url=[http(serving(b"no", status)).url]))
    assert row(found, "proxy")[4] == "no"
    assert "bearer_token_file or username under [sources.proxy]" in found.lines[-1]
    assert found.status == USELESS


def test_who_takes_our_name_is_distinguished_from_who_does_not_ask(http: Http) -> None:
    server = http(serving(METRICS))
    url = server.url.replace("//", f"//hud:{SECRET}@") + f"/metrics?token={SECRET}"
    found = check(settings(proxy_metrics_url=[url]))
    assert row(found, "proxy")[4] == "yes"
    table = SourceTable()
    table.proxy = table.proxy.model_copy(update={"username": "hud"})
    assert row(check(settings(proxy_metrics_url=[server.url], sources=table)), "proxy")[4] == "yes"


def test_no_credential_is_ever_said(http: Http, dead_port: int) -> None:
    server = http(lambda asked: Reply(500, f"cannot reach redis://u:{SECRET}@db password={SECRET}".encode()))
    found = check(settings(
        proxy_metrics_url=[server.url.replace("//", f"//hud:{SECRET}@")],
        admin_api_url=f"http://hud:{SECRET}@127.0.0.1:{dead_port}/x?token={SECRET}",
        signoz_api_url=server.url, signoz_api_key=SECRET,
    ))  # fmt: skip
    assert SECRET not in text(found)


def test_all_are_visited_at_once_and_whoever_hangs_costs_no_more_than_a_few_seconds(black_hole: int) -> None:
    table = SourceTable()
    table.patterns = table.patterns.model_copy(update={"timeout_seconds": 60.0})
    hanging = [f"p{number}=127.0.0.1:{black_hole}" for number in range(1)]
    urls = [f"http://127.0.0.1:{black_hole}/{number}" for number in range(8)]
    began = time.monotonic()
    found = check(settings(proxy_metrics_url=urls, pattern_health_targets=hanging, sources=table))
    assert time.monotonic() - began < 10 * patience()
    assert found.status == USELESS
    assert sum(": timed out: " in line for line in found.lines) == 9
    assert row(found, "patterns")[2:5] == ["no", "-", "-"]


def test_whoever_ignores_its_time_is_left_behind(black_hole: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_visit, "ALL_SECONDS", 0.0)
    found = check(settings(proxy_metrics_url=[f"http://127.0.0.1:{black_hole}/"]))
    assert "no answer for 0 s" in text(found)


def test_an_answer_that_took_longer_than_its_timeout_is_called_slow(http: Http) -> None:
    table = SourceTable()
    table.proxy = table.proxy.model_copy(update={"timeout_seconds": 0.0001})
    found = check(settings(proxy_metrics_url=[http(serving(METRICS)).url], sources=table))
    assert "its timeout is 0.0001 s (timeout_seconds under [sources.proxy])" in text(found)
    assert found.status == USEFUL


def test_a_default_that_nobody_named_and_nobody_answers_at_is_no_fault(
    http: Http, grpc_server: Callable[..., int], dead_port: int
) -> None:
    given = settings(
        proxy_metrics_url=[http(serving(PLAIN)).url],
        pattern_health_targets=[f"redis=127.0.0.1:{grpc_server(serving_health())}"],
    )
    odd = given.model_copy(update={"admin_api_url": f"http://127.0.0.1:{dead_port}"})
    odd.model_fields_set.discard("admin_api_url")
    found = check(odd)
    assert f"admin: not configured (default http://127.0.0.1:{dead_port} tried: down" in text(found)
    assert found.lines[0].startswith("2 sources configured")
    assert found.lines[-1] == "Next: all set: make dashboard-run"


def serving_health() -> Any:
    """grpc.health.v1 as a foreign server has it: the whole is SERVING, no other name is known."""

    def answer(request: bytes, context: grpc.ServicerContext) -> bytes:
        if HealthCheckRequest.FromString(request).service:
            context.abort(grpc.StatusCode.NOT_FOUND, "unknown service")
        return bytes(HealthCheckResponse(status=HealthCheckResponse.SERVING).SerializeToString())

    handler = {"Check": grpc.unary_unary_rpc_method_handler(answer)}
    return grpc.method_handlers_generic_handler("grpc.health.v1.Health", handler)


def test_with_all_that_was_named_read_nothing_is_left_to_do(http: Http, grpc_server: Callable[..., int]) -> None:
    found = check(settings(
        proxy_metrics_url=[http(serving(PLAIN)).url],
        pattern_health_targets=[f"redis=127.0.0.1:{grpc_server(serving_health())}"],
    ))  # fmt: skip
    assert row(found, "patterns")[3] == "gRPC (grpc.health.v1)"
    assert found.lines[-1] == "Next: all set: make dashboard-run"


def test_a_source_that_somebody_named_and_that_is_down_comes_before_what_is_missing(dead_port: int, http: Http) -> None:
    found = check(
        settings(proxy_metrics_url=[http(serving(METRICS)).url], admin_api_url=f"http://127.0.0.1:{dead_port}")
    )
    assert "admin@127.0.0.1" in found.lines[-1]
    assert "ADMIN_API_URL" in found.lines[-1]
    assert row(found, "admin")[2:5] == ["no", "-", "-"]


def test_a_dead_dex_counts_as_nothing_read_though_its_steps_are_reported(dead_port: int) -> None:
    found = check(settings(dex_issuer_url=f"http://127.0.0.1:{dead_port}/dex"))
    assert row(found, "dex")[2:] == ["no", "-", "-", "0"]
    assert found.status == USELESS


def test_signoz_is_asked_with_nothing_that_changes_it(http: Http) -> None:
    def answer(asked: Asked) -> Reply:
        return Reply.of({"status": "success", "data": []})

    server = http(answer)
    check(settings(signoz_api_url=server.url))
    asked = {(one.method, one.path) for one in server.asked}
    assert asked
    assert all(method == "GET" or path.endswith("/query_range") for method, path in asked)


def visit(*known: str, unknown: tuple[tuple[str, Kind], ...] = (), source: str = "proxy") -> Visit:
    return Visit(source, "a:1", "http://a:1", "HTTP", False, known=frozenset(known), unknown=unknown)


def test_a_panel_is_missing_when_none_of_its_families_was_read() -> None:
    everything = visit(*BY_NAME)
    assert unfilled([everything]) == []
    assert unfilled([visit()]) == list(NEEDS)
    assert "Success rate" not in {need.widget for need in unfilled([visit("prism_requests_total")])}


def test_what_signoz_reports_over_several_reads_is_not_called_missing() -> None:
    missing = {need.widget for need in unfilled([visit(source="signoz")])}
    assert "Whole traces" not in missing
    assert "Success rate" in missing


@pytest.mark.parametrize(
    ("name", "kind", "meant"),
    [
        ("prism_request_total", Kind.COUNTER, "prism_requests_total"),
        ("prism_request_total", Kind.GAUGE, ""),
        ("proxy_pubsub_dropped_total", Kind.COUNTER, "prism_pubsub_dropped_total"),
        ("prism_pool_size", Kind.GAUGE, ""),
    ],
)
def test_a_name_is_taken_for_the_one_it_is_most_alike_and_behaves_like(name: str, kind: Kind, meant: str) -> None:
    assert related(visit(unknown=((name, kind),))) == [(name, meant)]


def test_what_is_read_already_is_offered_to_no_other_name_and_nothing_twice() -> None:
    known = visit("prism_requests_total", unknown=(("prism_request_total", Kind.COUNTER),))
    assert alias_lines([known]) == []
    two = (("prism_request_total", Kind.COUNTER), ("proxy_requests_total", Kind.COUNTER))
    assert sum("prism_requests_total" in line for line in alias_lines([visit(unknown=two)])) == 1


def test_a_name_that_is_no_bare_key_is_quoted() -> None:
    lines = alias_lines([visit(unknown=(("prism:requests_total", Kind.COUNTER),))])
    assert lines[1].startswith('"prism:requests_total" = "prism_requests_total"')


class Window:
    """A source through which two others are read: one reports, one cannot be read."""

    source, instance, address = "prometheus", "prom:9090", "http://prom:9090"
    interval_seconds, timeout_seconds = 5.0, 5.0
    note = ""

    def collect(self, now: Clock) -> Scrape:
        return Scrape(self.source, self.instance, now())

    def reported(self) -> list[Reported]:
        read = Scrape("proxy", "p:1", 1.0)
        read.add("prism_requests_total", 1.0, Kind.COUNTER)
        states = [SourceState(f"proxy@{at}", "proxy", at, f"http://prom:9090 for {at}", 15.0) for at in ("p:1", "p:2")]
        refused = CollectError(ErrorKind.DOWN, "connection refused")
        return [Reported(states[0].succeeded(1.0, 0.1, 1), read), Reported(states[1].failed(1.0, 0.1, refused))]

    def recall(self, keep: KeepPast, stop: threading.Event, now: Clock) -> None:
        """Nothing of the past."""

    def close(self) -> None:
        """Nothing to close."""


def test_what_is_read_through_another_source_has_its_own_row() -> None:
    reported = check_visit.visit_all([Window()], settings())
    assert [(one.key, one.protocol, one.reachable, sorted(one.known)) for one in reported] == [
        ("prometheus@prom:9090", "HTTP", "yes", []),
        ("proxy@p:1", "by prometheus", "yes", ["prism_requests_total"]),
        ("proxy@p:2", "by prometheus", "no", []),
    ]


@pytest.mark.server
def test_a_real_redis_is_named_by_its_protocol_and_fills_what_reports_of_servers(tmp_path: Path) -> None:
    with running(RedisProcess(tmp_path)) as server:
        found = check(settings(redis_urls=[f"cache={server.url}"]))
    assert row(found, "redis")[1:5] == [f"cache at {server.url}", "yes", "Redis", "not asked"]
    said = text(found)
    assert "Backends: Connection pools, Connections over time, Panel per backend; by PROXY_METRICS_URL" in said
    assert "Servers" not in said
    assert found.status == USEFUL
