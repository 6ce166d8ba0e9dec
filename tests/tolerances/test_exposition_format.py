"""Tolerances 7 to 10: metrics as Prism's parts write them, or do not write them at all."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

import dash
import pytest

import app
from aggregators.backends.pools import pools, utilization_ratio
from aggregators.detection.detections import Detector
from aggregators.patterns.health import pattern_health
from aggregators.performance.performance import performance
from aggregators.requests.traffic import Traffic, traffic
from aggregators.resources.control_plane import control_plane
from aggregators.security.auth import auth_success
from aggregators.series.counters import sli_ratio
from collectors.admin.metrics import AdminMetricsCollector
from collectors.otel.collector import OtelCollector
from collectors.patterns.launcher import LauncherCollector
from components import format as fmt
from components.props import Props
from model.measure import Measure
from model.series import Kind, Series
from model.settings import Aliases
from model.sources import ErrorKind
from model.status import Reading as State
from proto import launcher_pb2
from tests.collectors import prometheus_fake
from tests.collectors.conftest import Asked, Reply
from tests.collectors.prometheus_fake import FakePrometheus, Reading, counted
from tests.tolerances.every_source import (
    LAUNCHER,
    OPTIONS,
    EverySource,
    Http,
    Rpc,
    Serve,
    exposing,
    proxy,
    saying,
    values,
)
from web.hub_payload import encode

assert app.server, "importing the application registers its pages"

LAUNCHER_TEXT = """\
# HELP pattern_launcher_processes_total Total number of processes
# TYPE pattern_launcher_processes_total gauge

pattern_launcher_processes_total{state="running"} 3
pattern_launcher_processes_total{state="failed"} 0

# HELP pattern_launcher_health_checks_total Checks
# TYPE pattern_launcher_health_checks_total counter

# HELP pattern_launcher_process_restarts_total Restarts
# TYPE pattern_launcher_process_restarts_total counter
pattern_launcher_process_restarts_total{pattern_isolation="con"sumer:Namespace"} 4
pattern_launcher_process_restarts_total{pattern_isolation="$admin-logs, a\\b:None"} 0

# HELP pattern_launcher_launch_duration_seconds Launches
# TYPE pattern_launcher_launch_duration_seconds summary
pattern_launcher_launch_duration_seconds{quantile="0.5"} 0.512
pattern_launcher_launch_duration_seconds{quantile="0.99"} NaN

# HELP pattern_launcher_uptime_seconds Uptime
# TYPE pattern_launcher_uptime_seconds counter
pattern_launcher_uptime_seconds 8123"""
CONSTANT_TEXT = """\
# HELP pattern_launcher_processes_total Total number of processes
# TYPE pattern_launcher_processes_total gauge
pattern_launcher_processes_total 0
# HELP pattern_launcher_uptime_seconds Uptime
# TYPE pattern_launcher_uptime_seconds counter
pattern_launcher_uptime_seconds 0
"""


class Reported:
    """What a source exposes, which may change from read to read."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __call__(self, asked: Asked) -> Reply:
        return Reply(200, self.text.encode())


def series_of(every_source: EverySource, name: str) -> list[Series]:
    return [series for series in every_source.scrapes[-1].series if series.name == name]


def measures(answer: object) -> dict[str, Measure]:
    """Every figure of an answer by its name."""
    found = {field.name: getattr(answer, field.name) for field in fields(answer)}  # type: ignore[arg-type]
    return {name: value for name, value in found.items() if isinstance(value, Measure)}


# 7. Families as the launcher and prism-admin write them.


def test_tolerance_07_declarations_without_samples_and_blank_lines_are_no_error(http: Http) -> None:
    every_source = EverySource(proxy(http(exposing(LAUNCHER_TEXT))))
    scrape = every_source.read()
    assert "hud_exposition_skipped_lines" not in {one.name for one in scrape.series}
    assert series_of(every_source, "pattern_launcher_health_checks_total") == []
    assert list(values(scrape, "pattern_launcher_uptime_seconds").values()) == [8123.0]
    every_source.close()


def test_tolerance_07_a_family_without_samples_until_first_use_is_read_once_it_has_some(http: Http) -> None:
    reported = Reported("# HELP prism_requests_total Requests\n# TYPE prism_requests_total counter\n")
    every_source = EverySource(proxy(http(reported)))
    every_source.read(times=3)
    assert traffic(every_source.snapshot(), every_source.now).per_second.reading is State.NOT_REPORTED
    for count in (10, 20, 30):
        reported.text = f'# TYPE prism_requests_total counter\nprism_requests_total{{status="success"}} {count}\n'
        every_source.read()
    assert traffic(every_source.snapshot(), every_source.now).per_second.value == pytest.approx(10.0, rel=0.1)
    every_source.close()


def test_tolerance_07_a_gauge_named_total_may_fall_and_stays_a_gauge(http: Http) -> None:
    reported = Reported("# TYPE prism_admin_admin_namespaces_total gauge\nprism_admin_admin_namespaces_total 15\n")
    every_source = EverySource(AdminMetricsCollector(http(reported).url, OPTIONS, Aliases()))
    every_source.read()
    reported.text = reported.text.replace(" 15", " 9")
    every_source.read()
    assert series_of(every_source, "prism_admin_admin_namespaces_total")[0].kind is Kind.GAUGE
    assert control_plane(every_source.snapshot(), every_source.now).namespaces.value == 9.0
    every_source.close()


def test_tolerance_07_a_counter_that_is_always_0_and_has_no_decimals_is_a_counter_of_nothing(http: Http) -> None:
    text = '# TYPE prism_requests_total counter\nprism_requests_total{status="success"} 0\n'
    every_source = EverySource(proxy(http(exposing(text))))
    every_source.read(times=5)
    assert series_of(every_source, "prism_requests_total")[0].kind is Kind.COUNTER
    found = traffic(every_source.snapshot(), every_source.now)
    assert (found.per_second.value, found.success_ratio.reading) == (0.0, State.NO_TRAFFIC)
    every_source.close()


def test_tolerance_07_a_summary_without_sum_and_count_is_read_as_it_is(http: Http) -> None:
    every_source = EverySource(proxy(http(exposing(LAUNCHER_TEXT))))
    reported = values(every_source.read(), "pattern_launcher_launch_duration_seconds", "quantile")
    assert reported["0.5"] == 0.512
    assert math.isnan(reported["0.99"])
    assert {one.kind for one in series_of(every_source, "pattern_launcher_launch_duration_seconds")} == {Kind.GAUGE}
    every_source.close()


def test_tolerance_07_the_same_family_with_other_labels_on_another_build_is_read_on(http: Http) -> None:
    reported = Reported(LAUNCHER_TEXT)
    every_source = EverySource(proxy(http(reported)))
    assert set(values(every_source.read(), "pattern_launcher_processes_total", "state")) == {"running", "failed"}
    reported.text = CONSTANT_TEXT
    assert values(every_source.read(), "pattern_launcher_processes_total", "state") == {None: 0.0}
    reported.text = LAUNCHER_TEXT
    assert set(values(every_source.read(), "pattern_launcher_processes_total", "state")) == {"running", "failed"}
    every_source.close()


# 8. Labels, names and odd numbers.


def test_tolerance_08_unescaped_label_values_and_two_facts_in_one_label_are_read_as_meant(http: Http) -> None:
    every_source = EverySource(proxy(http(exposing(LAUNCHER_TEXT))))
    reported = values(every_source.read(), "pattern_launcher_process_restarts_total", "pattern_isolation")
    assert reported == {'con"sumer:Namespace': 4.0, "$admin-logs, a\\b:None": 0.0}
    every_source.close()


@pytest.mark.parametrize("ending", ["", "_total"])
def test_tolerance_08_collector_names_with_and_without_total_are_the_same(http: Http, ending: str) -> None:
    text = f'otelcol_receiver_accepted_spans{ending}{{receiver="otlp"}} 41\n'
    every_source = EverySource(OtelCollector(http(exposing(text)).url + "/metrics", "", OPTIONS, Aliases()))
    assert list(values(every_source.read(), "otelcol_receiver_accepted_spans_total").values()) == [41.0]
    every_source.close()


@pytest.mark.parametrize("odd", ["NaN", "+Inf", "-Inf", "Inf", "nan"])
def test_tolerance_08_nan_and_infinity_are_read_and_never_shown_as_numbers(http: Http, odd: str) -> None:
    lines = [
        f'prism_requests_total{{status="success",pattern="redis"}} {odd}',
        f'prism_requests_total{{status="error",pattern="redis"}} {odd}',
        f'prism_pool_connections_active{{backend="redis"}} {odd}',
        f'prism_pool_connections_max{{backend="redis"}} {odd}',
        f'prism_pattern_start_time_seconds{{pattern="redis"}} {odd}',
        f'prism_request_duration_seconds_bucket{{le="0.01"}} {odd}',
        f'prism_request_duration_seconds_bucket{{le="+Inf"}} {odd}',
        f"process_resident_memory_bytes {odd}",
    ]
    reported = Reported("\n".join(lines) + "\n")
    every_source = EverySource(proxy(http(reported)))
    every_source.read(times=4)
    detector = Detector()
    snapshot = every_source.snapshot()
    assert [event for event in detector.step(snapshot, every_source.now) if event.kind == "alert"] == []
    for path, props in pages(snapshot, every_source.now).items():
        assert re.findall(r"(?i)(?<!\w)(?:nan|inf|infinity)(?!\w)", encode(props).decode()) == [], path
    for count in (10, 20):
        reported.text = "".join(
            f'prism_request_duration_seconds_bucket{{le="{le}"}} {count}\n' for le in ("0.01", "+Inf")
        )
        every_source.read()
    assert performance(every_source.snapshot(), every_source.now).slo.current.sli.value == 1.0, (
        "one odd read spoils no later sum"
    )
    every_source.close()


def test_tolerance_08_infinity_read_through_a_prometheus_is_not_reported(http: Http) -> None:
    rows = counted(math.inf), counted(7.0, status="ok")
    server = FakePrometheus([prometheus_fake.proxy(prometheus_fake.NOW - 3, *rows)])
    scrape = Reading(http, server).read()["proxy@p:1"].scrape
    assert scrape is not None
    reported = values(scrape, "prism_requests_total", "status")
    assert reported["ok"] == 7.0
    assert math.isnan(reported[None])


# 9. Absent is a state of its own.


def pages(snapshot: Any, now: float) -> dict[str, Props]:
    """What every page says, by its path."""
    selections: dict[str, Mapping[str, str]] = {"/patterns/<name>": {"name": "redis"},
                                                "/namespaces/<name>": {"name": "shop"}}  # fmt: skip
    found = {}
    for page in (one for one in dash.page_registry.values() if "view" in one):
        path = page["path_template"] or page["path"]
        found[path] = page["update"](snapshot, now, **selections.get(path, {}))
    return found


@pytest.fixture
def bare(http: Http) -> Iterator[EverySource]:
    """A proxy that answers well, and emits none of the families that the views want."""
    every_source = EverySource(proxy(http(exposing("# TYPE something_else gauge\nsomething_else 1\n"))))
    every_source.read(times=4)
    yield every_source
    every_source.close()


def test_tolerance_09_no_figure_has_a_value_where_its_family_is_absent(bare: EverySource) -> None:
    found = traffic(bare.snapshot(), bare.now)
    assert {one.reading for one in measures(found).values()} == {State.NOT_REPORTED}
    assert all("would fill it" in one.note for one in measures(found).values())
    auth = auth_success(bare.snapshot(), bare.now)
    assert {one.reading for one in measures(auth).values()} == {State.NOT_REPORTED}
    slow = performance(bare.snapshot(), bare.now)
    assert slow.p99.reading is slow.slo.current.sli.reading is slow.slo.day.sli.reading is State.NOT_REPORTED
    assert slow.slo.current.met is None
    assert (slow.patterns, slow.operations, pools(bare.snapshot(), bare.now)) == ((), (), ())


def test_tolerance_09_every_page_says_not_reported_and_none_says_all_is_well(bare: EverySource) -> None:
    reported = {path: encode(props).decode() for path, props in pages(bare.snapshot(), bare.now).items()}
    assert len(reported) >= 10
    for path, words in reported.items():
        assert path == "/settings" or '"100"' not in words, path  # where limits stand
        assert "100 %" not in words, path
        assert "is-zero" not in words, path
    for path in ("/", "/performance", "/security", "/resources", "/messaging"):
        assert "is-unreported" in reported[path], path


def test_tolerance_09_the_five_states_of_a_figure_are_distinguished(http: Http) -> None:
    reported = Reported('prism_requests_total{status="success"} 0\n')
    server = http(reported)
    every_source = EverySource(proxy(server))
    seen: dict[str, Measure] = {}
    every_source.read(times=3)
    seen["zero"] = traffic(every_source.snapshot(), every_source.now).per_second
    seen["0/0"] = traffic(every_source.snapshot(), every_source.now).success_ratio
    for count in (10, 20, 30):
        reported.text = f'prism_requests_total{{status="success"}} {count}\n'
        every_source.read()
    seen["value"] = traffic(every_source.snapshot(), every_source.now).per_second
    server.answers = lambda asked: Reply(503, b"no")
    every_source.read(times=5)
    seen["stale"] = traffic(every_source.snapshot(), every_source.now).per_second
    other = EverySource(proxy(http(lambda asked: Reply(503, b"no"))))
    other.read()
    seen["error"] = traffic(other.snapshot(), other.now).per_second
    server.answers = exposing("something_else 1\n")
    every_source.read(times=5)
    seen["absent"] = traffic(every_source.snapshot(), every_source.now).per_second
    assert {name: one.reading for name, one in seen.items()} == {
        "zero": State.VALUE, "0/0": State.NO_TRAFFIC, "value": State.VALUE, "stale": State.STALE,
        "error": State.ERROR, "absent": State.NOT_REPORTED,
    }  # fmt: skip
    assert seen["zero"].value == 0.0
    assert len({fmt.words(one) for one in seen.values()}) == 6
    assert ErrorKind.HTTP_ERROR.value in fmt.words(seen["error"])
    every_source.close()
    other.close()


def test_tolerance_09_0_of_0_is_no_traffic_and_never_100_percent(http: Http) -> None:
    text = (
        'prism_requests_total{status="success"} 5\nprism_requests_total{status="error"} 0\n'
        'prism_auth_requests_total{result="success"} 5\n'
        'prism_request_duration_seconds_bucket{le="0.01"} 5\nprism_request_duration_seconds_bucket{le="+Inf"} 5\n'
    )
    every_source = EverySource(proxy(http(exposing(text))))
    every_source.read(times=5)
    snapshot, now = every_source.snapshot(), every_source.now
    found: Traffic = traffic(snapshot, now)
    ratios = (found.success_ratio, found.error_ratio, auth_success(snapshot, now).success_ratio)
    assert {one.reading for one in ratios} == {State.NO_TRAFFIC}
    slo = performance(snapshot, now).slo.current
    assert (slo.sli.reading, slo.met) == (State.NO_TRAFFIC, None)
    assert sli_ratio(0.0, 0.0) is None
    assert utilization_ratio(0.0, 0.0) is None
    every_source.close()


# 10. Counters that begin again, and some that do not count what they say.


def test_tolerance_10_a_restart_in_memory_never_makes_a_negative_or_a_huge_rate(http: Http) -> None:
    reported = Reported("")
    every_source = EverySource(proxy(http(reported)))
    for count in (100, 160, 220, 10, 70):
        reported.text = f'prism_requests_total{{status="success"}} {count}\n'
        every_source.read()
    found = traffic(every_source.snapshot(), every_source.now)
    assert found.requests.value == pytest.approx(190.0)
    assert 0 < (found.per_second.value or 0.0) <= 60.0
    assert found.success_ratio.value == 1.0
    every_source.close()


def test_tolerance_10_an_uptime_of_0_forever_is_no_start_and_no_restart(http: Http, grpc_server: Serve) -> None:
    process = launcher_pb2.PatternInfo(pattern_name="redis", process_id="shared", state="STATE_RUNNING", healthy=True)
    answer = launcher_pb2.HealthResponse(healthy=True, total_processes=1, running_processes=1, processes=[process])
    port = grpc_server(Rpc({LAUNCHER: saying(answer)}))
    every_source = EverySource(LauncherCollector(f"127.0.0.1:{port}", OPTIONS), proxy(http(exposing(CONSTANT_TEXT))))
    every_source.read(5.0, times=20)
    assert every_source.events == []
    assert not [one for scrape in every_source.scrapes for one in scrape.series if "started" in one.name]
    (found,) = pattern_health(every_source.snapshot(), every_source.now)
    assert found.uptime.reading is State.NOT_REPORTED
    assert found.restarts.count.value == 0.0
    every_source.close()


def test_tolerance_10_leader_elections_that_grow_with_every_tick_are_no_leader_changes(http: Http) -> None:
    reported = Reported("")
    every_source = EverySource(AdminMetricsCollector(http(reported).url, OPTIONS, Aliases()))
    detector, alerts = Detector(), []
    for tick in range(24):
        reported.text = (
            f"prism_admin_raft_state 2\nprism_admin_raft_leader_changes_total 1\n"
            f"prism_admin_raft_leader_elections_total {1000 + tick}\n"
        )
        every_source.read(5.0)
        alerts += [one for one in detector.step(every_source.snapshot(), every_source.now) if one.kind == "alert"]
    found = control_plane(every_source.snapshot(), every_source.now)
    assert (found.role, found.leader_changes.value, alerts) == ("leader", 0.0, [])
    every_source.close()
