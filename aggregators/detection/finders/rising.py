"""What the rule on answers that take longer and longer finds: a ramp is seen on its way, before any limit is reached.

A quarter of the requests is slower than the usual P75 of their pattern. In seconds of requests that share tells far
smaller shifts from chance than a P99 does: of answers that take a third longer more than a third are slower than it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from itertools import pairwise
from math import sqrt

import numpy as np

from aggregators.alerts.rules import Rule
from aggregators.detection.condition import Condition, Finders, Usual
from aggregators.detection.detection_inputs import DetectionInputs
from aggregators.detection.finders.requests import own_quantiles, p99_of
from aggregators.detection.finders.slower import FAST_SECONDS
from aggregators.detection.request_inputs import REQUEST_SECONDS
from aggregators.requests.attribution import ALL, Cells, culprits, too_many, whose
from model.number_text import about_latency, round_percent
from model.series import Severity

QUANTILE, USUAL_SHARE = 0.75, 0.25
STEPS = 3
LEAST_RISE, SURELY = 0.03, 2.0
"""By which each step is slower than the one before, and standard deviations."""
HALF = 0.5
"""What grew slower by itself did so at least twice as much as the others."""
UNKNOWN_SECONDS = 1e9
"""Nobody is slower than that."""
Part = tuple[float, float]
"""(slower ones, all)."""


def latency_rising(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """Whoever is blamed for the newest, where it was slower in each step than before, and surely than in its minute."""
    normal = facts.slowly(rule.id, lambda: own_quantiles(facts, QUANTILE))
    limits = {name: normal.get(name, UNKNOWN_SECONDS) for name in facts.latency_patterns}
    slow = partial(facts.slow, limits=limits)
    step = max(rule.window_seconds, facts.step_seconds)
    newest = slow(step)
    named = culprits(newest, USUAL_SHARE + rule.clear_at, USUAL_SHARE) if newest is not None else []
    if not named and not usual:
        return
    spans = [*(step * number for number in range(1, STEPS + 1)), REQUEST_SECONDS]
    cells = [slow(span) for span in spans]
    blamed = _by_themselves(named, cells)
    for component in dict.fromkeys([*blamed, *usual]):
        *steps, before = _parts(component, cells)
        now, own = _share(steps[0]), _share(before)
        bad = component in blamed and rises(steps, before, rule.raise_at)
        p99 = p99_of(facts, component, step).value or 0.0
        said = {"percent": round_percent(now), "usual": round_percent(own), "latency": about_latency(p99)}
        words = rule.words.format(whose=whose(component), **said) if steps[0][1] else ""
        yield Condition(component, bad, not bad, words, Severity.INFO if p99 < FAST_SECONDS else None, figure=now)


def _by_themselves(named: Sequence[str], cells: Sequence[Cells | None]) -> Sequence[str]:
    """Those of them that became far slower than the others did; all, where there are none."""
    whole = _parts(ALL, cells)
    found = [
        one
        for one in named
        if one == ALL or _more(_without(_parts(one, cells), whole)) <= HALF * _more(_parts(one, cells))
    ]
    return found or ([ALL] if named else [])


def _without(parts: Sequence[Part], whole: Sequence[Part]) -> list[Part]:
    return [(b[0] - a[0], b[1] - a[1]) for a, b in zip(parts, whole, strict=True)]


def _more(parts: Sequence[Part]) -> float:
    return _share(parts[0]) - _share(parts[-1])


def rises(newest_first: Sequence[Part], before: Part, limit: float) -> bool:
    """Whether each step has surely more slow ones than the step before, and the newest `limit` more than usual."""
    bad, total = newest_first[0]
    own = _share(before)
    if not before[1] or not too_many(np.array(bad), np.array(total), own + limit, own):
        return False
    return all(_surely_more(newer, older) for newer, older in pairwise(newest_first))


def _surely_more(newer: Part, older: Part) -> bool:
    if not newer[1] or not older[1]:
        return False
    both = (newer[0] + older[0]) / (newer[1] + older[1])
    deviation = sqrt(both * (1 - both) * (1 / newer[1] + 1 / older[1]))
    return _share(newer) - _share(older) >= max(LEAST_RISE, SURELY * deviation)


def _parts(component: str, cells: Sequence[Cells | None]) -> list[Part]:
    """Of windows that get longer and longer, what each has that the one before has not: the newest step first."""
    windows = [(0.0, 0.0), *(one.of(component) if one is not None else (0.0, 0.0) for one in cells)]
    return [(max(0.0, b[0] - a[0]), max(0.0, b[1] - a[1])) for a, b in pairwise(windows)]


def _share(part: Part) -> float:
    return part[0] / part[1] if part[1] else 0.0


FINDERS: Finders = {"latency_rising": latency_rising}
