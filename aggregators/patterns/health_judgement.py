"""A pattern's status, judged by its last answer and by how its health service is read.

A source that cannot be read gives UNKNOWN: nobody knows. With one exception, by what the contract's section 12
makes certain: a port that answered before and is closed now means that the pattern's process is gone, which is
UNHEALTHY, unless everything is gone at once. A call that gets no answer (a hang, a black hole) may be the network's
fault and stays UNKNOWN, but says so.
"""

from __future__ import annotations

from model.number_text import lasting
from model.sources import ErrorKind, SourceState
from model.status import Status

HANG_INTERVALS = 2.5
"""One call or read that timed out is a hiccup; after the second nothing good has come for this many intervals."""
NOT_ANSWERING, CLOSED = "not answering", "its port is closed"


def _why_down(detail: str) -> str:
    """A server that is there may say itself that it is unavailable; else nobody listens."""
    return detail if detail.startswith("unavailable") else CLOSED


def judged(state: SourceState | None, last: Status, now: float) -> tuple[Status, str]:
    """A pattern's status and the reason, from the state of its source and its last answer."""
    if state is None:
        return Status.UNKNOWN, "it has no health service to ask (set PATTERN_HEALTH_TARGETS)"
    silent = state.age_seconds(now)
    if state.error is ErrorKind.NOT_KEPT:
        return Status.UNKNOWN, state.error.value
    if silent is None:
        why = f"{state.error.value}: {state.detail}" if state.error else "not asked yet"
        return Status.UNKNOWN, f"never reached: {why}" if state.error else why
    if state.error is ErrorKind.DOWN:
        return Status.UNHEALTHY, f"{NOT_ANSWERING} for {lasting(silent)}: {_why_down(state.detail)}"
    if state.error is None and not state.is_stale(now):
        return last, ""
    if state.error is ErrorKind.TIMED_OUT and silent <= HANG_INTERVALS * state.interval_seconds:
        return last, ""
    if state.error is ErrorKind.TIMED_OUT:
        return Status.UNKNOWN, f"hangs: its health call has had no answer for {lasting(silent)}"
    if state.error is None:
        return Status.UNKNOWN, f"no news for {lasting(silent)}"
    return Status.UNKNOWN, f"{state.error.value} for {lasting(silent)}"
