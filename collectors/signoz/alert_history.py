"""What SigNoz's alerts did while nobody watched: the rules' history, read once at the start and after each gap."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from collectors.alerting.alert_transitions import Transition
from collectors.alerting.open_alerts import FIRING, RESOLVED, OpenAlert, alert_of, fingerprint_of, texts
from collectors.core.redact import text_of
from collectors.core.timestamps import to_epoch
from collectors.signoz.alerts import OWN_LABELS, Rule, rules
from collectors.signoz.client import AbsentRouteError, SignozClient
from model.sources import CollectError, ErrorKind

DAY_SECONDS = 86400.0
GAP_SECONDS = 60.0
"""Unwatched for longer than this: alerts may have come and gone."""
OVERLAP_SECONDS = 60.0
RULES_PER_READ = 3
"""So that a long list of rules does not use up the time of one read."""
MAX_RULES = 100
MAX_ITEMS = 200
_STATES = {"firing": FIRING, "inactive": RESOLVED, "normal": RESOLVED, "resolved": RESOLVED}


class RuleHistory:
    """Reads what is owed, a few rules at a time."""

    def __init__(self) -> None:
        self._owed: deque[Rule] = deque()
        self._window = (0.0, 0.0)
        self._watched_until = 0.0
        self._route: str | None = None

    def edges(self, client: SignozClient, now: float) -> list[Transition]:
        """The edges of the rules read this time; [] when nothing is owed. Raises CollectError."""
        if now - self._watched_until > GAP_SECONDS and not self._owed:
            self._window = max(now - DAY_SECONDS, self._watched_until - OVERLAP_SECONDS), now
            self._owed.extend(rules(client)[:MAX_RULES])
        self._watched_until = now
        found: list[Transition] = []
        for _ in range(min(RULES_PER_READ, len(self._owed))):
            rule = self._owed[0]
            found += _edges(rule, self._items(client, rule))
            self._owed.popleft()
        return found

    def _items(self, client: SignozClient, rule: Rule) -> Any:
        """The timeline of one rule, over whichever route this version has; nothing before v0.52."""
        start, end = (int(at * 1000) for at in self._window)
        path = f"rules/{quote(rule.id, safe='', errors='replace')}/history/timeline"
        if self._route in (None, "v1"):
            try:
                body = {
                    "start": start,
                    "end": end,
                    "state": "",
                    "filters": {"op": "AND", "items": []},
                    "offset": 0,
                    "limit": MAX_ITEMS,
                    "order": "desc",
                }
                data = client.post(f"/api/v1/{path}", body)
                self._route = "v1"
                return data
            except AbsentRouteError:
                self._route = None
        try:
            params = {"start": str(start), "end": str(end), "limit": str(MAX_ITEMS), "order": "desc"}
            data = client.get(f"/api/v2/{path}", params)
            self._route = "v2"
            return data
        except AbsentRouteError:
            return None


def _edges(rule: Rule, data: Any) -> Iterator[Transition]:
    items = data.get("items") if isinstance(data, dict) else data
    if items is not None and not isinstance(items, list):
        raise CollectError(ErrorKind.MALFORMED, "no list in a rule's history")
    for item in items or []:
        state = _STATES.get(text_of(item.get("state")).lower()) if isinstance(item, dict) else None
        at = to_epoch(item.get("unixMilli")) if state else None
        if state and at is not None and item.get("stateChanged", True):
            yield at, state, _alert(rule, item)


def _alert(rule: Rule, item: Mapping[str, Any]) -> OpenAlert:
    """As the list of open alerts reports it: with the name and the id of its rule, and the rule's own labels."""
    reported = {"alertname": text_of(item.get("ruleName")) or rule.name, "ruleId": rule.id} | dict(rule.labels)
    labels = reported | _labels(item.get("labels"))
    summary = {"summary": rule.summary}
    return alert_of({"labels": labels, "annotations": summary}, None, fingerprint_of(labels, OWN_LABELS))


def _labels(reported: Any) -> dict[str, str]:
    """A flat mapping (v1), or a list of key objects with values (v2)."""
    if isinstance(reported, dict):
        return texts(reported)
    found: dict[str, str] = {}
    for one in reported if isinstance(reported, list) else []:
        if isinstance(one, dict):
            key = one.get("key")
            name = key.get("name") if isinstance(key, dict) else key or one.get("name")
            if name:
                found[text_of(name)] = text_of(one.get("value"))
    return found
