"""One alert as every page, the rail, the banner and the API report it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from model.series import Severity


class AlertState(StrEnum):
    """Where an alert stands. Silenced and inhibited ones last too, but nobody is called for them."""

    PENDING = "pending"
    FIRING = "firing"
    SILENCED = "silenced"
    INHIBITED = "inhibited"
    RESOLVED = "resolved"


class Ending(StrEnum):
    """How an alert came to its end, as far as anybody can say."""

    OPEN = "open"
    CLEARED = "cleared by itself"
    ELSEWHERE = "resolved in its tool"
    UNSEEN = "over, not seen when"
    LEFT = "its component is not reported any more"
    UNKNOWN = "source gone: not known"


@dataclass(frozen=True, slots=True)
class Action:
    """What an operator did about an alert: who, why, when, and until when it holds; `until` is None for as long as the
    alert lasts. Times are seconds since 1970.
    """

    by: str
    why: str
    time: float
    until: float | None = None


@dataclass(frozen=True, slots=True)
class Alert:
    """One piece of trouble. `refires` counts how often it came back soon after it had gone.

    `words` and `severity` follow the facts while it lasts, and are those of its worst once it is over; `began_as` and
    `worst` are the words with which it began and of its worst. `open_in` are the sources that still hold it open: it
    fires as long as one of them says so. `muted_in` are the tools that report nobody of it. `in_prism` is False for
    another tool's alert about something that is not known to be a part of this Prism: it counts for the whole, for no
    view. `acknowledged` says that somebody sees to it, `silenced` that nobody is called for it for a while. Times are
    seconds since 1970.
    """

    id: str
    rule: str
    title: str
    family: str
    severity: Severity
    component: str
    state: AlertState
    started: float
    resolved_at: float | None
    duration_seconds: float
    words: str
    page: str
    sources: tuple[str, ...]
    open_in: tuple[str, ...]
    refires: int = 0
    ending: Ending = Ending.OPEN
    muted_in: tuple[str, ...] = ()
    in_prism: bool = True
    began_as: str = ""
    worst: str = ""
    worst_severity: Severity = Severity.INFO
    acknowledged: Action | None = None
    silenced: Action | None = None

    @property
    def is_active(self) -> bool:
        """True while it lasts, whoever is notified of it."""
        return self.state is not AlertState.RESOLVED
