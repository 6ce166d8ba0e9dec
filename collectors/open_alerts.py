"""One alert as another tool tells of it, and the words in it that are safe to show. Shared by all who read alerts."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from collectors.redact import REMOVED, is_secret_name, redact, text_of
from model.series import Event, Severity, labels_of

MAX_ALERTS = 200
MAX_LABELS = 12
MAX_VALUE = 120
FIRING, SILENCED, INHIBITED, RESOLVED = "firing", "silenced", "inhibited", "resolved"
"""What an alert can be said to be: it fires, it fires and nobody is told (by whom), it is over."""
_NOT_USEFUL = {"alertname", "severity", "ruleId", "ruleSource", "generatorURL", "fingerprint", "state", "status"}
_RESERVED = {"instance": "exported_instance", "starts_at": "exported_starts_at", "how": "exported_how"}
"""Labels that our own events carry: the alert's of that name goes by another."""
_SEVERITIES = {
    "critical": Severity.CRITICAL, "error": Severity.CRITICAL, "page": Severity.CRITICAL, "fatal": Severity.CRITICAL,
    "info": Severity.INFO, "information": Severity.INFO, "none": Severity.INFO, "debug": Severity.INFO,
}  # fmt: skip

Labels = tuple[tuple[str, str], ...]
Subject = tuple[str, str, Labels]
"""What an alert is about: its name, its severity, its useful labels."""


@dataclass(frozen=True, slots=True)
class OpenAlert:
    """One alert: open now, or as a history tells of it. `useful` are its own labels, safe to show.

    `state` is the tool's own word; `standing` is FIRING, SILENCED or INHIBITED.
    """

    name: str
    severity: str
    state: str
    starts_at: float | None
    useful: Labels
    summary: str
    standing: str = FIRING

    @property
    def subject(self) -> Subject:
        """What it is about."""
        return self.name, self.severity, self.useful

    @property
    def fingerprint(self) -> str:
        """The same for the same subject, always. A tool's own serve no more than one of its routes: SigNoz counts the
        open alerts and the history in different ways.
        """
        return hashlib.blake2b(repr(self.subject).encode(), digest_size=8).hexdigest()

    def edge(self, kind: str, time: float, state: str, instance: str, how: str = "") -> Event:
        """The event of this alert beginning, changing or ending; `how` says more of an end."""
        labels = {
            **dict(self.useful),
            "alertname": self.name,
            "severity": self.severity,
            "fingerprint": self.fingerprint,
            "state": state,
            "instance": instance,
        }
        if self.starts_at is not None:
            labels["starts_at"] = f"{self.starts_at:.3f}"
        if how:
            labels["how"] = how
        return Event(time, kind, severity_of(self.severity), labels_of(labels), self.summary)


def severity_of(word: str) -> Severity:
    """A tool's free word as one of ours; an unknown one is a warning."""
    return _SEVERITIES.get(word.lower(), Severity.WARNING)


def alert_of(told: Mapping[str, Any], starts_at: float | None, standing: str = FIRING) -> OpenAlert:
    """An alert in Alertmanager's shape, which SigNoz's is too."""
    labels, status = texts(told.get("labels")), told.get("status")
    name = redact(labels.get("alertname") or labels.get("ruleName") or "unnamed alert", MAX_VALUE)
    return OpenAlert(
        name,
        redact(labels.get("severity", ""), 40).lower() or "warning",
        redact(text_of(status.get("state")), 40) if isinstance(status, dict) else "",
        starts_at,
        useful(labels),
        summary_of(texts(told.get("annotations"))) or name,
        standing,
    )


def summary_of(annotations: Mapping[str, str]) -> str:
    """What an alert says of itself; templates that nobody filled in say nothing."""
    words = (annotations.get(key, "") for key in ("description", "summary", "message"))
    return redact(next((word for word in words if word and "{{" not in word), ""))


def useful(labels: Mapping[str, str]) -> Labels:
    """The labels that say what an alert is about: few, short, without secrets."""
    kept = sorted((name, value) for name, value in labels.items() if name not in _NOT_USEFUL and value)
    return tuple(
        (_RESERVED.get(name) or redact(name, 60), REMOVED if is_secret_name(name) else redact(value, MAX_VALUE))
        for name, value in kept[:MAX_LABELS]
    )


def texts(mapping: Any) -> dict[str, str]:
    """A flat mapping of texts, whatever came."""
    return {str(name): text_of(value) for name, value in mapping.items()} if isinstance(mapping, dict) else {}
