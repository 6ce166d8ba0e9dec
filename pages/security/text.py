"""Security's answer as lines of the screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html

from aggregators.security.auth import HOUR_SECONDS, WANTED, Authorization, Reason
from aggregators.security.jwks import JwksCache
from aggregators.security.security import Security
from components import format as fmt
from components.lists.fact_list import Fact, Said
from components.lists.table import name_text
from components.measure import figure_of, figure_props
from components.status import MARKS, mark
from model.measure import Measure
from model.number_text import round_percent
from model.status import Reading, Status

REASON = "d-flex justify-content-between align-items-baseline gap-3 py-1"


def window_words(covered: float, window: float = HOUR_SECONDS) -> str:
    """'last 1 h', or how much of it was watched."""
    if covered >= window * 0.98:
        return f"last {window / 3600:.0f} h"
    return f"last {fmt.duration(covered)} so far" if covered else "last 1 h"


def reason_words(reason: str) -> str:
    """'token_expired' as 'Token expired'."""
    plain = " ".join(reason.replace("_", " ").replace("-", " ").split())
    return plain[:1].upper() + plain[1:] if plain else "No reason reported"


def verdict(found: Security) -> list[Any]:
    """How the checks stand against what is wanted of them."""
    ratio = found.checks.without_expired
    wanted = round_percent(WANTED.warn)
    if found.checks_status is Status.UNKNOWN:
        return [mark("stale" if ratio.reading is Reading.STALE else "unknown"), html.Span(_no_verdict(ratio))]
    above = "Above" if found.checks_status is Status.HEALTHY else "Not above"
    word = f"{above} the wanted {wanted} without expired tokens"
    return [mark(MARKS[found.checks_status]), html.Span(word, className="status-word")]


def _refreshes(found: Security) -> Said:
    known = found.token_refreshes
    return Said(known, note=known.note if known.reading is Reading.VALUE else "")


CHECKS: tuple[Fact[Security], ...] = (
    Fact("se-success", "JWT validation success", lambda one: Said(one.checks.success)),
    Fact("se-unexpired", "Success without expired tokens", lambda one: Said(one.checks.without_expired)),
    Fact("se-refreshes", "Token refreshes", _refreshes),
    Fact("se-failed", "Failed attempts", lambda one: Said(one.checks.failures)),
)


def _no_verdict(ratio: Measure) -> str:
    if ratio.reading is Reading.NO_TRAFFIC:
        return "No token was checked in this window"
    return f"{fmt.reading_words(ratio).capitalize()}: {ratio.note}"


DECISIONS: tuple[Fact[Authorization], ...] = (
    Fact("se-authz-total", "Total requests", lambda one: Said(one.total)),
    Fact("se-authz-allowed", "Authorized", lambda one: Said(one.authorized, also=one.authorized_share), also=True),
    Fact("se-authz-denied", "Denied", lambda one: Said(one.denied, also=one.denied_share), also=True),
)


def reason_items(reasons: Sequence[Reason], empty: str) -> list[Any]:
    """Why requests were denied: the proxy's reasons, those with 0 among them."""
    if not reasons:
        return [html.Li(empty, className="empty")]
    return [html.Li([name_text(reason_words(one.reason)), figure_of(one.count)], className=REASON) for one in reasons]


def no_reasons(denied: Measure) -> str:
    """Why there is no list of reasons."""
    if denied.value is None:
        return f"{fmt.reading_words(denied).capitalize()}: {denied.note}"
    return "The proxy names no reasons"


def _next_refresh(keys: JwksCache) -> Said:
    where = f"at {keys.instance}, the one furthest behind" if keys.instance else ""
    late = f"overdue by {fmt.duration(keys.overdue.value or 0.0)}" if keys.overdue is not None else ""
    return Said(keys.next_refresh, note=" · ".join(filter(None, (late, where))))


JWKS: tuple[Fact[JwksCache], ...] = (
    Fact("se-jwks-hits", "Cache hits", lambda one: Said(one.hits, also=one.hit_share), also=True),
    Fact("se-jwks-misses", "Cache misses", lambda one: Said(one.misses, also=one.miss_share), also=True),
    Fact("se-jwks-last", "Last refresh", lambda one: Said(one.last_refresh)),
    Fact("se-jwks-next", "Next refresh", _next_refresh),
)
"""`instant` says when the refreshes were, or will be."""


def instant(measure: Measure, now: float) -> dict[str, Any]:
    """'13:15:42 UTC, 15m ago' or 'in 14m'; without an instant the words of any figure without a value."""
    if measure.value is None:
        return figure_props(measure)
    away = measure.value - now
    relative = f"in {fmt.duration(away)}" if away > 0 else fmt.ago(-away)
    reported = html.Time(fmt.clock(measure.value, now), dateTime=fmt.iso(measure.value), className="num")
    props = figure_props(measure)
    return {**props, "children": [reported, " ", html.Span(relative, className="unit")]}
