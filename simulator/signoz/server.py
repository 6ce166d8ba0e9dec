"""A stand-in for SigNoz: version, health, queries, rules, alerts, their history, and statistics."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from simulator.faults.garbage import HTML
from simulator.signoz import coverage, query_v3, query_v5
from simulator.signoz.query_v5_request import UnsupportedError
from simulator.signoz.spans import QueryError
from simulator.sockets.http import Request, Response, json_response
from simulator.traffic.alert_rules import RULES, Rule, fingerprint, labels_of
from simulator.traffic.timestamps import rfc3339
from simulator.traffic.traffic_model import TrafficModel

VERSION = "v0.129.0"
FIRST_V5, FIRST_OPERATOR, FIRST_STATS = (0, 87), (0, 94), (0, 129)
RESOLVE_SECONDS = 240.0
_HISTORY = re.compile(r"/api/v1/rules/([^/]+)/history/timeline")
_SPA = Response(HTML, "text/html; charset=utf-8")


class SigNoz:
    """Answers as the versions around `version` do; asks for `key` when one is given."""

    def __init__(
        self, traffic_model: TrafficModel, clock: Callable[[], float], key: str = "", version: str = VERSION
    ) -> None:
        self._traffic_model, self._clock, self._key, self._version = traffic_model, clock, key, version
        self._release = tuple(int(part) for part in re.findall(r"\d+", version)[:2])

    def __call__(self, request: Request) -> Response:
        """Route; whatever is not known is the web page, with 200."""
        route = (request.method, request.path)
        if route == ("GET", "/api/v1/version"):
            return json_response({"version": self._version, "ee": "Y", "setupCompleted": True})
        if route == ("GET", "/api/v1/health"):
            return json_response({"status": "ok"})
        if request.method == "GET" and request.path in ("/api/v2/healthz", "/api/v2/readyz", "/api/v2/livez"):
            return _success({"healthy": True, "services": {"running": ["querier", "alertmanager", "telemetrystore"]}})
        answer = self._protected(request)
        if answer is None:
            return _SPA
        if self._key and request.headers.get("signoz-api-key") != self._key:
            return _failure("unauthenticated", "the request is not authenticated", 401)
        with self._traffic_model.lock:
            self._traffic_model.advance(self._clock())
            return answer(request)

    def _protected(self, request: Request) -> Callable[[Request], Response] | None:
        """What answers a route that needs a key."""
        if request.method == "POST" and _HISTORY.fullmatch(request.path):
            return self._history
        routes: dict[tuple[str, str], Callable[[Request], Response]] = {
            ("POST", "/api/v3/query_range"): self._v3,
            ("POST", "/api/v4/query_range"): self._v3,
            ("GET", "/api/v1/rules"): self._rules,
            ("GET", "/api/v1/alerts"): self._alerts,
        }
        if self._release >= FIRST_V5:
            routes[("POST", "/api/v5/query_range")] = self._v5
        if self._release >= FIRST_STATS:
            routes[("GET", "/api/v1/stats")] = self._stats
        return routes.get((request.method, request.path))

    def _v5(self, request: Request) -> Response:
        try:
            asked = json.loads(request.body)
            if coverage.is_asked(asked) and self._release < FIRST_OPERATOR:
                raise UnsupportedError("a trace operator")
            return _success(query_v5.answer(asked, self._traffic_model))
        except (QueryError, ValueError) as error:
            return _failure("invalid_input", str(error), 400)
        except UnsupportedError as error:
            return _failure("unsupported", f"{error} is not supported here", 501)

    def _v3(self, request: Request) -> Response:
        try:
            return _success(query_v3.answer(json.loads(request.body), self._traffic_model))
        except (QueryError, ValueError) as error:
            return json_response({"status": "error", "errorType": "bad_data", "error": str(error)}, 400)

    def _rules(self, request: Request) -> Response:
        firing = {rule for rule, _ in self._traffic_model.alerts.open}
        return _success({"rules": [_rule(rule, rule.id in firing, self._traffic_model.started) for rule in RULES]})

    def _alerts(self, request: Request) -> Response:
        """Open alerts only, in the shape of v0.76 and later."""
        ends = rfc3339(self._traffic_model.at + RESOLVE_SECONDS)
        return _success(
            [
                {
                    "labels": {
                        **alert.labels,
                        "ruleSource": f"http://localhost:8080/alerts/edit?ruleId={alert.rule.id}",
                    },
                    "annotations": {"description": alert.rule.description, "summary": f"value {alert.value:g}"},
                    "startsAt": rfc3339(alert.since),
                    "endsAt": ends,
                    "generatorURL": f"http://localhost:8080/alerts/edit?ruleId={alert.rule.id}",
                    "status": {"state": "active", "silencedBy": [], "inhibitedBy": []},
                    "receivers": ["default"],
                    "fingerprint": f"{fingerprint(alert.rule, alert.pattern):016x}",
                }
                for alert in self._traffic_model.alerts.open.values()
            ]
        )

    def _history(self, request: Request) -> Response:
        match = _HISTORY.fullmatch(request.path)
        rule = next((one for one in RULES if match and one.id == match[1]), None)
        if rule is None:
            return _failure("not_found", "rule not found", 404)
        try:
            body = json.loads(request.body)
            start, end = float(body["start"]) / 1000, float(body["end"]) / 1000
            offset, limit = int(body.get("offset", 0)), int(body.get("limit", 50))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            return json_response({"status": "error", "errorType": "bad_data", "error": f"{error}"}, 400)
        changes = [one for one in self._traffic_model.alerts.changes if one.rule is rule and start <= one.at <= end]
        if body.get("state"):
            changes = [one for one in changes if one.firing == (body["state"] == "firing")]
        changes.sort(key=lambda one: one.at, reverse=body.get("order", "desc") == "desc")
        items = [
            {
                "ruleID": rule.id,
                "ruleName": rule.name,
                "overallState": "firing" if change.firing else "inactive",
                "overallStateChanged": True,
                "state": "firing" if change.firing else "inactive",
                "stateChanged": True,
                "unixMilli": int(change.at * 1000),
                "labels": labels_of(rule, change.pattern),
                "fingerprint": fingerprint(rule, change.pattern),
                "value": change.value,
            }
            for change in changes
        ]
        return _success({"items": items[offset : offset + limit], "total": len(items), "labels": {}})

    def _stats(self, request: Request) -> Response:
        """Rows per signal since the start, and when the newest arrived."""
        pipeline = self._traffic_model.pipeline
        at = pipeline.last_sent or self._traffic_model.started
        reported: dict[str, Any] = {}
        for signal, source_states in zip(("traces", "metrics", "logs"), pipeline.signals.values(), strict=True):
            reported[f"telemetry.{signal}.count"] = source_states.sent
            reported[f"telemetry.{signal}.last_observed.time"] = rfc3339(at)
            reported[f"telemetry.{signal}.last_observed.time_unix"] = int(at)
        return _success(reported)


def _rule(rule: Rule, firing: bool, started: float) -> dict[str, Any]:
    at = rfc3339(started - 30 * 86400)
    return {
        "id": rule.id,
        "state": "firing" if firing else "inactive",
        "alert": rule.name,
        "alertType": "METRIC_BASED_ALERT",
        "ruleType": "threshold_rule",
        "labels": {"severity": rule.severity},
        "annotations": {"description": rule.description, "summary": rule.query},
        "condition": {"op": "1", "target": rule.target, "matchType": "1", "compositeQuery": {"queryType": "builder"}},
        "evalWindow": "5m0s",
        "frequency": "1m0s",
        "disabled": False,
        "preferredChannels": ["default"],
        "createAt": at,
        "createBy": "admin@local.prism",
        "updateAt": at,
        "updateBy": "admin@local.prism",
    }


def _success(data: Any) -> Response:
    return json_response({"status": "success", "data": data})


def _failure(code: str, message: str, status: int) -> Response:
    return json_response({"status": "error", "error": {"code": code, "message": message}}, status)
