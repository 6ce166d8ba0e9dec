"""What a report is made of, whoever writes it down: HTML and PDF say the same. Everything in it is plain text."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

LONGEST = 400
"""Characters of one text from outside."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]+")


@dataclass(frozen=True)
class Words:
    """A paragraph; a `strong` one leads."""

    text: str
    strong: bool = False


@dataclass(frozen=True)
class Table:
    """Rows of text under headings; the last column takes what room there is. `empty` is said when there are none."""

    title: str
    heads: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    empty: str
    more: str = ""


@dataclass(frozen=True)
class Chart:
    """Lines over time: (name, values with None for what was not read). `marks` are (seconds since 1970, words).

    `worded` says a value of the axis; `since` and `until` are its ends, in seconds since 1970.
    """

    title: str
    times: Sequence[float]
    lines: Sequence[tuple[str, Sequence[float | None]]]
    worded: Callable[[float], str]
    since: float
    until: float
    marks: Sequence[tuple[float, str]] = ()


Block = Words | Table | Chart


@dataclass(frozen=True)
class Section:
    """A heading with what stands under it."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Document:
    """A whole report."""

    title: str
    about: str
    sections: tuple[Section, ...]


def clean(text: str) -> str:
    """A text from outside as one line of bounded length, without signs that are none."""
    said = _CONTROL.sub(" ", text).strip()
    return said if len(said) <= LONGEST else said[: LONGEST - 1] + "…"
