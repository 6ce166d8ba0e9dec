"""Every figure of System Resources (RFC view 8)."""

from __future__ import annotations

from tests.ground_truth import sums
from tests.ground_truth.figure_rows import INSTANT, SCRAPE_SECONDS, Line, Table, among, field
from tests.ground_truth.model_readings import Of, TrafficModel
from tests.ground_truth.parse_text import span

PATTERNS = ("memstore", "redis", "nats", "postgresql")
CPU_SECONDS = 60.0
DRIFT = 0.001
"""Memory follows a slow wave: by as much within a reading and a redraw."""


def _proxy(name: str) -> sums.Part:
    return lambda model: model["proxy"][name]


def _share(part: str, limit: str) -> Of:
    return lambda window: window[1]["proxy"][part] / window[1]["proxy"][limit]


def _uptime(model: TrafficModel) -> float:
    return float(model["now"] - model["started"])


def _memory(model: TrafficModel) -> float:
    return float(model["proxy"]["memory_bytes"] + sum(one["memory_bytes"] for one in model["patterns"].values()))


def _cpu(model: TrafficModel) -> float:
    return float(model["proxy"]["cpu_seconds"] + sum(one["cpu_seconds"] for one in model["patterns"].values()))


_USED = sums.per_second(_proxy("cpu_seconds"))


def _of_pattern(name: str, what: str) -> sums.Part:
    return lambda model: model["patterns"][name][what]


def _pattern(name: str) -> tuple[Line, ...]:
    one, shown = among("patterns", pattern=name), f"rs-patterns-table/{name}"
    return (
        Line(f"{name} memory", sums.now(_of_pattern(name, "memory_bytes")), INSTANT, f"{shown}/memory",
             one("memory_bytes"), relative=DRIFT),
        Line(f"{name} CPU", sums.per_second(_of_pattern(name, "cpu_seconds")), CPU_SECONDS, f"{shown}/cpu",
             one("cpu_cores"), relative=0.01),
        Line(f"{name} goroutines", sums.now(_of_pattern(name, "goroutines")), INSTANT, f"{shown}/goroutines",
             one("goroutines_count")),
        Line(f"{name} uptime", sums.now(_of_pattern(name, "uptime_seconds")), INSTANT, f"{shown}/uptime",
             one("uptime_seconds"), slack=SCRAPE_SECONDS, spelled=span),
    )  # fmt: skip


RESOURCES = Table(
    "System Resources", "/resources", "/api/resources", 10.0,
    (
        Line("memory", sums.now(_proxy("memory_bytes")), INSTANT, "rs-memory", field("proxy", "memory_bytes"),
             relative=DRIFT),
        Line("of its memory", _share("memory_bytes", "memory_limit_bytes"), INSTANT, "rs-memory-also",
             field("proxy", "memory_share_ratio"), relative=DRIFT),
        Line("CPU", _USED, CPU_SECONDS, "rs-cpu", field("proxy", "cpu_cores"), relative=0.01),
        Line("of its cores", lambda window: _USED(window) / window[1]["proxy"]["cpu_limit_cores"], CPU_SECONDS,
             "rs-cpu-also", field("proxy", "cpu_share_ratio"), relative=0.01),
        Line("threads", sums.now(_proxy("threads")), INSTANT, "rs-threads", field("proxy", "threads_count")),
        Line("descriptors", sums.now(_proxy("open_descriptors")), INSTANT, "rs-fds",
             field("proxy", "descriptors_count")),
        Line("of its descriptors", _share("open_descriptors", "max_descriptors"), INSTANT, "rs-fds-also",
             field("proxy", "descriptors_share_ratio")),
        Line("uptime", sums.now(_uptime), INSTANT, "rs-uptime", field("proxy", "uptime_seconds"), slack=SCRAPE_SECONDS,
             spelled=span),
        *(line for name in PATTERNS for line in _pattern(name)),
        Line("all memory", sums.now(_memory), INSTANT, "rs-total-memory", field("totals", "memory_bytes"),
             relative=DRIFT),
        Line("all CPU", sums.per_second(_cpu), CPU_SECONDS, "rs-total-cpu", field("totals", "cpu_cores"),
             relative=0.01),
        Line("all processes", sums.now(lambda model: 1 + len(model["patterns"])), INSTANT, "rs-total-processes",
             field("totals", "processes_count")),
    ),
)  # fmt: skip
