"""Failed logins from SigNoz' spans: each reported once, whatever is late, cut, hostile or asked in another version."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from collectors.signoz.auth_failure_counts import AuthFailureCounts
from collectors.signoz.auth_failures import DAY_SECONDS, MOST, MOST_AT_FIRST, OVERLAP_SECONDS, AuthFailures
from collectors.signoz.auth_spans import Attributes
from collectors.signoz.client import NoDataError
from collectors.signoz.throttled_queries import Found
from model.series import Event
from model.settings import AuthSpans, Settings
from model.sources import CollectError, ErrorKind
from simulator.signoz.server import SigNoz
from simulator.sockets.http import Request
from simulator.traffic.effects import Effects
from simulator.traffic.scenario import default_scenario
from simulator.traffic.timestamps import rfc3339
from simulator.traffic.traffic_model import TrafficModel
from tests.collectors.conftest import Asked, Reply
from tests.collectors.signoz_fake import Http, Signoz

NOW = 1_762_506_000.0
INSTANCE = "s:8080"


class FakeClient:
    """Answers queries with `rows`, newest first, within the asked window and limit."""

    def __init__(self, version: str = "v5") -> None:
        self.version = version
        self.rows: list[tuple[float, dict[str, Any]]] = []
        self.asked: list[dict[str, Any]] = []
        self.unknown: set[str] = set()
        self.answer: Any = ...

    def speaks(self) -> str:
        return self.version

    def post(self, path: str, body: dict[str, Any]) -> Any:
        self.asked.append(body)
        assert f"/api/{self.version}/" in path
        text = repr(body)
        for key in sorted(self.unknown):
            if f"'{key}'" in text or f"({key})" in text:
                raise NoDataError(ErrorKind.HTTP_ERROR, f"field not found; key `{key}` not found")
        if self.answer is not ...:
            return self.answer
        chosen = sorted(
            (one for one in self.rows if body["start"] <= one[0] * 1000 < body["end"]), key=lambda one: -one[0]
        )
        if self.version == "v5":
            limit = body["compositeQuery"]["queries"][0]["spec"]["limit"]
            rows = [{"timestamp": rfc3339(at), "data": data} for at, data in chosen[:limit]]
            return {"type": "raw", "data": {"results": [{"queryName": "A", "rows": rows}]}}
        limit = body["compositeQuery"]["builderQueries"]["A"]["limit"]
        reported = [{"timestamp": rfc3339(at), "data": data} for at, data in chosen[:limit]]
        return {"result": [{"queryName": "A", "series": None, "list": reported}]}

    def fail(self, number: int, at: float, **data: str) -> None:
        reported = {"span_id": f"{number:016x}", "reason": "token_expired", "client.address": "10.0.1.45", **data}
        self.rows.append((at, reported))


def made() -> AuthFailures:
    return AuthFailures(Attributes(AuthSpans()), INSTANCE)


def reported(logins: AuthFailures, client: FakeClient, at: float = NOW) -> list[Event]:
    assert logins.ask(client, at) == []  # type: ignore[arg-type]
    return logins.taken()


@pytest.mark.parametrize("version", ["v5", "v3"])
def test_each_failed_check_is_one_event_reported_once(version: str) -> None:
    client, logins = FakeClient(version), made()
    client.fail(1, NOW - 5, **{"enduser.id": "alice@example.com"})
    client.fail(2, NOW - 50_000, reason="missing_token")
    first, second = reported(logins, client)
    assert (first.time, first.label("reason"), first.label("user")) == (NOW - 50_000, "missing_token", None)
    assert (second.label("source_ip"), second.label("user")) == ("10.0.1.45", "alice@example.com")
    assert (second.kind, second.label("instance"), second.label("span_id")) == ("auth_failure", INSTANCE, f"{1:016x}")
    client.fail(3, NOW + 4)
    assert [one.label("span_id") for one in reported(logins, client, NOW + 10)] == [f"{3:016x}"]
    assert logins.taken() == []


def test_spans_that_come_late_are_reported_as_long_as_exporters_take() -> None:
    client, logins = FakeClient(), made()
    client.fail(1, NOW - 1)
    reported(logins, client)
    client.fail(2, NOW - OVERLAP_SECONDS + 1)
    assert [one.label("span_id") for one in reported(logins, client, NOW + 10)] == [f"{2:016x}"]
    assert reported(logins, client, NOW + 11) == []


def test_the_first_question_is_for_the_day_and_the_next_for_what_is_new() -> None:
    client, logins = FakeClient(), made()
    for at in (NOW, NOW + 10):
        reported(logins, client, at)
    first, second = client.asked
    assert (first["end"] - first["start"], second["end"] - second["start"]) == (
        DAY_SECONDS * 1000,
        (10 + OVERLAP_SECONDS) * 1000,
    )
    limits = [one["compositeQuery"]["queries"][0]["spec"]["limit"] for one in client.asked]
    assert limits == [MOST_AT_FIRST, MOST]


def test_a_first_question_that_is_too_much_is_not_asked_again_so_large() -> None:
    client, logins = FakeClient(), made()
    client.answer = {"data": 5}
    with pytest.raises(CollectError):
        logins.ask(client, NOW)  # type: ignore[arg-type]
    client.answer = ...
    reported(logins, client)
    assert client.asked[1]["compositeQuery"]["queries"][0]["spec"]["limit"] == MOST
    assert client.asked[1]["start"] == client.asked[0]["start"]


def test_a_restart_reports_nothing_twice_and_nothing_of_another_signoz() -> None:
    client, logins = FakeClient(), made()
    for number in range(30):
        client.fail(number, NOW - 30 + number)
    before = reported(logins, client)
    again = made()
    again.restore([*before, Event(NOW + 500, "alert", before[0].severity, (), "")])
    client.fail(99, NOW + 5)
    assert [one.label("span_id") for one in reported(again, client, NOW + 60)] == [f"{99:016x}"]
    other = AuthFailures(Attributes(AuthSpans()), "other:1")
    other.restore(before)
    assert len(reported(other, client, NOW + 60)) == 31


def test_what_is_remembered_is_bounded_by_the_overlap() -> None:
    client, logins = FakeClient(), made()
    for step in range(200):
        client.rows.clear()
        for number in range(50):
            client.fail(step * 50 + number, NOW + step * 10 - 5 + number / 50)
        assert len(reported(logins, client, NOW + step * 10)) == 50
    assert len(logins._reported) <= 50 * 8


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("enduser.id", "<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("enduser.id", "evil\u202e\x00user", "evil user"),
        ("enduser.id", "x" * 500, "x" * 299 + "…"),
        ("user.name", "🦄 \"quo'te", "🦄 \"quo'te"),
        ("enduser.id", "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.abc", "[removed]"),
        ("enduser.id", "bob password=opensesame", "bob password=[removed]"),
    ],
)
def test_hostile_names_become_text_without_credentials(name: str, value: str, shown: str) -> None:
    client, logins = FakeClient(), made()
    client.fail(1, NOW - 5, **{name: value})
    (event,) = reported(logins, client)
    assert event.label("user") == shown


@pytest.mark.parametrize("key", ["net.peer.ip", "attribute.client.address", "net.sock.peer.addr"])
def test_the_address_is_found_under_any_of_its_names(key: str) -> None:
    client, logins = FakeClient(), made()
    client.rows.append((NOW - 1, {"spanID": "a", key: "10.9.9.9"}))
    client.rows.append((NOW - 2, {"spanID": "b", "attributes_string": {"client.address": "10.8.8.8"}}))
    assert [one.label("source_ip") for one in reported(logins, client)] == ["10.8.8.8", "10.9.9.9"]


def test_spans_without_an_id_or_a_time_and_from_the_future() -> None:
    client, logins = FakeClient(), made()
    rows = [
        {"timestamp": rfc3339(NOW - 5), "data": {"reason": "x"}},
        {"timestamp": rfc3339(NOW - 5), "data": {"reason": "x"}},
        {"timestamp": rfc3339(NOW - 5), "data": {"reason": "y"}},
        {"timestamp": "nonsense", "data": {"span_id": "1"}},
        {"timestamp": rfc3339(NOW + 500), "data": {"span_id": "2"}},
    ]
    client.answer = {"data": {"results": [{"queryName": "A", "rows": rows}]}}
    found = reported(logins, client)
    assert [one.message for one in found] == ["x", "y", ""]
    assert found[-1].time == NOW


def test_an_attribute_that_nobody_carried_yet_is_left_out_and_asked_for_again_later() -> None:
    client, logins = FakeClient(), made()
    client.unknown = {"user.id", "user.name"}
    client.fail(1, NOW - 1)
    assert logins.ask(client, NOW) is None  # type: ignore[arg-type]
    assert logins.ask(client, NOW) is None  # type: ignore[arg-type]
    assert len(reported(logins, client)) == 1
    assert client.asked[-1]["compositeQuery"]["queries"][0]["spec"]["limit"] == MOST_AT_FIRST
    client.unknown = set()
    reported(logins, client, NOW + 10)
    assert "'user.id'" not in repr(client.asked[-1])
    reported(logins, client, NOW + 700)
    assert "'user.id'" in repr(client.asked[-1])


def test_a_refusal_that_names_nothing_of_ours_is_no_data() -> None:
    client, logins = FakeClient(), made()
    client.unknown = {"prism.auth.verify"}
    with pytest.raises(NoDataError):
        logins.ask(client, NOW)  # type: ignore[arg-type]


@pytest.mark.parametrize("version", ["v5", "v3"])
@pytest.mark.parametrize(
    "data", [None, 5, [], {"data": {"results": [{"rows": [{"timestamp": 1}]}]}, "result": [{"list": [5]}]}]
)
def test_another_shape_is_malformed(version: str, data: Any) -> None:
    client = FakeClient(version)
    client.answer = data
    for question in (made(), AuthFailureCounts(Attributes(AuthSpans()), "24h", DAY_SECONDS, 300.0)):
        if isinstance(data, dict) and isinstance(question, AuthFailureCounts):
            continue
        with pytest.raises(CollectError) as caught:
            question.ask(client, NOW)  # type: ignore[arg-type]
        assert caught.value.kind is ErrorKind.MALFORMED


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 12)), max_size=40), st.integers(1, 4))
def test_whatever_arrives_when_is_reported_once(spans: list[tuple[int, int]], every: int) -> None:
    """Spans (second, delay ≤ 12 s) asked for every few seconds: all of them, each once."""
    client, logins = FakeClient(), made()
    heard: Counter[str] = Counter()
    waiting = [(NOW + at, NOW + at + delay, number) for number, (at, delay) in enumerate(spans)]
    for second in range(0, 90, every):
        for at, arrives, number in [one for one in waiting if one[1] <= NOW + second]:
            client.fail(number, at)
            waiting.remove((at, arrives, number))
        heard.update(one.label("span_id") or "" for one in reported(logins, client, NOW + second))
    assert heard == Counter({f"{number:016x}": 1 for number in range(len(spans))})


# ---- counts, against the simulated SigNoz ------------------------------------------------------------------------


class Simulated(FakeClient):
    """A client straight into the simulated SigNoz, after a minute in which half of all tokens were refused."""

    def __init__(self, version: str, traffic_model: TrafficModel) -> None:
        super().__init__(version)
        self._signoz = SigNoz(traffic_model, lambda: traffic_model.at)

    def post(self, path: str, body: dict[str, Any]) -> Any:
        answer = self._signoz(Request("POST", path, {}, {}, json.dumps(body).encode()))
        return json.loads(answer.body)["data"]


@pytest.fixture(scope="module")
def traffic_model() -> TrafficModel:
    made = TrafficModel(default_scenario(), seed=5, now=NOW, history=False)
    made.change(Effects(auth_failure_ratio=0.1), NOW)
    made.advance(NOW + 60)
    return made


def counted(client: FakeClient, attributes: Attributes, now: float) -> dict[tuple[str, ...], float]:
    """The counts by family and label value."""
    counts = AuthFailureCounts(attributes, "24h", DAY_SECONDS, 300.0)
    found: list[Found] | None = None
    while found is None:
        found = counts.ask(client, now)  # type: ignore[arg-type]
    assert {dict(one.labels)["window"] for one in found} == {"24h"}
    return {(one.family, *(text for name, text in one.labels if name != "window")): one.value for one in found}


@pytest.mark.parametrize("version", ["v5", "v3"])
def test_a_flood_is_counted_whole_though_only_its_newest_are_reported(
    version: str, traffic_model: TrafficModel
) -> None:
    client, attributes = Simulated(version, traffic_model), Attributes(AuthSpans())
    found = counted(client, attributes, traffic_model.at)
    assert {key[1]: n for key, n in found.items() if key[0] == "signoz_auth_failures"} == traffic_model.auth.failures
    assert found["signoz_auth_failures_counted_timestamp_seconds",] == traffic_model.at
    logins = AuthFailures(attributes, INSTANCE)
    assert len(reported(logins, client, traffic_model.at)) == MOST_AT_FIRST < sum(traffic_model.auth.failures.values())
    assert len(reported(logins, client, traffic_model.at + 1)) == 0


@pytest.mark.parametrize("version", ["v5", "v3"])
def test_who_knocks_again_and_again_stands_out_with_its_users_and_addresses(
    version: str, traffic_model: TrafficModel
) -> None:
    found = counted(Simulated(version, traffic_model), Attributes(AuthSpans()), traffic_model.at)
    forger = found["signoz_auth_failures_by_address", "10.0.2.12"]
    assert forger == max(n for key, n in found.items() if key[0] == "signoz_auth_failures_by_address" and
                         key[1].startswith("10.0.2."))  # fmt: skip
    assert found["signoz_auth_failure_users", "10.0.2.12"] == 4
    assert found["signoz_auth_failure_addresses", "alice@example.com"] == 1
    assert ("signoz_auth_failures_by_user", "") not in found, "nobody named is no user"
    users = [n for key, n in found.items() if key[0] == "signoz_auth_failures_by_user"]
    assert found["signoz_auth_failures_by_user", "alice@example.com"] == max(users)


def test_counts_group_by_the_attribute_that_the_spans_carried() -> None:
    client, attributes = FakeClient(), Attributes(AuthSpans())
    client.fail(1, NOW - 1, **{"client.address": "", "net.peer.ip": "10.0.0.1"})
    reported(AuthFailures(attributes, INSTANCE), client)
    client.answer = {"data": {"results": []}}
    counted(client, attributes, NOW)
    specs = [one["spec"] for one in client.asked[-1]["compositeQuery"]["queries"]]
    assert [one["groupBy"][0]["name"] for one in specs] == ["net.peer.ip", "enduser.id", "reason"]
    assert specs[1]["aggregations"][1] == {"expression": "count_distinct(net.peer.ip)"}


def test_counts_go_on_without_an_attribute_that_nobody_carries() -> None:
    client = FakeClient()
    client.unknown = {"enduser.id", "user.id", "user.name"}
    client.answer = {"data": {"results": []}}
    assert counted(client, Attributes(AuthSpans()), NOW) == {("signoz_auth_failures_counted_timestamp_seconds",): NOW}
    specs = [one["spec"] for one in client.asked[-1]["compositeQuery"]["queries"]]
    assert [len(one["aggregations"]) for one in specs] == [1, 1]


def test_figures_that_are_none_and_values_that_look_alike_are_one_group() -> None:
    columns = [
        {"columnType": "group", "aggregationIndex": 0, "name": "x"},
        {"columnType": "aggregation", "aggregationIndex": 1, "name": "__result_1"},
        {"columnType": "aggregation", "aggregationIndex": 0, "name": "__result_0"},
    ]
    rows = [["a\x00b", "NaN", 7], ["a b", 2, 3], [None, 1, 9]]
    client = FakeClient()
    client.answer = {"data": {"results": [{"queryName": "A", "columns": columns, "data": rows},
                                          {"queryName": "Z", "columns": columns, "data": rows}]}}  # fmt: skip
    found = counted(client, Attributes(AuthSpans()), NOW)
    assert found["signoz_auth_failures_by_address", "a b"] == 7
    assert ("signoz_auth_failure_users", "a b") not in found


def test_all_reasons_are_counted_and_those_that_are_shown_alike_are_added_up() -> None:
    columns = [{"columnType": "group", "aggregationIndex": 0}, {"columnType": "aggregation", "aggregationIndex": 0}]
    rows: list[list[Any]] = [[f"reason {at}", 1] for at in range(30)]
    rows += [["token=abc1 expired", 5], ["token=abc2 expired", 7]]
    client = FakeClient()
    client.answer = {"data": {"results": [{"queryName": "C", "columns": columns, "data": rows}]}}
    found = counted(client, Attributes(AuthSpans()), NOW)
    assert sum(count for key, count in found.items() if key[0] == "signoz_auth_failures") == 42
    limits = {one["spec"]["name"]: one["spec"]["limit"] for one in client.asked[-1]["compositeQuery"]["queries"]}
    assert limits["C"] > 100 > limits["A"] == limits["B"]


# ---- over a socket, with all else that is read of SigNoz ---------------------------------------------------------


def _answer(asked: Asked) -> Any:
    query = asked.body["compositeQuery"]["queries"][0]["spec"]
    if asked.body["requestType"] != "raw" or "has_error" not in query["filter"]["expression"]:
        return {"data": {"results": []}}
    row = {"timestamp": rfc3339(NOW - 3), "data": {"span_id": "77", "reason": "missing_token"}}
    return {"data": {"results": [{"queryName": "A", "rows": [row]}]}}


def test_the_collector_reports_them_among_its_events_and_how_the_questions_went(http: Http) -> None:
    signoz = Signoz(http)
    signoz.routes["POST", "/api/v5/query_range"] = _answer
    collector = signoz.collector()
    events: list[Event] = []
    states: dict[str | None, str | None] = {}
    for second in range(0, 40, 2):
        scrape = collector.collect(lambda at=NOW + second: at)  # type: ignore[misc]
        events += scrape.events
        states |= {
            one.label("question"): one.label("state") for one in scrape.series if one.name == "signoz_question_info"
        }
    assert [(one.kind, one.label("reason")) for one in events] == [("auth_failure", "missing_token")]
    assert {"failed logins", "failed logins of 10m", "failed logins of 24h"} <= set(states)
    assert {states["failed logins"], states["failed logins of 24h"]} == {"answered"}


def test_a_signoz_that_refuses_them_still_reports_everything_else(http: Http) -> None:
    def refusing(asked: Asked) -> Any:
        if "has_error = true" in repr(asked.body) and "prism.auth" in repr(asked.body):
            return Reply.of({"status": "error", "error": {"message": "memory limit"}}, 500)
        return {"data": {"results": []}}

    signoz = Signoz(http)
    signoz.routes["POST", "/api/v5/query_range"] = refusing
    collector = signoz.collector()
    for second in range(0, 30, 2):
        scrape = collector.collect(lambda at=NOW + second: at)  # type: ignore[misc]
    reported_states = {one.label("question"): one for one in scrape.series if one.name == "signoz_question_info"}
    assert reported_states["failed logins"].label("state") == "failed"
    assert "memory limit" in (reported_states["failed logins"].label("detail") or "")


def test_the_names_of_span_and_attributes_are_settings() -> None:
    spans = Settings(auth_spans={"name": "auth.check", "user": ["sub"]}).auth_spans
    client = FakeClient()
    client.rows.append((NOW - 1, {"span_id": "1", "sub": "alice", "enduser.id": "other"}))
    logins = AuthFailures(Attributes(spans), INSTANCE)
    (event,) = reported(logins, client)
    assert event.label("user") == "alice"
    assert "name = 'auth.check'" in client.asked[0]["compositeQuery"]["queries"][0]["spec"]["filter"]["expression"]


@pytest.mark.parametrize("name", ["x' OR 1=1", "", "a b", "x\ny"])
def test_a_name_that_could_change_the_filter_stops_the_start(name: str) -> None:
    with pytest.raises(ValidationError):
        AuthSpans(name=name)
