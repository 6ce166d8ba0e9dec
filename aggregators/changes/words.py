"""What changed, in words: one line for one change, one for many of a kind that come together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aggregators.changes.change import Change, ChangeKind
from aggregators.changes.ledger import Turn
from aggregators.changes.traffic_steps import ALIKE, Step
from aggregators.requests.attribution import ALL, NAMESPACE, whose
from model.number_text import lasting, listed, rate
from model.series import Severity

MOST_AT_ONCE = 6
"""More turns of a kind in one look than this are one change."""
COLLECTOR = "collector"
HOW_MANY = 3
"""So many of them are named."""


def changes_of(kind: ChangeKind, turns: Sequence[Turn]) -> list[Change]:
    """The turns of one kind of fact as changes; a value that is first told, or told no more, is none."""
    said: dict[str, list[tuple[str, Change]]] = {}
    for turn in turns:
        if (found := _said(kind, turn)) is not None:
            together, name, change = found
            said.setdefault(together, []).append((name, change))
    return [one for together, some in said.items() for one in _few_or_many(together, some)]


def not_watched(since: float, now: float) -> Change:
    """What nobody can say: that the dashboard itself did not look."""
    words = f"this dashboard did not watch for {lasting(now - since)}"
    return Change(since, ChangeKind.SOURCE, COLLECTOR, words, "/settings", Severity.WARNING)


def _said(kind: ChangeKind, turn: Turn) -> tuple[str, str, Change] | None:
    """How it is said of many together, its name, and the change."""
    before, after = turn.before, turn.after
    fact = after or before
    if fact is None or (kind is not ChangeKind.MEMBER and (before is None or after is None)):
        return None
    severity = Severity.INFO
    if kind is ChangeKind.MEMBER:
        ends, many = (" is new", "are new") if after else (" is not reported any more", "are not reported any more")
    elif kind is ChangeKind.SOURCE:
        ends, many = (f" cannot be read: {fact.words}", "cannot be read") if fact.value else (
            " is read again", "are read again")  # fmt: skip
        severity = Severity.WARNING if fact.value else Severity.INFO
    elif kind is ChangeKind.RESTART:
        ends, many = " was started again", "were started again"
    else:
        ends, many = f": {before.words if before else ''} → {fact.words}", "have changed"
    return many, fact.name, Change(turn.at, kind, fact.component, fact.name + ends, fact.page, severity)


def _few_or_many(together: str, some: Sequence[tuple[str, Change]]) -> list[Change]:
    """Each by itself, or many that came together as one change of the whole."""
    if len(some) <= MOST_AT_ONCE:
        return [one for _, one in some]
    last = max((one for _, one in some), key=lambda one: one.time)
    pages = {one.page for _, one in some}
    words = f"{len(some):,} {together}: {listed([name for name, _ in some], HOW_MANY)}"
    return [Change(last.time, last.kind, ALL, words, last.page if len(pages) == 1 else "/", last.severity)]


def steps_of(found: Mapping[str, Step]) -> list[Change]:
    """Steps in traffic. Whose requests moved along with all of them is news of themselves only."""
    whole = found.get(ALL)
    return [_step(name, one, name != ALL and whole is not None and _alike(one, whole)) for name, one in found.items()]


def _alike(one: Step, whole: Step) -> bool:
    ratio = one.ratio / whole.ratio
    return 1 / ALIKE <= ratio <= ALIKE


def _step(name: str, one: Step, shared: bool) -> Change:
    verb = "rose" if one.after > one.before else "fell"
    words = f"{whose(name)} {verb} from {rate(one.before).text} to {rate(one.after).text}"
    page = "/performance" if name == ALL else "/namespaces" if name.startswith(NAMESPACE) else f"/patterns/{name}"
    return Change(one.at, ChangeKind.TRAFFIC, name, words, page, shared=shared)
