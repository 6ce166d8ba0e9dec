"""What changed between two JSON values, so that a chart's new points travel as points and not as the series again.

A delta is JSON too, and `assets/delta.js` is its other half:

    []                               the member is gone
    [value]                          the value instead of the one before
    {key: delta, …}                  an object of which these members changed
    [drop, keep, tail]               a list: without its first `drop` items, `keep` of them, then those of `tail`
    [drop, keep, tail, {i: delta}]   the same, and of the kept ones these changed
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

Delta = list[Any] | dict[str, Any]
MOST_DROPPED = 8
"""How far a list is looked at to have slid; a chart gains a point or two between two pushes."""


def delta(before: Any, after: Any) -> Delta | None:
    """What makes `after` of `before`, both plain JSON values; None when they are equal. Never longer than `[after]`."""
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
    return [*kept, *tail]


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
    reach = range(min(MOST_DROPPED, len(before) - 1) + 1)
    drop = min(reach, key=lambda one: (_unequal(before, after, one), one))
    keep = min(len(before) - drop, len(after))
    changed = {str(at): one for at in range(keep) if (one := delta(before[drop + at], after[at])) is not None}
    if keep == len(before) == len(after) and not changed:
        return []
    return [drop, keep, list(after[keep:]), *([changed] if changed else [])]


def _unequal(before: Sequence[Any], after: Sequence[Any], drop: int) -> int:
    """How many items have to travel when the first `drop` of `before` go."""
    kept = min(len(before) - drop, len(after))
    return len(after) - sum(bool(before[drop + at] == after[at]) for at in range(kept))


def _shorter(change: Delta, after: Any) -> Delta | None:
    if not change:
        return None
    return change if len(orjson.dumps(change)) <= len(orjson.dumps([after])) else [after]
