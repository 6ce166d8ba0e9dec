"""What is said of one pattern: its status, its day, its events."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from aggregators.alerts.verdict import Verdict
from aggregators.patterns.health import PatternHealth
from aggregators.patterns.restarts import SAME_SECONDS, Restart
from aggregators.patterns.status_history import StatusHistory
from components import format as fmt
from components.banner import Stat
from components.format import Style
from components.lists.events import EventLine
from components.status import MARKS, TROUBLE
from model.series import Event, Severity
from model.status import Status
from pages.shared.answer_text import origin, restarts_measure, stat

NOT_ASKED = "not asked yet"
"""What is said of a pattern between the collector's start and its first answer."""


def sentence(one: PatternHealth, verdict: Verdict, now: float) -> str:
    """'DEGRADED: reconnecting, for 2m 4s'; where an alert makes it worse, in its words before those."""
    why = one.reason or one.message
    lasting = f", for {fmt.lasting(now - one.since)}" if one.since and not one.reason else ""
    reported = f"{one.status.value}{': ' if why else ''}{why}{lasting}"
    if verdict.status is one.status:
        return reported
    return f"{verdict.status.value}: {verdict.reason}; it reports {reported}"


def life_stats(one: PatternHealth) -> tuple[Stat, Stat]:
    """Uptime with the phase, restarts with how they are known."""
    uptime = stat(one.uptime, one.phase.value if one.phase else "phase not reported")
    return (
        Stat(uptime.measure, uptime.note, style=Style.DURATION),
        stat(restarts_measure(one.restarts), origin(one.restarts)),
    )


def details(one: PatternHealth) -> tuple[tuple[str, str], ...]:
    """What its health service reported, and by which service and how fast it answered."""
    check = fmt.words(one.check_seconds)
    heard = [("health service", one.service or "not reported"), ("answered in", check)]
    return (*sorted(one.details.items()), *heard)


def day(history: StatusHistory) -> str:
    """'HEALTHY 23h 10m, DEGRADED 20m 0s; not read for 30m 0s': how the day was, worst first."""
    steps = Counter(history.worst)
    reported = [f"{one.value} {fmt.duration(steps[one] * history.step_seconds)}" for one in TROUBLE if steps[one]]
    if not reported:
        return "Not read in the last 24 hours"
    gap = f"; not read for {fmt.duration(steps[None] * history.step_seconds)}" if steps[None] else ""
    return ", ".join(reported) + gap


def is_trouble(event: Event) -> bool:
    """A change for the worse: neither back to health, nor the moment in which the collector has not asked yet."""
    lost = event.label("status") == Status.UNKNOWN.value and event.message != NOT_ASKED
    return event.severity is not Severity.INFO or lost


def change(event: Event) -> EventLine:
    """A change of its status, in the words that it gave."""
    word = event.label("status") or Status.UNKNOWN.value
    kind = MARKS.get(Status(word), "unknown") if word in Status.__members__ else "unknown"
    return EventLine(event.time, kind, word, event.message)


def restarts(events: Sequence[Event], known: Sequence[Restart]) -> list[EventLine]:
    """Those that were seen, and those that figures alone show, such as of a past that was loaded; newest first."""
    unseen = [one for one in known if all(abs(one.time - event.time) > SAME_SECONDS for event in events)]
    lines = [*map(restart, events), *map(_counted, unseen)]
    return sorted(lines, key=lambda line: line.time, reverse=True)


def _counted(one: Restart) -> EventLine:
    words = f"{one.pattern} restarted" + (f" {one.count} times" if one.count > 1 else "")
    return EventLine(one.time, "unknown", one.how.split(":")[0].split(",")[0], words, one.how)


def restart(event: Event) -> EventLine:
    """A restart and how it is known."""
    how = event.label("how") or ""
    return EventLine(event.time, "unknown", how.split(":")[0].split(",")[0] or "inferred", event.message, how)
