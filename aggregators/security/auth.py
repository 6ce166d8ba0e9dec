"""Authentication and authorization, as the proxy counts them (RFC views 1 and 6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from aggregators.series.availability import Availability, availability
from aggregators.series.counters import Counter, counters, edges, increase, sli_ratio
from aggregators.series.grouping import column, totals_by
from aggregators.series.sources import of_kind, read_until
from model.measure import Count, Measure, Ratio
from model.series import Unit
from model.status import Reading
from model.thresholds import Threshold
from store.snapshot import Snapshot

FAMILY = "prism_auth_requests_total"
DECISIONS, REFRESHES = "prism_authz_decisions_total", "prism_auth_token_refreshes_total"
DEX_REQUESTS = "dex_http_requests_total"
WINDOW_SECONDS = 300.0
HOUR_SECONDS = 3600.0
SUCCESSES = ("success", "ok", "allowed")
ALLOWED = ("allowed", "allow", "granted", "success")
WANTED = Threshold(0.99, 0.80, Unit.RATIO, "RFC view 6: above 99 %, tokens that merely expired left out")
TWO_READS = "two reads are needed"


@dataclass(frozen=True, slots=True)
class Auth:
    """The last 5 minutes of token checks."""

    success_ratio: Ratio
    failures: Count
    checks: Count


def auth_success(snapshot: Snapshot, now: float) -> Auth:
    """The share of successful checks, sums over sums; 0/0 is no traffic."""
    at = read_until(snapshot, now, "proxy")
    frame = snapshot.frame(FAMILY, at - WINDOW_SECONDS, at)
    stands = availability(snapshot, now, frame)
    failed, total = failed_and_total(counters(frame), at - WINDOW_SECONDS, at)
    ratio = None if failed is None or total is None else sli_ratio(total - failed, total)
    waiting = None if total is not None else Measure.not_reported(Unit.RATIO, "two reads are needed")
    return Auth(
        stands.measure(Unit.RATIO, ratio, waiting),
        stands.measure(Unit.COUNT, failed, waiting),
        stands.measure(Unit.COUNT, total, waiting),
    )


def failed_and_total(known: Sequence[Counter], start: float, end: float) -> tuple[float | None, float | None]:
    """Refused and all token checks in (start, end]; None before two reads."""
    failed, total, reported = 0.0, 0.0, False
    for counter in known:
        rows = edges(counter.times, start, end)
        if rows is not None:
            grown = counter.totals[rows[1]] - counter.totals[rows[0]]
            good = [result in SUCCESSES for result in column(counter.labels, "result")]
            total += float(grown.sum())
            failed += float(grown[~np.array(good, dtype=bool)].sum())
            reported = True
    return (failed, total) if reported else (None, None)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something was refused, in the proxy's word, and how often; 0 for a reason that it reports and never gave."""

    reason: str
    count: Count


@dataclass(frozen=True, slots=True)
class TokenChecks:
    """Token checks of a window. `without_expired` leaves out tokens that had merely expired, which is expected.

    `covered_seconds` is how much of the window was watched.
    """

    success: Ratio
    without_expired: Ratio
    checks: Count
    failures: Count
    reasons: tuple[Reason, ...]
    covered_seconds: float


@dataclass(frozen=True, slots=True)
class Authorization:
    """Decisions of a window: how many, how many were denied, and why."""

    total: Count
    authorized: Count
    authorized_share: Ratio
    denied: Count
    denied_share: Ratio
    reasons: tuple[Reason, ...]
    covered_seconds: float


@dataclass(frozen=True, slots=True)
class Grown:
    """What a counter of the proxy grew by in a window, by some of its labels; None before two reads."""

    stands: Availability
    by: dict[tuple[str, ...], float] | None
    covered_seconds: float

    def count(self, value: float | None) -> Measure:
        """A count in the state of its source."""
        return self.stands.measure(Unit.COUNT, value, Measure.not_reported(Unit.COUNT, TWO_READS))

    def ratio(self, part: float | None, whole: float | None) -> Measure:
        """A share, sums over sums; 0/0 is no traffic."""
        if part is None or whole is None:
            return self.stands.measure(Unit.RATIO, None, Measure.not_reported(Unit.RATIO, TWO_READS))
        return self.stands.measure(Unit.RATIO, sli_ratio(part, whole))


def grown(snapshot: Snapshot, now: float, family: str, labels: Sequence[str], window: float, source: str) -> Grown:
    """A counter's increase over the last `window` seconds that its source was read."""
    at = read_until(snapshot, now, source)
    frame = snapshot.frame(family, at - window, at, coarse=True)
    found = increase(frame, at - window, at)
    first = min((float(block.values.index[0]) for block in frame.blocks), default=at)
    covered = min(window, max(0.0, at - first))
    return Grown(availability(snapshot, now, frame), totals_by(found, *labels) if len(found) else None, covered)


def token_checks(snapshot: Snapshot, now: float, window: float = HOUR_SECONDS) -> TokenChecks:
    """Checks, failures and their reasons over a window."""
    reported = grown(snapshot, now, FAMILY, ("result", "reason"), window, "proxy")
    good = refused = expired = None
    reasons: dict[str, float] = {}
    if reported.by is not None:
        good = sum(count for (result, _), count in reported.by.items() if result in SUCCESSES)
        for (result, reason), count in reported.by.items():
            if result not in SUCCESSES:
                reasons[reason] = reasons.get(reason, 0.0) + count
        refused = sum(reasons.values())
        expired = sum(count for reason, count in reasons.items() if is_expired(reason))
    known = good is not None and refused is not None and expired is not None
    total = good + refused if good is not None and refused is not None else None
    return TokenChecks(
        success=reported.ratio(good, total),
        without_expired=reported.ratio(good, total - expired if known and total is not None and expired else total),
        checks=reported.count(total),
        failures=reported.count(refused),
        reasons=_reasons(reported, reasons),
        covered_seconds=reported.covered_seconds,
    )


def is_expired(reason: str) -> bool:
    """True for a token that was good once."""
    return "expired" in reason.lower()


def authorization(snapshot: Snapshot, now: float, window: float = HOUR_SECONDS) -> Authorization:
    """Decisions and why some were denied over a window."""
    reported = grown(snapshot, now, DECISIONS, ("decision", "reason"), window, "proxy")
    allowed = denied = total = None
    reasons: dict[str, float] = {}
    if reported.by is not None:
        allowed = sum(count for (decision, _), count in reported.by.items() if decision in ALLOWED)
        for (decision, reason), count in reported.by.items():
            if decision not in ALLOWED:
                reasons[reason] = reasons.get(reason, 0.0) + count
        denied = sum(reasons.values())
        total = allowed + denied
    return Authorization(
        total=reported.count(total),
        authorized=reported.count(allowed),
        authorized_share=reported.ratio(allowed, total),
        denied=reported.count(denied),
        denied_share=reported.ratio(denied, total),
        reasons=_reasons(reported, reasons),
        covered_seconds=reported.covered_seconds,
    )


def _reasons(reported: Grown, counts: dict[str, float]) -> tuple[Reason, ...]:
    """The most frequent first; those that are reported with 0 last."""
    ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return tuple(Reason(name, reported.count(count)) for name, count in ordered)


def token_refreshes(snapshot: Snapshot, now: float, window: float = HOUR_SECONDS) -> Measure:
    """A count, as the proxy reports it; else what Dex' token endpoint granted, which includes first sign-ins."""
    reported = grown(snapshot, now, REFRESHES, (), window, "proxy")
    if reported.stands.reading is not Reading.NOT_REPORTED or not of_kind(snapshot, "dex"):
        return reported.count(None if reported.by is None else sum(reported.by.values()))
    granted = grown(snapshot, now, DEX_REQUESTS, ("handler", "code"), window, "dex")
    if not granted.stands.reports or granted.by is None:
        return reported.count(None)
    tokens = sum(count for (handler, code), count in granted.by.items() if handler == "/token" and code == "200")
    return replace(
        granted.count(tokens), note="tokens that Dex granted, first sign-ins included: the proxy reports none"
    )
