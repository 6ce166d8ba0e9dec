"""The proxies beside each other, the one in most trouble first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from dash import html

from aggregators.performance.fleet import ProxyRow
from components.card import bare_card
from components.lists.table import Column, row, row_link, table
from components.measure import figure_of
from components.status import mark

HINT = "last 5 min, worst first"
SEVERAL = 2
"""One proxy alone has no peers to stand beside."""
PROXIES = (
    Column("Proxy", share=30, narrow=32),
    Column("Requests", "number", minor=True),
    Column("Share", "number", minor=True),
    Column("Errors", "number", narrow=18),
    Column("P99", "number", narrow=22),
    Column("Beside its peers", share=24, narrow=28),
)


def proxies_card() -> html.Div:
    """The table in its card, which is not shown of one proxy alone."""
    inside = bare_card("pf-fleet", "Proxies", [table("pf-proxies", "Proxies, the worst first", PROXIES)], hint=HINT)
    return html.Div(inside, id="pf-fleet-box", className="col-12", hidden=True)


def proxy_rows(found: Sequence[ProxyRow]) -> list[Any]:
    """A row each, which leads to the pages of that proxy alone."""
    return [_row(one) for one in found]


def _row(one: ProxyRow) -> Any:
    kind = "unhealthy" if one.reading else "degraded" if one.unlike else "healthy"
    cells = [
        row_link(one.name, f"/?proxy={quote(one.name, safe='')}"),
        figure_of(one.requests),
        figure_of(one.share),
        figure_of(one.error),
        figure_of(one.p99),
        _status(kind, one.reading or one.unlike or "alike"),
    ]
    return row(PROXIES, cells, "" if kind == "healthy" else f"row-{kind}")


def _status(kind: str, words: str) -> Any:
    """A mark with its words."""
    return html.Span([mark(kind), html.Span(words)], className="status")
