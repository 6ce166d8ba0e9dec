"""Good answers that mutations begin with: recorded from real servers, and written by hand where none is recorded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from grpc_health.v1.health_pb2 import HealthCheckResponse

from proto import launcher_pb2, lifecycle_pb2

RECORDED = Path(__file__).parent.parent.parent / "tests" / "collectors" / "recorded"
LINES = 40
"""Long recordings are taken in pieces of so many lines."""
NOW = 1_762_506_000.0
"""When the written answers say that they are from."""
_AT = "2025-11-07T08:59:58.123456789Z"


def recorded(name: str) -> bytes:
    """What a real server answered, byte for byte."""
    return (RECORDED / name).read_bytes()


def pieces(*names: str) -> tuple[bytes, ...]:
    """Recordings in pieces that end with whole lines."""
    found = []
    for name in names:
        lines = recorded(name).splitlines(keepends=True)
        found += [b"".join(lines[at : at + LINES]) for at in range(0, len(lines), LINES)]
    return tuple(found)


def written(*values: Any) -> tuple[bytes, ...]:
    """JSON."""
    return tuple(json.dumps(value).encode() for value in values)


def good(data: Any) -> Any:
    """SigNoz' and Prometheus' envelope."""
    return {"status": "success", "data": data}


def results(*found: Any, kind: str = "scalar") -> Any:
    """A v5 answer."""
    return good({"type": kind, "data": {"results": list(found)}, "meta": {}})


def _columns(*kinds: str) -> list[dict[str, Any]]:
    return [
        {"name": "x", "queryName": "A", "aggregationIndex": max(0, at - 1), "columnType": kind}
        for at, kind in enumerate(kinds)
    ]


ODD_TEXT = b"""# HELP a_total words, "quotes" and \\\\ slashes
# TYPE a_total counter
a_total{x="1",y="two words",z="C:\\\\dir\\"q\\"\\nend"} 3 1762506000000
a_total{x="2",} 4.5e1
# TYPE h histogram
h_bucket{le="0.3"} 1
h_bucket{le="+Inf"} 2
h_sum 1.5
h_count 2
# TYPE prism_namespace_latency_ms histogram
prism_namespace_latency_ms_bucket{tenant_id="a",le="5"} 1
prism_requests_total{namespace="a",pattern="kv",status="ok"} 7
prism_request_duration_seconds_bucket{namespace="a",pattern="kv",operation="get",le="0.1"} 7
prism_request_duration_seconds_bucket{namespace="a",pattern="kv",operation="get",le="+Inf"} 9
up NaN
"""
OPENMETRICS = (
    b"""# TYPE prism_requests counter
# UNIT prism_requests requests
# HELP prism_requests All of them.
prism_requests_total{namespace="a",pattern="kv"} 17.0 1762506000.123 # {trace_id="abc"} 1.0 1762506000.0
prism_requests_created{namespace="a",pattern="kv"} 1762500000.5
# TYPE prism_request_duration_seconds histogram
# UNIT prism_request_duration_seconds seconds
prism_request_duration_seconds_bucket{operation="get",le="0.1"} 8 # {trace_id="KOO5S4vxi0o"} 0.067
prism_request_duration_seconds_bucket{operation="get",le="+Inf"} 17 # {} 9.8 1520879607.789
prism_request_duration_seconds_count{operation="get"} 17
prism_request_duration_seconds_sum{operation="get"} 324789.3
# TYPE s stateset
s{s="a"} 1
s{s="b"} 0
# TYPE build info
build_info{version="1.0"} 1
# TYPE g gaugehistogram
g_bucket{le="1"} 3
g_gcount 3
g_gsum 2
# EOF
""",
    b'# TYPE a gauge\na{b="c"} 1\na{b="d"} -Inf\n# EOF\n',
    b"# EOF\n",
)
ADMIN = written(
    {
        "namespaces": [
            {
                "name": "orders", "owner": "team-a", "status": "ACTIVE", "created_at": _AT, "max_rps": "500",
                "patterns": [{"name": "keyvalue", "backend": "redis"}, {"type": "pubsub", "driver": "nats"}],
            },
            {
                "name": "billing", "access": {"owners": [{"email": "b@example.com"}]},
                "createdAt": {"seconds": 1762500000}, "pattern": "kv,queue", "backend": "redis,",
                "quota": {"max_read_rps": 10, "max_write_rps": 5},
            },
            "bare",
        ],
        "next_page_token": "",
    },
    [{"name": "a", "created": 1762500000123, "team": None, "limits": {"readRps": 1}}],
    {"namespaces": [{"name": "n"}], "nextPageToken": "two"},
    {},
)  # fmt: skip
_ALERT = {
    "labels": {"alertname": "Pool full", "severity": "critical", "ruleId": "7", "pattern": "redis", "instance": "p:1"},
    "annotations": {"description": "words of it", "summary": "s"},
    "startsAt": _AT, "endsAt": "0001-01-01T00:00:00Z", "fingerprint": "00f0",
    "status": {"state": "active", "silencedBy": [], "inhibitedBy": []}, "receivers": [{"name": "default"}],
}  # fmt: skip
_SILENCED = {**_ALERT, "labels": {"alertname": "b"}, "status": {"state": "suppressed", "silencedBy": ["1"]}}
ALERTMANAGER = written([_ALERT, _SILENCED], [], {"code": 404, "message": "path /x was not found"}, "bad query")
SIGNOZ_ALERTS = written(
    good([_ALERT, _SILENCED]),
    good({"data": [_ALERT]}),
    good(json.dumps({"data": [_ALERT]})),
    good(None),
    {"status": "error", "error": {"code": "x", "message": "y", "errors": [{"message": "z"}]}},
    {"status": "error", "errorType": "bad_data", "error": "key `a` not found"},
)
SIGNOZ_RULES = written(
    good(
        {"rules": [{"id": "7", "alert": "Pool full", "labels": {"severity": "page"}, "annotations": {"summary": "s"}}]}
    ),
    good([{"id": 8, "alert": "b", "disabled": False}, {"id": "9", "disabled": True}]),
)
_ITEM = {"ruleName": "Pool full", "state": "firing", "stateChanged": True, "unixMilli": 1762505000000}
SIGNOZ_HISTORY = written(
    good({"items": [{**_ITEM, "labels": {"a": "b"}}, {**_ITEM, "state": "inactive", "unixMilli": 1762505900000}]}),
    good([{**_ITEM, "labels": [{"key": {"name": "a"}, "value": "b"}, {"name": "c", "value": 1}]}]),
)
VERSIONS = written({"version": "v0.138.0", "ee": "Y"}, {"version": "0.85.3"})
V5_FIGURES = written(
    results({"queryName": "A", "columns": _columns("group", *["aggregation"] * 8),
             "data": [["Get", 1000, 2, 3.75e5, 5e5, None, "7e5", "NaN", 9e6], [None, 3, 0, 1, 1, 1, 1, 1, 1]]}),
)  # fmt: skip
V3_FIGURES = written(
    good({"resultType": "", "result": [
        {"queryName": query, "series": [{"labels": {"name": "get"}, "values": [{"timestamp": 1, "value": "1000"}]}]}
        for query in "ABCDEFG"
    ]})
)  # fmt: skip
V5_SPANS = written(
    results({"queryName": "A", "rows": [
        {"timestamp": _AT, "data": {"span_id": "00ab", "reason": "token_expired", "client.address": "10.0.1.45"}},
        {"timestamp": 1762505990123456789, "data": {"attributes_string": {"reason": "x", "enduser.id": "a@b.com"}}},
    ]}, kind="raw")
)  # fmt: skip
V3_SPANS = written(
    good({"result": [{"queryName": "A", "list": [{"timestamp": _AT, "data": {"spanID": "1", "reason": "no_token"}}]}]})
)
V5_GROUPS = written(
    results(*({"queryName": query, "columns": _columns("group", "aggregation", "aggregation"),
               "data": [["10.0.1.45", 7, 2], ["", 1, "1"], [None, 3, None]]} for query in "ABC"))
)  # fmt: skip
V3_GROUPS = written(
    good({"result": [
        {"queryName": query, "series": [{"labels": {"a": "10.0.1.45"}, "values": [{"value": "7"}]}, {"labels": None}]}
        for query in ("A", "A_distinct", "B", "B_distinct", "C")
    ]})
)  # fmt: skip
V5_HOURS = written(
    results({"queryName": "A", "aggregations": [
        {"index": index, "series": [{"labels": [], "values": [{"timestamp": 1762502400000, "value": 9}]}]}
        for index in (0, 1)
    ]}, kind="time_series")
)  # fmt: skip
V5_TRACES = written(results({"queryName": "T", "data": [[12401]]}), results({"queryName": "T", "data": None}))
V5_SERVICES = written(results({"queryName": "A", "data": [["prism-plugin-redis", 5], ["prism-proxy", 9], [None, 1]]}))
V5_NEWEST = written(
    results(*({"queryName": query, "rows": [{"timestamp": _AT, "data": {}}]} for query in "AB"), kind="raw")
)
STATS = written(
    good({"telemetry.traces.count": 500, "telemetry.traces.last_observed.time": _AT,
          "telemetry.metrics.count": "12", "telemetry.logs.last_observed.time_unix": 1762505990}),
    {"telemetry.logs.count": 9},
)  # fmt: skip
_TARGET = {"job": "prism", "instance": "p:1"}
_SERIES: tuple[dict[str, str], ...] = (
    {"__name__": "up"}, {"__name__": "scrape_duration_seconds"}, {"hud_stamp": "up"},
    {"__name__": "prism_requests_total", "namespace": "a", "pattern": "kv"},
    {"__name__": "prism_request_duration_seconds_bucket", "le": "0.10", "exported_instance": "x"},
    {"__name__": "process_open_fds"}, {"__name__": "otelcol_exporter_sent_spans"},
)  # fmt: skip
_VALUES = ("1", "0.02", "1762505995.1", "7", "9", "12", "4")
_VECTOR = good({"resultType": "vector", "result": [
    {"metric": {**_TARGET, **labels}, "value": [NOW, value]} for labels, value in zip(_SERIES, _VALUES, strict=True)
]})  # fmt: skip
INSTANT = written(
    _VECTOR,
    good({"resultType": "vector", "result": [
        {"metric": {**_TARGET, "__name__": "up"}, "value": [NOW, "0"]}, {"metric": _TARGET, "histogram": [NOW, {}]}]}),
    {**_VECTOR, "warnings": ["some stores did not answer"]},
)  # fmt: skip
RANGE = written(
    good({"resultType": "matrix", "result": [
        {"metric": {**_TARGET, **labels}, "values": [[NOW - 60, value], [NOW, value]]}
        for labels, value in zip(_SERIES, _VALUES, strict=True)
    ]})
)  # fmt: skip
TARGETS = written(
    good({"activeTargets": [{"labels": _TARGET, "lastError": "server returned HTTP status 500", "health": "down"}]})
)
DISCOVERY = (
    recorded("oidc_discovery.json"),
    *written({"issuer": "http://dex:5556/dex", "jwks_uri": "http://dex:5556/dex/keys"}),
)
KEYS = (recorded("oidc_jwks.json"), *written({"keys": [{"kid": "a", "alg": "RS256"}, {"kid": None}]}, {"keys": []}))
OTEL_HEALTH = written(
    {"status": "Server available", "upSince": _AT, "uptime": "1h"},
    {"healthy": False, "error": "exporter failed", "status": "StatusRecoverableError"},
)
NATS_HEALTH = (recorded("nats_healthz.json"), *written({"status": "unavailable", "error": "JetStream is not current"}))
LIFECYCLE = tuple(
    lifecycle_pb2.HealthCheckResponse(status=status, message=message, details=details).SerializeToString()
    for status, message, details in (
        (lifecycle_pb2.HEALTH_STATUS_DEGRADED, "slow", {"uptime": "2m13s", "pool": "4", "password": "x", "n": "NaN"}),
        (lifecycle_pb2.HEALTH_STATUS_HEALTHY, "", {}),
    )
)
STANDARD = (HealthCheckResponse(status=HealthCheckResponse.SERVING).SerializeToString(), b"")
LAUNCHER = tuple(
    launcher_pb2.HealthResponse(
        healthy=True, total_processes=2, running_processes=1, uptime_seconds=uptime, isolation_distribution={"a": 1},
        processes=[
            launcher_pb2.PatternInfo(
                pattern_name="consumer", process_id=f"consumer:{number}", state=launcher_pb2.STATE_RUNNING, pid=number,
                address="localhost:50051", healthy=True, uptime_seconds=uptime, namespace="a", last_error="none",
            )
            for number in range(3)
        ],
    ).SerializeToString()
    for uptime in (5, 90_000)
)  # fmt: skip
