"""Failed attempts to get in (RFC view 6): the newest one by one, a day of them counted, and who keeps trying."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from aggregators.observability.ingest import answer_state, answered
from aggregators.patterns.restarts import events_since
from aggregators.security.repeated_failures import DAY, SECONDS, Attempt, Repeat, of_window, repeats
from aggregators.series.availability import Availability, availability
from aggregators.series.sources import reach, read_until
from model.measure import Count, Measure, Timestamp
from model.series import Event, Unit
from model.status import Reading
from store.snapshot import Snapshot

KIND, QUESTION = "auth_failure", "failed logins"
COUNTED = "signoz_auth_failures"
COUNTED_AT = "signoz_auth_failures_counted_timestamp_seconds"
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
    stands, note = _availability(snapshot, now)
    total, counted = _total(snapshot, now, reported)
    known = stands.reports or bool(reported)
    is_cut = len(reported) >= MOST_SHOWN if total.value is None else total.value > len(reported)
    shown = stands.measure(Unit.COUNT, float(len(reported))) if known else _without(stands, Unit.COUNT)
    return Attempts(
        reading=stands.reading,
        note=note,
        total=total,
        shown=shown,
        is_cut=is_cut,
        reaches_back=Measure.of(reported[-1].time, Unit.TIMESTAMP) if reported else _without(stands, Unit.TIMESTAMP),
        counted=counted,
        repeats=repeats(snapshot, now, reported, is_cut),
    )


def failed_attempts(snapshot: Snapshot, now: float) -> tuple[Attempt, ...]:
    """The newest MOST_SHOWN of the last 24 hours, the newest first."""
    events = events_since(snapshot.events, KIND, now - SECONDS[DAY], now)
    return tuple(map(_attempt, reversed(events[-MOST_SHOWN:])))


def _attempt(event: Event) -> Attempt:
    labels = dict(event.labels)
    fields = (labels.get(name, "") for name in ("reason", "source_ip", "user"))
    return Attempt(labels.get("span_id", f"{event.time}"), event.time, *fields)


def _availability(snapshot: Snapshot, now: float) -> tuple[Availability, str]:
    """How the list stands: it is reported by a question to SigNoz, whose answer is in the event log."""
    at, window = read_until(snapshot, now, "signoz"), reach(snapshot, "signoz")
    frame = snapshot.frame("signoz_question_info", at - window, at)
    stands = availability(snapshot, now, frame, "signoz")
    if not stands.reports:
        if stands.reading is Reading.NOT_REPORTED:
            why = "no span of a failed token check is read: no signoz source is configured"
            note = why if stands.note.startswith("no signoz") else "SigNoz was not asked for them yet"
            return replace(stands, note=note), note
        return stands, stands.note
    state, detail = answer_state(snapshot, now, QUESTION)
    if state == "failed":
        failed = replace(stands, reading=Reading.ERROR, note=f"SigNoz did not report them: {detail}")
        return failed, failed.note
    words = {
        "": "SigNoz was not asked for them yet",
        "not offered": f"not offered by this SigNoz version: {detail}",
        "no data": f"SigNoz holds no span of a token check yet: {detail}",
    }
    if state in words:
        return replace(stands, reading=Reading.NOT_REPORTED, note=words[state]), words[state]
    return stands, stands.note


def _without(stands: Availability, unit: Unit) -> Measure:
    if stands.reading is Reading.ERROR:
        return Measure.error(unit, stands.note)
    return Measure.not_reported(unit, stands.note or "nothing was reported")


def _total(snapshot: Snapshot, now: float, reported: Sequence[Attempt]) -> tuple[Measure, Measure]:
    """The day's count with what was reported since it was counted, and when that was."""
    at, window = read_until(snapshot, now, "signoz"), reach(snapshot, "signoz")
    frame = snapshot.frame(COUNTED, at - window, at)
    instants = [one.value for one in of_window(snapshot, now, COUNTED_AT, DAY)]
    if not instants:
        stands = answered(snapshot, now, f"{QUESTION} of {DAY}", frame)
        return _without(stands, Unit.COUNT), _without(stands, Unit.TIMESTAMP)
    counted_at = max(instants)
    counted = sum(one.value for one in of_window(snapshot, now, COUNTED, DAY))
    counted += sum(one.time > counted_at for one in reported)
    stands = availability(snapshot, now, snapshot.frame(COUNTED_AT, at - window, at))
    total = stands.measure(Unit.COUNT, max(counted, float(len(reported))))
    return total, stands.measure(Unit.TIMESTAMP, counted_at)
