"""Changes of the whole, told shortly: what comes in one moment, of one kind and to one page, is one line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from aggregators.changes.change import Change, ChangeKind
from aggregators.requests.attribution import ALL
from model.number_text import listed
from model.series import Severity

MOMENT_SECONDS = 2.0
LEAST = 3
"""Fewer than these are said one by one."""
NAMED = 2
LOUDNESS = (Severity.INFO, Severity.WARNING, Severity.CRITICAL)


def folded(found: Iterable[Change]) -> list[Change]:
    """Those of the whole, newest first as they come; many of one moment as one."""
    runs: list[list[Change]] = []
    for one in found:
        if one.shared:
            continue
        if runs and _together(runs[-1][0], one):
            runs[-1].append(one)
        else:
            runs.append([one])
    return [said for run in runs for said in ([_one(run)] if len(run) >= LEAST else run)]


def _together(first: Change, one: Change) -> bool:
    return (first.kind, first.page, _verb(first)) == (one.kind, one.page, _verb(one)) and (
        first.time - one.time <= MOMENT_SECONDS
    )


def _verb(one: Change) -> str:
    return one.words.partition(": ")[0] if one.kind is ChangeKind.ALERT else ""


def _one(run: Sequence[Change]) -> Change:
    first, verb = run[0], _verb(run[0])
    names = [one.words.removeprefix(f"{verb}: ") if verb else one.words for one in run]
    what = "alerts" if first.kind is ChangeKind.ALERT else "changes"
    words = f"{len(run):,} {what}{' ' if verb else ''}{verb}: {listed(names, NAMED)}"
    loudest = max((one.severity for one in run), key=LOUDNESS.index)
    return Change(first.time, first.kind, ALL, words, first.page, loudest)
