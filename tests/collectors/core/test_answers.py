"""What a source of JSON, gRPC, SQL or plain text answered is kept as lines while somebody looks."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from collectors.admin.namespaces import AdminCollector
from collectors.core.answers import (
    DEEPEST,
    MOST_BYTES,
    MOST_CHARACTERS,
    MOST_LINES,
    offer_json,
    offer_message,
    offer_rows,
)
from collectors.core.quotes import WHOLE, Quotes
from collectors.servers.exporter import BackendExporterCollector
from collectors.servers.exporter_names import REDIS
from collectors.servers.redis_info import parse_info
from model.settings import SourceOptions
from model.targets import Target
from proto import launcher_pb2
from tests.collectors.conftest import Answers, HttpServer, Reply

Http = Callable[[Answers], HttpServer]
NOW = 1_800_000_000.0
OPTIONS = SourceOptions(interval_seconds=1.0, timeout_seconds=5.0)
ADMIN, LAUNCHER, POSTGRES = "prism_namespace_info", "launcher_processes", "postgres_server_transactions_total"


def wanting(*families: str) -> Quotes:
    quotes = Quotes(lambda: set(families))
    quotes.look(NOW)
    return quotes


def kept(quotes: Quotes, key: str, family: str = WHOLE) -> list[str]:
    entry = (quotes.news() or {}).get(key, {"lines": {}})
    return list(entry["lines"].get(family, []))


def offered(*bodies: object, family: str = ADMIN, key: str = "admin@a:1") -> list[str]:
    quotes = wanting(family)
    with quotes.reading(key, lambda: NOW):
        for body in bodies:
            offer_json("GET /x", body if isinstance(body, bytes) else json.dumps(body).encode())
    return kept(quotes, key)


def test_a_real_answer_over_http_is_kept_with_what_was_asked(http: Http) -> None:
    body = {"namespaces": [{"name": "shop", "owner": "a@b", "apiKey": "s3cret-1", "config": {"password": "s3cret-2"}}]}
    web = http(lambda asked: Reply(200, json.dumps(body).encode()))
    quotes, one = wanting(ADMIN), AdminCollector(web.url, OPTIONS)
    with quotes.reading("admin@a:1", lambda: NOW):
        one.collect(lambda: NOW)
    one.close()
    first, *rest = kept(quotes, "admin@a:1")
    assert first == "# GET /api/v1/namespaces"
    assert '"name": "shop"' in "".join(rest)
    assert "s3cret" not in "".join(rest)


@pytest.mark.parametrize(("family", "key"), [("", "admin@a:1"), (LAUNCHER, "admin@a:1"), (ADMIN, "proxy@a:1")])
def test_nothing_is_kept_of_a_source_that_nobody_looks_at(family: str, key: str) -> None:
    assert offered({"a": 1}, family=family, key=key) == []


def test_what_is_long_is_opened_and_bounded() -> None:
    said = offered({"list": [{"name": f"n{at}", "words": "x" * 900} for at in range(200)]})
    assert len(said) == MOST_LINES
    assert MOST_CHARACTERS - DEEPEST <= max(map(len, said)) <= MOST_CHARACTERS
    assert said[1:4] == ["{", ' "list": [', "  {"]
    (_, words) = offered(b'["' + b"x" * MOST_BYTES + b'"]')
    assert words == "262,148 bytes, which are too many to show"


def test_what_is_no_json_or_nests_too_deeply_costs_nothing() -> None:
    assert offered(b"<html>", b"{not json", b"[" * 100_000) == []


@pytest.mark.parametrize(
    "hidden", [{"tokens": ["s3cret"]}, {"a": {"authToken": {"v": "s3cret"}}}, [{"db_password": "s3cret"}] * 99]
)
def test_secrets_go_by_their_names_however_deep_they_lie(hidden: object) -> None:
    assert "s3cret" not in "".join(offered(hidden, {"long": "x" * 300, "more": hidden}))


def test_markup_stays_text() -> None:
    assert offered({"name": "<script>alert(1)</script>"})[1] == '{"name": "<script>alert(1)</script>"}'


def test_a_message_of_grpc_and_rows_of_sql_are_lines_too() -> None:
    quotes = wanting(LAUNCHER, POSTGRES)
    with quotes.reading("launcher@l:1", lambda: NOW):
        offer_message("/Health", launcher_pb2.HealthResponse(total_processes=4))
    assert kept(quotes, "launcher@l:1") == ["# /Health", '{"total_processes": 4}']
    with quotes.reading("postgres@d:1", lambda: NOW):
        offer_rows("pg_stat_database", [{"name": "shop", "committed": 5.0}])
    assert kept(quotes, "postgres@d:1") == ["# pg_stat_database", '{"name": "shop", "committed": 5.0}']


def test_an_exporters_lines_are_found_by_the_catalogues_name(http: Http) -> None:
    text = "redis_up 1\nredis_memory_used_bytes 5\nredis_keyspace_hits_total 7\n"
    web = http(lambda asked: Reply(200, text.encode()))
    quotes = wanting("redis_server_memory_used_bytes")
    one = BackendExporterCollector(REDIS, Target("redis", web.url), OPTIONS)
    with quotes.reading("redis@r:1", lambda: NOW):
        one.collect(lambda: NOW)
    one.close()
    assert kept(quotes, "redis@r:1", "redis_server_memory_used_bytes") == ["redis_memory_used_bytes 5"]
    assert parse_info("a:1").get("a") == "1"
