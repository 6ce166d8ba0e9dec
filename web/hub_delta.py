"""What changed between two JSON values, so that a chart's new points travel as points and not as the series again.

A delta is JSON too, and `assets/delta.js` is its other half:

    []                               the member is gone
    [value]                          the value instead of the one before
    {key: delta, …}                  an object of which these members changed
    [drop, keep, tail]               a list: without its first `drop` items, `keep` of them, then those of `tail`
    [drop, keep, tail, {i: delta}]   the same, and of the kept ones these changed
    [drop, keep, tail, {…}, head]    the same, and the items of `head` come first
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

Delta = list[Any] | dict[str, Any]
MOST_PUT_FIRST = 1000
"""How many new items are looked for before the first known one; a table that tells the newest first gains some."""
MOST_DROPPED = 8
"""How far a list is looked at to have slid; a chart gains a point or two between two pushes."""


def delta(before: Any, after: Any) -> Delta | None:
    """What makes `after` of `before`, both plain JSON values; None when they are equal. Never longer than `[after]`."""
    if before == after and orjson.dumps(before) == orjson.dumps(after):  # True == 1 in Python
        return None
    if isinstance(before, dict) and isinstance(after, dict):
        return _shorter(_members(before, after), after)
    if isinstance(before, list) and isinstance(after, list) and before and after:
        return _shorter(_slid(before, after), after)
    same = before == after and isinstance(before, bool) == isinstance(after, bool)  # True == 1 in Python
    return None if same else [after]


def apply(before: Any, change: Delta | None) -> Any:
    """`before` with a delta applied; what the browser does, for tests and for programs that read the socket."""
    if change is None:
        return before
    if isinstance(change, dict):
        return _with_members(before, change)
    if len(change) == 1:
        return change[0]
    drop, keep, tail, *inner = change
    kept = list(before[drop : drop + keep])
    for at, one in (inner[0] if inner else {}).items():
        kept[int(at)] = apply(kept[int(at)], one)
    return [*(inner[1] if len(inner) > 1 else ()), *kept, *tail]


def _with_members(before: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    made = dict(before)
    for name, one in change.items():
        if one == []:
            made.pop(name, None)
        else:
            made[name] = apply(made.get(name), one)
    return made


def _members(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    found = {name: delta(before[name], value) for name, value in after.items() if name in before}
    found |= {name: [value] for name, value in after.items() if name not in before}
    found |= {name: [] for name in before if name not in after}
    return {name: one for name, one in found.items() if one is not None}


def _slid(before: Sequence[Any], after: Sequence[Any]) -> list[Any]:
    """The lists laid over each other where most of their items agree; empty when all do."""
    drop, lead = 0, 0
    if len(before) != len(after) or _unequal(before, after, 0, 0) > 1:  # one that changed in its place did not slide
        drop, lead = min(_ways(before, after), key=lambda way: (_unequal(before, after, *way), way))
    keep = min(len(before) - drop, len(after) - lead)
    found = ((str(at), delta(before[drop + at], after[lead + at])) for at in range(keep))
    changed = {at: one for at, one in found if one is not None}
    if keep == len(before) == len(after) and not changed:
        return []
    head = [list(after[:lead])] if lead else []
    return [drop, keep, list(after[lead + keep :]), *([changed] if changed or lead else []), *head]


def _ways(before: Sequence[Any], after: Sequence[Any]) -> list[tuple[int, int]]:
    """(items gone from the front, items new at the front): one or the other."""
    gone = [(drop, 0) for drop in range(min(MOST_DROPPED, len(before) - 1) + 1)]
    return gone + [(0, at) for at in range(1, min(MOST_PUT_FIRST, len(after))) if after[at] == before[0]][:1]


def _unequal(before: Sequence[Any], after: Sequence[Any], drop: int, lead: int) -> int:
    """How many items have to travel when the lists are laid over each other like this."""
    kept = min(len(before) - drop, len(after) - lead)
    return len(after) - sum(bool(before[drop + at] == after[lead + at]) for at in range(kept))


def _shorter(change: Delta, after: Any) -> Delta | None:
    if not change:
        return None
    return change if len(orjson.dumps(change)) <= len(orjson.dumps([after])) else [after]
