"""How many token checks failed, as SigNoz counts them by reason, address and user (RFC view 6).

A flood of them is reported one by one only in part: who knocks again and again is seen in these counts.
"""

from __future__ import annotations

from collections.abc import Iterable

from collectors.core.redact import redact
from collectors.signoz import auth_failures_v3, auth_failures_v5
from collectors.signoz.auth_failures_v5 import REASONS, Group, Grouping, Groups
from collectors.signoz.auth_spans import REASON, SOURCE_IP, USER, Attributes
from collectors.signoz.client import NoDataError, SignozClient
from collectors.signoz.envelopes import V3_PATH, V5_PATH
from collectors.signoz.throttled_queries import Found
from model.series import labels_of

LOGIN_WINDOWS = (("10m", 600.0, 30.0), ("24h", 86400.0, 300.0))
"""Name, length and period, in seconds: a day of spans is dear to count."""
MAX_TEXT = 200
_QUERIES = {"A": (SOURCE_IP, USER), "B": (USER, SOURCE_IP), REASONS: (REASON, None)}
"""By query: what to group by, and whose distinct values to count."""
_FAMILIES = {
    "A": (SOURCE_IP, "signoz_auth_failures_by_address", "signoz_auth_failure_users"),
    "B": (USER, "signoz_auth_failures_by_user", "signoz_auth_failure_addresses"),
    REASONS: (REASON, "signoz_auth_failures", ""),
}


class AuthFailureCounts:
    """The counts of one window: `word` names it, `seconds` is its length."""

    first_version = None

    def __init__(self, attributes: Attributes, word: str, seconds: float, period_seconds: float) -> None:
        self.name = f"failed logins of {word}"
        self.period_seconds = period_seconds
        self._attributes = attributes
        self._word = word
        self._seconds = seconds

    def forget(self) -> None:
        """Nothing is kept between its requests."""

    def ask(self, client: SignozClient, now: float) -> list[Found] | None:
        """One request; None when an attribute is unknown there, and it is to be asked without. Raises CollectError."""
        grouping = self._grouping(now)
        window = (now - self._seconds, now)
        try:
            if client.speaks() == "v5":
                request = auth_failures_v5.counts_request(self._attributes.span, grouping, window)
                groups = auth_failures_v5.counts_rows(client.post(V5_PATH, request))
            else:
                request = auth_failures_v3.counts_request(self._attributes.span, grouping, window)
                groups = auth_failures_v3.counts_rows(client.post(V3_PATH, request))
        except NoDataError as error:
            if self._attributes.lacks(error.detail, now) and self._grouping(now):
                return None
            raise
        counted = Found("signoz_auth_failures_counted_timestamp_seconds", now, labels_of({"window": self._word}))
        return [counted, *self._found(groups)]

    def _grouping(self, now: float) -> Grouping:
        keys = {field: self._attributes.key(field, now) for field in (REASON, SOURCE_IP, USER)}
        return {
            name: (key, keys[other] if other else None)
            for name, (field, other) in _QUERIES.items()
            if (key := keys[field]) is not None
        }

    def _found(self, groups: Groups) -> Iterable[Found]:
        """Nobody named is no address and no user; it is a reason, though, that nobody reports."""
        for name, rows in groups.items():
            if name not in _FAMILIES:
                continue
            field, family, distinct = _FAMILIES[name]
            if field == REASON:
                rows = _together(rows)
            seen: set[str] = set()
            for value, count, others in rows:
                text = redact(value, MAX_TEXT)
                if text in seen or (not text and field != REASON):
                    continue
                seen.add(text)
                labels = labels_of({"window": self._word, field: text})
                yield Found(family, count, labels)
                if distinct and others is not None:
                    yield Found(distinct, others, labels)


def _together(rows: Iterable[Group]) -> list[Group]:
    """Reasons that are shown alike are one, or their sum would not be all failures."""
    sums: dict[str, float] = {}
    for value, count, _ in rows:
        text = redact(value, MAX_TEXT)
        sums[text] = sums.get(text, 0.0) + count
    return [(text, count, None) for text, count in sums.items()]
