"""Security's answer as lines of the screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import dcc, html

from aggregators.security.auth import HOUR_SECONDS, WANTED, Reason
from aggregators.security.auth_failures import Attempts
from aggregators.security.dex import CONNECTED, Dex, Step
from aggregators.security.repeated_failures import ADDRESS, REPEATED, SECONDS, Attempt, Repeat
from aggregators.security.security import Security
from components import format as fmt
from components.lists.fact_list import Fact, Said
from components.lists.grid import Cell, GridColumn, GridRow, text_cell, time_cell
from components.lists.table import name_text
from components.measure import figure_of, figure_props
from components.status import MARKS, mark
from model.measure import Measure
from model.number_text import round_percent
from model.status import Reading, Status

CHECKS = (
    Fact("se-success", "JWT validation success"),
    Fact("se-unexpired", "Success without expired tokens"),
    Fact("se-refreshes", "Token refreshes"),
    Fact("se-failed", "Failed attempts"),
)
DEX_FIGURES = (("se-dex-latency", "Discovery took"), ("se-dex-keys", "Keys"), ("se-dex-checked", "Checked"))
DECISIONS = (
    Fact("se-authz-total", "Total requests"),
    Fact("se-authz-allowed", "Authorized", also=True),
    Fact("se-authz-denied", "Denied", also=True),
)
JWKS = (
    Fact("se-jwks-hits", "Cache hits", also=True),
    Fact("se-jwks-misses", "Cache misses", also=True),
    Fact("se-jwks-last", "Last refresh"),
    Fact("se-jwks-next", "Next refresh"),
)
ATTEMPTS = (
    GridColumn("time", "Time", flex=4, sort="desc"),
    GridColumn("reason", "Reason", flex=5),
    GridColumn("source_ip", "Source IP", flex=5),
    GridColumn("user", "User", flex=6, minor=True),
)
UNKNOWN = "unknown"
"""Where a span names no user: the RFC's word."""
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
    if ratio.value is None:
        return [mark("unknown"), html.Span(_no_verdict(ratio))]
    above = "Above" if found.checks_status is Status.HEALTHY else "Not above"
    word = f"{above} the wanted {wanted} without expired tokens"
    kind = "stale" if ratio.reading is Reading.STALE else _kind(found.checks_status)
    return [mark(kind), html.Span(word, className="status-word")]


def check_facts(found: Security) -> list[Said]:
    """In the order of CHECKS."""
    checks = found.checks
    refreshes = found.token_refreshes
    reported = refreshes.note if refreshes.reading is Reading.VALUE else ""
    return [Said(checks.success), Said(checks.without_expired), Said(refreshes, note=reported), Said(checks.failures)]


def _no_verdict(ratio: Measure) -> str:
    if ratio.reading is Reading.NO_TRAFFIC:
        return "No token was checked in this window"
    return f"{fmt.reading_words(ratio).capitalize()}: {ratio.note}"


def _kind(status: Status) -> str:
    return MARKS.get(status, "unknown")


def dex_status(found: Dex) -> dict[str, Any]:
    """Mark and word; an old check says its age."""
    age = found.age.value if found.age is not None else None
    kind = _kind(found.status) if age is None else "stale"
    parts: list[Any] = [mark(kind), html.Span(found.word, className="status-word")]
    if age is not None:
        parts.append(html.Span(fmt.age(age), className="status-age"))
    return {"children": parts, "className": f"status status-{kind} se-status"}


def dex_reason(found: Dex) -> str:
    """Which step failed, or who answers."""
    if found.word == CONNECTED and found.version:
        return f"{found.reason} · Dex {found.version}"
    return found.reason


def dex_steps(steps: Sequence[Step]) -> list[Any]:
    """Each step with its mark, in the order in which they are tried."""
    return [html.Li(_step(step), title=step.detail or _untried(step)) for step in steps]


def _step(step: Step) -> list[Any]:
    kind, word = {True: ("healthy", "ok"), False: ("unhealthy", "failed"), None: ("unknown", "not tried")}[step.ok]
    return [mark(kind), html.Span(step.name), html.Span(f": {word}", className="visually-hidden")]


def _untried(step: Step) -> str:
    return fmt.words(step.duration) if step.duration.value is not None else "not tried, or not offered"


def decision_facts(found: Security) -> list[Said]:
    """In the order of DECISIONS."""
    authz = found.authorization
    return [
        Said(authz.total),
        Said(authz.authorized, also=authz.authorized_share),
        Said(authz.denied, also=authz.denied_share),
    ]


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


def jwks_facts(found: Security, now: float) -> list[Said]:
    """In the order of JWKS; what `refresh_props` lays over the instants says when they were."""
    keys = found.jwks
    where = f"at {keys.instance}, the one furthest behind" if keys.instance else ""
    late = f"overdue by {fmt.duration(keys.overdue.value or 0.0)}" if keys.overdue is not None else ""
    return [
        Said(keys.hits, also=keys.hit_share),
        Said(keys.misses, also=keys.miss_share),
        Said(keys.last_refresh),
        Said(keys.next_refresh, note=" · ".join(filter(None, (late, where)))),
    ]


def instant(measure: Measure, now: float) -> dict[str, Any]:
    """'13:15:42 UTC, 15m ago' or 'in 14m'; without an instant the words of any figure without a value."""
    if measure.value is None:
        return figure_props(measure)
    away = measure.value - now
    relative = f"in {fmt.duration(away)}" if away > 0 else fmt.ago(-away)
    reported = html.Time(fmt.clock(measure.value, now), dateTime=fmt.iso(measure.value), className="num")
    props = figure_props(measure)
    return {**props, "children": [reported, " ", html.Span(relative, className="unit")]}


def shown_words(found: Attempts, rows: Sequence[Attempt], now: float, href: str) -> list[Any]:
    """How much of the day the table shows, and how far back it reaches when it is cut."""
    if not rows:
        return [_nothing(found)]
    total = f"{found.total.value:,.0f}" if found.total.value is not None else "an unknown number"
    if not found.is_cut and len(rows) == found.shown.value:
        return [f"All {len(rows):,} of the last 24 hours", _limited(found)]
    oldest = rows[-1].time
    reaches = [" back to ", html.Time(fmt.clock(oldest, now), dateTime=fmt.iso(oldest)),
               f" ({fmt.duration(max(0.0, now - oldest))})"]  # fmt: skip
    said: list[Any] = [f"The newest {len(rows):,} of {total} in the last 24 hours,", *reaches, _limited(found)]
    kept = int(found.shown.value or len(rows))
    if kept > len(rows):
        said += [". ", dcc.Link(f"Show all {kept:,} that are kept", href=href)]
    return said


def _nothing(found: Attempts) -> str:
    if found.note:
        return found.note[:1].upper() + found.note[1:]
    counted = found.total.value or 0.0
    if counted:
        return f"SigNoz counts {counted:,.0f} in the last 24 hours; none was reported one by one yet"
    return "No failed attempt in the last 24 hours"


def _limited(found: Attempts) -> str:
    """Why nothing new comes, where the card's hint does not report it as an age."""
    return f"; {found.note}" if found.reading in (Reading.ERROR, Reading.NOT_REPORTED) and found.note else ""


def repeat_items(found: Sequence[Repeat]) -> list[Any]:
    """'10.0.2.12: 212 failures in 10 min, 3 users, mostly invalid signature', the fastest first."""
    return [
        html.Li(
            [mark(_loudness(one)), html.P([html.Span(one.name, className="se-who", dir="auto"), _repeat(one)])],
            title=one.name,
        )
        for one in found
    ]


def _loudness(one: Repeat) -> str:
    """Tokens that merely expired are somebody's old client; the rest may be somebody's patience."""
    limit = next(REPEATED[word] for word, seconds in SECONDS.items() if seconds == one.window_seconds)
    return "unhealthy" if one.failures >= limit.critical and "expired" not in one.mostly else "degraded"


def _repeat(one: Repeat) -> str:
    least = "at least " if one.at_least else ""
    said = f": {least}{one.failures:,} failures in {_window(one.window_seconds)}"
    if one.others:
        noun = ("user" if one.others == 1 else "users") if one.kind == ADDRESS else (
            "address" if one.others == 1 else "addresses")  # fmt: skip
        said += f", {one.others:,} {noun}"
    return f"{said}, mostly {reason_words(one.mostly).lower()}" if one.mostly else said


def _window(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds < 3600 else f"{seconds / 3600:.0f} h"


def attempt_row(one: Attempt, now: float) -> GridRow:
    """A failed attempt."""
    when: Cell = time_cell(one.time, now)
    cells = {
        "time": when,
        "reason": text_cell(reason_words(one.reason)),
        "source_ip": text_cell(one.source_ip or UNKNOWN),
        "user": text_cell(one.user or UNKNOWN),
    }
    return GridRow(one.id, cells)
