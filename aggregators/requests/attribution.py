"""Who suffers: all requests, one pattern's or one namespace's. One cause is named once, where it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

SURELY, BEYOND_CHANCE = 3.0, 4.5
"""Standard deviations: what is fewer, or more, by so many is no chance."""
ALL = "all"
NAMESPACE = "namespace "


@dataclass(frozen=True)
class Cells:
    """Requests by pattern and namespace in a window: `bad` and `total`, both (P, N)."""

    patterns: Sequence[str]
    namespaces: Sequence[str]
    bad: Floats
    total: Floats

    def of(self, component: str) -> tuple[float, float]:
        """(bad, total) of one component; zeros when it is not there."""
        if component == ALL:
            return float(self.bad.sum()), float(self.total.sum())
        if component.startswith(NAMESPACE):
            name = component.removeprefix(NAMESPACE)
            return self._sums(self.namespaces, name, self.bad, self.total)
        return self._sums(self.patterns, component, self.bad.T, self.total.T)

    @staticmethod
    def _sums(names: Sequence[str], name: str, bad: Floats, total: Floats) -> tuple[float, float]:
        if name not in names:
            return 0.0, 0.0
        at = list(names).index(name)
        return float(bad[:, at].sum()), float(total[:, at].sum())


def whose(component: str) -> str:
    """Whose requests a component's are, in words."""
    if component == ALL:
        return "all requests"
    if component.startswith(NAMESPACE):
        return f"requests of {component.removeprefix(NAMESPACE)}"
    return f"requests to {component}"


def too_many(bad: Floats, total: Floats, limit: float, usual: float) -> Flags:
    """Where the ratio reaches `limit` and is more than chance makes of `usual`, however few the requests are.

    So many standard deviations and two events above what `usual` gives: one failure among ten requests is no news,
    three are. With 4 a namespace that asks a hundred times in 5 s, one in a thousand of which fails all day, was in
    trouble every week by chance alone.
    """
    expected = usual * total
    return np.asarray((bad >= limit * total) & (bad >= expected + BEYOND_CHANCE * np.sqrt(expected) + 2.0), dtype=bool)


def culprits(cells: Cells, limit: float, usual: float) -> list[str]:
    """The components that are in trouble of their own.

    All of them when it stays bad without the worst pattern and without the worst namespace, and each pattern has enough
    of it, or nobody surely less than the others; a pattern when it stays bad without its worst namespace (or has but
    one); a namespace by what it suffers elsewhere than in those patterns.
    """

    def bad_enough(bad: Floats | np.float64, total: Floats | np.float64) -> Flags:
        return too_many(np.asarray(bad), np.asarray(total), limit, usual)

    bad, total = cells.bad, cells.total
    if not total.size or not (bad_enough(bad.sum(), total.sum()) or bad_enough(bad, total).any()):
        return _outer(cells, bad_enough(bad.sum(1), total.sum(1)), bad_enough(bad.sum(0), total.sum(0)))
    wide = bad_enough(*_without_worst(bad, total)) | ((total > 0).sum(axis=1) <= 1)
    suffering = wide & bad_enough(bad.sum(1), total.sum(1))
    busy = total.sum(1) > 0
    even = _is_even(bad.sum(1), total.sum(1)) and _is_even(bad.sum(0), total.sum(0))
    everywhere = suffering[busy].all() or (even and bad_enough(*_total_without_worst(bad.T, total.T)))
    if busy.sum() > 1 and everywhere and bad_enough(*_total_without_worst(bad, total)):
        return [ALL]
    rest_bad, rest_total = np.where(suffering[:, None], 0.0, bad), np.where(suffering[:, None], 0.0, total)
    found = _outer(cells, suffering, bad_enough(rest_bad.sum(0), rest_total.sum(0)))
    if not found and bad_enough(bad.sum(), total.sum()):
        return [ALL]
    return found


def _is_even(bad: Floats, total: Floats) -> bool:
    """Whether nobody has surely fewer bad ones than the ratio of all together gives."""
    expected = total * (bad.sum() / total.sum())
    return bool((bad >= expected - SURELY * np.sqrt(expected)).all())


def _outer(cells: Cells, patterns: Flags, namespaces: Flags) -> list[str]:
    named = [name or ALL for name, one in zip(cells.patterns, patterns, strict=True) if one]
    return named + [NAMESPACE + name for name, one in zip(cells.namespaces, namespaces, strict=True) if one and name]


def _total_without_worst(bad: Floats, total: Floats) -> tuple[Floats, Floats]:
    """What is left without the column that has most of the bad ones; everything when there is but one."""
    if (total.sum(0) > 0).sum() <= 1:
        return np.asarray(bad.sum()), np.asarray(total.sum())
    worst = int(bad.sum(0).argmax())
    return np.asarray(bad.sum() - bad[:, worst].sum()), np.asarray(total.sum() - total[:, worst].sum())


def _without_worst(bad: Floats, total: Floats) -> tuple[Floats, Floats]:
    """Each pattern's sums (P,) without the namespace that has most of its bad ones."""
    rows, worst = np.arange(len(bad)), bad.argmax(axis=1)
    return bad.sum(1) - bad[rows, worst], total.sum(1) - total[rows, worst]
