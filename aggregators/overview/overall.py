"""The one answer of the banner: the RFC's rule over the patterns, never greener than the alerts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from aggregators.alerts.verdict import OF_SEVERITY, Look, Verdict
from aggregators.backends.server_status import is_server
from aggregators.incidents.incident import Incident
from aggregators.incidents.incidents import known_incidents
from aggregators.overview.map_parts import Part
from aggregators.overview.unseen import unseen
from aggregators.patterns.health import PatternHealth, by_trouble, worst_status
from aggregators.series.source_rows import source_table
from aggregators.series.sources import is_blackout, of_kind
from model.number_text import about, lasting, listed
from model.series import Severity
from model.status import Status
from store.snapshot import Snapshot

_SEEN_AS_UNKNOWN = "what is not known is not called healthy"


@dataclass(frozen=True, slots=True)
class ViewVerdict:
    """A view of the rail as it is judged: its id, its name and page, and the verdict."""

    view: str
    name: str
    page: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Overall:
    """The state of the whole. `reason` is the worst trouble in plain words, '' when there is none.

    `since` is when that trouble began, as far as it is known; `page` where to look next. `unseen` are sentences: what
    cannot be seen, and why. `incident` is the id of the incident that it is a part of, '' for none, and `symptoms` how
    many other alerts of it last.
    """

    status: Status
    reason: str
    since: float | None
    component: str
    page: str
    known_patterns: int
    unseen: tuple[str, ...] = ()
    incident: str = ""
    symptoms: int = 0


@dataclass(frozen=True, slots=True)
class Judgement:
    """The whole, and every view of the rail. `parts` gives the components of the map as their views judge them, where
    those are held.
    """

    whole: Overall
    views: tuple[ViewVerdict, ...]
    parts: Callable[[], tuple[Part, ...]] | None = field(default=None, compare=False, repr=False)

    def of(self, view: str) -> Verdict | None:
        """The verdict of one view; None when it has none of its own."""
        return next((one.verdict for one in self.views if one.view == view), None)


def overall(snapshot: Snapshot, now: float, views: Iterable[ViewVerdict] = ()) -> Overall:
    """GREEN if all healthy, YELLOW if any degraded, RED if any unhealthy; UNKNOWN when nobody can tell.

    `views` are the verdicts of the other views.
    """
    return whole_of(Look(snapshot, now), views)


def whole_of(look: Look, views: Iterable[ViewVerdict] = ()) -> Overall:
    """The same of a look: a firing critical alert makes it UNHEALTHY, a warning at least DEGRADED.

    What matters of a view's trouble has an alert; one that is UNHEALTHY without any still keeps the whole from HEALTHY.
    """
    known, dark = look.patterns, unseen(look.snapshot, look.now, look.patterns)
    blind = _blindness(look)
    if blind is not None:
        why, since = blind
        return Overall(Status.UNKNOWN, why, since, "", "/", len(known), dark)
    bad = [one for one in views if one.verdict.status is Status.UNHEALTHY]
    alarms = (OF_SEVERITY[one.severity] for one in look.firing)
    status = worst_status([_by_rule(look), *alarms, *(Status.DEGRADED for _ in bad)])
    worst = _worst_incident(status, look)
    if worst is not None:
        return _of_incident(status, worst, len(known), dark)
    reason, since, component, page = _worst(status, known, bad)
    return Overall(status, reason, since, component, page, len(known), dark)


def _worst_incident(status: Status, look: Look) -> Incident | None:
    """The first incident that makes it so, in the order in which they are listed."""
    guilty = {one.id for one in look.firing if OF_SEVERITY[one.severity] is status}
    known = known_incidents(look.snapshot, look.now) if guilty else ()
    return next((one for one in known if guilty.intersection(each.id for each in one.alerts)), None)


def _of_incident(status: Status, worst: Incident, known: int, dark: tuple[str, ...]) -> Overall:
    first = worst.alerts[0]
    symptoms = sum(one.is_active for one in worst.alerts[1:])
    return Overall(status, worst.headline, worst.started, first.component, first.page, known, dark, worst.id, symptoms)


def _by_rule(look: Look) -> Status:
    """The RFC's rule. Of a pattern that only a launcher knows, running is enough where backends' servers are well."""
    if _serves(look):
        reported = [one.status for one in look.patterns if not one.only_launched]
        return worst_status(reported) if reported else Status.HEALTHY
    return worst_status(one.status for one in look.patterns)


def _serves(look: Look) -> bool:
    """Whether a launcher and at least one backend's server are read just now."""
    fresh = [one for one in look.snapshot.sources.values() if one.error is None and not one.is_stale(look.now)]
    return any(one.source == "launcher" for one in fresh) and any(is_server(one) for one in fresh)


def _blindness(look: Look) -> tuple[str, float | None] | None:
    """Why nothing can be said of the whole, and since when; None when something can."""
    if look.silence:
        return look.silence, look.now - (look.collector.silent_seconds or 0.0)
    snapshot, now, patterns = look.snapshot, look.now, look.patterns
    health = of_kind(snapshot, "patterns")
    once = [state for state in health if state.last_success > 0.0]
    gone = bool(once) and all(state.error is not None or state.is_stale(now) for state in once)
    unseen = all(one.status is Status.UNKNOWN for one in patterns)
    if is_blackout(snapshot, now) or (gone and unseen):
        lost = [row for row in source_table(snapshot, now) if row.lost or row.error is not None]
        names = listed(sorted({row.source for row in lost}))
        since = max((state.last_success for state in once), default=0.0) or None
        age = f" for {lasting(now - since)}" if since else ""
        return f"no source of pattern health answers{age} ({names} gone)", since
    if not patterns and not _serves(look) and not any(one.severity is Severity.CRITICAL for one in look.firing):
        return "no pattern has been seen yet", None
    return None


def _worst(
    status: Status, patterns: Sequence[PatternHealth], views: Sequence[ViewVerdict]
) -> tuple[str, float | None, str, str]:
    """(words, since, component, page) of what makes it so without an alert."""
    worst = next((one for one in by_trouble(patterns) if one.status is status), None)
    if worst is None and status is Status.DEGRADED:
        view = views[0]
        return f"{view.name}: {view.verdict.reason}", None, "", view.page
    if status is Status.HEALTHY or worst is None:
        return "", None, "", "/"
    words = about(worst.name, worst.reason or worst.message or f"reports {worst.status.value}")
    if status is Status.UNKNOWN:
        words = f"{words}; {_SEEN_AS_UNKNOWN}"
    return words, worst.since, worst.name, worst.path
