"""A proxy is what its answers say: metrics, gRPC and nothing else, or somebody else altogether."""

from __future__ import annotations

from collections.abc import Callable

import grpc
import pytest

from collectors.core.recognise import by_metrics, by_title
from collectors.proxy.grpc_probe import FAMILY, METHOD
from collectors.proxy.proxy import ProxySource
from model.settings import Aliases, SourceOptions
from model.settings import Settings as Known
from model.sources import CollectError, ErrorKind
from tests.collectors.conftest import Answers, HttpServer, Reply

OPTIONS = SourceOptions(interval_seconds=1.0, timeout_seconds=5.0)
Http = Callable[[Answers], HttpServer]
Start = Callable[..., int]


def proxy(url: str) -> ProxySource:
    return ProxySource(url, OPTIONS, Aliases())


class Listening(grpc.GenericRpcHandler):  # type: ignore[type-arg]
    """Remembers what it was asked; refuses with `code`, or knows no method."""

    def __init__(self, code: grpc.StatusCode | None = None) -> None:
        self.code = code
        self.asked: list[str] = []

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler[bytes, bytes] | None:
        self.asked.append(details.method)
        if self.code is None:
            return None
        code = self.code
        return grpc.unary_unary_rpc_method_handler(lambda request, context: context.abort(code, "no"))


@pytest.mark.parametrize("form", ["http://127.0.0.1:{}/metrics", "grpc://127.0.0.1:{}"])
@pytest.mark.parametrize("code", [None, grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.INTERNAL])
def test_a_proxy_that_speaks_grpc_only_is_up_and_its_answer_timed(
    grpc_server: Start, form: str, code: grpc.StatusCode | None
) -> None:
    handler = Listening(code)
    one = proxy(form.format(grpc_server(handler)))
    for _ in range(2):
        (sample,) = one.collect(lambda: 100.0).samples()
        assert (sample.series.name, 0 < sample.value < 5) == (FAMILY, True)
        assert one.note.startswith("up, answers gRPC in ")
        assert one.note.endswith(" ms, no metrics")
    assert set(handler.asked) == {METHOD}
    one.close()


@pytest.mark.parametrize("form", ["http://127.0.0.1:{}/metrics", "grpc://127.0.0.1:{}"])
def test_a_proxy_that_is_gone_is_down(dead_port: int, form: str) -> None:
    with pytest.raises(CollectError) as caught:
        proxy(form.format(dead_port)).collect(lambda: 100.0)
    assert caught.value.kind is ErrorKind.DOWN


def test_metrics_where_grpc_was_named_are_the_wrong_protocol(http: Http) -> None:
    server = http(lambda asked: Reply(200, b"prism_requests_total 1\n"))
    with pytest.raises(CollectError) as caught:
        proxy(f"grpc://127.0.0.1:{server.port}").collect(lambda: 100.0)
    assert caught.value.kind is ErrorKind.WRONG_PROTOCOL


@pytest.mark.parametrize("url", ["grpc://proxy:8980", "grpcs://proxy:8980/", "grpc://[::1]:8980"])
def test_a_grpc_address_is_a_setting(url: str) -> None:
    assert Known(proxy_metrics_url=[url]).proxy_metrics_url == [url]


@pytest.mark.parametrize("url", ["grpc://proxy", "grpc://", "grpc://proxy:x", "grpc://u:p@proxy:1"])
def test_a_grpc_address_needs_a_port_and_no_password(url: str) -> None:
    with pytest.raises(ValueError, match="not an http"):
        Known(proxy_metrics_url=[url])


@pytest.mark.parametrize(
    ("family", "who", "setting"),
    [
        ("prism_admin_raft_state", "prism-admin", "ADMIN_METRICS_URL"),
        ("pattern_launcher_processes_total", "a pattern launcher", "LAUNCHER_TARGETS"),
        ("otelcol_process_uptime", "an OTel Collector", "OTEL_METRICS_URL"),
        ("alertmanager_alerts", "an Alertmanager", "ALERTMANAGER_URL"),
        ("prometheus_tsdb_head_series", "a Prometheus", "PROMETHEUS_URL"),
        ("dex_build_info", "Dex", "DEX_TELEMETRY_URL"), ("redis_up", "an exporter of Redis", "REDIS_EXPORTER_URLS"),
        ("pg_up", "an exporter of PostgreSQL", "POSTGRES_EXPORTER_URLS"),
        ("node_cpu_seconds_total", "a node exporter", "not of Prism"),
        ("hud_source_success", "another Prism HUD", "what that one reads"),
        ("kube_pod_info", "kube-state-metrics", "not of Prism"),
    ],
)  # fmt: skip
def test_whose_metrics_answer_on_the_proxys_port_is_said_with_the_setting(
    http: Http, family: str, who: str, setting: str
) -> None:
    text = f"process_start_time_seconds 1\nprocess_resident_memory_bytes 5\n{family} 1\n"
    with pytest.raises(CollectError) as caught:
        proxy(http(lambda asked: Reply(200, text.encode())).url).collect(lambda: 100.0)
    assert caught.value.kind is ErrorKind.WRONG_PROTOCOL
    assert caught.value.detail.startswith(f"these are the metrics of {who}; ")
    assert setting in caught.value.detail


@pytest.mark.parametrize(
    "text", ["prism_requests_total 1\nprism_admin_raft_state 2\n", "process_start_time_seconds 1\n", "a 1\n"]
)
def test_a_proxys_own_metrics_and_nobodys_are_read(http: Http, text: str) -> None:
    one = proxy(http(lambda asked: Reply(200, text.encode())).url)
    assert len(one.collect(lambda: 100.0).values) >= 1
    assert one.note == ""


@pytest.mark.parametrize(
    ("title", "who"), [("Prism HUD", "another Prism HUD"), ("SigNoz | Open source", "SigNoz"), ("Some shop", "titled")]
)
def test_whose_page_answers_is_said(http: Http, title: str, who: str) -> None:
    page = f"<!doctype html><html><head><title>{title}</title></head></html>".encode()
    with pytest.raises(CollectError) as caught:
        proxy(http(lambda asked: Reply(200, page)).url).collect(lambda: 100.0)
    assert who in caught.value.detail
    assert caught.value.kind is ErrorKind.WRONG_PROTOCOL


def test_nobody_known_is_nobody() -> None:
    assert by_metrics(["go_goroutines", "process_cpu_seconds_total"]) is None
    assert by_title("Welcome") is None


@pytest.mark.parametrize(
    ("names", "whose"),
    [
        (["cortex_ring_members", "loki_ingester_streams"], "Loki"),
        (["cortex_ring_members", "tempo_distributor_spans"], "Tempo"),
        (["etcd_requests_total", "node_authorizer_graph_actions", "apiserver_requests"], "a Kubernetes API server"),
        (["cortex_ring_members"], "Mimir or Cortex"),
    ],
)
def test_a_program_is_not_taken_for_what_it_is_made_with(names: list[str], whose: str) -> None:
    known = by_metrics(names)
    assert known is not None
    assert known.name == whose


@pytest.mark.parametrize(
    ("title", "whose"),
    [
        ("Index of /", ""),
        ("Prometheus Pushgateway", "a Pushgateway"),
        ("Prometheus Time Series Collection and Processing Server", "a Prometheus"),
        ("dex", "Dex"),
        ("System Health · Prism HUD", "another Prism HUD"),
    ],
)
def test_a_title_is_read_in_whole_words(title: str, whose: str) -> None:
    known = by_title(title)
    assert (known.name if known else "") == whose
