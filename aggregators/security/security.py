"""Who is let in, who is not, and why? RFC view 6, in one answer."""

from __future__ import annotations

from dataclasses import dataclass, replace

from aggregators.alerts.verdict import Look, Part, Verdict, judged, leads_to
from aggregators.security.auth import WANTED, Authorization, TokenChecks, authorization, token_checks, token_refreshes
from aggregators.security.auth_failures import Attempts, attempts, failed_attempts
from aggregators.security.dex import Dex, dex
from aggregators.security.jwks import JwksCache, jwks_cache
from aggregators.security.repeated_failures import Attempt, hidden
from aggregators.series.sources import of_kind
from model.measure import Count, Measure
from model.number_text import round_percent
from model.status import Reading, Status
from store.snapshot import Snapshot

NEWEST = 1_000
"""So many attempts are shown unless all that are kept are asked for: the newest, which is what one looks at."""


@dataclass(frozen=True, slots=True)
class Security:
    """Of the last hour, but `attempts` of the last 24; `status` is the worst of token checks, keys and Dex."""

    status: Status
    reason: str
    checks_status: Status
    checks: TokenChecks
    token_refreshes: Count
    dex: Dex
    attempts: Attempts
    newest_attempts: tuple[Attempt, ...]
    authorization: Authorization
    jwks: JwksCache


def security(snapshot: Snapshot, now: float, all: str = "", hide: str = "") -> Security:
    """Token checks, keys, Dex and who was refused; with every attempt that is kept when `all` is not '', and without
    the users and addresses of failed attempts when `hide` is not ''.
    """
    reported = failed_attempts(snapshot, now)
    checks, provider, keys = token_checks(snapshot, now), dex(snapshot, now), jwks_cache(snapshot, now)
    verdict = _verdict(Look(snapshot, now), checks, provider, keys)
    found, shown = attempts(snapshot, now, reported), reported if all else reported[:NEWEST]
    return Security(
        status=verdict.status,
        reason=verdict.reason,
        checks_status=judged_checks(checks.without_expired),
        checks=checks,
        token_refreshes=token_refreshes(snapshot, now),
        dex=provider,
        attempts=_hidden(found) if hide else found,
        newest_attempts=tuple(map(hidden, shown)) if hide else shown,
        authorization=authorization(snapshot, now),
        jwks=keys,
    )


def _hidden(found: Attempts) -> Attempts:
    return replace(found, repeats=tuple(map(hidden, found.repeats)))


def security_verdict(look: Look) -> Verdict:
    """As bad as the worst of what is read of token checks, Dex and keys; what nobody set up is left out."""
    snapshot, now = look.snapshot, look.now
    return _verdict(look, token_checks(snapshot, now), dex(snapshot, now), jwks_cache(snapshot, now))


def _verdict(look: Look, checks: TokenChecks, provider: Dex, keys: JwksCache) -> Verdict:
    parts: list[Part] = []
    if of_kind(look.snapshot, "dex"):
        parts.append((provider.status if provider.age is None else Status.UNKNOWN, f"Dex: {provider.reason}"))
    ratio = checks.without_expired
    if ratio.reading is Reading.VALUE and ratio.value is not None:
        parts.append((judged_checks(ratio), f"{round_percent(1 - ratio.value)} of token checks fail"))
    elif ratio.reading in (Reading.STALE, Reading.ERROR):
        parts.append((Status.UNKNOWN, f"token checks: {ratio.note}"))
    if keys.next_refresh.reading is Reading.VALUE:
        parts.append((judged_keys(keys), "the proxy's keys should have been renewed"))
    well = [(status, "" if status is Status.HEALTHY else reason) for status, reason in parts]
    return judged(look, well, leads_to("/security"))


def judged_checks(without_expired: Measure) -> Status:
    """Token checks against what the RFC wants of them; UNKNOWN while nobody reports them now, or nobody asked."""
    if without_expired.reading is not Reading.VALUE or without_expired.value is None:
        return Status.UNKNOWN
    if without_expired.value <= WANTED.critical:
        return Status.UNHEALTHY
    return Status.HEALTHY if without_expired.value > WANTED.warn else Status.DEGRADED


def judged_keys(keys: JwksCache) -> Status:
    """Keys that are not renewed will some day check nothing."""
    if keys.overdue is not None:
        return Status.DEGRADED
    return Status.UNKNOWN if keys.next_refresh.value is None else Status.HEALTHY
