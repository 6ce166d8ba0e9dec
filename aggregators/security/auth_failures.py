"""Failed attempts to get in (RFC view 6): the newest one by one, a day of them counted, and who keeps trying."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from aggregators.observability.ingest import answer_state, answered
from aggregators.patterns.restarts import events_since
from aggregators.security.repeated_failures import COUNTED_AT, DAY, SECONDS, Attempt, Repeat, of_window, repeats
from aggregators.series.availability import Availability
from aggregators.series.window import Window
from model.measure import Count, Measure, Timestamp
from model.series import Event, Unit
from model.status import Reading
from store.snapshot import Snapshot

KIND, QUESTION = "auth_failure", "failed logins"
COUNTED = "signoz_auth_failures"
MOST_SHOWN = 5_000


@dataclass(frozen=True, slots=True)
class Attempts:
    """`total` is the day's count, `shown` the newest of them and `reaches_back` when the oldest of these was.

    `counted` is when SigNoz was asked for the total. `note` says what limits the list, or why there is none.
    """

    reading: Reading
    note: str
    total: Count
    shown: Count
    is_cut: bool
    reaches_back: Timestamp
    counted: Timestamp
    repeats: tuple[Repeat, ...]


def attempts(snapshot: Snapshot, now: float, reported: Sequence[Attempt]) -> Attempts:
    """What is known of the last 24 hours; `reported` are the attempts that are kept, the newest first."""
    availability, note = _availability(snapshot, now)
    total, counted = _total(snapshot, now, reported)
    known = availability.reports or bool(reported)
    is_cut = len(reported) >= MOST_SHOWN if total.value is None else total.value > len(reported)
    shown = availability.measure(Unit.COUNT, float(len(reported))) if known else _without(availability, Unit.COUNT)
    return Attempts(
        reading=availability.reading,
        note=note,
        total=total,
        shown=shown,
        is_cut=is_cut,
        reaches_back=Measure.of(reported[-1].time, Unit.TIMESTAMP)
        if reported
        else _without(availability, Unit.TIMESTAMP),
        counted=counted,
        repeats=repeats(snapshot, now, reported, is_cut),
    )


def failed_attempts(snapshot: Snapshot, now: float) -> tuple[Attempt, ...]:
    """The newest MOST_SHOWN of the last 24 hours, the newest first."""
    events = events_since(snapshot.events, KIND, now - SECONDS[DAY], now)
    return tuple(map(_attempt, reversed(events[-MOST_SHOWN:])))


def _attempt(event: Event) -> Attempt:
    said = dict(event.labels).get
    name = said("span_id") or f"{event.time}"
    return Attempt(name, event.time, said("reason", ""), said("source_ip", ""), said("user", ""))


def _availability(snapshot: Snapshot, now: float) -> tuple[Availability, str]:
    """How the list stands: it is reported by a question to SigNoz, whose answer is in the event log."""
    availability = Window.newest(snapshot, now, "signoz_question_info", "signoz").availability
    if not availability.reports:
        if availability.reading is Reading.NOT_REPORTED:
            why = "no span of a failed token check is read: no signoz source is configured"
            note = why if availability.note.startswith("no signoz") else "SigNoz was not asked for them yet"
            return replace(availability, note=note), note
        return availability, availability.note
    state, detail = answer_state(snapshot, now, QUESTION)
    if state == "failed":
        failed = replace(availability, reading=Reading.ERROR, note=f"SigNoz did not report them: {detail}")
        return failed, failed.note
    words = {
        "": "SigNoz was not asked for them yet",
        "not offered": f"not offered by this SigNoz version: {detail}",
        "no data": f"SigNoz holds no span of a token check yet: {detail}",
    }
    if state in words:
        return replace(availability, reading=Reading.NOT_REPORTED, note=words[state]), words[state]
    return availability, availability.note


def _without(availability: Availability, unit: Unit) -> Measure:
    if availability.reading is Reading.ERROR:
        return Measure.error(unit, availability.note)
    return Measure.not_reported(unit, availability.note or "nothing was reported")


def _total(snapshot: Snapshot, now: float, reported: Sequence[Attempt]) -> tuple[Measure, Measure]:
    """The day's count with what was reported since it was counted, and when that was."""
    instants = [one.value for one in of_window(snapshot, now, COUNTED_AT, DAY)]
    if not instants:
        availability = answered(snapshot, now, f"{QUESTION} of {DAY}", COUNTED).availability
        return _without(availability, Unit.COUNT), _without(availability, Unit.TIMESTAMP)
    counted_at = max(instants)
    counted = sum(one.value for one in of_window(snapshot, now, COUNTED, DAY))
    counted += sum(one.time > counted_at for one in reported)
    availability = Window.newest(snapshot, now, COUNTED_AT).availability
    total = availability.measure(Unit.COUNT, max(counted, float(len(reported))))
    return total, availability.measure(Unit.TIMESTAMP, counted_at)
