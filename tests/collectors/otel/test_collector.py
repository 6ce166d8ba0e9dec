"""The OTel Collector's telemetry in all its spellings, and its health check beside it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.build import build_collectors
from collectors.core.contract import PartialReadError, key_of
from collectors.otel.collector import OtelCollector
from collectors.otel.names import spellings
from model.catalogue import BY_NAME
from model.catalogue.otel import SIGNALS
from model.series import Scrape
from model.settings import Aliases, Settings, SourceOptions
from model.sources import CollectError, ErrorKind
from tests.collectors.conftest import Answers, Asked, HttpServer, Reply
from tests.collectors.every_collector import HTML
from tests.collectors.signoz_fake import Http

OPTIONS = SourceOptions(interval_seconds=5.0, timeout_seconds=2.0)
NOW = 1_762_506_000.0
RECORDED = Path(__file__).parents[1] / "recorded" / "simulator_otel.txt"
UP = Reply.of({"status": "Server available", "upSince": "2025-11-07T08:00:00Z", "uptime": "1h0m0.0s"})


def answers(text: str = "", health: Reply = UP) -> Answers:
    def answer(asked: Asked) -> Reply:
        return Reply(200, text.encode()) if asked.path == "/metrics" else health

    return answer


def read(server: HttpServer, metrics: bool = True, health: bool = True, aliases: Aliases | None = None) -> Scrape:
    urls = f"{server.url}/metrics" if metrics else "", server.url if health else ""
    collector = OtelCollector(*urls, OPTIONS, aliases or Aliases())
    try:
        return collector.collect(lambda: NOW)
    finally:
        collector.close()


def values(scrape: Scrape) -> dict[str, float]:
    return {one.series.name: one.value for one in scrape.samples() if not one.series.name.startswith("otelcol_health")}


def health_of(scrape: Scrape) -> tuple[str | None, str | None]:
    (one,) = [series for series in scrape.series if series.name == "otelcol_health_info"]
    return one.label("state"), one.label("detail")


SPELT = {
    "no suffix (to v0.118, and the default reader)": ("otelcol_exporter_sent_{}", "otelcol_process_uptime"),
    "with suffixes (v0.119 to v0.151, reader written out)": (
        "otelcol_exporter_sent_{}_total", "otelcol_process_uptime_seconds_total",
    ),
    "a unit only": ("otelcol_exporter_sent_{}_total", "otelcol_process_uptime_seconds"),
    "no prefix": ("exporter_sent_{}", "otelcol_process_uptime"),
}  # fmt: skip


@pytest.mark.parametrize("form", SPELT)
def test_counters_and_uptime_are_read_in_each_historical_spelling(http: Http, form: str) -> None:
    sent, uptime = SPELT[form]
    labels = '{exporter="clickhousetraces",service_version="0.135.0"}'
    lines = [f"{sent.format(signal)}{labels} {10 + at}" for at, signal in enumerate(SIGNALS)]
    reported = values(read(http(answers("\n".join([*lines, f"{uptime} 12.5"]) + "\n"))))
    assert reported == {
        "otelcol_exporter_sent_spans_total": 10,
        "otelcol_exporter_sent_metric_points_total": 11,
        "otelcol_exporter_sent_log_records_total": 12,
        "otelcol_process_uptime_seconds": 12.5,
    }


def test_the_doubled_units_of_v0_130_are_understood(http: Http) -> None:
    text = (
        'otelcol_exporter_sent_spans__spans__total{exporter="a"} 1\n'
        'otelcol_exporter_send_failed_metric_points__datapoints__total{exporter="a"} 2\n'
        'otelcol_exporter_queue_size__batches_{exporter="a"} 3\n'
        "otelcol_process_memory_rss 4096\n"
    )
    assert values(read(http(answers(text)))) == {
        "otelcol_exporter_sent_spans_total": 1,
        "otelcol_exporter_send_failed_metric_points_total": 2,
        "otelcol_exporter_queue_size": 3,
        "otelcol_process_memory_rss_bytes": 4096,
    }


def test_a_name_that_is_there_in_two_spellings_is_counted_once(http: Http) -> None:
    text = 'otelcol_exporter_sent_spans{exporter="a"} 7\notelcol_exporter_sent_spans_total{exporter="a",x="y"} 7\n'
    reported = [one.value for one in read(http(answers(text))).samples() if "sent_spans_total" in one.series.name]
    assert reported == [7]


@given(st.sampled_from(sorted(spellings().items())))
def test_every_spelling_leads_to_a_family_of_the_catalogue_and_never_back(pair: tuple[str, str]) -> None:
    spelt, name = pair
    assert BY_NAME[name].source == "otel"
    assert spelt not in BY_NAME
    assert name not in spellings()


@pytest.mark.parametrize(
    ("name", "bound"),
    [
        ("rpc_client_duration", 10),  # milliseconds, unsaid
        ("otelcol_rpc_client_duration_milliseconds", 10),
        ("http_client_request_duration", 0.01),
        ("http_client_request_duration_seconds", 0.01),
    ],
)
def test_request_durations_become_one_histogram_in_seconds(http: Http, name: str, bound: float) -> None:
    text = (
        f"# TYPE {name} histogram\n"
        f'{name}_bucket{{le="{bound}"}} 3\n{name}_bucket{{le="+Inf"}} 4\n{name}_sum {bound}\n{name}_count 4\n'
    )
    scrape = read(http(answers(text)))
    canonical = "otelcol_exporter_request_duration_seconds"
    edges = [one.label("le") for one in scrape.series if one.name == f"{canonical}_bucket"]
    assert edges == ["0.01", "+Inf"]
    assert values(scrape)[f"{canonical}_sum"] == pytest.approx(0.01)


def test_what_a_collector_really_wrote_is_read(http: Http) -> None:
    reported = values(read(http(answers(RECORDED.read_text(encoding="utf-8")))))
    wanted = [name for name, family in BY_NAME.items() if family.source == "otel"]
    rare = {"otelcol_exporter_request_duration_seconds", "otelcol_health_info"}
    assert set(wanted) - rare <= set(reported)
    assert reported["otelcol_exporter_queue_capacity"] == 1000


def test_the_operators_own_aliases_win(http: Http) -> None:
    aliases = Aliases(metrics={"mine_sent": "otelcol_exporter_sent_spans_total"})
    reported = values(read(http(answers('mine_sent{exporter="a"} 5\n')), aliases=aliases))
    assert reported == {"otelcol_exporter_sent_spans_total": 5}


NOT_READY = Reply.of({"status": "Server not available", "upSince": "0001-01-01T00:00:00Z", "uptime": ""}, 503)


@pytest.mark.parametrize(
    ("reply", "state", "detail"),
    [
        (UP, "available", ""),
        (Reply(200, b"all fine"), "available", ""),
        (NOT_READY, "not available", "Server not available"),
        (Reply(500, b"boom"), "not available", "HTTP 500"),
        (Reply.of({"healthy": False, "error": "no disk"}), "not available", "no disk"),
        (Reply(404, b"404 page not found"), "no answer", "HTTP 404 Not Found: 404 page not found"),
        (Reply(200, HTML), "no answer", "wrong protocol: answered HTML, not a health check"),
    ],
)  # fmt: skip
def test_the_health_check_is_reported_beside_the_counters(http: Http, reply: Reply, state: str, detail: str) -> None:
    scrape = read(http(answers('otelcol_exporter_sent_spans{exporter="a"} 1\n', reply)))
    assert health_of(scrape) == (state, detail)
    assert values(scrape) == {"otelcol_exporter_sent_spans_total": 1}


def test_without_the_metrics_the_health_is_still_reported(http: Http) -> None:
    with pytest.raises(PartialReadError) as caught:
        read(http(answers("<html>")))
    assert caught.value.kind is ErrorKind.WRONG_PROTOCOL
    assert health_of(caught.value.scrape) == ("available", "")


def test_the_health_check_alone_is_a_source_too(http: Http, dead_port: int) -> None:
    assert health_of(read(http(answers()), metrics=False)) == ("available", "")
    gone = OtelCollector("", f"http://127.0.0.1:{dead_port}", OPTIONS, Aliases())
    with pytest.raises(CollectError) as caught:
        gone.collect(lambda: NOW)
    assert caught.value.kind is ErrorKind.DOWN


def test_a_health_check_that_is_gone_does_not_fail_the_counters(http: Http, dead_port: int) -> None:
    server = http(answers('otelcol_exporter_sent_spans{exporter="a"} 1\n'))
    urls = f"{server.url}/metrics", f"http://127.0.0.1:{dead_port}"
    scrape = OtelCollector(*urls, OPTIONS, Aliases()).collect(lambda: NOW)
    assert values(scrape) == {"otelcol_exporter_sent_spans_total": 1}
    assert health_of(scrape)[0] == "no answer"


def test_the_extensions_own_path_is_kept(http: Http) -> None:
    server = http(answers())
    OtelCollector("", f"{server.url}/status", OPTIONS, Aliases()).collect(lambda: NOW)
    assert [asked.path for asked in server.asked] == ["/status"]


def test_it_is_built_when_one_of_its_addresses_is_set() -> None:
    off = {"proxy_metrics_url": [], "signoz_api_url": "", "admin_api_url": ""}
    for urls, key in (({"otel_metrics_url": "http://o:8888/metrics"}, "otel@o:8888"),
                      ({"otel_health_url": "http://o:13133/"}, "otel@o:13133")):  # fmt: skip
        (one,) = build_collectors(Settings(**off, **urls))
        one.close()
        assert key_of(one) == key
