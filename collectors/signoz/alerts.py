"""SigNoz's open alerts and rules, over the shapes of its versions (contracts external A7)."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from collectors.alerting.listed_alerts import Listed, listed
from collectors.alerting.open_alerts import summary_of, texts
from collectors.core.redact import text_of
from collectors.signoz.client import AbsentRouteError, SignozClient
from model.sources import CollectError, ErrorKind

KIND = "signoz_alert"
OWN_LABELS = frozenset({"ruleSource", "generatorURL"})
"""Labels that SigNoz adds to what it lists as open and not to its history. The rule's id is in both: two rules may have
one name.
"""


def open_alerts(client: SignozClient, known: Collection[str]) -> Listed:
    """What is open now; `known` was open before. Raises CollectError."""
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
    return listed(data or [], known, OWN_LABELS)


@dataclass(frozen=True, slots=True)
class Rule:
    """One alert rule; its labels are its alerts' too."""

    id: str
    name: str
    labels: Mapping[str, str]
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
            texts(one.get("labels")),
            summary_of(texts(one.get("annotations"))),
        )
        for one in listed or []
        if isinstance(one, dict) and text_of(one.get("id")) and not one.get("disabled")
    ]
