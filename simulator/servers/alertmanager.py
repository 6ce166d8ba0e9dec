"""A stand-in for Alertmanager: the alerts that a Prometheus beside Prism would have sent it, over its API v2."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from simulator.sockets.http import NOT_FOUND, Request, Response, json_response
from simulator.traffic.alert_rules import Alert, fingerprint
from simulator.traffic.timestamps import rfc3339
from simulator.traffic.traffic_model import TrafficModel

RESOLVE_SECONDS = 300.0
NAMES = {
    "1": "PatternRestartLoop",
    "2": "PatternRestarted",
    "3": "PatternDown",
    "4": "RedisPoolNearlyFull",
    "5": "ErrorRatioHigh",
    "6": "LatencyHigh",
}
"""By the rule's id: the same rules as SigNoz's, named as in a Prometheus."""
INHIBITING = "3"
"""Who hears that a pattern is down is not called for its restarts as well."""
_MATCHER = re.compile(r'\s*([a-zA-Z_]\w*)\s*(=~|!~|!=|=)\s*"?(.*?)"?\s*')
_TESTS: dict[str, Callable[[str, str], bool]] = {
    "=": lambda value, wanted: value == wanted,
    "!=": lambda value, wanted: value != wanted,
    "=~": lambda value, wanted: re.fullmatch(wanted, value) is not None,
    "!~": lambda value, wanted: re.fullmatch(wanted, value) is None,
}


class Alertmanager:
    """GET /api/v2/alerts, /api/v2/status, /-/healthy and /-/ready, as version 0.25 answers them."""

    def __init__(self, traffic_model: TrafficModel, clock: Callable[[], float]) -> None:
        self._traffic_model, self._clock = traffic_model, clock

    def __call__(self, request: Request) -> Response:
        """Route."""
        if request.path == "/api/v2/alerts" and request.method == "GET":
            return self._alerts(request)
        if request.path == "/api/v2/status" and request.method == "GET":
            return json_response(self._status())
        if request.path in ("/-/healthy", "/-/ready"):
            return Response(b"OK")
        if request.path.startswith("/api/v2/"):
            return json_response({"code": 404, "message": f"path {request.path} was not found"}, 404)
        return NOT_FOUND

    def _alerts(self, request: Request) -> Response:
        """A bare list; what is resolved is not on it."""
        matches = _matcher(request.query.get("filter", 'alertname!=""'))
        if matches is None:
            return json_response(f"bad matcher format: {request.query['filter']}", 400)
        with self._traffic_model.lock:
            self._traffic_model.advance(self._clock())
            open_now, at = list(self._traffic_model.alerts.open.values()), self._traffic_model.at
        listed = [_reported(one, open_now, at) for one in open_now]
        return json_response(
            [one for one in listed if matches(one["labels"]) and _is_asked_for(one["status"], request.query)]
        )

    def _status(self) -> dict[str, Any]:
        return {
            "cluster": {"status": "disabled", "peers": []},
            "config": {"original": "route:\n  receiver: default\n"},
            "uptime": rfc3339(self._traffic_model.started),
            "versionInfo": {
                "version": "0.25.0",
                "branch": "",
                "revision": "",
                "goVersion": "",
                "buildDate": "",
                "buildUser": "",
            },
        }


def _matcher(text: str) -> Callable[[dict[str, str]], bool] | None:
    """What a matcher such as `pattern=~"re.*"` lets through; None when it is none."""
    found = _MATCHER.fullmatch(text)
    if found is None:
        return None
    name, test, wanted = found.groups()
    try:
        re.compile(wanted)
    except re.error:
        return None
    return lambda labels: _TESTS[test](labels.get(name, ""), wanted)


def _reported(alert: Alert, open_now: list[Alert], at: float) -> dict[str, Any]:
    by = [
        f"{fingerprint(one.rule, one.pattern):016x}"
        for one in open_now
        if one.rule.id == INHIBITING and alert.rule.id != INHIBITING and alert.pattern == one.pattern
    ]
    labels = {"alertname": NAMES[alert.rule.id], "severity": alert.rule.severity, "job": "prism"}
    return {
        "annotations": {"summary": alert.rule.description},
        "endsAt": rfc3339(at + RESOLVE_SECONDS),
        "fingerprint": f"{fingerprint(alert.rule, alert.pattern):016x}",
        "receivers": [{"name": "default"}],
        "startsAt": rfc3339(alert.since),
        "status": {"inhibitedBy": by, "silencedBy": [], "state": "suppressed" if by else "active"},
        "updatedAt": rfc3339(at),
        "generatorURL": f"http://localhost:9090/graph?g0.expr=rule_{alert.rule.id}",
        "labels": {**labels, "pattern": alert.pattern} if alert.pattern else labels,
    }


def _is_asked_for(status: dict[str, Any], query: dict[str, str]) -> bool:
    wanted = "active" if status["state"] == "active" else "inhibited"
    return query.get(wanted, "true") != "false"
