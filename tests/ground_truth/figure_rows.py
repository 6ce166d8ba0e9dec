"""One line of a table of figures: where it is shown and served, and what the books say that it is."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.ground_truth.model_readings import Of, Read
from tests.ground_truth.parse_text import Reported, number

SCRAPE_SECONDS = 1.0
MINUTES_5, HOUR, DAY = 300.0, 3600.0, 86400.0
LATELY, INSTANT = 5.0, 0.0
ROUNDING = 0.0005
"""Half of a third digit, to which figures are rounded: the books are known a few times a second, not at each read."""

Pick = Callable[[Any], Any]


@dataclass(frozen=True)
class Line:
    """`shown` is the id of the element that words the figure (or, of a table, `(id, row, column)`), '' for none.

    `served` picks it from the JSON, None for none; `seconds` is its window. `slack` is what one scrape interval may
    add to what the books could have said, beyond that a window's ends are not known more exactly than that.
    """

    figure: str
    of: Of
    seconds: float
    shown: str = ""
    served: Pick | None = None
    slack: float = 0.0
    relative: float = 0.0
    spelled: Callable[[str], Reported | None] = number


@dataclass(frozen=True)
class Table:
    """All figures of one page from one source: its path, its answer's address, how often either is worked out."""

    name: str
    path: str
    api: str
    refresh_seconds: float
    lines: tuple[Line, ...]
    source: str = "proxy"
    source_seconds: float = SCRAPE_SECONDS


def differences(
    table: Table, texts: Mapping[str, str], answer: Any, page: Read, served: Read, took: float = 0.0
) -> list[str]:
    """Each figure that is not what the books say, in words; nothing when all are.

    `page` is what could have been read for the page, `served` for the answer, which reports when it was worked out.
    `took`: how long a read took, in seconds; when in that time the proxy counted is known to nobody.
    """
    wrong = []
    for line in table.lines:
        if line.shown:
            wrong += _shown(line, texts.get(line.shown), *_range_of(line, page, table, took))
        if line.served is not None:
            wrong += _served(line, answer, *_range_of(line, served, table, took))
    return wrong


def _range_of(line: Line, read: Read, table: Table, took: float) -> tuple[float, float]:
    low, high = read.between(line.of, line.seconds, 2 * table.source_seconds)
    loose = took / line.seconds if line.seconds else 0.0
    room = line.slack + (line.relative + loose) * max(abs(low), abs(high))
    return low - room, high + room


def _shown(line: Line, text: str | None, low: float, high: float) -> list[str]:
    reported = None if text is None else line.spelled(text)
    if reported is not None and reported.low <= high + 1e-12 and reported.high >= low - 1e-12:
        return []
    return [f"{line.figure}: the page says {text!r} in #{line.shown}, the books {_range(low, high)}"]


def _served(line: Line, answer: Any, low: float, high: float) -> list[str]:
    assert line.served is not None
    value = line.served(answer)
    least = max(1e-9, ROUNDING * abs(high))
    if isinstance(value, int | float) and math.isfinite(value) and low - least <= value <= high + least:
        return []
    return [f"{line.figure}: the API says {value!r}, the books {_range(low, high)}"]


def _range(low: float, high: float) -> str:
    return f"{low:.6g}" if low == high else f"{low:.6g} to {high:.6g}"


def among(rows: str, **wanted: str) -> Callable[[str], Pick]:
    """A field of that row in the list `rows` of an answer whose fields are as wanted."""

    def field(name: str) -> Pick:
        def pick(answer: Any) -> Any:
            found = [row for row in answer[rows] if all(row[key] == value for key, value in wanted.items())]
            assert len(found) == 1, f"{len(found)} of {wanted} in {rows}"
            return found[0][name]

        return pick

    return field


def field(*path: str) -> Pick:
    """A field of an answer, by the way to it."""

    def pick(answer: Any) -> Any:
        for name in path:
            answer = answer[name]
        return answer

    return pick
