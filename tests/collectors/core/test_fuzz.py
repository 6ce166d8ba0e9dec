"""Whatever is answered, each reader reads it or says in its own words why not; and what once got past that rule."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench import __main__ as bench
from bench import fuzz as fuzzing
from bench.fuzz import STATUSES, fuzz
from bench.fuzzing.mutation import Mutator
from bench.fuzzing.readers import all_readers
from bench.fuzzing.reading import JSON_TYPE, Reader, UnstorableError, storable
from bench.fuzzing.seeds import NOW, results
from bench.fuzzing.wire import Wire, wired
from bench.processes import ROOT
from model.series import Scrape
from model.sources import CollectError, ErrorKind
from proto import launcher_pb2, lifecycle_pb2

MEGABYTE = 1e6
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
LINE = st.sampled_from(
    ["a", "prism_requests_total", "# TYPE a ", 'b{c="', '"} ', "{", " 1", " NaN", "# EOF", "\n", "\\"]
)
TEXT = st.lists(LINE | st.text(max_size=6), max_size=25).map("".join)


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    with wired() as made:
        yield made


@pytest.fixture(scope="module")
def readers(wire: Wire) -> dict[str, Reader]:
    return {one.name: one for one in all_readers(wire)}


def read(reader: Reader, wire: Wire, body: bytes, status: int = 200, now: float = NOW) -> CollectError | None:
    """What a reader says against an answer; None when it is taken."""
    wire.asked, wire.others = reader.asked, reader.others
    wire.body, wire.status, wire.headers = body, status, {"Content-Type": reader.content_type}
    try:
        reader.read(now)
    except CollectError as error:
        return error
    return None


@settings(max_examples=60)  # each for all readers
@given(JSON.map(lambda value: json.dumps(value).encode()) | st.binary(), st.sampled_from((200, 200, *STATUSES)))
def test_any_json_and_any_bytes_are_read_or_refused(
    wire: Wire, readers: dict[str, Reader], body: bytes, status: int
) -> None:
    for one in readers.values():
        if one.is_json:
            read(one, wire, body, status)


@settings(max_examples=200)
@given(st.data())
def test_any_value_in_the_place_of_another_is_read_or_refused(
    wire: Wire, readers: dict[str, Reader], data: st.DataObject
) -> None:
    chosen = data.draw(st.sampled_from([one for one in readers.values() if one.is_json]))
    found = json.loads(data.draw(st.sampled_from(chosen.seeds)))
    holder, key = [found], 0
    while isinstance(holder[key], dict | list) and holder[key] and data.draw(st.integers(0, 4)):
        holder = holder[key]
        key = data.draw(st.sampled_from(list(holder) if isinstance(holder, dict) else range(len(holder))))
    holder[key] = data.draw(JSON)
    read(chosen, wire, json.dumps(found).encode())


@settings(max_examples=150)
@given(TEXT.map(lambda text: text.encode("utf-8", "surrogatepass")) | st.binary())
def test_any_text_is_read_or_refused(wire: Wire, readers: dict[str, Reader], body: bytes) -> None:
    for one in readers.values():
        if not one.is_json:
            read(one, wire, body)


@given(st.text(), st.dictionaries(st.text(), st.text()), st.integers(0, 9))
def test_any_words_of_a_pattern_are_read(
    wire: Wire, readers: dict[str, Reader], message: str, details: dict[str, str], status: int
) -> None:
    reported = lifecycle_pb2.HealthCheckResponse(message=message, details=details, status=status)  # type: ignore[arg-type]
    assert read(readers["lifecycle health"], wire, reported.SerializeToString()) is None


@given(st.lists(st.tuples(st.text(), st.integers(-(2**63), 2**63 - 1), st.integers(-(2**31), 2**31 - 1)), max_size=6))
def test_any_processes_of_a_launcher_are_read(
    wire: Wire, readers: dict[str, Reader], processes: list[tuple[str, int, int]]
) -> None:
    reported = launcher_pb2.HealthResponse(
        processes=[
            launcher_pb2.PatternInfo(pattern_name=name, uptime_seconds=uptime, pid=pid)
            for name, uptime, pid in processes
        ]
    )
    assert read(readers["launcher"], wire, reported.SerializeToString()) is None


def good(data: Any) -> Any:
    return {"status": "success", "data": data}


def vector(at: Any, value: Any = "1") -> Any:
    names = ({"__name__": "prism_requests_total"}, {"hud_stamp": "up"})
    found = [{"metric": {"job": "a", "instance": "b", **name}, "value": [at, value]} for name in names]
    return good({"resultType": "vector", "result": found})


def matrix(at: Any, value: Any) -> Any:
    found = [{**one, "values": [one["value"]]} for one in vector(at, value)["data"]["result"]]
    return good({"resultType": "matrix", "result": found})


ENDLESS = float("inf")
HUGE = 10**400
COLUMNS = [{"columnType": "group"}, {"columnType": "aggregation", "aggregationIndex": ENDLESS}]
FOUND: dict[str, tuple[str, Any]] = {
    "a query's name that is a number": ("v3 failed logins counted", good({"result": [{"queryName": 7, "series": []}]})),
    "an address of keys that cannot be split": ("Dex discovery", {"issuer": "a", "jwks_uri": "http://["}),
    "a span whose attributes are a text": ("v5 failed logins", results({"rows": [{"timestamp": NOW, "data": "text"}]})),
    "a span whose attributes are a list": (
        "v3 failed logins",
        good({"result": [{"list": [{"timestamp": NOW, "data": [1]}]}]}),
    ),
    "an instant larger than every float": ("SigNoz statistics", {"telemetry.logs.last_observed.time": HUGE}),
    "a namespace made at such an instant": ("Admin API", [{"name": "a", "created": HUGE}]),
    "an alert begun at such an instant": ("Alertmanager", [{"labels": {}, "startsAt": HUGE}]),
    "an hour larger than every float": (
        "compliance",
        results({"aggregations": [{"index": 0, "series": [{"values": [{"timestamp": HUGE}]}]}]}),
    ),
    "an aggregation of infinite number": ("compliance", results({"aggregations": [{"index": ENDLESS}]})),
    "a column of infinite number": (
        "SigNoz v5 figures",
        results({"queryName": "A", "columns": COLUMNS}),
    ),
    "a column of infinite number beside groups": (
        "v5 failed logins counted",
        results({"queryName": "A", "columns": COLUMNS, "data": [["a", 1]]}),
    ),
    "a point at an infinite time": ("Prometheus range", matrix("Infinity", "1")),
    "a last scrape after all time": ("Prometheus range", matrix(NOW, "1e300")),
    "an answer of infinite time": ("Prometheus query", vector("-Infinity")),
    "an answer before all time": ("Prometheus query", vector(-1e300)),
    "a last scrape after all time, now": ("Prometheus query", vector(NOW, "1e300")),
    "a rule whose number is half a character": ("SigNoz rules", good([{"id": "\ud800"}])),
    "an error whose parts are a number": ("SigNoz alerts", {"status": "error", "error": {"message": "a", "errors": 7}}),
    "a history of the year 9999": (
        "SigNoz history",
        good([{"state": "firing", "unixMilli": "9999-12-31T23:59:59Z"}]),
    ),
    "a version of too many digits": ("SigNoz version", {"version": f"v0.{'9' * 5000}"}),
}  # fmt: skip


@pytest.mark.parametrize("name", FOUND)
def test_what_was_found_is_read_or_refused_now(wire: Wire, readers: dict[str, Reader], name: str) -> None:
    reader, value = FOUND[name]
    read(readers[reader], wire, json.dumps(value).encode())


@pytest.mark.parametrize(
    ("reader", "path"),
    [
        ("Prometheus query", ("warnings",)),
        ("Prometheus targets", ("data", "activeTargets", "labels", "job")),
        ("SigNoz alerts", ("data", "labels", "a")),
        ("SigNoz version", ("version",)),
        ("OTel health", ("error",)),
        ("v5 failed logins", ("data", "data", "results", "rows", "data", "reason")),
    ],
)
def test_words_that_nest_as_deep_as_can_be_read_are_no_words(
    wire: Wire, readers: dict[str, Reader], reader: str, path: tuple[str, ...]
) -> None:
    """The deepest that the parsers follow lies beyond what can be written out again."""
    (seed, *_) = readers[reader].seeds
    for depth in (700, *range(850, 1000, 3)):
        found = json.loads(seed)
        holder = found
        for key in path[:-1]:
            holder = holder.setdefault(key, {})
            holder = holder[0] if isinstance(holder, list) else holder
        holder[path[-1]] = ["@"] if path == ("warnings",) else "@"
        nested = "[" * depth + "]" * depth
        read(readers[reader], wire, json.dumps(found | {"healthy": False}).replace('"@"', nested).encode())


@pytest.mark.server
def test_a_run_finds_nothing_and_stays_small() -> None:
    # A process of its own: the peak of this one's memory is whatever the tests before have made of it.
    command = [sys.executable, "-m", "bench", "fuzz", "--inputs", "2000"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    reported = json.loads(done.stdout.splitlines()[-1])
    assert reported["bench"] == "fuzz"
    assert reported["metrics"]["inputs"] == 2000
    assert reported["metrics"]["unhandled"] == 0
    assert min(reported["metrics"]["accepted"], reported["metrics"]["refused"]) > 300
    assert reported["metrics"]["growth_bytes"] <= reported["metrics"]["growth_bytes_max"]


def test_a_reader_that_raises_something_else_is_reported_with_its_input(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def careless(now: float) -> None:
        raise KeyError("result")

    monkeypatch.setattr(fuzzing, "all_readers", lambda wire: [Reader("careless", careless, (b'{"a": 1}',), JSON_TYPE)])
    monkeypatch.setattr(sys, "argv", ["bench", "fuzz", "--inputs", "200"])
    assert bench.main() == 1
    reported, *_, last = capsys.readouterr().out.splitlines()
    assert reported.startswith("careless: KeyError at test_fuzz.py:")
    assert json.loads(last)["metrics"]["unhandled"] == 200


def test_a_reader_that_keeps_what_it_read_is_found(wire: Wire) -> None:
    kept: list[bytearray] = []
    hoarder = Reader("hoarder", lambda now: kept.append(bytearray(100_000)), (b"1",), "")
    assert fuzz([hoarder], wire, 500, "a", 8 * MEGABYTE)[1]["failures"] == 1


def test_the_same_seed_makes_the_same_inputs() -> None:
    def made(seed: str) -> list[bytes]:
        mutator, body = Mutator(seed), b'{"a": [1, {"b": "c"}], "d": null}'
        return [mutator.in_values(body) for _ in range(200)] + [mutator.in_bytes(body, (body,)) for _ in range(200)]

    assert made("a") == made("a") != made("b")


@pytest.mark.parametrize("time", [float("nan"), float("inf"), 0.0, 1e18])
def test_a_read_at_no_time_is_not_storable(time: float) -> None:
    with pytest.raises(UnstorableError):
        storable(Scrape("proxy", "a:1", time))


def test_a_read_with_half_a_character_is_not_storable() -> None:
    scrape = Scrape("proxy", "a:1", NOW)
    scrape.add("a", 1.0, b="\ud800")
    with pytest.raises(UnicodeEncodeError):
        storable(scrape)


def test_what_a_reader_refuses_is_its_own_kind_of_error(wire: Wire, readers: dict[str, Reader]) -> None:
    error = read(readers["Alertmanager"], wire, b"{")
    assert error is not None
    assert error.kind is ErrorKind.MALFORMED
