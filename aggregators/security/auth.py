"""Authentication and authorization, as the proxy counts them (RFC views 1 and 6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from aggregators.series.counters import Counter, edges
from aggregators.series.grouping import column
from aggregators.series.sources import of_kind
from aggregators.series.window import Window
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


@dataclass(frozen=True, slots=True)
class Auth:
    """The last 5 minutes of token checks."""

    success_ratio: Ratio
    failures: Count
    checks: Count


def auth_success(snapshot: Snapshot, now: float) -> Auth:
    """The share of successful checks, sums over sums; 0/0 is no traffic."""
    window = Window.of(snapshot, now, FAMILY, WINDOW_SECONDS)
    failed, total = failed_and_total(window.counters, window.start, window.at)
    good = None if failed is None or total is None else total - failed
    return Auth(window.ratio(good, total), window.counted(Unit.COUNT, failed), window.counted(Unit.COUNT, total))


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


def token_checks(snapshot: Snapshot, now: float, window: float = HOUR_SECONDS) -> TokenChecks:
    """Checks, failures and their reasons over a window."""
    checks = Window.of(snapshot, now, FAMILY, window, coarse=True)
    by = checks.growth("result", "reason")
    good = refused = expired = None
    reasons: dict[str, float] = {}
    if by is not None:
        good = sum(count for (result, _), count in by.items() if result in SUCCESSES)
        for (result, reason), count in by.items():
            if result not in SUCCESSES:
                reasons[reason] = reasons.get(reason, 0.0) + count
        refused = sum(reasons.values())
        expired = sum(count for reason, count in reasons.items() if is_expired(reason))
    known = good is not None and refused is not None and expired is not None
    total = good + refused if good is not None and refused is not None else None
    return TokenChecks(
        success=checks.ratio(good, total),
        without_expired=checks.ratio(good, total - expired if known and total is not None and expired else total),
        checks=checks.counted(Unit.COUNT, total),
        failures=checks.counted(Unit.COUNT, refused),
        reasons=_reasons(checks, reasons),
        covered_seconds=checks.covered_seconds(),
    )


def is_expired(reason: str) -> bool:
    """True for a token that was good once."""
    return "expired" in reason.lower()


def authorization(snapshot: Snapshot, now: float, window: float = HOUR_SECONDS) -> Authorization:
    """Decisions and why some were denied over a window."""
    decisions = Window.of(snapshot, now, DECISIONS, window, coarse=True)
    by = decisions.growth("decision", "reason")
    allowed = denied = total = None
    reasons: dict[str, float] = {}
    if by is not None:
        allowed = sum(count for (decision, _), count in by.items() if decision in ALLOWED)
        for (decision, reason), count in by.items():
            if decision not in ALLOWED:
                reasons[reason] = reasons.get(reason, 0.0) + count
        denied = sum(reasons.values())
        total = allowed + denied
    return Authorization(
        total=decisions.counted(Unit.COUNT, total),
        authorized=decisions.counted(Unit.COUNT, allowed),
        authorized_share=decisions.ratio(allowed, total),
        denied=decisions.counted(Unit.COUNT, denied),
        denied_share=decisions.ratio(denied, total),
        reasons=_reasons(decisions, reasons),
        covered_seconds=decisions.covered_seconds(),
    )


def _reasons(window: Window, counts: dict[str, float]) -> tuple[Reason, ...]:
    """The most frequent first; those that are reported with 0 last."""
    ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return tuple(Reason(name, window.counted(Unit.COUNT, count)) for name, count in ordered)


def token_refreshes(snapshot: Snapshot, now: float, window: float = HOUR_SECONDS) -> Measure:
    """A count, as the proxy reports it; else what Dex' token endpoint granted, which includes first sign-ins."""
    refreshes = Window.of(snapshot, now, REFRESHES, window, coarse=True)
    if refreshes.availability.reading is not Reading.NOT_REPORTED or not of_kind(snapshot, "dex"):
        return refreshes.counted(Unit.COUNT, refreshes.total())
    granted = Window.of(snapshot, now, DEX_REQUESTS, window, coarse=True)
    by = granted.growth("handler", "code")
    if not granted.reports or by is None:
        return refreshes.counted(Unit.COUNT, None)
    tokens = sum(count for (handler, code), count in by.items() if handler == "/token" and code == "200")
    note = "tokens that Dex granted, first sign-ins included: the proxy reports none"
    return replace(granted.counted(Unit.COUNT, tokens), note=note)
