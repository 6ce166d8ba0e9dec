"""Who makes how much of all requests: the busiest namespaces, and all others together."""

from __future__ import annotations

from dataclasses import dataclass

from aggregators.namespaces.figures import Figures
from aggregators.namespaces.row import NamespaceRow
from aggregators.series.availability import Availability
from model.measure import Measure, PerSecond, Ratio
from model.series import Unit

TOP = 10


@dataclass(frozen=True, slots=True)
class Share:
    """A slice of all requests; `names` counts the namespaces in it, '' is the name of those together."""

    name: str
    names: int
    per_second: PerSecond
    share_ratio: Ratio


def shares(rows: tuple[NamespaceRow, ...], reported: Figures, total: float | None) -> tuple[Share, ...]:
    """The busiest, and the rest together; none while nothing is asked."""
    if not total:
        return ()
    asking = [one for one in rows if one.per_second.value]
    busy = sorted(asking, key=lambda one: (-(one.per_second.value or 0.0), one.name))
    slices = [Share(one.name, 1, one.per_second, one.share_ratio) for one in busy[:TOP]]
    rest = total - sum(one.per_second.value or 0.0 for one in busy[:TOP])
    if len(busy) > TOP or rest > total * 1e-9:
        slices.append(Share("", max(0, len(busy) - TOP), *_rest(reported.availability, rest, total)))
    return tuple(slices)


def _rest(availability: Availability, rest: float, total: float) -> tuple[Measure, Measure]:
    return availability.measure(Unit.PER_SECOND, rest), availability.measure(Unit.RATIO, rest / total)
