"""System Resources' answer as lines of the screen."""

from __future__ import annotations

from dataclasses import replace

from aggregators.resources.control_plane import ControlPlane
from aggregators.resources.processes import ProxyProcess
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
from model.measure import Measure
from pages.resources.rows_text import near, of_one_core

CONTROL_HINT = "as prism-admin reports; what was registered once stays counted"
MEBIBYTES = Axis("MiB", 1 / 2**20, least=1024.0 * 1024.0)
CORES = Axis("cores", least=0.05)
COLOURS = (BLUE, ORANGE, TEAL, PURPLE, "#a8607e", "#6f8f2f")
NAMES_PIXELS = 92
"""Room for the names of patterns at the line ends."""


def title(found: Resources) -> str:
    """Whose figures the first card holds."""
    proxies = len(found.proxies)
    return "Prism Proxy" if proxies < 2 else f"Prism Proxies, sum of {proxies}"


def _limited(used: Measure, limit: Measure, share: Measure) -> Said:
    """A share says of what it is; without a limit there is none, and no bar."""
    return Said(used, also=share, share=share, kind=near(share), note=_limit(used, limit))


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


def _proxy_cpu(one: ProxyProcess) -> Said:
    return Said(one.cpu, also=_cpu_share(one), share=one.cpu_share, kind=near(one.cpu_share), note=_cpu_limit(one))


def _uptime(one: ProxyProcess | ControlPlane) -> Said:
    return Said(one.uptime, style=Style.DURATION)


def _noted(measure: Measure, head: str = "") -> Said:
    """A sum says of what it is, and what is missing from it."""
    return Said(measure, note=f"{head}{measure.note}" if measure.value is not None else "")


def _total_cpu(one: Totals) -> Said:
    return replace(_noted(one.cpu, "% of one core; "), also=of_one_core(one.cpu))


PROXY_FACTS: tuple[Fact[ProxyProcess], ...] = (
    Fact(
        "rs-memory", "Memory", lambda one: _limited(one.memory, one.memory_limit, one.memory_share), also=True, bar=True
    ),
    Fact("rs-cpu", "CPU", _proxy_cpu, also=True, bar=True),
    Fact("rs-threads", "Threads", lambda one: Said(one.threads)),
    Fact(
        "rs-fds",
        "File descriptors",
        lambda one: _limited(one.descriptors, one.descriptors_limit, one.descriptors_share),
        also=True,
        bar=True,
    ),
    Fact("rs-uptime", "Uptime", _uptime),
)
TOTAL_FACTS: tuple[Fact[Totals], ...] = (
    Fact("rs-total-memory", "Total memory", lambda one: _noted(one.memory)),
    Fact("rs-total-cpu", "Total CPU", _total_cpu, also=True),
    Fact("rs-total-processes", "Total processes", lambda one: _noted(one.processes)),
)
CONTROL_FACTS: tuple[Fact[ControlPlane], ...] = (
    Fact("rs-raft-term", "Raft term", lambda one: Said(one.term)),
    Fact("rs-raft-index", "Last log index", lambda one: Said(one.last_index)),
    Fact("rs-raft-changes", "Leader changes", lambda one: _noted(one.leader_changes)),
    Fact("rs-raft-servers", "Servers configured", lambda one: Said(one.servers)),
    Fact("rs-admin-namespaces", "Namespaces registered", lambda one: Said(one.namespaces)),
    Fact("rs-admin-proxies", "Proxies registered", lambda one: Said(one.proxies)),
    Fact("rs-admin-launchers", "Launchers registered", lambda one: Said(one.launchers)),
    Fact("rs-admin-patterns", "Patterns registered", lambda one: Said(one.patterns)),
    Fact("rs-admin-memory", "Memory", lambda one: Said(one.memory)),
    Fact("rs-admin-uptime", "Uptime", _uptime),
)


def control_role(found: ControlPlane) -> str:
    """Who prism-admin is among its servers, and what is wrong with that."""
    return " · ".join(filter(None, (found.role, found.reason)))


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
