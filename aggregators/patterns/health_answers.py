"""What the patterns' health services answered last: status, message, details, seconds of the call."""

from __future__ import annotations

from dataclasses import dataclass, field

from aggregators.series.last_reads import last_read
from aggregators.series.sources import reach
from model.status import Status
from store.snapshot import Snapshot

STATUS = "prism_pattern_status"
MESSAGE = "prism_pattern_message_info"
DETAIL = "prism_pattern_detail"
DETAIL_INFO = "prism_pattern_detail_info"
CHECK = "prism_pattern_check_duration_seconds"


@dataclass(slots=True)
class HealthAnswer:
    """What the health services' last answers said of one pattern."""

    key: str = ""
    status: Status = Status.UNKNOWN
    service: str = ""
    message: str = ""
    details: dict[str, str] = field(default_factory=dict)
    check_seconds: float | None = None


def last_answers(snapshot: Snapshot, now: float) -> dict[str, HealthAnswer]:
    """Per pattern, from the last read of its source, however old."""
    answers: dict[str, HealthAnswer] = {}
    answered: set[str] = set()
    for at, window in _instants(snapshot, now):
        for one in last_read(snapshot.frame(STATUS, at - window, at), at, window):
            if one.value == 1.0 and one.read_from not in answered:
                answered.add(one.read_from)
                name = one.label("pattern")
                place = name if name not in answers else _second(name, one.read_from)
                answers[place] = HealthAnswer(one.read_from, status_of(one.label("status")), one.label("service"))
        _add_words(snapshot, at, window, answers)
    return answers


def _second(name: str, key: str) -> str:
    """What another process of the same pattern is called."""
    return f"{name} at {key.partition('@')[2]}"


def _instants(snapshot: Snapshot, now: float) -> list[tuple[float, float]]:
    """(instant, seconds to look back): now for the sources that answer, the last answer for each of the others."""
    window = reach(snapshot, "patterns")
    silent = [
        state.last_success
        for state in snapshot.sources.values()
        if state.source == "patterns" and state.last_success and now - state.last_success > window
    ]
    return [(now, window), *((at, 0.5) for at in silent)]


def _add_words(snapshot: Snapshot, at: float, window: float, answers: dict[str, HealthAnswer]) -> None:
    by_key = {answer.key: answer for answer in answers.values()}
    for family in (MESSAGE, DETAIL, DETAIL_INFO, CHECK):
        for one in last_read(snapshot.frame(family, at - window, at), at, window):
            answer = by_key.get(one.read_from)
            if answer is None:
                continue
            if family == MESSAGE:
                answer.message = one.label("message")
            elif family == CHECK:
                answer.check_seconds = one.value
            else:
                text = f"{one.value:.15g}" if family == DETAIL else one.label("value")
                answer.details.setdefault(one.label("key"), text)


def status_of(word: str) -> Status:
    """A status by its name in any case; UNKNOWN for a word that is none."""
    try:
        return Status(word.upper())
    except ValueError:
        return Status.UNKNOWN
