"""The latency objective (RFC view 2): the share of requests that were fast enough, and what is left of the budget.

The share comes from merged buckets, linear within the one that the threshold lies in; outside of the edges it is a
bound. Sums over sums: a window is worked out from its requests, never from other windows' ratios.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isclose

from aggregators.series.availability import TWO_READS, Availability
from aggregators.series.counters import Counter, sli_ratio
from aggregators.series.histograms import Layout, merged_counters, whole
from aggregators.series.quantiles import Quantile, Share, share_under
from aggregators.series.rollups import rolled_up
from aggregators.series.window import Window
from model.measure import Count, Measure, Number, Ratio, Seconds
from model.rollup import LATENCY
from model.series import Unit
from model.slo import BURN_PAIRS, DAY_SECONDS, SLO, slo_of
from model.status import Reading
from store.snapshot import Snapshot

NOW_SECONDS = 300.0
WEEK_SECONDS = 7 * DAY_SECONDS
NEARLY_WHOLE = 0.98
"""A window covered this much is not worth a word: minutes and reads do not fall exactly on its edges."""
NO_EDGES = "the histogram has no edge but +Inf"
LaidOut = Sequence[tuple[Counter, Sequence[Layout]]]
PROXY, SIGNOZ = "the proxy's histogram", "SigNoz's spans, which may be sampled"
_SPANS, _FAST, _COVERED, _THRESHOLD = (
    "signoz_compliance_spans",
    "signoz_compliance_fast_spans",
    "signoz_compliance_covered_seconds",
    "signoz_compliance_threshold_seconds",
)


@dataclass(frozen=True, slots=True)
class Compliance:
    """The objective over one window that ends now.

    `met` is None where that cannot be known. `burn_rate` is 1 when the budget lasts exactly the objective's window;
    `budget_remaining` is negative once more requests were slow than may be. `covered` is how much of the window was
    read, `reported_by` who reported it.
    """

    window_seconds: float
    sli: Ratio
    met: bool | None
    burn_rate: Number
    budget_remaining: Ratio
    requests: Count
    covered: Seconds
    reported_by: str = PROXY

    @property
    def is_whole(self) -> bool:
        """True when all of the window was read, as nearly as that can be known."""
        return (self.covered.value or 0.0) >= NEARLY_WHOLE * self.window_seconds


@dataclass(frozen=True, slots=True)
class Burn:
    """A pair of windows. `burning` when both burn faster than `limit`; None where that cannot be known."""

    long: Compliance
    short: Compliance
    limit: float
    burning: bool | None


@dataclass(frozen=True, slots=True)
class SloResult:
    """What is asked for, and how it stands over the last 5 minutes, 24 hours, 7 days and the pairs of burn rates."""

    objective: Ratio
    threshold: Seconds
    current: Compliance
    day: Compliance
    week: Compliance
    burns: tuple[Burn, ...]


def burn_rate(sli: float, objective_ratio: float) -> float:
    """How many times as fast as it may the budget is used up: (1 - sli) / (1 - objective)."""
    return (1.0 - sli) / (1.0 - objective_ratio)


def error_budget_remaining_ratio(sli: float, objective_ratio: float) -> float:
    """The share of the budget that is left; below 0 when it is overspent."""
    return 1.0 - burn_rate(sli, objective_ratio)


def objective(snapshot: Snapshot, now: float) -> SloResult:
    """How the objective stands as of now: a day of the histogram, read once for all windows."""
    slo, reported = slo_of(snapshot.meta), rolled_up(snapshot, now, LATENCY, DAY_SECONDS)
    laid_out = reported.laid_out(LATENCY.by)
    pairs = [
        (_over(reported, laid_out, slo, one.long_seconds), _over(reported, laid_out, slo, one.short_seconds), one.limit)
        for one in BURN_PAIRS
    ]
    return SloResult(
        objective=Measure.of(slo.objective_ratio, Unit.RATIO),
        threshold=Measure.of(slo.threshold_seconds, Unit.SECONDS),
        current=_over(reported, laid_out, slo, NOW_SECONDS),
        day=_over(reported, laid_out, slo, DAY_SECONDS),
        week=_week(snapshot, now, slo, _over(reported, laid_out, slo, WEEK_SECONDS)),
        burns=tuple(Burn(long, short, limit, _burning(long, short, limit)) for long, short, limit in pairs),
    )


def _over(reported: Window, laid_out: LaidOut, slo: SLO, window: float) -> Compliance:
    """The last `window` seconds of what the proxies reported, as far as it is kept."""
    buckets = whole(merged_counters(laid_out, reported.at - window, reported.at))
    share = share_under(slo.threshold_seconds, buckets.bounds, buckets.counts)
    missing = TWO_READS if len(buckets.bounds) == 0 else NO_EDGES if buckets.total and share.value is None else ""
    return compliance(
        slo, window, share, buckets.total, reported.covered_seconds(window), reported.availability, missing
    )


def compliance(
    slo: SLO,
    window: float,
    share: Share,
    requests: float,
    covered: float,
    availability: Availability,
    missing: str = "",
    reported_by: str = PROXY,
) -> Compliance:
    """A window of which `share` of `requests` was fast enough; `missing` says what keeps it from being known."""

    def measure(unit: Unit, value: float | None, bound: str = "") -> Measure:
        nothing = Measure.not_reported(unit, missing) if missing else None
        return availability.measure(unit, Quantile(None if missing else value, bound), nothing)

    worse = {"<": ">", ">": "<"}.get(share.bound, "")
    burn = None if share.value is None else burn_rate(share.value, slo.objective_ratio)
    left = None if share.value is None else error_budget_remaining_ratio(share.value, slo.objective_ratio)
    return Compliance(
        window_seconds=window,
        sli=measure(Unit.RATIO, share.value, share.bound),
        met=_met(share, slo) if availability.reports and not missing else None,
        burn_rate=measure(Unit.NONE, burn, worse),
        budget_remaining=measure(Unit.RATIO, left, share.bound),
        requests=measure(Unit.COUNT, requests),
        covered=measure(Unit.SECONDS, covered),
        reported_by=reported_by,
    )


def _met(share: Share, slo: SLO) -> bool | None:
    """Whether the objective is met, when that is sure."""
    if share.value is None:
        return None
    enough = share.value >= slo.objective_ratio
    unsure = share.bound == ("<" if enough else ">")
    return None if unsure else enough


def _burning(long: Compliance, short: Compliance, limit: float) -> bool | None:
    """Both windows burn faster than `limit`."""
    rates = [one.burn_rate for one in (long, short)]
    if any(one.value is None for one in rates):
        return None
    over = [(one.value or 0.0) > limit for one in rates]
    unsure = [one.bound == ("<" if above else ">") for one, above in zip(rates, over, strict=True)]
    return None if any(unsure) else all(over)


def _week(snapshot: Snapshot, now: float, slo: SLO, own: Compliance) -> Compliance:
    """From SigNoz when it reports more than we have read ourselves."""
    reported = _from_signoz(snapshot, now, slo)
    if reported is None or (reported.sli.reading is Reading.STALE and own.sli.reading is Reading.VALUE):
        return own
    return reported if (reported.covered.value or 0.0) > (own.covered.value or 0.0) else own


def _from_signoz(snapshot: Snapshot, now: float, slo: SLO) -> Compliance | None:
    """The last 7 days as SigNoz reports them; None when it does not, or was asked for another threshold."""
    windows = {name: Window.newest(snapshot, now, name) for name in (_SPANS, _FAST, _COVERED, _THRESHOLD)}
    availability = windows[_SPANS].availability
    found = {name: sum(one.value for one in window.last()) for name, window in windows.items()}
    if not availability.reports or not isclose(found[_THRESHOLD], slo.threshold_seconds):
        return None
    share = Share(sli_ratio(found[_FAST], found[_SPANS]))
    return compliance(slo, WEEK_SECONDS, share, found[_SPANS], found[_COVERED], availability, reported_by=SIGNOZ)
