"""SigNoz's open alerts and rules, over the shapes of its versions (contracts external A7)."""

from __future__ import annotations

import json
from dataclasses import dataclass

from collectors.instants import to_epoch
from collectors.open_alerts import MAX_ALERTS, OpenAlert, alert_of, summary_of, texts
from collectors.redact import text_of
from collectors.signoz_client import AbsentRouteError, SignozClient
from model.sources import CollectError, ErrorKind

KIND = "signoz_alert"


def open_alerts(client: SignozClient) -> list[OpenAlert]:
    """What is open now, the newest first, at most MAX_ALERTS. Raises CollectError."""
    data = client.get("/api/v1/alerts")
    if isinstance(data, str):  # before v0.76: Alertmanager's own answer, encoded once more
        try:
            data = json.loads(data)
        except ValueError:
            raise CollectError(ErrorKind.MALFORMED, "the list of alerts is not JSON") from None
    if isinstance(data, dict):
        data = data.get("data")
    if data is not None and not isinstance(data, list):
        raise CollectError(ErrorKind.MALFORMED, "no list of alerts in the answer")
    found = [alert_of(one, to_epoch(one.get("startsAt"))) for one in data or [] if isinstance(one, dict)]
    found.sort(key=lambda alert: alert.starts_at or 0.0, reverse=True)
    return found[:MAX_ALERTS]


@dataclass(frozen=True, slots=True)
class Rule:
    """One alert rule."""

    id: str
    name: str
    severity: str
    summary: str


def rules(client: SignozClient) -> list[Rule]:
    """All rules that are not disabled. Raises CollectError."""
    try:
        data = client.get("/api/v1/rules")
    except AbsentRouteError:
        data = client.get("/api/v2/rules")
    listed = data.get("rules") if isinstance(data, dict) else data
    if listed is not None and not isinstance(listed, list):
        raise CollectError(ErrorKind.MALFORMED, "no list of rules in the answer")
    return [
        Rule(
            text_of(one["id"]),
            text_of(one.get("alert")),
            texts(one.get("labels")).get("severity", ""),
            summary_of(texts(one.get("annotations"))),
        )
        for one in listed or []
        if isinstance(one, dict) and text_of(one.get("id")) and not one.get("disabled")
    ]
