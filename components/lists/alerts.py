"""Alerts as a list: severity, what happened, when, and whether it went away by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from dash import dcc, html

from components import format as fmt
from components.status import SEVERITIES, mark
from model.series import Severity


@dataclass(frozen=True)
class AlertLine:
    """One alert. Times are seconds since 1970; `ended` is None while it lasts. `alert_state` is set when
    it lasts and nobody is called for it: "Pending", "Silenced". `href` is where to look next, `origin` who else says
    so.
    """

    severity: Severity
    words: str
    began: float
    ended: float | None = None
    origin: str = ""
    href: str = ""
    alert_state: str = ""


def alert_items(alerts: Sequence[AlertLine], now: float, empty: str) -> list[Any]:
    """The items of an alert list; `empty` says what would be here."""
    if not alerts:
        return [html.Li(empty, className="empty")]
    return [alert_item(alert, now) for alert in alerts]


def alert_item(alert: AlertLine, now: float, below: Sequence[Any] = ()) -> html.Li:
    """One item; `below` is folded under it."""
    when = moment(fmt.ago(now - alert.began), alert.began, now)
    look = "is-firing" if alert.ended is None else "is-resolved"
    return html.Li([*_words(alert), when, *below], className=look)


@lru_cache(128)
def _words(alert: AlertLine) -> tuple[Any, ...]:
    """All but how long ago; kept, for a list is drawn anew with each look."""
    resolved = alert.ended is not None
    kind = "healthy" if resolved else "unknown" if alert.alert_state else SEVERITIES[alert.severity]
    word = "Resolved" if resolved else alert.alert_state or alert.severity.value.capitalize()
    what = html.Span(alert.words, className="alert-words", dir="auto")
    more = " · ".join(filter(None, (_lasted(alert), alert.origin)))
    return (
        mark(kind),
        html.Span(word, className=f"alert-word status-{kind}"),
        html.P(
            [
                dcc.Link(what, href=alert.href, className="row-link") if alert.href else what,
                html.Span(f" · {more}" if more else "", className="origin"),
            ],
            title=alert.words,
        ),
    )


def moment(words: str, time: float, now: float) -> html.Time:
    """A relative time that knows its absolute one."""
    return html.Time(words, dateTime=fmt.iso(time), title=fmt.clock(time, now))


def _lasted(alert: AlertLine) -> str:
    if alert.ended is None or alert.ended - alert.began < 1:
        return ""
    return f"lasted {fmt.duration(alert.ended - alert.began)}"
