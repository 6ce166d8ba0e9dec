"""Failed token checks one by one, from the spans that SigNoz holds (RFC view 6): each becomes one event, once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from collectors.core.redact import redact, text_of
from collectors.core.timestamps import to_epoch
from collectors.signoz import auth_failures_v3, auth_failures_v5
from collectors.signoz.auth_failures_v5 import Row
from collectors.signoz.auth_spans import REASON, SOURCE_IP, USER, Attributes
from collectors.signoz.client import NoDataError, SignozClient
from collectors.signoz.envelopes import V3_PATH, V5_PATH, Window
from collectors.signoz.throttled_queries import Found
from model.series import Event, Severity, labels_of

KIND = "auth_failure"
DAY_SECONDS = 86400.0
OVERLAP_SECONDS = 20.0
"""Exporters send in batches: spans of the last seconds may arrive after younger ones."""
MOST = 600
"""Spans of one request: a flood is counted whole (collectors/signoz/auth_failure_counts.py), and reported by its
newest."""
MOST_AT_FIRST = 5_000
"""What the day already brought; asked once, and with MOST if that is too much for it."""
SPAN_IDS = ("span_id", "spanID", "spanId")


class AuthFailures:
    """The newest failed checks since the last answer, with an overlap; `taken` hands over those not reported before."""

    name = "failed logins"
    period_seconds = 10.0
    first_version = None

    def __init__(self, attributes: Attributes, instance: str) -> None:
        self._attributes = attributes
        self._instance = instance
        self._reported: dict[str, float] = {}
        self._new: list[Event] = []
        self._asked_until = 0.0
        self._most = MOST_AT_FIRST

    def forget(self) -> None:
        """Nothing is kept between its requests."""

    def restore(self, events: Iterable[Event]) -> None:
        """Take over what an earlier run reported, so that none is reported twice."""
        mine = [one for one in events if one.kind == KIND and one.label("instance") == self._instance]
        self._reported = {one.label("span_id") or "": one.time for one in mine}
        self._asked_until = max(self._reported.values(), default=0.0)

    def taken(self) -> list[Event]:
        """The events of the last answer, oldest first; handed over once."""
        new, self._new = self._new, []
        return new

    def ask(self, client: SignozClient, now: float) -> list[Found] | None:
        """One request; None when an attribute is unknown there, and it is to be asked without. Raises CollectError."""
        start = max(now - DAY_SECONDS, self._asked_until - OVERLAP_SECONDS)
        most, self._most = self._most, MOST
        try:
            rows = self._rows(client, (start, now), most)
        except NoDataError as error:
            if self._attributes.lacks(error.detail, now):
                self._most = most
                return None
            raise
        self._new += self._events(rows, now)
        self._asked_until = now
        self._reported = {span: at for span, at in self._reported.items() if at >= start - OVERLAP_SECONDS}
        return []

    def _rows(self, client: SignozClient, window: Window, most: int) -> list[Row]:
        keys, span = self._attributes.asked(window[1]), self._attributes.span
        if client.speaks() == "v5":
            return auth_failures_v5.newest_rows(
                client.post(V5_PATH, auth_failures_v5.newest_request(span, keys, window, most))
            )
        return auth_failures_v3.newest_rows(
            client.post(V3_PATH, auth_failures_v3.newest_request(span, keys, window, most))
        )

    def _events(self, rows: Iterable[Row], now: float) -> list[Event]:
        events = []
        for timestamp, row in rows:
            at = to_epoch(timestamp)
            if at is None:
                continue
            event = self._event(min(at, now), row)
            span = event.label("span_id") or ""
            if span not in self._reported:
                self._reported[span] = event.time
                events.append(event)
        return sorted(events, key=lambda one: one.time)

    def _event(self, at: float, row: Mapping[str, Any]) -> Event:
        reported = {field: self._attributes.text(row, field) for field in (REASON, SOURCE_IP, USER)}
        span = next((redact(text_of(row[name]), 40) for name in SPAN_IDS if row.get(name)), "")
        reported["span_id"] = span or hashlib.blake2b(repr((at, reported)).encode(), digest_size=8).hexdigest()
        labels = {name: value for name, value in reported.items() if value} | {"instance": self._instance}
        return Event(at, KIND, Severity.INFO, labels_of(labels), reported[REASON])
