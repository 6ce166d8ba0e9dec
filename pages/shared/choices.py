"""What an address may choose, brought to one form: what means the same is the same, and worked out once."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from components.heading import RANGES
from components.shell import ALL

EVERYTHING = ("proxy",)
"""Of these ALL means the same as nothing."""
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
    if name in FLAGS:
        return YES if value else ""
    if name in CHOICES:
        return value if value in CHOICES[name] else ""
    return value[:LONGEST]


def free(names: Collection[str]) -> bool:
    """True when one of them is of something that an address names freely, as a namespace."""
    return not CHOICES.keys() >= set(names)
