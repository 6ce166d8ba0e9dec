"""SigNoz over two years of its versions: routes, shapes, refusals."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from collectors.core.contract import PartialReadError
from collectors.signoz.collector import SignozCollector
from collectors.signoz.results import Figures, put
from model.sources import CollectError, ErrorKind
from tests.collectors.conftest import Asked, Reply
from tests.collectors.signoz_fake import (
    HTML,
    NOW,
    OPTIONS,
    V3,
    V3_FIGURES,
    V5_FIGURES,
    Http,
    Signoz,
    alert,
    figures,
    read,
)


def test_v5_answers_become_figures_in_base_units_and_what_is_no_number_is_missing(http: Http) -> None:
    assert figures(read(Signoz(http).collector())) == V5_FIGURES


@pytest.mark.parametrize(
    ("version", "path"),
    [("v0.39.0", "v3"), ("0.91.9", "v3"), ("v0.92.0", "v5"), ("v1.2.3", "v5"), ("dev-abc", "v5"), ("", "v5")],
)
def test_the_version_decides_which_query_api_is_used(http: Http, version: str, path: str) -> None:
    signoz = Signoz(http, version)
    collector = signoz.collector()
    for _ in range(3):
        assert figures(read(collector)) == (V5_FIGURES if path == "v5" else V3_FIGURES)
    assert signoz.asked(f"/api/{path}/query_range") == 3
    assert signoz.asked("/api/v1/version") == 1


@pytest.mark.parametrize(
    "absent", [HTML, Reply(404, b"404 page not found"), Reply(405, b"")], ids=["html", "404", "405"]
)
def test_an_absent_v5_falls_back_to_v3_once(http: Http, absent: Reply) -> None:
    signoz = Signoz(http, "dev")
    signoz.routes["POST", "/api/v5/query_range"] = lambda asked: absent
    collector = signoz.collector()
    for _ in range(2):
        assert figures(read(collector)) == V3_FIGURES
    assert signoz.asked("/api/v5/query_range") == 1


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, ErrorKind.HTTP_ERROR),
        (401, ErrorKind.UNAUTHENTICATED),
        (403, ErrorKind.REFUSED),
        (500, ErrorKind.HTTP_ERROR),
    ],
)
def test_a_refused_query_does_not_fall_back_and_the_alerts_are_kept(http: Http, status: int, kind: ErrorKind) -> None:
    signoz = Signoz(http)
    signoz.alerts = [alert()]
    refusal = {"status": "error", "errorType": "bad_data", "error": "token=opensesame is no good"}
    signoz.routes["POST", "/api/v5/query_range"] = lambda asked: Reply.of(refusal, status)
    with pytest.raises(PartialReadError) as caught:
        read(signoz.collector())
    assert caught.value.kind is kind
    assert "is no good" in caught.value.detail
    assert "opensesame" not in caught.value.detail
    assert {series.name for series in caught.value.scrape.series} == {
        "signoz_alert_active", "signoz_alert_starts_at_seconds", "signoz_alerts",
    }  # fmt: skip
    assert len(caught.value.scrape.events) == 1
    assert signoz.asked("/api/v3/query_range") == 0


@pytest.mark.parametrize(
    "alerts", [HTML, Reply(404, b"no such page"), Reply(500, b"no"), Reply.of({"data": "x" * 40_000_000})],
    ids=["html", "404", "500", "large"],
)  # fmt: skip
def test_alerts_that_cannot_be_read_cost_neither_the_figures_nor_the_rare_questions(http: Http, alerts: Reply) -> None:
    signoz = Signoz(http)
    signoz.alerts = alerts
    collector = signoz.collector()
    for at in (NOW, *(NOW + 3600 + each for each in range(12))):
        with pytest.raises(PartialReadError) as caught:
            read(collector, at)
        assert figures(caught.value.scrape) == V5_FIGURES
    assert "signoz_question_info" in {series.name for series in caught.value.scrape.series}


def test_alerts_that_hang_cost_their_share_of_the_time(http: Http) -> None:
    signoz, goes_on = Signoz(http), threading.Event()

    def hang(_: Asked) -> Reply:
        goes_on.wait(30)
        return Reply.of([])

    signoz.routes["GET", "/api/v1/alerts"] = hang
    with pytest.raises(PartialReadError) as caught:
        read(signoz.collector())
    goes_on.set()
    assert caught.value.kind is ErrorKind.TIMED_OUT
    assert figures(caught.value.scrape) == V5_FIGURES


@pytest.mark.parametrize("version", ["v3", "v5"])
def test_a_pinned_version_is_used_and_nothing_else(http: Http, version: str) -> None:
    signoz = Signoz(http)
    assert figures(read(signoz.collector(version=version))) == (V5_FIGURES if version == "v5" else V3_FIGURES)
    assert signoz.asked("/api/v1/version") == 0
    del signoz.routes["POST", f"/api/{version}/query_range"]
    with pytest.raises(CollectError) as caught:
        read(signoz.collector(version=version))
    assert caught.value.kind is ErrorKind.WRONG_PROTOCOL


@pytest.mark.parametrize(
    "refusal",
    [
        {"status": "error", "error": {"message": "bad", "errors": [{"message": "key `name` not found"}]}},
        {"status": "error", "errorType": "bad_data", "error": "key service.name not found"},
    ],
)  # fmt: skip
def test_a_key_that_nothing_carries_yet_is_no_data_and_no_failure(http: Http, refusal: dict[str, Any]) -> None:
    signoz = Signoz(http)
    signoz.routes["POST", "/api/v5/query_range"] = lambda asked: Reply.of(refusal, 400)
    assert figures(read(signoz.collector())) == {}


@pytest.mark.parametrize("data", [None, [], {"data": 5}, {"data": {"results": [{"queryName": "A", "data": [[1]]}]}}])
def test_another_shape_is_malformed(http: Http, data: Any) -> None:
    signoz = Signoz(http)
    signoz.routes["POST", "/api/v5/query_range"] = lambda asked: data
    with pytest.raises(PartialReadError) as caught:
        read(signoz.collector())
    assert caught.value.kind is ErrorKind.MALFORMED


def test_no_spans_at_all_is_an_answer(http: Http) -> None:
    signoz = Signoz(http)
    signoz.routes["POST", "/api/v5/query_range"] = lambda asked: {"type": "scalar", "data": {"results": None}}
    assert figures(read(signoz.collector())) == {}


def test_the_key_is_sent_and_a_wrong_one_is_unauthenticated(http: Http) -> None:
    signoz = Signoz(http, key="k1")
    assert figures(read(signoz.collector("k1"))) == V5_FIGURES
    with pytest.raises(CollectError) as caught:
        read(signoz.collector("k2"))
    assert caught.value.kind is ErrorKind.UNAUTHENTICATED


def test_an_answer_with_status_200_may_be_an_error(http: Http) -> None:
    signoz = Signoz(http)
    signoz.alerts = Reply.of({"status": "error", "errorType": "internal", "error": "no alertmanager"})
    with pytest.raises(CollectError, match="no alertmanager"):
        read(signoz.collector())


def test_the_base_address_may_hold_a_path(http: Http) -> None:
    server = http(lambda asked: Reply.of([]) if asked.path == "/signoz/api/v1/alerts" else HTML)
    with pytest.raises(PartialReadError):
        read(SignozCollector(f"{server.url}/signoz", "", "v5", OPTIONS))


@pytest.mark.parametrize("value", [2**64 - 1, -1, "NaN", "-Inf", 2**63])
def test_what_is_no_amount_is_judged_before_its_nanoseconds_are_seconds(value: object) -> None:
    found: Figures = {}
    put(found, "Get", "0.99", value)
    put(found, "Get", "0.5", 2_000_000)
    assert found == {"Get": {"0.5": 0.002}}


def test_what_v3_could_not_ask_in_time_is_no_answer_of_none(http: Http) -> None:
    """Of an answer that lacks its query of failures nobody knows that there were none."""
    signoz = Signoz(http, "v0.70.0")
    cut = {**V3, "result": V3["result"][1:2], "contextTimeout": True, "contextTimeoutMessage": "result might contain"}
    signoz.routes["POST", "/api/v3/query_range"] = lambda asked: cut
    with pytest.raises(CollectError, match="a part of the answer: result might contain") as caught:
        read(signoz.collector())
    assert caught.value.kind is ErrorKind.TIMED_OUT
