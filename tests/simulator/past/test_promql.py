"""What the stand-in of Prometheus answers is what a Prometheus with the same scrapes answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pytest

from collectors.prometheus.query import question
from collectors.prometheus.target_kinds import KINDS
from simulator.past.families import PROXY
from simulator.past.instants import Instants
from simulator.past.past import Past
from simulator.past.scrapes import SCRAPE_SECONDS, Target
from simulator.past.telemetry import DEX, OTEL
from simulator.servers.prometheus import Prometheus
from simulator.sockets.exposition import labels_text
from simulator.sockets.http import Request
from simulator.traffic.scenario import default_scenario
from simulator.traffic.traffic_model import TrafficModel
from tests.servers.process import running
from tests.servers.prometheus_process import PrometheusProcess, make_blocks
from tests.simulator.conftest import START

TARGETS = (
    Target("prism-proxy", "127.0.0.1:8980", PROXY),
    Target("otel", "127.0.0.1:8888", OTEL),
    Target("dex", "127.0.0.1:5556", DEX),
)
Ask = Callable[..., tuple[int, Any]]


@pytest.fixture(scope="module")
def past() -> Past:
    found = TrafficModel(default_scenario(), 7, START, history=False, past_hours=24.0).past
    assert found is not None
    return found


@pytest.fixture(scope="module")
def ask(past: Past) -> Ask:
    server = Prometheus(past, lambda: START, lambda: TARGETS)

    def asked(path: str, **form: object) -> tuple[int, Any]:
        answer = server(Request("POST", f"/api/v1/{path}", {}, {}, urlencode(form).encode()))
        return answer.status, json.loads(answer.body)

    return asked


def spans(series: Any) -> dict[str, dict[float, float]]:
    """The value of each series by time, by its labels."""
    return {
        json.dumps(one["metric"], sort_keys=True): {at: float(value) for at, value in one["values"]} for one in series
    }


def scrapes(past: Past, seconds: float) -> str:
    """The last scrapes of every target, as OpenMetrics with times."""
    times = START - SCRAPE_SECONDS * np.arange(int(seconds // SCRAPE_SECONDS), -1, -1)
    books, lines = Instants(past, times), []
    for target in TARGETS:
        given = {"job": target.job, "instance": target.instance}
        rows = [row for build in target.builds for row in build(books, target.share)]
        rows += [("up", {}, np.ones(len(times))), ("scrape_duration_seconds", {}, np.full(len(times), 0.004))]
        for name, labels, values in rows:
            text = name + labels_text({**labels, **given})
            lines += [
                f"{text} {value!r} {at:.3f}"
                for at, value in zip(times.tolist(), values.tolist(), strict=True)
                if value == value
            ]
    return "\n".join(lines) + "\n# EOF\n"


@pytest.mark.server
def test_the_answers_are_those_of_a_real_prometheus_over_the_same_scrapes(past: Past, ask: Ask, tmp_path: Path) -> None:
    """Over an hour in which nothing is missing: what is imported has no marks of series that end."""
    make_blocks(tmp_path, scrapes(past, 700.0))
    asked = {"start": START - 400.0, "end": START - 300.0, "step": 20}
    with running(PrometheusProcess(tmp_path, {})) as real:
        for query in (
            question(KINDS, [], ""),
            question(KINDS, [], 'job="otel"', ["otelcol_exporter_queue_size"]),
            'prism_pattern_goroutines{pattern!="redis", job=~"prism.*"}',
            'timestamp(prism_pattern_goroutines) or up{job!~"dex|otel"}',
            "timestamp(up offset 20s) or prism_pool_waiting offset 2m",
            'label_replace(up, "who", "is $1", "instance", "(.*):.*")',
        ):
            theirs = spans(real.span(query, **asked))
            ours = spans(ask("query_range", query=query, **asked)[1]["data"]["result"])
            assert set(theirs) == set(ours)
            for labels, points in theirs.items():
                assert ours[labels] == pytest.approx(points, rel=1e-12)


def test_a_step_sees_the_newest_scrape_and_none_that_is_five_minutes_old(ask: Ask) -> None:
    answer = ask("query_range", query="timestamp(up)", start=START - 20.5, end=START + 339.5, step=20)[1]
    (points, *_) = spans(answer["data"]["result"]).values()
    assert points[START - 20.5] == START - 21
    assert list(points.items())[-1] == (START + 299.5, START)


def test_nothing_is_known_of_the_time_before_the_past(ask: Ask) -> None:
    status, answer = ask("query_range", query="up", start=START - 90_000, end=START - 86_460, step=60)
    assert (status, answer["data"]["result"]) == (200, [])


def test_an_instant_is_answered_too(ask: Ask) -> None:
    answer = ask("query", query='up{job="dex"}', time=START)[1]
    assert [one["value"][1] for one in answer["data"]["result"]] == ["1"]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("sum(up)", "unknown function"),
        ("up{", "expected a name"),
        ('{__name__=~"("}', "regexp"),
        ("up)", "unexpected"),
        ("up ? up", "unexpected character"),
        ("up offset x", "expected duration"),
        ("", "expected a name"),
    ],
)
def test_what_is_no_query_here_is_refused_in_words(ask: Ask, query: str, words: str) -> None:
    status, answer = ask("query", query=query)
    assert status == 400
    assert answer["errorType"] == "bad_data"
    assert words in answer["error"]


@pytest.mark.parametrize("more", [{"step": 0}, {"start": "x"}, {"end": START - 999_999}, {"step": 1}])
def test_a_range_that_is_none_or_too_fine_is_refused(ask: Ask, more: dict[str, object]) -> None:
    asked = {"query": "up", "start": START - 86_400, "end": START, "step": 60} | more
    assert ask("query_range", **asked)[0] == 400


def test_more_than_is_worked_out_at_once_is_refused_as_prometheus_does() -> None:
    crowded = TrafficModel(default_scenario(400), 7, START, history=False, past_hours=24.0).past
    server = Prometheus(crowded, lambda: START, lambda: TARGETS)
    form = urlencode({"query": '{__name__=~"prism.*"}', "start": START - 86_400, "end": START, "step": 60})
    answer = server(Request("POST", "/api/v1/query_range", {}, {}, form.encode()))
    assert answer.status == 422


def test_the_names_of_all_series_are_told_and_without_a_past_there_are_none() -> None:
    past = TrafficModel(default_scenario(), 7, START, history=False, past_hours=1.0).past
    asked = Request("GET", "/api/v1/label/__name__/values", {}, {}, b"")
    names = json.loads(Prometheus(past, lambda: START, lambda: TARGETS)(asked).body)["data"]
    assert {"up", "prism_requests_total", "otelcol_exporter_queue_size", "dex_build_info"} <= set(names)
    assert json.loads(Prometheus(None, lambda: START, lambda: TARGETS)(asked).body)["data"] == []
