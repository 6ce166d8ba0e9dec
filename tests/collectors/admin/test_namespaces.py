"""Namespaces, in every shape that Prism's documents give them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collectors.admin.namespaces import AdminCollector
from model.series import Scrape
from model.settings import SourceOptions
from model.sources import CollectError, ErrorKind
from tests.collectors.conftest import Answers, Asked, HttpServer, Reply

OPTIONS = SourceOptions(interval_seconds=1.0, timeout_seconds=2.0)
SLOW = SourceOptions(interval_seconds=1.0, timeout_seconds=30.0)
Http = Callable[[Answers], HttpServer]


def read(http: Http, answer: Any) -> Scrape:
    collector = AdminCollector(http(lambda asked: Reply.of(answer)).url, OPTIONS)
    try:
        return collector.collect(lambda: 100.0)
    finally:
        collector.close()


def info(scrape: Scrape) -> dict[str, dict[str, str]]:
    return {
        labels["namespace"]: labels
        for labels in (dict(series.labels) for series in scrape.series if series.name == "prism_namespace_info")
    }


def values(scrape: Scrape, name: str) -> dict[str | None, float]:
    return {s.series.label("namespace"): s.value for s in scrape.samples() if s.series.name == name}


def test_the_shape_that_prismctl_assumes(http: Http) -> None:
    entry = {
        "name": "payments", "description": "x", "owner": "a@example.com", "created_at": "2025-11-07T09:00:00Z",
        "patterns": ["redis", "nats"], "max_rps": 5000, "status": "ACTIVE", "backends": ["redis"],
    }  # fmt: skip
    scrape = read(http, {"namespaces": [entry]})
    assert info(scrape)["payments"] == {
        "namespace": "payments", "owner": "a@example.com", "status": "active", "patterns": "redis,nats",
        "backends": "", "instance": scrape.instance,
    }  # fmt: skip
    assert values(scrape, "prism_namespace_created_timestamp_seconds") == {"payments": 1762506000.0}
    assert values(scrape, "prism_namespace_max_rps") == {"payments": 5000.0}
    assert scrape.time == 100.0


@pytest.mark.parametrize(
    ("entry", "owner"),
    [
        ({}, ""), ({"owner": None}, ""), ({"created_by": "bob"}, "bob"), ({"team": "core"}, "core"),
        ({"owner": {"email": "a@b"}}, "a@b"), ({"access": {"owners": [{"team": "core"}]}}, "core"),
        ({"owner": "", "team": "core"}, "core"), ({"owner": ["a"]}, ""),
    ],
)  # fmt: skip
def test_the_owner_has_many_names(http: Http, entry: dict[str, Any], owner: str) -> None:
    assert info(read(http, {"namespaces": [{"name": "n", **entry}]}))["n"]["owner"] == owner


@pytest.mark.parametrize(
    ("entry", "limit"),
    [
        ({}, None), ({"max_rps": 0}, None), ({"max_rps": "500"}, 500.0), ({"maxRps": 5}, 5.0),
        ({"quota": {"max_rps": "7"}}, 7.0), ({"max_read_rps": 3, "max_write_rps": 4}, 7.0),
        ({"needs": {"read_rps": "10", "write_rps": 5}}, 15.0), ({"needs": {"write_rps": 5}}, 5.0),
        ({"max_read_rps": 100, "max_write_rps": -1}, None), ({"max_rps": "-1", "estimated_read_rps": 5}, None),
        ({"quota": {"max_rps": 2**64 - 1}, "needs": {"read_rps": 3}}, None),
        ({"max_rps": "plenty"}, None), ({"max_rps": True}, None), ({"max_rps": -1}, None), ({"quota": None}, None),
    ],
)  # fmt: skip
def test_the_limit_is_one_number_or_two_and_zero_is_unknown(
    http: Http, entry: dict[str, Any], limit: float | None
) -> None:
    found = values(read(http, {"namespaces": [{"name": "n", **entry}]}), "prism_namespace_max_rps")
    assert found == ({} if limit is None else {"n": limit})


@pytest.mark.parametrize(
    ("reported", "patterns"),
    [
        (None, ""), ([], ""), ("redis", "redis"), ("redis, nats", "redis,nats"), (["a", None, ""], "a"),
        ([{"name": "a"}, {"type": "b"}, {}], "a,b"), ({"a": 1}, ""),
    ],
)  # fmt: skip
def test_patterns_are_a_list_or_a_text_or_absent(http: Http, reported: Any, patterns: str) -> None:
    assert info(read(http, {"namespaces": [{"name": "n", "patterns": reported}]}))["n"]["patterns"] == patterns


@pytest.mark.parametrize(
    ("reported", "backends"),
    [
        ({"patterns": ["kv", "ps"], "backends": ["redis", "nats"]}, "redis,nats"),
        ({"patterns": ["kv", "ps"], "backends": ["redis"]}, ""),
        ({"patterns": [{"name": "kv", "backend": "redis"}, {"name": "ps"}], "backends": ["x", "y"]}, "redis,"),
        ({"patterns": "kv, ps", "backends": "redis, nats"}, "redis,nats"),
        ({"patterns": ["a,b"], "backends": ["c,d"]}, "c d"),
        ({"patterns": [None, "kv"], "backends": ["redis"]}, "redis"),
        ({"backends": ["redis"]}, ""),
    ],
)
def test_a_backend_is_reported_where_it_surely_belongs_to_its_pattern(
    http: Http, reported: dict[str, Any], backends: str
) -> None:
    labels = info(read(http, {"namespaces": [{"name": "n", **reported}]}))["n"]
    assert labels["backends"] == backends
    assert not backends or labels["backends"].count(",") == labels["patterns"].count(",")


@pytest.mark.parametrize(
    ("entry", "reads", "writes"),
    [
        ({"max_rps": 9}, None, None), ({"max_rps": 9, "quota": {"max_read_rps": "7", "max_write_rps": 4}}, 7.0, 4.0),
        ({"needs": {"read_rps": 10}}, 10.0, None), ({"max_write_rps": 0}, None, None),
    ],
)  # fmt: skip
def test_limits_of_reads_and_writes_are_kept_apart(
    http: Http, entry: dict[str, Any], reads: float | None, writes: float | None
) -> None:
    scrape = read(http, {"namespaces": [{"name": "n", **entry}]})
    for kind, limit in (("read", reads), ("write", writes)):
        assert values(scrape, f"prism_namespace_max_{kind}_rps") == ({} if limit is None else {"n": limit})


@pytest.mark.parametrize("created", [0, "0", None, "0001-01-01T00:00:00Z", ""])
def test_a_zero_time_is_unknown(http: Http, created: Any) -> None:
    scrape = read(http, {"namespaces": [{"name": "n", "created": created}]})
    assert values(scrape, "prism_namespace_created_timestamp_seconds") == {}


@pytest.mark.parametrize(
    "name", ["a b", "  a  ", "\u202ecba\u202c", "👩\u200d🚀", "<b>", "..", "n" * 300, "token: abc", "a\tb"]
)
def test_a_name_is_kept_as_the_proxy_has_it(http: Http, name: str) -> None:
    assert set(info(read(http, {"namespaces": [{"name": name}, {"name": " "}, {"name": ""}]}))) == {name}


def test_half_a_character_in_a_name_is_not_kept(http: Http) -> None:
    assert set(info(read(http, {"namespaces": [{"name": "a\ud800b"}]}))) == {"a?b"}


@pytest.mark.parametrize("answer", [{"namespaces": []}, {"namespaces": None}, {}, []])
def test_no_namespaces_is_an_answer(http: Http, answer: Any) -> None:
    assert len(read(http, answer).values) == 0


def test_pages_are_followed(http: Http) -> None:
    def answer(asked: Asked) -> Reply:
        if asked.query == "page_token=p2%26":
            return Reply.of({"namespaces": [{"name": "b"}, {"name": "a"}], "nextPageToken": ""})
        return Reply.of({"namespaces": [{"name": "a"}], "next_page_token": "p2&"})

    server = http(answer)
    scrape = AdminCollector(server.url, OPTIONS).collect(lambda: 1.0)
    assert list(info(scrape)) == ["a", "b"]
    assert [asked.path for asked in server.asked] == ["/api/v1/namespaces"] * 2


def test_pages_without_end_are_given_up(http: Http) -> None:
    count = iter(range(10_000))
    server = http(lambda asked: Reply.of({"namespaces": [], "next_page_token": str(next(count))}))
    with pytest.raises(CollectError) as caught:
        AdminCollector(server.url, SLOW).collect(lambda: 1.0)
    assert caught.value.kind is ErrorKind.TOO_LARGE


@pytest.mark.parametrize("answer", [5, "x", None, {"namespaces": 5}, {"error": "no"}])
def test_another_shape_is_malformed(http: Http, answer: Any) -> None:
    with pytest.raises(CollectError) as caught:
        read(http, answer)
    assert caught.value.kind is ErrorKind.MALFORMED


@pytest.mark.parametrize("answer", [
    {"namespaces": None, "error": "raft: no leader"},
    {"error": {"code": 14, "message": "raft: no leader"}},
    {"code": 14, "message": "raft: no leader", "details": []},
])  # fmt: skip
def test_an_error_with_status_200_is_no_empty_list(http: Http, answer: Any) -> None:
    with pytest.raises(CollectError, match="raft: no leader"):
        read(http, answer)


def test_a_list_of_what_has_no_name_is_no_empty_list(http: Http) -> None:
    with pytest.raises(CollectError, match="2 namespaces without a name"):
        read(http, {"namespaces": [{"id": "shop"}, {"id": "search"}]})


def test_a_status_is_the_same_with_the_name_of_its_enumeration_before_it(http: Http) -> None:
    scrape = read(http, {"namespaces": [{"name": "a", "status": "NAMESPACE_STATUS_SUSPENDED"}]})
    assert info(scrape)["a"]["status"] == "suspended"


def test_metrics_text_on_every_path_is_the_wrong_protocol(http: Http) -> None:
    server = http(lambda asked: Reply(200, b"# HELP prism_admin_raft_term x\nprism_admin_raft_term 1\n"))
    with pytest.raises(CollectError) as caught:
        AdminCollector(server.url, OPTIONS).collect(lambda: 1.0)
    assert caught.value.kind is ErrorKind.WRONG_PROTOCOL


def test_a_list_that_changed_is_read_anew_and_the_same_one_is_as_of_its_own_time(http: Http) -> None:
    listed = ["a"], ["a"], ["a", "b"], ["b"]
    bodies = iter([Reply.of({"namespaces": [{"name": name, "max_rps": 1} for name in names]}) for names in listed])
    clock = iter((1.0, 2.0, 3.0, 4.0))
    collector = AdminCollector(http(lambda asked: next(bodies)).url, OPTIONS)
    found = [collector.collect(clock.__next__) for _ in listed]
    assert [(sorted(info(one)), one.time) for one in found] == [
        (["a"], 1.0),
        (["a"], 2.0),
        (["a", "b"], 3.0),
        (["b"], 4.0),
    ]
    found[0].values[0] = 9.0
    assert found[1].values[0] == 1.0


def test_five_thousand_namespaces_are_read(http: Http) -> None:
    scrape = read(http, {"namespaces": [{"name": f"n{n}", "max_rps": 1} for n in range(5000)]})
    assert len(info(scrape)) == 5000


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["name", "owner", "patterns", "max_rps", "quota", "access", "owners", "created", "needs"]),
            inner,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(entries=st.lists(JSON, max_size=4))
def test_whatever_stands_in_an_entry_is_read_or_refused(http: Http, entries: list[Any]) -> None:
    server = http(lambda asked: Reply.of({"namespaces": entries}))
    try:
        scrape = AdminCollector(server.url, OPTIONS).collect(lambda: 1.0)
    except CollectError:
        return
    finally:
        server.close()
    assert len(scrape.series) == len(scrape.values) == len(set(scrape.series))
