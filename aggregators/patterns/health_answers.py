"""What the patterns' health services answered last: status, message, details, seconds of the call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from aggregators.series.last_reads import last_reads
from aggregators.series.sources import reach
from model.catalogue.details import DETAIL
from model.status import Status
from store.snapshot import Snapshot

STATUS = "prism_pattern_status"
MESSAGE = "prism_pattern_message_info"
DETAIL_INFO = "prism_pattern_detail_info"
CHECK = "prism_pattern_check_duration_seconds"
TOGETHER_SECONDS = 30.0


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
        fresh: dict[str, HealthAnswer] = {}  # by source: what answers now is not told by what it answered then
        for one in last_reads(snapshot, STATUS, at, window):
            if one.value == 1.0 and one.read_from not in answered:
                answered.add(one.read_from)
                name = one.label("pattern")
                place = name if name not in answers else _second(name, one.read_from)
                answer = HealthAnswer(one.read_from, status_of(one.label("status")), one.label("service"))
                answers[place] = fresh[one.read_from] = answer
        if fresh:
            _add_words(snapshot, at, window, fresh)
    return answers


def _second(name: str, key: str) -> str:
    """What another process of the same pattern is called."""
    return f"{name} at {key.partition('@')[2]}"


def _instants(snapshot: Snapshot, now: float) -> list[tuple[float, float]]:
    """(instant, seconds to look back): now for the sources that answer, the last answers of the others.

    Those that fell silent within TOGETHER_SECONDS are read at once: a source's last row is its last answer at any
    instant after it.
    """
    window = reach(snapshot, "patterns")
    silent = sorted(
        (
            state.last_success
            for state in snapshot.sources.values()
            if state.source == "patterns" and state.last_success and now - state.last_success > window
        ),
        reverse=True,
    )
    found = [(now, window)]
    while silent:
        together = [at for at in silent if at > silent[0] - TOGETHER_SECONDS]
        found.append((silent[0], silent[0] - together[-1] + 0.5))
        del silent[: len(together)]
    return found


def _add_words(snapshot: Snapshot, at: float, window: float, by_key: Mapping[str, HealthAnswer]) -> None:
    for family in (MESSAGE, DETAIL, DETAIL_INFO, CHECK):
        for one in last_reads(snapshot, family, at, window):
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
