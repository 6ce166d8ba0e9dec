"""Who has too many bad requests, in which window, and whether that goes on: failures, slow answers, refused tokens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf

from aggregators.detection.alert_state_machine import BLIP_SECONDS, RATE_SECONDS, READ_SECONDS
from aggregators.requests.attribution import Cells, culprits

RAISE_WINDOWS = (5.0, 15.0, 60.0)
"""Short for who asks much; longer ones for who has asked fewer than ENOUGH in the shorter one."""
SOON_SECONDS = 1.0
"""What begins is the whole of this window before it is much of a longer one."""
CLEAR_SECONDS, QUIET_SECONDS = 3.0, 5.0
NEWEST_SECONDS = (0.0, 0.5, 1.0, 3.0, 8.0)
"""The last read, then longer: the shortest that says enough. It need not show all of the limit: it is short."""
SURELY_MANY, SURELY_SOME, LIKELY_SOME, HALF = 12.0, 3.0, 1.0, 0.5
"""Where so many bad ones were to be expected since the last read, half of them are no chance, or some are none; where
one was in the longest of these windows, there should be some.
"""
ENOUGH, A_FEW = 100.0, 8.0

Newest = Callable[[float], Cells | None]
"""The requests of the last so many seconds, and how many of them are bad."""


def part_now(component: str, cells: Cells | None, short: Cells | None) -> tuple[float, float]:
    """(bad, total) of the last 3 s when they say enough, else of the window that raised it."""
    part = short.of(component) if short else (0.0, 0.0)
    return cells.of(component) if part[1] < ENOUGH and cells is not None else part


def goes_on(
    component: str,
    cells: Cells | None,
    newest: Newest,
    limit: float,
    outlasts: float = BLIP_SECONDS,
) -> tuple[bool, float]:
    """Whether the newest requests are bad too, as those of `cells` were; and for how many seconds that must last.

    What was a blip, or a pause, is over, however long its window shows it. The requests since the last read tell so at
    once where they are enough; else a longer window does, which must begin after what it `outlasts`. A few failures
    are too many to wait for more. Of who asks little a minute is looked at: what it shows for so long is over when the
    newest are good.
    """
    bad = expected = 0.0
    parts = [_newest(component, cells), _newest(component, newest(SOON_SECONDS))]
    share = max((failed / asked for failed, asked in parts if failed >= SURELY_SOME), default=_ratio(*parts[0]))
    for window in NEWEST_SECONDS:
        bad, total = _newest(component, newest(window))
        if share * total >= SURELY_SOME:
            least = share if share * total >= SURELY_MANY else limit
            longest = RATE_SECONDS if outlasts == BLIP_SECONDS else inf
            return bad >= HALF * least * total, min(outlasts + READ_SECONDS + window, longest)
        expected = share * total
    return bad >= HALF or expected < LIKELY_SOME, 0.0


def _ratio(bad: float, total: float) -> float:
    return bad / total if total else 0.0


def _newest(component: str, cells: Cells | None) -> tuple[float, float]:
    return cells.of(component) if cells is not None else (0.0, 0.0)


def in_trouble(newest: Newest, limit: float, usual: float) -> tuple[dict[str, Cells], dict[float, Cells | None]]:
    """The components in trouble, with the requests that show it; and what each of RAISE_WINDOWS holds."""
    found = {window: newest(window) for window in RAISE_WINDOWS}
    return _bad_ones(found, limit, usual) or _bad_soon(found[RAISE_WINDOWS[0]], newest, limit, usual), found


def _bad_ones(found: dict[float, Cells | None], limit: float, usual: float) -> dict[str, Cells]:
    """The components in trouble, with the window that shows it: a longer one only where the shorter says too little."""
    answer: dict[str, Cells] = {}
    shorter: Cells | None = None
    for cells in found.values():
        if cells is None:
            continue
        for component in culprits(cells, limit, usual):
            if shorter is None or shorter.of(component)[1] < ENOUGH:
                answer.setdefault(component, cells)
        shorter = cells
    return answer


def _bad_soon(longer: Cells | None, newest: Newest, limit: float, usual: float) -> dict[str, Cells]:
    """The components of whose requests in the last moment, where they are many, too many are bad; not looked for where
    the `longer` window holds hardly any bad ones.
    """
    if longer is None or not longer.bad.size:
        return {}
    hardly_any = longer.bad.max() < SURELY_SOME and longer.bad.sum() < HALF * usual * longer.total.sum()
    soon = None if hardly_any else newest(SOON_SECONDS)
    if soon is None:
        return {}
    return {name: soon for name in culprits(soon, limit, usual) if soon.of(name)[1] >= ENOUGH}


def is_good(component: str, windows: Sequence[Cells | None], limit: float) -> bool:
    """Below the clear value in the last 3 s; with few requests, not one bad in 5 s, else below it in a minute."""
    short, longer, minute = windows
    if short is None or longer is None or minute is None:
        return False
    bad, total = short.of(component)
    if total >= ENOUGH:
        return bad < limit * total
    bad, total = longer.of(component)
    if total >= A_FEW:
        return bad < 0.5
    bad, total = minute.of(component)
    return bad <= limit * total
