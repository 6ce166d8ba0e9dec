"""Exact bounds of a share that was counted (Clopper and Pearson)."""

from __future__ import annotations

from collections.abc import Callable
from math import exp, lgamma, log, sqrt

STEPS = 60


def bounds(hits: int, trials: int, confidence: float = 0.95) -> tuple[float, float]:
    """Between which shares the true one lies, with this confidence, when `hits` of `trials` were counted."""
    wrong = (1.0 - confidence) / 2
    low = 0.0 if hits == 0 else _solved(lambda p: 1.0 - _at_most(hits - 1, trials, p) < wrong)
    high = 1.0 if hits == trials else _solved(lambda p: _at_most(hits, trials, p) > wrong)
    return low, high


def most_events(count: int, confidence: float = 0.95) -> float:
    """The highest mean of a Poisson number of which `count` were seen, with this confidence (one-sided)."""
    low, high = 0.0, count + 10.0 * sqrt(count + 4)
    for _ in range(STEPS):
        middle = (low + high) / 2
        terms = (exp(n * log(middle) - middle - lgamma(n + 1)) for n in range(count + 1))
        low, high = (middle, high) if sum(terms) > 1.0 - confidence else (low, middle)
    return high


def _solved(is_below: Callable[[float], bool]) -> float:
    low, high = 0.0, 1.0
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if is_below(middle) else (low, middle)
    return (low + high) / 2


def _at_most(hits: int, trials: int, share: float) -> float:
    """The probability of no more than `hits`."""
    if share <= 0.0:
        return 1.0
    if share >= 1.0:
        return float(hits >= trials)
    whole = lgamma(trials + 1)
    logs = (
        whole - lgamma(n + 1) - lgamma(trials - n + 1) + n * log(share) + (trials - n) * log(1.0 - share)
        for n in range(hits + 1)
    )
    return min(1.0, float(sum(map(exp, logs))))
