"""What is known of a source: what it is, and how reading it goes."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from model.series import Labels, labels_of

STALE_INTERVALS = 3
"""Law 2: what is older than so many of its source's intervals is stale."""
STATE_EVENT = "source_state"
"""The kind of the event that says how a source stands from then on, apart from what every read of it changes."""


class ErrorKind(StrEnum):
    """Why a source could not be read, in the words that the page shows."""

    DOWN = "down"
    TIMED_OUT = "timed out"
    WRONG_PROTOCOL = "wrong protocol"
    UNAUTHENTICATED = "unauthenticated"
    REFUSED = "refused"
    HTTP_ERROR = "HTTP error"
    TOO_LARGE = "answer too large"
    MALFORMED = "malformed answer"
    NOT_OFFERED = "not offered"
    UNSEEN = "not visible"
    """What stands between cannot be read itself: nothing is known of what lies behind it."""
    NOT_KEPT = "not kept at this resolution"
    """How it went at an instant of the past is not stored."""


class CollectError(Exception):
    """One failed read of a source. `detail` is a short sentence without credentials."""

    def __init__(self, kind: ErrorKind, detail: str) -> None:
        super().__init__(f"{kind.value}: {detail}")
        self.kind = kind
        self.detail = detail


@dataclass(frozen=True, slots=True)
class SourceState:
    """How reading one source goes. Times are seconds since 1970; 0.0 means never.

    `key` is unique (`proxy@localhost:8980`); `since` is when the present error began.
    """

    key: str
    source: str
    instance: str
    address: str
    interval_seconds: float
    last_attempt: float = 0.0
    last_success: float = 0.0
    duration_seconds: float = 0.0
    samples: int = 0
    error: ErrorKind | None = None
    detail: str = ""
    since: float = 0.0
    failures: int = 0

    def succeeded(self, now: float, duration_seconds: float, samples: int) -> SourceState:
        """The state after a good read."""
        return replace(
            self,
            last_attempt=now,
            last_success=now,
            duration_seconds=duration_seconds,
            samples=samples,
            error=None,
            detail="",
            since=0.0,
            failures=0,
        )

    def failed(self, now: float, duration_seconds: float, error: CollectError) -> SourceState:
        """The state after a failed read; `since` is kept while the failure lasts."""
        return replace(
            self,
            last_attempt=now,
            duration_seconds=duration_seconds,
            error=error.kind,
            detail=error.detail,
            since=self.since or now,
            failures=self.failures + 1,
        )

    def age_seconds(self, now: float) -> float | None:
        """Seconds since the last good read, or None when there was none."""
        return None if self.last_success == 0.0 else max(0.0, now - self.last_success)

    @property
    def stale_after_seconds(self) -> float:
        """Law 2: for how long what was read well is fresh."""
        return STALE_INTERVALS * self.interval_seconds

    def is_stale(self, now: float) -> bool:
        """Whether nothing good came for longer than that."""
        age = self.age_seconds(now)
        return age is None or age > self.stale_after_seconds

    @property
    def lasting(self) -> list[Any]:
        """What stays the same from read to read, as plain JSON; `with_lasting` is its inverse."""
        return [self.address, self.interval_seconds, self.error and self.error.value, self.detail, self.since]

    def with_lasting(self, lasting: list[Any]) -> SourceState:
        """The same source with this `lasting`. Raises ValueError, TypeError."""
        address, interval, error, detail, since = lasting
        return replace(
            self,
            address=str(address),
            interval_seconds=float(interval),
            error=None if error is None else ErrorKind(error),
            detail=str(detail),
            since=float(since),
        )


def change_labels(before: SourceState, after: SourceState) -> Labels:
    """The labels of a STATE_EVENT: what was so until then, and what is from then on."""
    return labels_of({"key": after.key, "was": json.dumps(before.lasting), "is": json.dumps(after.lasting)})
