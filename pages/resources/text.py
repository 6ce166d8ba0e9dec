"""System Resources' answer as lines of the screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from aggregators.resources.control_plane import ControlPlane
from aggregators.resources.processes import NEAR_RATIO, PatternProcess, ProxyProcess
from aggregators.resources.resource_series import OTHERS, ResourceLines
from aggregators.resources.resources import Resources, Totals
from components import format as fmt
from components.charts import kinds as charts
from components.charts.frame import Series
from components.charts.kinds import BLUE, GREY, ORANGE, PURPLE, TEAL
from components.charts.marks import Figure, Span
from components.charts.scale import Axis
from components.format import Style
from components.lists.fact_list import Fact, Said
from components.lists.grid import GridColumn, GridRow, bar_cell, cell, link_cell, status_cell, text_cell
from components.lists.table import pattern_href
from components.status import StatusWord
from model.measure import Measure
from model.series import Unit
from model.status import Status

PROXY_FACTS = (
    Fact("rs-memory", "Memory", also=True, bar=True),
    Fact("rs-cpu", "CPU", also=True, bar=True),
    Fact("rs-threads", "Threads"),
    Fact("rs-fds", "File descriptors", also=True, bar=True),
    Fact("rs-uptime", "Uptime"),
)
TOTAL_FACTS = (
    Fact("rs-total-memory", "Total memory"),
    Fact("rs-total-cpu", "Total CPU", also=True),
    Fact("rs-total-processes", "Total processes"),
)
CONTROL_FACTS = (
    Fact("rs-raft-term", "Raft term"),
    Fact("rs-raft-index", "Last log index"),
    Fact("rs-raft-changes", "Leader changes"),
    Fact("rs-raft-servers", "Servers configured"),
    Fact("rs-admin-namespaces", "Namespaces registered"),
    Fact("rs-admin-proxies", "Proxies registered"),
    Fact("rs-admin-launchers", "Launchers registered"),
    Fact("rs-admin-patterns", "Patterns registered"),
    Fact("rs-admin-memory", "Memory"),
    Fact("rs-admin-uptime", "Uptime"),
)
CONTROL_HINT = "as prism-admin reports; what was registered once stays counted"
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
MEBIBYTES = Axis("MiB", 1 / 2**20, least=1024.0 * 1024.0)
CORES = Axis("cores", least=0.05)
COLOURS = (BLUE, ORANGE, TEAL, PURPLE, "#a8607e", "#6f8f2f")
NAMES_PIXELS = 92
"""Room for the names of patterns at the line ends."""
_LOOKS = {Status.DEGRADED: "degraded", Status.UNHEALTHY: "unhealthy"}


def of_one_core(cores: Measure) -> Measure:
    """CPU use as a share of one core, which may be more than 100 %."""
    return replace(cores, unit=Unit.RATIO)


def title(found: Resources) -> str:
    """Whose figures the first card holds."""
    proxies = len(found.proxies)
    return "Prism Proxy" if proxies < 2 else f"Prism Proxies, sum of {proxies}"


def proxy_facts(one: ProxyProcess) -> list[Said]:
    """In the order of PROXY_FACTS. A share says of what it is; without a limit there is none, and no bar."""
    return [
        _limited(one.memory, one.memory_limit, one.memory_share),
        Said(one.cpu, also=_cpu_share(one), share=one.cpu_share, kind=_near(one.cpu_share), note=_cpu_limit(one)),
        Said(one.threads),
        _limited(one.descriptors, one.descriptors_limit, one.descriptors_share),
        Said(one.uptime, style=Style.DURATION),
    ]


def _limited(used: Measure, limit: Measure, share: Measure) -> Said:
    return Said(used, also=share, share=share, kind=_near(share), note=_limit(used, limit))


def _cpu_share(one: ProxyProcess) -> Measure:
    return of_one_core(one.cpu) if one.cpu_share.value is None else one.cpu_share


def _cpu_limit(one: ProxyProcess) -> str:
    """Of what the percentage is."""
    if one.cpu.value is None:
        return ""
    if one.cpu_limit.value is None:
        return "% of one core; no limit is reported"
    return f"% of its {fmt.parts(one.cpu_limit).text}"


def _limit(used: Measure, limit: Measure) -> str:
    if used.value is None:
        return ""
    return f"of {fmt.parts(limit).text}" if limit.value is not None else f"no bar: {limit.note.split(';')[0]}"


def _near(share: Measure) -> str:
    if share.value is None or share.value < NEAR_RATIO:
        return ""
    return "unhealthy" if share.value >= 1 else "degraded"


def total_facts(found: Totals) -> list[Said]:
    """In the order of TOTAL_FACTS; a sum says of what it is, and what is missing from it."""
    return [
        Said(found.memory, note=found.memory.note if found.memory.value is not None else ""),
        Said(found.cpu, also=of_one_core(found.cpu),
             note=f"% of one core; {found.cpu.note}" if found.cpu.value is not None else ""),
        Said(found.processes, note=found.processes.note if found.processes.value is not None else ""),
    ]  # fmt: skip


def control_facts(found: ControlPlane) -> list[Said]:
    """In the order of CONTROL_FACTS; changes of leader say since when they are counted."""
    changes = found.leader_changes
    counts = (found.servers, found.namespaces, found.proxies, found.launchers, found.patterns, found.memory)
    return [
        Said(found.term), Said(found.last_index),
        Said(changes, note=changes.note if changes.value is not None else ""),
        *map(Said, counts), Said(found.uptime, style=Style.DURATION),
    ]  # fmt: skip


def control_role(found: ControlPlane) -> str:
    """Who prism-admin is among its servers, and what is wrong with that."""
    return " · ".join(filter(None, (found.role, found.reason)))


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
                "share": bar_cell(one.memory_share, _near(one.memory_share)),
                "cpu": cell(one.cpu),
                "threads": cell(one.threads),
                "fds": bar_cell(one.descriptors_share, _near(one.descriptors_share)),
                "uptime": cell(one.uptime, Style.DURATION),
            },
            f"row-{_LOOKS[one.status]}" if one.status in _LOOKS else "",
        )
        for one in found
    ]


def figures(lines: ResourceLines, window: Span) -> tuple[tuple[str, Figure], ...]:
    """Memory and CPU over time, by slot. A process has the same colour in both."""
    names = list(dict.fromkeys(name for name, _ in (*lines.memory, *lines.cpu) if name != OTHERS))
    colours = {name: COLOURS[at % len(COLOURS)] for at, name in enumerate(sorted(names))} | {OTHERS: GREY}
    found = []
    for slot, reported, axis in (("rs-mem-chart", lines.memory, MEBIBYTES), ("rs-cpu-chart", lines.cpu, CORES)):
        series = [Series(name, values, colours[name]) for name, values in reported]
        figure = charts.lines(lines.times, series, axis, window)
        figure["layout"]["margin"]["r"] = NAMES_PIXELS
        found.append((slot, figure))
    return tuple(found)
