"""Processes as rows of the resources page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from aggregators.resources.processes import NEAR_RATIO, PatternProcess, ProxyProcess
from components.format import Style
from components.lists.grid import GridColumn, GridRow, bar_cell, cell, link_cell, status_cell, text_cell
from components.lists.table import pattern_href
from components.status import StatusWord
from model.measure import Measure
from model.series import Unit
from model.status import Status

PATTERNS = (
    GridColumn("pattern", "Pattern", flex=4),
    GridColumn("status", "Status", "status", flex=3, minor=True),
    GridColumn("memory", "Memory", "number", flex=3),
    GridColumn("cpu", "CPU", "number", flex=3),
    GridColumn("goroutines", "Goroutines", "number", flex=4, minor=True),
    GridColumn("uptime", "Uptime", "number", flex=3),
)
PROXIES = (
    GridColumn("proxy", "Proxy", flex=3),
    GridColumn("status", "Status", "status", flex=3, minor=True),
    GridColumn("memory", "Memory", "number", flex=2),
    GridColumn("share", "Of its limit", "bar", flex=3),
    GridColumn("cpu", "CPU", "number", flex=2),
    GridColumn("threads", "Threads", "number", flex=2, minor=True),
    GridColumn("fds", "Descriptors", "bar", flex=3, minor=True),
    GridColumn("uptime", "Uptime", "number", flex=2, minor=True),
)
_LOOKS = {Status.DEGRADED: "degraded", Status.UNHEALTHY: "unhealthy"}


def of_one_core(cores: Measure) -> Measure:
    """CPU use as a share of one core, which may be more than 100 %."""
    return replace(cores, unit=Unit.RATIO)


def near(share: Measure) -> str:
    """The look of a share of a limit: '' while it is far from it."""
    if share.value is None or share.value < NEAR_RATIO:
        return ""
    return "unhealthy" if share.value >= 1 else "degraded"


def pattern_rows(found: Sequence[PatternProcess]) -> list[GridRow]:
    """Those in trouble first, then the largest; with the proxy's name where there are several."""
    several = len({one.instance for one in found if one.instance}) > 1
    return [
        GridRow(
            f"{one.pattern} {one.instance}",
            {
                "pattern": link_cell(_named(one, several), pattern_href(one.pattern)),
                "status": status_cell(StatusWord(one.status)),
                "memory": cell(one.memory),
                "cpu": cell(of_one_core(one.cpu)),
                "goroutines": cell(one.goroutines),
                "uptime": cell(one.uptime, Style.DURATION),
            },
            f"row-{_LOOKS[one.status]}" if one.status in _LOOKS else "",
        )
        for one in found
    ]


def _named(one: PatternProcess, several: bool) -> str:
    return f"{one.pattern} · {one.instance}" if several and one.instance else one.pattern


def proxy_rows(found: Sequence[ProxyProcess]) -> list[GridRow]:
    """The one nearest to a limit first."""
    return [
        GridRow(
            one.instance,
            {
                "proxy": text_cell(one.instance, one.reason),
                "status": status_cell(StatusWord(one.status), one.reason),
                "memory": cell(one.memory),
                "share": bar_cell(one.memory_share, near(one.memory_share)),
                "cpu": cell(one.cpu),
                "threads": cell(one.threads),
                "fds": bar_cell(one.descriptors_share, near(one.descriptors_share)),
                "uptime": cell(one.uptime, Style.DURATION),
            },
            f"row-{_LOOKS[one.status]}" if one.status in _LOOKS else "",
        )
        for one in found
    ]
