"""What the spans of token checks are called, and what of them says why, from where and who (contracts 7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from collectors.core.redact import redact, text_of
from model.settings import AuthSpans

REASON, SOURCE_IP, USER = "reason", "source_ip", "user"
FIELDS = (REASON, SOURCE_IP, USER)
ABSENT_SECONDS = 600.0
"""An attribute that no span carried is asked for again after so long: the first failed login may come at any time."""
MAX_TEXT = 300
_CONTEXTS = ("", "attribute.", "tag.")
_NESTED = ("attributes_string", "stringTagMap", "attributes")


class Attributes:
    """Which attribute says what, learnt from the spans themselves. SigNoz before v0.134 refuses unknown ones."""

    def __init__(self, names: AuthSpans) -> None:
        self.span = names.name
        self._candidates = {REASON: names.reason, SOURCE_IP: names.source_ip, USER: names.user}
        self._carried: dict[str, str] = {}
        self._absent: dict[str, float] = {}

    def asked(self, now: float) -> list[str]:
        """Every attribute worth asking for at `now`."""
        return [key for field in FIELDS for key in self._present(field, now)]

    def key(self, field: str, now: float) -> str | None:
        """The attribute to group by: the one that spans carried, else the first; None when none is known there."""
        present = self._present(field, now)
        carried = self._carried.get(field)
        return carried if carried in present else next(iter(present), None)

    def lacks(self, detail: str, now: float) -> bool:
        """Note which attribute a refusal names; False when it names none of ours."""
        named = [key for key in self.asked(now) if f"`{key}`" in detail or key in detail.split()]
        self._absent |= dict.fromkeys(named, now)
        return bool(named)

    def text(self, row: Mapping[str, Any], field: str) -> str:
        """What a span says of a field, safe to show; '' when it says nothing."""
        for key in self._candidates[field]:
            value = _value(row, key)
            if value:
                self._carried[field] = key
                return redact(value, MAX_TEXT)
        return ""

    def _present(self, field: str, now: float) -> list[str]:
        gone = {key for key, at in self._absent.items() if 0 <= now - at < ABSENT_SECONDS}
        return [key for key in self._candidates[field] if key not in gone]


def _value(row: Mapping[str, Any], key: str) -> str:
    """One attribute of a row, flat or nested as versions have it."""
    holders = [row, *(row[name] for name in _NESTED if isinstance(row.get(name), dict))]
    found = (holder.get(context + key) for holder in holders for context in _CONTEXTS)
    return text_of(next((one for one in found if one not in (None, "")), ""))
