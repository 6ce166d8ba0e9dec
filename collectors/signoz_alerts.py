"""SigNoz's open alerts and rules, over the shapes of its versions (contracts external A7)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from collectors.instants import to_epoch
from collectors.redact import REMOVED, is_secret_name, redact
from collectors.signoz_client import AbsentRouteError, SignozClient
from model.series import Event, Severity, labels_of
from model.sources import CollectError, ErrorKind

MAX_ALERTS = 200
MAX_LABELS = 12
MAX_VALUE = 120
KIND = "signoz_alert"
FIRING, RESOLVED = "firing", "resolved"
_NOT_USEFUL = {"alertname", "severity", "ruleId", "ruleSource", "generatorURL", "fingerprint", "state", "status"}
_RESERVED = {"instance"}
_SEVERITIES = {
    "critical": Severity.CRITICAL, "error": Severity.CRITICAL, "page": Severity.CRITICAL, "fatal": Severity.CRITICAL,
    "info": Severity.INFO, "information": Severity.INFO, "none": Severity.INFO, "debug": Severity.INFO,
}  # fmt: skip


Labels = tuple[tuple[str, str], ...]
Subject = tuple[str, str, Labels]
"""What an alert is about: its name, its severity, its useful labels."""


@dataclass(frozen=True, slots=True)
class SignozAlert:
    """One alert: open now, or as the history tells of it. `useful` are its own labels, safe to show."""

    name: str
    severity: str
    state: str
    starts_at: float | None
    useful: Labels
    summary: str

    @property
    def subject(self) -> Subject:
        """What it is about."""
        return self.name, self.severity, self.useful

    @property
    def fingerprint(self) -> str:
        """The same for the same subject, always. SigNoz's own serve no more than one of its routes: the open alerts
        and the history count them in different ways.
        """
        return hashlib.blake2b(repr(self.subject).encode(), digest_size=8).hexdigest()

    def edge(self, time: float, state: str, instance: str) -> Event:
        """The event of this alert beginning or ending."""
        labels = {
            **dict(self.useful),
            "alertname": self.name,
            "severity": self.severity,
            "fingerprint": self.fingerprint,
            "state": state,
            "instance": instance,
        }
        return Event(time, KIND, severity_of(self.severity), labels_of(labels), self.summary)


def severity_of(word: str) -> Severity:
    """SigNoz's free word as one of ours; an unknown one is a warning."""
    return _SEVERITIES.get(word.lower(), Severity.WARNING)


def open_alerts(client: SignozClient) -> list[SignozAlert]:
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
    found = [_alert(one) for one in data or [] if isinstance(one, dict)]
    found.sort(key=lambda alert: alert.starts_at or 0.0, reverse=True)
    return found[:MAX_ALERTS]


def _alert(told: Mapping[str, Any]) -> SignozAlert:
    labels = _texts(told.get("labels"))
    annotations = _texts(told.get("annotations"))
    status = told.get("status")
    name = redact(labels.get("alertname") or labels.get("ruleName") or "unnamed alert", MAX_VALUE)
    return SignozAlert(
        name,
        redact(labels.get("severity", ""), 40).lower() or "warning",
        redact(str(status.get("state", "")), 40) if isinstance(status, dict) else "",
        to_epoch(told.get("startsAt")),
        useful(labels),
        _summary(annotations) or name,
    )


def _summary(annotations: Mapping[str, str]) -> str:
    """What it says of itself; templates that nobody filled in say nothing."""
    words = (annotations.get(key, "") for key in ("description", "summary", "message"))
    return redact(next((word for word in words if word and "{{" not in word), ""))


def useful(labels: Mapping[str, str]) -> Labels:
    """The labels that say what an alert is about: few, short, without secrets."""
    kept = sorted((name, value) for name, value in labels.items() if name not in _NOT_USEFUL and value)
    return tuple(
        (f"exported_{name}" if name in _RESERVED else redact(name, 60), _shown(name, value))
        for name, value in kept[:MAX_LABELS]
    )


def _shown(name: str, value: str) -> str:
    return REMOVED if is_secret_name(name) else redact(value, MAX_VALUE)


def _texts(mapping: Any) -> dict[str, str]:
    """A flat mapping of texts, whatever came."""
    return {str(name): str(value) for name, value in mapping.items()} if isinstance(mapping, dict) else {}


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
            str(one["id"]),
            str(one.get("alert") or ""),
            _texts(one.get("labels")).get("severity", ""),
            _summary(_texts(one.get("annotations"))),
        )
        for one in listed or []
        if isinstance(one, dict) and one.get("id") and not one.get("disabled")
    ]
