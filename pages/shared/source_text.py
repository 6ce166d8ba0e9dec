"""How reading each source goes, as the lines and dots that the screen shows."""

from __future__ import annotations

from collections.abc import Sequence

from aggregators.series.source_rows import SourceRow, source_status
from aggregators.series.sources import OK, SLOW, STALE, WAITING
from components import format as fmt
from components.lists.rows import SourceLine
from components.shell import SourceDot
from components.status import MARKS
from model.catalogue.source_kinds import rank, shown
from model.sources import ErrorKind

TROUBLE = ("unhealthy", "stale", "degraded", "unknown", "healthy")
"""Looks of a source's mark, worst first."""
NOT_KEPT = "not kept"
"""How reading went, of the past; short, for most sources say it then."""


def source_lines(rows: Sequence[SourceRow], names: dict[str, str]) -> tuple[SourceLine, ...]:
    """All sources: those in trouble first, the others by kind and name."""
    lines = [(row, source_line(row, names)) for row in rows]
    lines.sort(key=lambda one: (one[0].word == OK, rank(one[0].source) if one[0].word == OK else 0, one[1].name))
    return tuple(line for _, line in lines)


def source_line(row: SourceRow, names: dict[str, str]) -> SourceLine:
    """A source as the list reports it; `names` are those of the patterns by source key."""
    name = f"pattern {names.get(row.key, row.instance)}" if row.source == "patterns" else shown(row.source)
    if row.source == "proxy":
        name = f"proxy {row.instance}"
    return SourceLine(name, row.address, source_kind(row), source_words(row), row.detail)


def source_kind(row: SourceRow) -> str:
    """The look of its mark: an octagon once it is lost, a triangle while it falters, a ring if it never answered."""
    if row.lost and row.word == STALE:
        return "stale"
    return MARKS.get(source_status(row), "unknown")


def source_words(row: SourceRow) -> str:
    """How reading it goes: 'every 1 s', 'down for 14 s: connection refused', 'never reached, down for 5m 2s'."""
    if row.word == OK:
        return f"every {fmt.duration(row.interval_seconds)}"
    if row.word == WAITING:
        return WAITING
    if row.word == SLOW:
        return f"slow: its last answer took {fmt.latency(row.duration_seconds).text}"
    lasting = f" for {fmt.lasting(row.for_seconds)}" if row.for_seconds is not None else ""
    what = f"no good read{lasting}" if row.word == STALE else f"{row.word}{lasting}"
    if row.error is ErrorKind.NOT_KEPT:
        return NOT_KEPT
    if row.error is ErrorKind.NOT_OFFERED:
        what = "not offered by this version"
    return f"never reached, {what}" if row.never_reached else what


def source_dots(rows: Sequence[SourceRow], names: dict[str, str]) -> tuple[SourceDot, ...]:
    """One dot per kind of source: the worst of its kind, and which it is."""
    kinds = sorted({row.source for row in rows}, key=lambda kind: (rank(kind), kind))
    return tuple(_dot(kind, [row for row in rows if row.source == kind], names) for kind in kinds)


def _dot(kind: str, rows: Sequence[SourceRow], names: dict[str, str]) -> SourceDot:
    worst = min(rows, key=lambda row: TROUBLE.index(source_kind(row)))
    troubled = [row for row in rows if source_kind(row) != "healthy"]
    if not troubled:
        return SourceDot(shown(kind), "healthy", "read" if len(rows) == 1 else f"all {len(rows)} read")
    words = f"{source_line(worst, names).name} {source_words(worst)}"
    if len(troubled) > 1:
        words += f", and {len(troubled) - 1} more of {len(rows)}"
    return SourceDot(shown(kind), source_kind(worst), words)
