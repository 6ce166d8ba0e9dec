"""The spans of a week that were fast enough, and how much of the week there is."""

from __future__ import annotations

from typing import Any

import pytest

from collectors.signoz.collector import SignozCollector
from collectors.signoz.compliance import by_hour, request
from model.slo import SLO
from model.sources import CollectError
from simulator.signoz.query_v5 import answer
from simulator.traffic.scenario import default_scenario
from simulator.traffic.traffic_model import TrafficModel
from tests.collectors.conftest import Asked
from tests.collectors.signoz_fake import NOW, OPTIONS, V5, Http, Signoz, read

HOUR = 3600


def series(index: int, values: dict[float, Any]) -> dict[str, Any]:
    points = [{"timestamp": int(hour * 1000), "value": value} for hour, value in values.items()]
    return {"index": index, "series": [{"labels": [], "values": points}]}


def reported(*aggregations: dict[str, Any]) -> dict[str, Any]:
    return {"type": "time_series", "data": {"results": [{"queryName": "A", "aggregations": list(aggregations)}]}}


def found(signoz: Signoz, answered: Any) -> dict[str, float]:
    """What is reported once the question has been asked."""
    signoz.routes["POST", "/api/v5/query_range"] = lambda asked: (
        answered if asked.body["requestType"] == "time_series" else V5
    )
    collector = SignozCollector(signoz.server.url, "", "auto", OPTIONS, slo=SLO(threshold_seconds=0.02))
    for number in range(12):
        scrape = read(collector, NOW + 2 * number)
    return {one.series.name: one.value for one in scrape.samples() if one.series.name.startswith("signoz_compliance")}


def test_hours_are_added_up_and_only_hours_with_spans_count_as_covered(http: Http) -> None:
    this_hour = NOW // HOUR * HOUR
    hours = {this_hour - 2 * HOUR: 100, this_hour - HOUR: 0, this_hour: "50"}
    answered = reported(series(0, hours), series(1, {this_hour - 2 * HOUR: 90, this_hour: 50}))
    values = found(Signoz(http), answered)
    assert values["signoz_compliance_spans"] == 150
    assert values["signoz_compliance_fast_spans"] == 140
    assert HOUR + (NOW - this_hour) <= values["signoz_compliance_covered_seconds"] <= HOUR + NOW - this_hour + 24
    assert values["signoz_compliance_threshold_seconds"] == 0.02


def test_without_a_span_nothing_is_covered(http: Http) -> None:
    values = found(Signoz(http), {"data": {"results": [{"queryName": "A", "aggregations": None}]}})
    assert values["signoz_compliance_spans"] == values["signoz_compliance_covered_seconds"] == 0


def test_another_shape_reports_nothing(http: Http) -> None:
    assert found(Signoz(http), {"data": {"results": [{"aggregations": [{"series": 5}]}]}}) == {}
    with pytest.raises(CollectError, match="malformed"):
        by_hour({"data": None})


def test_the_window_is_made_of_whole_hours_and_the_threshold_of_nanoseconds() -> None:
    asked = request(0.010, NOW + 17.5)
    assert asked["start"] % (HOUR * 1000) == 0
    assert asked["end"] - asked["start"] == (7 * 24 * HOUR + (NOW + 17) % HOUR) * 1000
    assert "countIf(duration_nano < 10000000)" in str(asked)


def test_the_stand_in_for_signoz_answers_it() -> None:
    traffic_model = TrafficModel(default_scenario(), 1, NOW)
    traffic_model.advance(NOW + 30)
    counts = by_hour(answer(request(0.010, NOW + 30), traffic_model))
    assert len(counts[0]) >= 7 * 24
    assert 0.99 < sum(counts[1].values()) / sum(counts[0].values()) <= 1


def test_it_is_not_asked_when_there_is_no_objective(http: Http) -> None:
    kinds: set[str] = set()
    signoz = Signoz(http)

    def answered(asked: Asked) -> Any:
        kinds.add(asked.body["requestType"])
        return V5

    signoz.routes["POST", "/api/v5/query_range"] = answered
    for number in range(12):
        read(signoz.collector(), NOW + 2 * number)
    assert "time_series" not in kinds
