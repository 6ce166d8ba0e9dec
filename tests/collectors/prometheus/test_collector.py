"""Prism read through a Prometheus: each target as old as its last scrape, and never fresher than it is."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.build import build_collectors
from collectors.core.contract import PartialReadError, Reported, key_of
from collectors.prometheus.query import SETTLED, SETTLED_IN_PARTS
from collectors.prometheus.target import kind_of
from collectors.prometheus.target_discovery import MOST_JOBS, TargetDiscovery
from collectors.prometheus.target_kinds import KINDS
from model.series import Kind, Scrape
from model.settings import Aliases, Settings
from model.sources import CollectError, ErrorKind
from tests.collectors.conftest import HttpServer, Reply
from tests.collectors.prometheus_fake import NOW, FakePrometheus, Reading, Row, Scraped, counted, form, proxy

Http = Callable[..., HttpServer]


def scrape(reported: Reported) -> Scrape:
    assert reported.scrape is not None
    return reported.scrape


def values(reported: Reported) -> dict[tuple[str, ...], float]:
    """By name and label values, `instance` left out."""
    return {
        (series.name, *(f"{name}={value}" for name, value in series.labels if name != "instance")): value
        for series, value in zip(scrape(reported).series, scrape(reported).values, strict=True)
        if not series.name.startswith("hud_")
    }


def test_a_target_is_read_as_if_it_were_scraped_directly(http: Http) -> None:
    reading = Reading(http, FakePrometheus([proxy(NOW - 3, counted(7.0, namespace="orders", status="ok"))]))
    reported = reading.read()["proxy@p:1"]
    assert values(reported) == {("prism_requests_total", "namespace=orders", "status=ok"): 7.0}
    (series, *_) = scrape(reported).series
    assert (series.label("instance"), series.label("job"), series.kind) == ("p:1", None, Kind.COUNTER)
    assert (scrape(reported).source, scrape(reported).instance) == ("proxy", "p:1")
    assert reported.state.address == f"p:1 through {reading.web.url}"
    assert reported.state.duration_seconds == 0.25


def test_a_sample_is_as_old_as_its_scrape_and_not_as_the_question(http: Http) -> None:
    reading = Reading(http, FakePrometheus([proxy(NOW - 40)]))
    reported = reading.read()["proxy@p:1"]
    assert (scrape(reported).time, reported.state.last_success) == (NOW - 40, NOW - 40)
    reading.server.now += 5
    again = reading.read()["proxy@p:1"]
    assert again.scrape is None, "the same scrape is not stored twice"
    assert (again.state.last_success, again.state.last_attempt, again.state.error) == (NOW - 40, NOW + 5, None)
    assert again.state.samples == 1


def test_a_target_that_is_not_scraped_any_more_grows_stale_while_prometheus_answers(http: Http) -> None:
    server = FakePrometheus([proxy(NOW - 15)])
    reading = Reading(http, server)
    for _ in range(4):
        server.now += 15
        server.targets = [proxy(server.now - 1)]
        state = reading.read()["proxy@p:1"].state
    assert state.interval_seconds == 15.0, "its pace is that of the scrapes"
    assert not state.is_stale(server.now)
    server.now += 60
    assert reading.read()["proxy@p:1"].state.is_stale(server.now)


def test_a_target_that_cannot_be_scraped_is_lost_however_well_prometheus_answers(http: Http) -> None:
    server = FakePrometheus([proxy(NOW - 1)])
    reading = Reading(http, server)
    reading.read()
    words = 'Get "http://p:1/metrics": dial tcp: connect: connection refused'
    server.now, server.targets, server.errors = NOW + 5, [proxy(NOW + 4, up=0.0)], {"p:1": words}
    reported = reading.read()["proxy@p:1"]
    assert reported.scrape is None
    assert (reported.state.error, reported.state.detail, reported.state.last_success) == (
        ErrorKind.DOWN,
        words,
        NOW - 1,
    )
    server.now, server.targets = NOW + 10, [proxy(NOW + 9)]
    reported = reading.read()["proxy@p:1"]
    assert (reported.state.error, reported.state.last_success) == (None, NOW + 9)


def test_a_server_that_cannot_say_why_says_so_once_in_a_while(http: Http) -> None:
    class Mute(FakePrometheus):
        def __call__(self, asked: Any) -> Reply:
            return Reply(404, b"404 page not found") if asked.path == "/api/v1/targets" else super().__call__(asked)

    reading = Reading(http, Mute([proxy(NOW - 1), proxy(NOW, instance="p:2", up=0.0)]))
    for _ in range(3):
        state = reading.read()["proxy@p:2"].state
        reading.server.now += 20
    assert (state.error, state.detail) == (ErrorKind.DOWN, "Prometheus does not report why")
    assert [one.path for one in reading.web.asked].count("/api/v1/targets") == 1


def test_a_target_that_never_reported_anything_is_known_by_the_others_of_its_job(http: Http) -> None:
    down = Scraped("prism", "p:2", NOW, up=0.0)
    foreign = Scraped("node", "n:1", NOW, up=0.0)
    reported = Reading(http, FakePrometheus([proxy(NOW - 1), down, foreign])).read()
    assert set(reported) == {"proxy@p:1", "proxy@p:2"}
    assert reported["proxy@p:2"].state.error is ErrorKind.DOWN
    assert reported["proxy@p:2"].state.last_success == 0.0


def test_when_prometheus_itself_is_gone_its_targets_are_not_visible(http: Http) -> None:
    reading = Reading(http, FakePrometheus([proxy(NOW - 1)]))
    reading.read()
    reading.server.instead = Reply.of({"status": "error", "errorType": "unavailable", "error": "starting up"}, 503)
    with pytest.raises(CollectError, match="HTTP 503: starting up"):
        reading.collector.collect(reading.clock)
    state = reading.reported()["proxy@p:1"].state
    assert (state.error, state.last_success) == (ErrorKind.UNSEEN, NOW - 1)
    assert state.detail == f"read through {reading.web.url}: HTTP error: HTTP 503: starting up"
    reading.server.instead = None
    assert reading.read()["proxy@p:1"].state.error is None


def test_a_target_that_was_taken_away_is_down_and_in_the_end_forgotten_but_never_the_last(http: Http) -> None:
    server = FakePrometheus([proxy(NOW - 1), proxy(NOW - 1, instance="p:2")])
    reading = Reading(http, server)
    reading.read()
    server.targets = [proxy(NOW - 1)]
    assert reading.read()["proxy@p:2"].state.error is ErrorKind.DOWN
    server.now += 901
    assert set(reading.read()) == {"proxy@p:1"}
    server.targets = []
    for _ in range(2):
        reported = reading.read()
        server.now += 2000
    assert reported["proxy@p:1"].state.detail == "Prometheus does not scrape it any more"


def test_the_labels_that_prometheus_gave_its_target_are_not_prisms(http: Http) -> None:
    given = {"namespace": "prod", "pod": "prism-0", "cluster": "eu"}
    rows = [
        counted(1.0, exported_namespace="orders", namespace="prod", exported_instance="x", exported_job="y"),
        ({"__name__": "process_threads"}, 9.0),
    ]
    reported = Reading(http, FakePrometheus([proxy(NOW, *rows, given=given)])).read()["proxy@p:1"]
    assert values(reported) == {
        ("prism_requests_total", "exported_instance=x", "job=y", "namespace=orders"): 1.0,
        ("process_threads",): 9.0,
    }


def test_of_two_replicas_that_scrape_the_same_target_one_is_read(http: Http) -> None:
    copies = [proxy(NOW - 1, counted(value), given={"replica": name}) for name, value in (("b", 5.0), ("a", 6.0))]
    reported = Reading(http, FakePrometheus(copies)).read()
    assert set(reported) == {"proxy@p:1"}
    assert values(reported["proxy@p:1"]) == {("prism_requests_total",): 6.0}


def test_two_targets_of_one_instance_are_distinguished_by_their_job(http: Http) -> None:
    both = [proxy(NOW, counted(1.0), job="blue"), proxy(NOW, counted(2.0), job="green")]
    reported = Reading(http, FakePrometheus(both)).read()
    assert {key: list(values(one).values()) for key, one in reported.items()} == {
        "proxy@p:1": [1.0],
        "proxy@p:1/green": [2.0],
    }


def test_what_any_process_has_is_taken_from_prisms_own_targets_only(http: Http) -> None:
    process: Any = ({"__name__": "process_open_fds"}, 3.0)
    server = FakePrometheus(
        [
            proxy(NOW, counted(1.0), process),
            Scraped("node", "n:1", NOW, [process]),
            Scraped("admin", "a:1", NOW, [({"__name__": "prism_admin_raft_term"}, 4.0), process]),
            Scraped("otel", "o:1", NOW, [({"__name__": "otelcol_exporter_sent_spans", "exporter": "x"}, 5.0), process]),
            Scraped(
                "dex", "d:1", NOW,
                [({"__name__": "dex_build_info", "version": "v2"}, 1.0),
                 ({"__name__": "http_requests_total", "code": "200"}, 6.0), process],
            ),
        ]
    )  # fmt: skip
    reported = Reading(http, server).read()
    assert {key: values(one) for key, one in reported.items()} == {
        "proxy@p:1": {("prism_requests_total",): 1.0, ("process_open_fds",): 3.0},
        "admin_metrics@a:1": {("prism_admin_raft_term",): 4.0, ("prism_admin_process_open_fds",): 3.0},
        "otel@o:1": {("otelcol_exporter_sent_spans_total", "exporter=x"): 5.0},
        "dex@d:1": {("dex_build_info", "version=v2"): 1.0, ("dex_http_requests_total", "code=200"): 6.0},
    }


def test_targets_without_up_are_dated_by_their_own_series(http: Http) -> None:
    reading = Reading(http, FakePrometheus([proxy(NOW - 30, up=None)]))
    reported = reading.read()["proxy@p:1"]
    assert (scrape(reported).time, reported.state.error) == (NOW - 30, None)
    asked = len(reading.web.asked)
    reading.read()
    assert len(reading.web.asked) == asked + 1, "it is asked for with the rest from then on"


def test_a_target_whose_scrapes_have_no_time_is_not_believed(http: Http) -> None:
    class Timeless(FakePrometheus):
        def _answer(self, kind: str, result: list[Any]) -> Reply:
            return super()._answer(kind, [one for one in result if "hud_stamp" not in one["metric"]])

    reported = Reading(http, Timeless([proxy(NOW)])).read()["proxy@p:1"]
    assert (reported.state.error, reported.scrape) == (ErrorKind.MALFORMED, None)


def test_a_server_whose_clock_is_wrong_makes_nothing_older_or_younger(http: Http) -> None:
    reading = Reading(http, FakePrometheus([proxy(NOW - 4)]))
    reading.ahead = 100.0
    reported = reading.read()["proxy@p:1"]
    assert scrape(reported).time == pytest.approx(NOW + 96, abs=0.5)
    reading.ahead = 101.0  # a little later or earlier is the way of the answer
    reading.server.targets = [proxy(NOW - 2)]
    assert scrape(reading.read()["proxy@p:1"]).time == pytest.approx(NOW + 98, abs=0.5)


def test_a_server_that_warns_of_missing_data_is_read_in_part(http: Http) -> None:
    reading = Reading(http, FakePrometheus([proxy(NOW)], more={"warnings": ["store eu-1 is gone"]}))
    with pytest.raises(PartialReadError, match="store eu-1 is gone"):
        reading.collector.collect(reading.clock)
    assert reading.reported()["proxy@p:1"].scrape is not None


@pytest.mark.parametrize("of", ["warnings", "infos"])
def test_a_remark_about_the_question_is_none_about_the_answer(http: Http, of: str) -> None:
    reading = Reading(
        http, FakePrometheus([proxy(NOW)], more={of: ['PromQL info: metric might not be a counter: "x"']})
    )
    reading.read()
    reading.server.targets = []
    reading.read()
    assert reading.reported()["proxy@p:1"].state.error is not ErrorKind.UNSEEN


@pytest.mark.parametrize(
    "remark",
    [
        {"isPartial": True},
        {"warnings": ["store eu-1 is gone"]},
        {"infos": ["a shard was skipped"]},
    ],
)
def test_what_a_partial_answer_lacks_is_not_visible_and_never_down(http: Http, remark: dict[str, Any]) -> None:
    reading = Reading(http, FakePrometheus([proxy(NOW)]))
    reading.read()
    reading.server.targets, reading.server.more = [], remark
    for _ in range(3):
        with contextlib.suppress(PartialReadError):
            reading.collector.collect(reading.clock)
        state = reading.reported()["proxy@p:1"].state
        assert state.error is ErrorKind.UNSEEN
        assert state.detail


def test_the_first_answer_of_a_server_that_shows_scrapes_in_parts_is_settled_too(http: Http) -> None:
    reading = Reading(http, FakePrometheus([proxy(NOW, counted(7.0))], more={"isPartial": False}))
    reading.read()
    first, *others = [form(one)["query"] for one in reading.web.asked if one.path == "/api/v1/query"]
    assert f"offset {SETTLED}" in first
    assert len(others) == 1, "what it had not settled is not believed"
    assert f"offset {SETTLED_IN_PARTS}" in others[0]


def test_of_a_target_that_a_partial_answer_holds_in_part_nothing_is_believed_until_it_lasts(http: Http) -> None:
    both = counted(7.0), counted(5.0, namespace="b")
    reading = Reading(http, FakePrometheus([proxy(NOW, *both)]))
    reading.read()
    reading.server.more = {"isPartial": True}

    def told(*rows: Row, after: float = 5.0) -> Reported:
        reading.server.now += after
        reading.server.targets = [proxy(reading.server.now, *rows)]
        with contextlib.suppress(PartialReadError):
            reading.collector.collect(reading.clock)
        return reading.reported()["proxy@p:1"]

    assert told(*both).scrape is not None, "it is there as a whole"
    part = told(counted(9.0))
    assert (part.scrape, part.state.error) == (None, ErrorKind.UNSEEN)
    assert told(counted(9.0), after=1000.0).scrape is not None
    assert told(counted(9.0)).state.error is None


def test_aliases_and_units_hold_here_too(http: Http) -> None:
    rows: list[Any] = [
        ({"__name__": "my_requests_total", "tenant_id": "orders"}, 3.0),
        ({"__name__": "my_latency_ms_bucket", "le": "5.0"}, 2.0),
        ({"__name__": "my_latency_ms_bucket", "le": "+Inf"}, 4.0),
        ({"__name__": "my_latency_ms_sum"}, 1500.0),
        ({"__name__": "my_latency_ms_count"}, 4.0),
    ]
    aliases = {
        "metrics": {"my_requests_total": "prism_requests_total", "my_latency_ms": "prism_request_duration_seconds"}
    }
    reading = Reading(http, FakePrometheus([proxy(NOW, *rows)]), aliases=aliases)
    assert values(reading.read()["proxy@p:1"]) == {
        ("prism_requests_total", "namespace=orders"): 3.0,
        ("prism_request_duration_seconds_bucket", "le=0.005"): 2.0,
        ("prism_request_duration_seconds_bucket", "le=+Inf"): 4.0,
        ("prism_request_duration_seconds_sum",): 1.5,
        ("prism_request_duration_seconds_count",): 4.0,
    }
    assert "my_requests_total(_bucket|_sum|_count)?" in form(reading.web.asked[0])["query"]


def test_an_edge_is_one_however_the_server_spells_it(http: Http) -> None:
    name = "prism_request_duration_seconds_bucket"
    reading = Reading(http, FakePrometheus([proxy(NOW, ({"__name__": name, "le": "1.0"}, 1.0))]))
    assert (name, "le=1") in values(reading.read()["proxy@p:1"])


def test_what_is_asked_can_be_narrowed_and_a_tenant_named(http: Http) -> None:
    wanted = {"matchers": '{cluster="eu", job=~"prism.*"}', "headers": {"X-Scope-OrgID": "team-a"}}
    reading = Reading(http, FakePrometheus([proxy(NOW)]), prometheus=wanted)
    reading.read()
    (asked,) = reading.web.asked
    query = form(asked)["query"]
    assert query.count(',cluster="eu", job=~"prism.*"}') == query.count("{__name__") > 1
    assert asked.headers["x-scope-orgid"] == "team-a"
    assert asked.method == "POST"


@pytest.mark.parametrize("wrong", ['up{job="x"', 'job="x" or up', "job", 'job="x"} or {a="b'])
def test_matchers_that_are_none_stop_the_start(wrong: str) -> None:
    with pytest.raises(ValueError, match="is not of the form"):
        Settings(prometheus_url="http://p", prometheus={"matchers": wrong})


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        (Reply(200, b"<html>"), ErrorKind.WRONG_PROTOCOL, "HTML"),
        (Reply(200, b'{"status":"firing"}'), ErrorKind.WRONG_PROTOCOL, "something else"),
        (Reply(200, b'{"status":"success","data":[]}'), ErrorKind.WRONG_PROTOCOL, "something else"),
        (Reply(200, b'{"status":"succ'), ErrorKind.MALFORMED, "not JSON"),
        (Reply(404, b"404 page not found"), ErrorKind.NOT_OFFERED, "no Prometheus API"),
        (Reply(401, b"who are you"), ErrorKind.UNAUTHENTICATED, "who are you"),
        (Reply.of({"status": "error", "error": "query timed out"}, 503), ErrorKind.HTTP_ERROR, "503: query timed out"),
    ],
)
def test_what_is_no_answer_of_a_prometheus_has_its_own_word(
    http: Http, reply: Reply, kind: ErrorKind, words: str
) -> None:
    reading = Reading(http, FakePrometheus(instead=reply))
    with pytest.raises(CollectError, match=words) as caught:
        reading.collector.collect(reading.clock)
    assert caught.value.kind is kind


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("dial tcp 127.0.0.1:9: connect: connection refused", ErrorKind.DOWN),
        ('Get "http://p": context deadline exceeded', ErrorKind.TIMED_OUT),
        ("server returned HTTP status 401 Unauthorized", ErrorKind.UNAUTHENTICATED),
        ("server returned HTTP status 403 Forbidden", ErrorKind.REFUSED),
        ("server returned HTTP status 500 Internal Server Error", ErrorKind.HTTP_ERROR),
        ('net/http: HTTP/1.x transport connection broken: malformed HTTP response "\\x00"', ErrorKind.WRONG_PROTOCOL),
        ("body size limit exceeded", ErrorKind.TOO_LARGE),
        ('strconv.ParseFloat: parsing "x": invalid syntax', ErrorKind.MALFORMED),
        ("", ErrorKind.DOWN),
    ],
)
def test_prometheus_words_on_a_failed_scrape_are_understood(words: str, kind: ErrorKind) -> None:
    assert kind_of(words) is kind


def keys(**settings: Any) -> list[str]:
    collectors = build_collectors(Settings(signoz_api_url="", admin_api_url="", **settings))
    for one in collectors:
        one.close()
    return [key_of(one) for one in collectors]


def test_a_proxy_is_not_scraped_a_second_time_unless_it_is_named() -> None:
    assert keys(prometheus_url="http://prom:9090") == ["prometheus@prom:9090"]
    both = {"prometheus_url": "http://prom:9090/base", "proxy_metrics_url": ["http://p:1/m"]}
    assert keys(**both) == ["proxy@p:1", "prometheus@prom:9090"]


def test_what_is_named_with_an_address_of_its_own_is_read_there_only(http: Http) -> None:
    server = FakePrometheus(
        [proxy(NOW, counted(1.0)), Scraped("otel", "o:1", NOW, [({"__name__": "otelcol_process_uptime"}, 5.0)])]
    )
    named = {"proxy_metrics_url": ["http://p:1/m"]}
    assert set(Reading(http, server, **named).read()) == {"otel@o:1"}
    assert set(Reading(http, server, otel_metrics_url="http://o:1/metrics").read()) == {"proxy@p:1"}


def test_of_jobs_without_number_those_are_remembered_that_were_named_last() -> None:
    discovery = TargetDiscovery(KINDS, Aliases())
    for number in range(2 * MOST_JOBS):
        named = [{"__name__": "prism_requests_total", "job": job, "instance": "a"} for job in ("steady", f"j{number}")]
        discovery.lay_out(named)
    assert len(discovery.jobs) == MOST_JOBS
    assert {"steady", f"j{2 * MOST_JOBS - 1}"} <= discovery.jobs.keys()


Json = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.sampled_from(["up", "hud_stamp", "1", "NaN"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["metric", "value", "__name__", "job", "x"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@pytest.fixture(scope="module")
def odd() -> Any:
    """A reading of a server that answers whatever it is told to."""
    servers: list[HttpServer] = []

    def start(answers: Any) -> HttpServer:
        servers.append(HttpServer(answers))
        return servers[-1]

    yield Reading(start, FakePrometheus())
    for server in servers:
        server.close()


@given(result=st.lists(Json, max_size=4))
def test_no_answer_however_odd_is_anything_but_an_error_of_the_read(odd: Reading, result: list[Any]) -> None:
    odd.server.instead = Reply.of({"status": "success", "data": {"resultType": "vector", "result": result}})
    try:
        odd.collector.collect(odd.clock)
    except CollectError:
        return
