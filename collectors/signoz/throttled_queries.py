"""Questions to SigNoz that are dear and change slowly: each on a slow clock of its own, and failing alone.

One request per read at most, after what the other pages wait for. What was answered last is in every scrape until it is
too old, with how each question was answered beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from collectors.core.redact import redact
from collectors.signoz.client import AbsentRouteError, NoDataError, SignozClient
from model.series import Kind, Labels, Scrape
from model.sources import CollectError

KEPT_PERIODS = 3
"""An answer is reported for so many of its periods; then the question is without an answer."""
KEPT_AT_LEAST_SECONDS = 60.0
FIRST_AFTER_SECONDS = 1.0
"""The first read of a SigNoz brings what the other pages wait for."""
ANSWERED, NO_DATA, NOT_OFFERED, FAILED = "answered", "no data", "not offered", "failed"
MAX_DETAIL = 160


class Found(NamedTuple):
    """One sample of an answer; `labels` without the instance."""

    family: str
    value: float
    labels: Labels = ()
    kind: Kind = Kind.GAUGE


class Question(Protocol):
    """One question, over as many requests as it takes."""

    @property
    def name(self) -> str:
        """What it is called in `signoz_question_info`."""

    @property
    def period_seconds(self) -> float:
        """From the end of one answer to the beginning of the next."""

    @property
    def first_version(self) -> tuple[int, int] | None:
        """The first SigNoz that can answer it; None when all can, over whichever query API they have."""

    def ask(self, client: SignozClient, now: float) -> list[Found] | None:
        """One request. None when more are needed for the answer. Raises CollectError."""

    def forget(self) -> None:
        """Begin anew with the next request."""


@dataclass(slots=True)
class _Slot:
    """How one question stands: when it is due, and what it last brought at `answered_at`. `state` '' until it ended."""

    question: Question
    due_at: float | None = None
    found: Scrape | None = None
    answered_at: float = 0.0
    state: str = ""
    detail: str = ""

    def add_to(self, scrape: Scrape) -> None:
        """Report the last answer again, unless it is too old: its series are made once."""
        keep = max(KEPT_AT_LEAST_SECONDS, KEPT_PERIODS * self.question.period_seconds)
        if self.found is not None and scrape.time - self.answered_at <= keep:
            scrape.series += self.found.series
            scrape.values += self.found.values

    def end(self, now: float, state: str, detail: str = "") -> None:
        self.question.forget()
        self.state, self.detail = state, redact(detail, MAX_DETAIL)
        self.due_at = now + self.question.period_seconds


class RareQuestions:
    """Asks what is due, the longest due first."""

    def __init__(self, client: SignozClient, questions: Sequence[Question]) -> None:
        self._client = client
        self._slots = [_Slot(question) for question in questions]

    def add(self, scrape: Scrape, ask: bool) -> None:
        """Put the answers into `scrape`; with `ask`, ask one request of one question before. Never raises."""
        now = scrape.time
        due = [(at, slot) for slot in self._slots if (at := self._due_at(slot, now)) <= now]
        if ask and due:
            self._ask(min(due, key=lambda one: one[0])[1], scrape)
        for slot in self._slots:
            slot.add_to(scrape)
            if slot.state:
                reported = {"question": slot.question.name, "state": slot.state, "detail": slot.detail}
                scrape.add("signoz_question_info", 1.0, Kind.INFO, **reported)

    def _due_at(self, slot: _Slot, now: float) -> float:
        if slot.due_at is None:
            slot.due_at = now + FIRST_AFTER_SECONDS
        return slot.due_at

    def _ask(self, slot: _Slot, scrape: Scrape) -> None:
        question, now = slot.question, scrape.time
        try:
            first = question.first_version
            if first is not None and not self._client.at_least(first):
                slot.found = None
                slot.end(now, NOT_OFFERED, f"by SigNoz before v{first[0]}.{first[1]}")
                return
            found = question.ask(self._client, now)
        except AbsentRouteError as error:
            slot.end(now, NOT_OFFERED, error.detail)
        except NoDataError as error:
            slot.end(now, NO_DATA, error.detail)
        except CollectError as error:
            slot.end(now, FAILED, str(error))
        else:
            if found is not None:
                slot.found, slot.answered_at = Scrape(scrape.source, scrape.instance, now), now
                for family, value, labels, kind in found:
                    slot.found.add(family, value, kind, **dict(labels))
                slot.end(now, ANSWERED)
