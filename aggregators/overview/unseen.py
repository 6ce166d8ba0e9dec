"""What cannot be seen: which sources are lost or were never reached, and what only they could report."""

from __future__ import annotations

from collections.abc import Sequence

from aggregators.patterns.health import PatternHealth
from aggregators.series.source_rows import SourceRow, source_table
from aggregators.series.sources import only_lacks
from model.catalogue.source_kinds import KINDS
from model.sources import ErrorKind
from store.snapshot import Snapshot


def unseen(snapshot: Snapshot, now: float, patterns: Sequence[PatternHealth]) -> tuple[str, ...]:
    """A sentence for each kind of source that cannot be reached, and one for patterns that only a launcher knows."""
    gone = (row for row in source_table(snapshot, now) if row.lost or (row.never_reached and _faulty(row)))
    lost = {row.source for row in gone}
    kinds = (kind for kind in KINDS if kind.name in lost)
    reported = [f"{_capital(kind.subject)} cannot be reached: {kind.unseen} not seen" for kind in kinds]
    launched = sum(one.only_launched for one in patterns)
    if launched:
        run = "1 pattern runs" if launched == 1 else f"{launched} patterns run"
        reported.append(f"{run}, as the launcher reports: more of their health is not seen (PATTERN_HEALTH_TARGETS)")
    return tuple(reported)


def _faulty(row: SourceRow) -> bool:
    """One that offers no such thing was reached, and of one that is not kept nobody can tell."""
    return row.error is not ErrorKind.NOT_KEPT and not only_lacks(row.source, row.error)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
