"""What is said of one namespace: its status, its patterns, its operations, and its charts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html

from aggregators.alerts.rules import BY_ID
from aggregators.namespaces.detail import Allowance, NamespaceDetail
from aggregators.namespaces.namespace_series import NamespaceLines
from aggregators.namespaces.operations import OperationUse, PatternUse
from aggregators.namespaces.row import UNLISTED
from components import format as fmt
from components.banner import Stat
from components.charts import kinds as charts
from components.charts.kinds import Axis, Figure, Limit, Series, Span
from components.lists.facts import allowance
from components.lists.table import Column, empty_row, name_text, pattern_href, row
from components.measure import figure_of
from model.status import Status
from pages.namespaces.text import use_kind
from pages.shared.answer_text import stat
from pages.shared.charts import LATENCY_LIMIT

OPERATIONS = (
    Column("Operation", share=28, narrow=36),
    Column("Pattern", minor=True),
    Column("RPS", "number"),
    Column("Share", "number", minor=True),
    Column("Errors", "number", minor=True),
    Column("P99", "number"),
)
PERCENT = Axis("%", 100.0, least=0.001)
_ERRORS = BY_ID["error_ratio"].raise_at
ERROR_LIMIT = Limit(_ERRORS, f"Alert above {fmt.percent(_ERRORS).text}")


def verdict(reported: NamespaceDetail) -> str:
    """Why it is as it is, or was when it was last heard of: the sentence below its name."""
    one, old = reported.namespace, reported.age_seconds
    words = one.reason[:1].upper() + one.reason[1:] if one.reason else one.status.value
    if one.status is Status.HEALTHY and (not one.reason or one.reason == UNLISTED):
        words = "Its requests fare well" + (f", but it is {UNLISTED}" if one.reason else "")
    return words if old is None else f"{fmt.age(old).capitalize()}: {words[:1].lower()}{words[1:]}"


def stats(reported: NamespaceDetail) -> tuple[Stat, ...]:
    """The banner's figures."""
    one = reported.namespace
    return (
        stat(one.per_second, "last 15 s"),
        stat(one.use_ratio, "of max RPS now"),
        stat(one.share_ratio, "last 15 s"),
        stat(reported.success_ratio, "last 5 min"),
        stat(one.error_ratio, "last 5 min"),
        stat(one.p99, "last 5 min"),
    )


def patterns(uses: Sequence[PatternUse]) -> tuple[tuple[str, str, str], ...]:
    """'redis', its page, 'KeyValue (backend redis)'."""
    return tuple((one.name, pattern_href(one.name), _pattern(one)) for one in uses)


def _pattern(one: PatternUse) -> str:
    used = ", ".join(one.interfaces) or ("not asked in the last 5 min" if one.configured else "")
    backend = f"backend {one.backend}" if one.backend else "backend not reported"
    return " · ".join(filter(None, (used, backend, "" if one.configured else "seen in its traffic only")))


def operation_rows(uses: Sequence[OperationUse], known: int, empty: str) -> list[Any]:
    """The busiest operations; the others are counted."""
    rows: list[Any] = [
        row(
            OPERATIONS,
            [
                name_text(one.operation or fmt.DASH),
                name_text(one.pattern or fmt.DASH),
                figure_of(one.per_second),
                figure_of(one.share_ratio),
                figure_of(one.error_ratio),
                figure_of(one.p99),
            ],
        )
        for one in uses
    ]
    if not rows:
        return [empty_row(OPERATIONS, empty)]
    if known > len(uses):
        rows.append(empty_row(OPERATIONS, f"and {known - len(uses):,} more, none busier than these"))
    return rows


def no_operations(reported: NamespaceDetail) -> str:
    """Why there is no operation to list."""
    rate = reported.namespace.per_second
    return "No request in the last 5 minutes." if rate.value is not None else f"Not known: {rate.note}"


def created(reported: NamespaceDetail, now: float) -> list[Any]:
    """'2025-10-15 (39d ago)'."""
    at = reported.created
    if at.value is None:
        return [figure_of(at)]
    day = html.Time(fmt.iso(at.value)[:10] or fmt.DASH, dateTime=fmt.iso(at.value))
    aged = fmt.age(at.age_seconds) if at.age_seconds is not None else ""
    return [day, html.Span(f" ({', '.join(filter(None, (fmt.ago(now - at.value), aged)))})", className="hint")]


def limit(one: Allowance) -> list[Any]:
    """A limit of requests, its use and a bar."""
    return allowance(one.limit_per_second, one.use_ratio, use_kind(one.use_ratio))


def figures(lines: NamespaceLines, now: float, window: float) -> tuple[tuple[str, Figure], ...]:
    """The charts by slot: P99 with P50, reads and writes, failed over all requests."""
    span = Span(now - window, now)
    slow = [Series("P50", lines.p50, charts.BLUE), Series("P99", lines.p99, charts.ORANGE)]
    asked = [Series("read", lines.read, charts.BLUE), Series("write", lines.write, charts.TEAL)]
    if any(lines.other):
        asked.append(Series("other", lines.other, charts.GREY))
    failed = [Series("errors", lines.error_ratio, charts.PURPLE)]
    return (
        ("nd-lat-chart", charts.lines(lines.times, slow, charts.MILLISECONDS, span, limit=LATENCY_LIMIT)),
        ("nd-thr-chart", charts.stacked(lines.times, asked, charts.PER_SECOND, span)),
        ("nd-err-chart", charts.lines(lines.times, failed, PERCENT, span, limit=ERROR_LIMIT)),
    )
