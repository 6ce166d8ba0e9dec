"""Prometheus text 0.0.4 and OpenMetrics, fast: labels are parsed once per new series, never per scrape.

A scrape of known series costs a split, a dictionary look-up and a float per line (10,000 lines in about 10 ms).
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Collection, Iterable, Mapping, Set
from dataclasses import dataclass, field

from collectors.core.amounts import Amounts, uncounted
from collectors.core.quotes import offer
from collectors.core.redact import redact
from collectors.exposition.lines import name_of, parse_line, type_of
from collectors.exposition.naming import Naming
from model.series import Series
from model.sources import CollectError, ErrorKind

KEEP_AT_LEAST = 10_000
KEEP_CHARACTERS = 8_000_000
KEEP_FACTOR = 2
"""Known texts are forgotten once there are more than this many, or so long, and more than twice what a scrape holds."""
BAD_LINES_ALLOWED = 3
BAD_SHARE_ALLOWED = 0.1
BAD_ENOUGH = 200
"""So many unreadable lines, more than good ones: not metrics; the rest is not looked at."""
SHOWN_CHARACTERS = 40


@dataclass(frozen=True, slots=True)
class Exposition:
    """Parallel series and values in the order of the text. `skipped` lines could not be read.

    `series` is the very same list for as long as the exposition keeps its lines, which makes comparing it cheap.
    """

    series: list[Series]
    values: array[float]
    skipped: int
    times: array[float] | None = None
    """Seconds since 1970 of each value, NaN where a sample carries no time of its own; None when none does."""


class ExpositionCache:
    """What is known from earlier scrapes of one source. A slot is a position in `series`."""

    def __init__(self, naming: Naming) -> None:
        self._naming = naming
        self._types: dict[str, str] = {}
        self._comments: list[str] = []
        self._native: Set[str] = frozenset()
        self._by_series: dict[Series, int] = {}
        self._series: list[Series] = []
        self._layout: array[int] = array("l")
        self._laid_out: list[Series] = []
        self._checked, self._repeats = array("l"), False
        self._characters = 0
        self.amounts = Amounts()
        self.families: Mapping[str, str] = {}
        """What the catalogue calls names that only this kind of source has, for who quotes its lines."""
        self.slots: dict[str, int] = {}
        self.factors: dict[int, float] = {}

    def prepare(self, lines: list[str]) -> None:
        """Forget what the text's TYPE lines contradict, and what has grown too large."""
        comments = [line for line in lines if line[:1] == "#"]
        if comments != self._comments:
            self._comments = comments
            self._types = dict(found for found in map(type_of, comments) if found is not None)
            self._forget()
        elif self._has_outgrown(lines):
            self._forget()
        if not self.slots:
            self._native = _names(lines) & self._naming.targets

    def _has_outgrown(self, lines: list[str]) -> bool:
        if len(self.slots) > max(KEEP_AT_LEAST, KEEP_FACTOR * len(self._layout)):
            return True
        return self._characters > KEEP_CHARACTERS and self._characters > KEEP_FACTOR * sum(map(len, lines))

    def names_changed(self, layout: array[int], lines: list[str]) -> bool:
        """True when names that aliases stand for came or went since the last text: then all is forgotten."""
        native = self._native if layout == self._layout else _names(lines) & self._naming.targets
        changed = native != self._native
        if changed:
            self._forget()
            self._native = native
        return changed

    def _forget(self) -> None:
        self.slots, self.factors, self._by_series, self._series = {}, {}, {}, []
        self._layout, self._laid_out, self._characters = array("l"), [], 0

    def place(self, line: str) -> tuple[int, float, float | None] | None:
        """(slot, value before its factor, own time) of a line not known as it stands; None when it is no sample."""
        parsed = parse_line(line)
        if parsed is None:
            return None
        slot = self.slots.get(parsed.key)
        if slot is None:
            series, factor = self._naming.series(parsed.name, parsed.pairs, self._types, self._native)
            slot = self._by_series.setdefault(series, len(self._series))
            if slot == len(self._series):
                self._series.append(series)
            self.slots[parsed.key] = slot
            self._characters += len(parsed.key)
            if factor != 1.0:
                self.factors[slot] = factor
        return slot, parsed.value, parsed.at

    def name_of(self, line: str) -> str:
        """The catalogue's name of a line that was placed; '' for any other."""
        slot = self.slots.get(line.rpartition(" ")[0])
        if slot is None and line[:1] not in ("#", ""):  # one with blanks around, or a time of its own
            parsed = parse_line(line.strip())
            slot = self.slots.get(parsed.key) if parsed else None
        if slot is None:
            return ""
        name = self._series[slot].name
        return self.families.get(name, name)

    def laid_out(self, layout: array[int]) -> list[Series]:
        """The series of these slots; the same list as last time when the slots are."""
        if layout != self._layout:
            self._layout, self._laid_out = layout, [self._series[slot] for slot in layout]
        return self._laid_out

    def repeats(self, layout: array[int]) -> bool:
        """True when a series stands in it twice; counted once for as long as the text keeps its lines."""
        if layout != self._checked:
            self._checked, self._repeats = layout, len(set(layout)) != len(layout)
        return self._repeats


def parse_exposition(
    text: str, cache: ExpositionCache, *, openmetrics: bool = False, declared: bool = True
) -> Exposition:
    """The samples of a text. `declared`: its length was known, so that a missing last newline is no sign of a cut.

    Of a series reported twice the last value wins. Raises CollectError (MALFORMED) when the text is empty, not an
    exposition, or visibly cut; a few unreadable lines among many good ones are counted and skipped.
    """
    lines = text.split("\n")
    _refuse_cut(lines, openmetrics=openmetrics, declared=declared)
    cache.prepare(lines)
    read = _read(lines, cache)
    if cache.names_changed(read.layout, lines):
        read = _read(lines, cache)
    _refuse_bad(lines, read.bad, len(read.values))
    read.values = cache.amounts.within(cache.laid_out(read.layout), read.values)
    read.leave_out(uncounted(cache.laid_out(read.layout), read.values))
    if cache.factors:
        read.values = array(
            "d", (value * cache.factors.get(slot, 1.0) for slot, value in zip(read.layout, read.values, strict=True))
        )
    if cache.repeats(read.layout):
        read.keep_last()
    offer(lines, cache.name_of)
    return Exposition(cache.laid_out(read.layout), read.values, len(read.bad), read.own_times())


@dataclass(slots=True)
class _Lines:
    """What the lines of a text hold: slots and values in their order, times by slot, and what is unreadable."""

    layout: array[int] = field(default_factory=lambda: array("l"))
    values: array[float] = field(default_factory=lambda: array("d"))
    times: dict[int, float] = field(default_factory=dict)
    bad: list[str] = field(default_factory=list)

    def keep_last(self) -> None:
        """Of a series reported twice the last value."""
        last = dict(zip(self.layout, self.values, strict=True))
        self.layout, self.values = array("l", last.keys()), array("d", last.values())

    def leave_out(self, odd: Collection[int]) -> None:
        """Without the lines at these places."""
        if odd:
            self.layout = array("l", (slot for at, slot in enumerate(self.layout) if at not in odd))
            self.values = array("d", (value for at, value in enumerate(self.values) if at not in odd))

    def own_times(self) -> array[float] | None:
        """The samples' own times; None when there are none."""
        return array("d", (self.times.get(slot, math.nan) for slot in self.layout)) if self.times else None


def _read(lines: Iterable[str], cache: ExpositionCache) -> _Lines:
    """All of a text but what is unreadable; given up where nearly all is."""
    read = _Lines()
    layout, values, bad = read.layout, read.values, read.bad
    slots = cache.slots
    for line in lines:
        key, _, tail = line.rpartition(" ")
        slot = slots.get(key)
        if slot is not None and "_" not in tail and tail.isascii():  # Python would read 1_000 and ١٢ as numbers
            try:
                value = float(tail)
            except ValueError:
                pass  # a time or an exemplar behind a tab: taken apart with care below
            else:
                layout.append(slot)
                values.append(value)
                continue
        line = line.strip()
        if not line or line[0] == "#":
            continue
        placed = cache.place(line)
        if placed is None:
            bad.append(line)
            if len(bad) > max(BAD_ENOUGH, len(values)):
                break
            continue
        slot, value, own = placed
        layout.append(slot)
        values.append(value)
        if own is not None:
            read.times[slot] = own
    return read


def _names(lines: Iterable[str]) -> set[str]:
    """Every sample name in the text, roughly."""
    return {name_of(line) for line in lines if line[:1] not in ("#", "")}


def _refuse_cut(lines: list[str], *, openmetrics: bool, declared: bool) -> None:
    last = next((line.strip() for line in reversed(lines) if line.strip()), "")
    if not last:
        raise CollectError(ErrorKind.MALFORMED, "the answer is empty")
    if openmetrics and last != "# EOF":
        raise CollectError(ErrorKind.MALFORMED, "the answer was cut short: OpenMetrics without its # EOF")
    if lines[-1].strip() and last != "# EOF" and (not declared or last[0] == "#" or parse_line(last) is None):
        raise CollectError(ErrorKind.MALFORMED, "the answer was cut short in its last line, or is not metrics text")


def _refuse_bad(lines: list[str], bad: list[str], good: int) -> None:
    comments_only = not good and not bad
    allowed = max(BAD_LINES_ALLOWED, good * BAD_SHARE_ALLOWED)
    if (good and len(bad) <= allowed) or (comments_only and any(map(_is_declaration, lines))):
        return
    example = redact((bad or [line for line in lines if line.strip()])[0].strip(), SHOWN_CHARACTERS)
    raise CollectError(ErrorKind.MALFORMED, f"not metrics text: {len(bad)} unreadable lines, such as {example!r}")


def _is_declaration(line: str) -> bool:
    return line.lstrip().startswith(("# TYPE ", "# HELP ", "# EOF"))
