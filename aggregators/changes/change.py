"""One change as the pages, the report and the API say it, and how a change that was seen is stored."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from model.series import Event, Severity, labels_of

KIND = "change"
"""Of the stored events; of the other kinds each is a change by itself."""


class ChangeKind(StrEnum):
    """What a change is about."""

    RESTART = "restart"
    PHASE = "phase"
    STATUS = "status"
    VERSION = "version"
    MEMBER = "member"
    CONFIGURATION = "configuration"
    TRAFFIC = "traffic"
    ALERT = "alert"
    OPERATOR = "operator"
    SOURCE = "source"


@dataclass(frozen=True, slots=True)
class Change:
    """Something that changed at `time`, in seconds since 1970. `page` is where to look next.

    `component` is named as alerts name theirs. `shared` says that it moved along with everything else, which is named
    by itself: it is news of the component, not of the whole. `severity` is that of an alert, info of all else.
    """

    time: float
    kind: ChangeKind
    component: str
    words: str
    page: str
    severity: Severity = Severity.INFO
    shared: bool = False


def stored(one: Change, now: float) -> Event:
    """The change as an event that is noticed at `now`."""
    labels = {"change": one.kind.value, "component": one.component, "page": one.page, "at": f"{one.time:.3f}"}
    if one.shared:
        labels["shared"] = "1"
    return Event(now, KIND, one.severity, labels_of(labels), one.words)


def read_back(event: Event) -> Change | None:
    """The change that a stored event says; None for one of a kind that is not known."""
    labels = dict(event.labels)
    if labels.get("change") not in set(ChangeKind):
        return None
    try:
        at = float(labels.get("at") or event.time)
    except ValueError:
        at = event.time
    return Change(at, ChangeKind(labels["change"]), labels.get("component", ""), event.message,
                  labels.get("page") or "/", event.severity, bool(labels.get("shared")))  # fmt: skip
