"""What is said of failed attempts: the table, how much of the day it shows, who keeps trying."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from dash import dcc, html

from aggregators.security.auth_failures import Attempts
from aggregators.security.repeated_failures import ADDRESS, Attempt, Repeat
from components import format as fmt
from components.lists.grid import Cell, GridColumn, GridRow, text_cell, time_cell
from components.status import mark
from model.status import Reading
from pages.security.text import reason_words

ATTEMPTS = (
    GridColumn("time", "Time", "time", flex=4, sort="desc"),
    GridColumn("reason", "Reason", flex=5),
    GridColumn("source_ip", "Source IP", flex=5),
    GridColumn("user", "User", flex=6, minor=True),
)
DAY_SECONDS = 86400
UNKNOWN = "unknown"
"""Where a span names no user: the RFC's word."""


def shown_words(found: Attempts, rows: Sequence[Attempt], now: float, href: str) -> list[Any]:
    """How much of the day the table shows, and how far back it reaches when it is cut."""
    if not rows:
        return [_nothing(found)]
    total = f"{found.total.value:,.0f}" if found.total.value is not None else "an unknown number"
    if not found.is_cut and len(rows) == found.shown.value:
        return [f"All {len(rows):,} of the last 24 hours", _limited(found)]
    oldest = rows[-1].time
    reaches = [
        " back to ",
        html.Time(fmt.clock(oldest, now), dateTime=fmt.iso(oldest)),
        f" ({fmt.duration(max(0.0, now - oldest))})",
    ]
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
    """Why nothing new comes, where the card's hint does not say it as an age."""
    return f"; {found.note}" if found.reading in (Reading.ERROR, Reading.NOT_REPORTED) and found.note else ""


def repeat_items(found: Sequence[Repeat]) -> list[Any]:
    """'10.0.2.12: 212 failures in 10 min, 3 users, mostly invalid signature', the fastest first.

    All have the RFC's one mark (view 6): how bad it is the alert of a client says, which knows what is usual.
    """
    return [
        html.Li(
            [mark("degraded"), html.P([html.Span(one.name, className="se-who", dir="auto"), _repeat(one)])],
            title=one.name,
        )
        for one in found
    ]


def _repeat(one: Repeat) -> str:
    least = "at least " if one.at_least else ""
    said = f": {least}{one.failures:,} failures in {_window(one.window_seconds)}"
    if one.others:
        noun = (
            ("user" if one.others == 1 else "users")
            if one.kind == ADDRESS
            else ("address" if one.others == 1 else "addresses")
        )
        said += f", {one.others:,} {noun}"
    return f"{said}, mostly {reason_words(one.mostly).lower()}" if one.mostly else said


def _window(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds < 3600 else f"{seconds / 3600:.0f} h"


def attempt_row(one: Attempt, now: float) -> GridRow:
    """A failed attempt."""
    return _row(one, now // DAY_SECONDS * DAY_SECONDS)


@lru_cache(2048)
def _row(one: Attempt, today: float) -> GridRow:
    """Kept, for a list of a thousand is drawn anew with each look, and most of it says what it said before."""
    when: Cell = time_cell(one.time, today)
    cells = {
        "time": when,
        "reason": text_cell(reason_words(one.reason)),
        "source_ip": text_cell(one.source_ip or UNKNOWN),
        "user": text_cell(one.user or UNKNOWN),
    }
    return GridRow(one.id, cells)
