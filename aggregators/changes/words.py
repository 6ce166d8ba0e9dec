"""What changed, in words: one line for one change, one for many of a kind that come together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aggregators.changes.change import Change, ChangeKind
from aggregators.changes.ledger import Turn
from aggregators.changes.traffic_steps import ALIKE, Step
from aggregators.requests.attribution import ALL, NAMESPACE, whose
from model.number_text import listed, rate
from model.series import Severity

MOST_AT_ONCE = 6
"""More turns of a kind in one look than this are one change."""
HOW_MANY = 3
"""So many of them are named."""


def changes_of(kind: ChangeKind, turns: Sequence[Turn]) -> list[Change]:
    """The turns of one kind of fact as changes; a value that is first told, or told no more, is none."""
    if kind is not ChangeKind.MEMBER:
        found = [one for turn in turns if (one := _changed(kind, turn)) is not None]
        return found if len(found) <= MOST_AT_ONCE else [_many(found, f"{len(found):,} changes at once: ")]
    found = []
    for said, some in (("new", [_member(one) for one in turns if one.before is None]),
                       ("not reported any more", [_member(one) for one in turns if one.after is None])):  # fmt: skip
        found += some if len(some) <= MOST_AT_ONCE else [_many(some, f"{len(some):,} are {said}: ")]
    return found


def _member(turn: Turn) -> Change:
    fact = turn.after or turn.before
    assert fact is not None
    words = f"{fact.name} is new" if turn.after else f"{fact.name} is not reported any more"
    return Change(turn.at, ChangeKind.MEMBER, fact.component, words, fact.page)


def _changed(kind: ChangeKind, turn: Turn) -> Change | None:
    before, after = turn.before, turn.after
    if before is None or after is None:
        return None
    words, severity = f"{after.name}: {before.words} → {after.words}", Severity.INFO
    if kind is ChangeKind.RESTART:
        words = f"{after.name} was started again"
    elif kind is ChangeKind.SOURCE:
        words = f"{after.name} cannot be read: {after.words}" if after.value else f"{after.name} is read again"
        severity = Severity.WARNING if after.value else Severity.INFO
    return Change(turn.at, kind, after.component, words, after.page, severity)


def _many(found: Sequence[Change], begun: str) -> Change:
    """Many that came together, as one change of the whole."""
    first = max(found, key=lambda one: one.time)
    names = [one.words.removesuffix(" is new").removesuffix(" is not reported any more") for one in found]
    pages = {one.page for one in found}
    page = first.page if len(pages) == 1 else "/"
    return Change(first.time, first.kind, ALL, begun + listed(names, HOW_MANY), page, first.severity)


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
