"""One alert as another tool reports it, and the words in it that are safe to show. Shared by all who read alerts."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from collectors.core.redact import MAX_LENGTH, REMOVED, is_secret_name, redact, text_of
from model.series import Event, Severity, labels_of

MAX_LABELS = 12
MAX_VALUE = 120
FIRING, SILENCED, INHIBITED, RESOLVED = "firing", "silenced", "inhibited", "resolved"
"""What an alert can be said to be: it fires, it fires and nobody is notified (by whom), it is over."""
_NOT_USEFUL = {"alertname", "severity", "ruleId", "ruleSource", "generatorURL"}
_RESERVED = ("instance", "starts_at", "how", "state", "alert_state", "fingerprint")
"""Labels that our own events carry: the alert's of that name is exported, as Prometheus calls it."""
_EXPORTED = "exported_"
_FIRST = ("pattern", "backend", "component", "namespace", "exported_namespace", "service_name", "service.name",
          "instance", "host", "port", "job", "pod")  # fmt: skip
"""Labels that name whom an alert is about: of many they are kept first."""
_SEVERITIES = {
    "critical": Severity.CRITICAL,
    "error": Severity.CRITICAL,
    "page": Severity.CRITICAL,
    "fatal": Severity.CRITICAL,
    "crit": Severity.CRITICAL,
    "emergency": Severity.CRITICAL,
    "disaster": Severity.CRITICAL,
    **dict.fromkeys(("emerg", "panic", "blocker", "p0", "p1", "sev0", "sev1"), Severity.CRITICAL),
    "info": Severity.INFO,
    "information": Severity.INFO,
    "none": Severity.INFO,
    "debug": Severity.INFO,
    **dict.fromkeys(("notice", "informational"), Severity.INFO),
}

Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class OpenAlert:
    """One alert: open now, or as a history reports it. `useful` are its own labels, safe to show.

    `fingerprint` is of all its labels as they came: what is shown of them may be the same for two alerts. `alert_state`
    is FIRING, SILENCED or INHIBITED.
    """

    name: str
    severity: str
    starts_at: float | None
    useful: Labels
    summary: str
    fingerprint: str
    alert_state: str = FIRING

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
    return _SEVERITIES.get(re.sub(r"[\s_-]+", "", word.lower()), Severity.WARNING)


def fingerprint_of(labels: Mapping[str, str], ignored: Collection[str] = ()) -> str:
    """The same for the same labels, always; a label without a value is none. A tool's own serve no more than one of
    its routes: SigNoz counts the open alerts and the history in different ways. `ignored` labels are its, not the
    alert's.
    """
    whole = sorted((name, value) for name, value in labels.items() if value and name not in ignored)
    return hashlib.blake2b(repr(whole).encode(errors="backslashreplace"), digest_size=8).hexdigest()


def alert_of(
    reported: Mapping[str, Any], starts_at: float | None, fingerprint: str, alert_state: str = FIRING
) -> OpenAlert:
    """An alert in Alertmanager's shape, which SigNoz's is too."""
    labels = texts(reported.get("labels"))
    name = safe(labels.get("alertname") or labels.get("ruleName") or "unnamed alert", MAX_VALUE)
    return OpenAlert(
        name,
        safe(severity_word(labels), 40) or "warning",
        starts_at,
        useful(labels),
        summary_of(texts(reported.get("annotations"))) or name,
        fingerprint,
        alert_state,
    )


def severity_word(labels: Mapping[str, str]) -> str:
    """An alert's own word for how bad it is, '' when it has none."""
    return labels.get("severity", "").strip().lower()


def safe(text: str, limit: int = MAX_LENGTH) -> str:
    """`redact`, remembered: the same thousands of labels are read every two seconds."""
    return _remembered(text[: limit * 4], limit)


_remembered = lru_cache(maxsize=32_768)(redact)


def summary_of(annotations: Mapping[str, str]) -> str:
    """What an alert says of itself; templates that nobody filled in say nothing."""
    words = (annotations.get(key, "") for key in ("description", "summary", "message"))
    return safe(next((word for word in words if word and "{{" not in word), ""))


def useful(labels: Mapping[str, str]) -> Labels:
    """The labels that say what an alert is about: few, short, without secrets; those that name it before all others."""
    kept = [(name, value) for name, value in labels.items() if name not in _NOT_USEFUL and value]
    kept.sort(key=lambda one: (_FIRST.index(one[0]) if one[0] in _FIRST else len(_FIRST), one))
    return tuple(
        sorted(
            (_shown_as(name, labels), REMOVED if is_secret_name(name) else safe(value, MAX_VALUE))
            for name, value in kept[:MAX_LABELS]
        )
    )


def _shown_as(name: str, labels: Mapping[str, str]) -> str:
    """Of `instance` and `exported_instance` the first is whom the alert is about, and is shown as that."""
    plain = name
    while plain.startswith(_EXPORTED):
        plain = plain.removeprefix(_EXPORTED)
    if plain not in _RESERVED:
        return safe(name, 60)
    return f"{_EXPORTED}{name}" if plain == name or labels.get(plain) else name


def texts(mapping: Any) -> dict[str, str]:
    """A flat mapping of texts, whatever came."""
    return {str(name): text_of(value) for name, value in mapping.items()} if isinstance(mapping, dict) else {}
