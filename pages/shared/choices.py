"""What an address may choose, brought to one form: what means the same is the same, and worked out once."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime

from components.shell import ALL
from model.figures.windows import RANGES

EVERYTHING = ("proxy",)
"""Of these ALL means the same as nothing."""
AT = "at"
"""The name in an address that says which instant of the past is looked at: `2026-11-28T13:04:10Z`, '' for now."""
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?=(?:\.\d{1,9})?(?:Z|\+00:00)?$)", re.ASCII)
LONGEST = 1000
"""Characters of a name in an address."""
YES = "1"
FLAGS = ("all", "hide")
"""Whatever they say means yes."""
CHOICES: Mapping[str, Collection[str]] = {
    "range": frozenset({*RANGES, "10m"}),
    **dict.fromkeys(FLAGS, frozenset({YES})),
}
"""The names of an address that say one of few things, and what."""


def normal(name: str, value: str) -> str:
    """What an address says by `name`, '' when that is nothing."""
    if name in EVERYTHING and value == ALL:
        return ""
    if name == AT:
        at = instant_of(value)
        return "" if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if name in FLAGS:
        return YES if value else ""
    if name in CHOICES:
        return value if value in CHOICES[name] else ""
    return value[:LONGEST]


def instant_of(value: str) -> float | None:
    """An instant in whole seconds since 1970, UTC; None when `value` says none."""
    found = _INSTANT.match(value)
    try:
        return datetime.fromisoformat(f"{found[0]}+00:00").timestamp() if found else None
    except ValueError:
        return None


def free(names: Collection[str]) -> bool:
    """True when one of them is of something that an address names freely, as a namespace."""
    return not CHOICES.keys() >= set(names)
