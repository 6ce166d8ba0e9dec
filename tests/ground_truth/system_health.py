"""Every figure of System Health and of a pattern's page (RFC view 1)."""

from __future__ import annotations

from tests.ground_truth import sums
from tests.ground_truth.figure_rows import INSTANT, LATELY, MINUTES_5, SCRAPE_SECONDS, Line, Table, among, field
from tests.ground_truth.model_readings import TrafficModel
from tests.ground_truth.parse_text import STATUSES, after, span, status

PATTERNS = ("memstore", "redis", "nats", "postgresql")
NOISE = 0.02
"""A rate of 5 s differs by as much when its window is moved by a fraction of the time between two readings."""


def _tokens(model: TrafficModel) -> int:
    return int(model["auth"]["attempts"])


def _valid(model: TrafficModel) -> int:
    return int(model["auth"]["success"])


def _active(model: TrafficModel) -> int:
    return sum(one["status"] in ("HEALTHY", "DEGRADED") for one in model["patterns"].values())


def _rate(name: str, part: sums.Part, shown: str, served: str) -> Line:
    return Line(name, sums.per_second(part), LATELY, shown, field(served), relative=NOISE)


def _latency(q: float, name: str, shown: str, **wanted: str) -> Line:
    of = sums.quantile(q, sums.timed(**wanted))
    return Line(name.upper(), of, MINUTES_5, shown, field(f"latency_{name}_seconds"), relative=0.001)


def _restarts(pattern: str) -> Line:
    return Line(f"{pattern} restarts", sums.now(lambda model: model["patterns"][pattern]["restarts_24h"]), INSTANT,
                f"sh-patterns-rows/{pattern}/4")  # fmt: skip


def _pool(pattern: str) -> tuple[Line, ...]:
    one = among("pools", pattern=pattern)
    return (
        Line(f"{pattern} connections in use", sums.now(lambda model: model["pools"][pattern]["active"]), INSTANT,
             "sh-pools", one("active_count"), spelled=after(f"{pattern} ")),
        Line(f"{pattern} most connections", sums.now(lambda model: model["pools"][pattern]["max"]), INSTANT,
             served=one("maximum_count")),
    )  # fmt: skip


def _row(pattern: str) -> tuple[Line, ...]:
    return (
        Line(f"{pattern} status", sums.now(lambda model: STATUSES.index(model["patterns"][pattern]["status"])), INSTANT,
             f"sh-patterns-rows/{pattern}/1", spelled=status),
        Line(f"{pattern} uptime", sums.now(lambda model: model["patterns"][pattern]["uptime_seconds"]), INSTANT,
             f"sh-patterns-rows/{pattern}/3", slack=SCRAPE_SECONDS, spelled=span),
        _restarts(pattern),
    )  # fmt: skip


SYSTEM_HEALTH = Table(
    "System Health", "/", "/api/health", 1.0,
    (
        Line("success rate", sums.share(sums.succeeded(), sums.asked()), MINUTES_5, "sh-success",
             field("success_ratio"), slack=1e-5),
        _rate("requests", sums.asked(), "sh-rps", "requests_per_second"),
        _latency(0.99, "p99", "sh-p99"),
        Line("auth success", sums.share(_valid, _tokens), MINUTES_5, "sh-auth", field("auth_success_ratio"),
             slack=2e-4),
        Line("active patterns", sums.now(_active), INSTANT, "sh-patterns", field("active_patterns_count")),
        Line("namespaces", sums.now(lambda model: len(model["namespaces"])), INSTANT, "sh-namespaces",
             field("namespaces_count")),
        _latency(0.5, "p50", "sh-lat-p50"),
        _latency(0.99, "p99", "sh-lat-p99"),
        _latency(0.999, "p999", "sh-lat-p999"),
        _rate("reads", sums.asked(verb=sums.READS), "sh-thr-read", "reads_per_second"),
        _rate("writes", sums.asked(verb=sums.WRITES), "sh-thr-write", "writes_per_second"),
        _rate("all", sums.asked(), "sh-thr-total", "requests_per_second"),
        Line("error rate", sums.share(sums.failed(), sums.asked()), MINUTES_5, "sh-err-ratio", field("error_ratio"),
             slack=1e-5),
        Line("errors in the last minute", sums.increase(sums.failed()), 60.0, "sh-err-count",
             field("errors_last_minute_count")),
        *(line for pattern in PATTERNS for line in _row(pattern)),
        *_pool("redis"),
        *_pool("postgresql"),
    ),
)  # fmt: skip


def _of_pattern(name: str) -> Table:
    def since_start(model: TrafficModel) -> float:
        return float(model["patterns"][name]["uptime_seconds"])

    return Table(
        f"the page of {name}", f"/patterns/{name}", f"/api/patterns/{name}", 1.0,
        (
            _rate("requests", sums.asked(pattern=name), "pd-rps", "requests_per_second"),
            Line("success rate", sums.share(sums.succeeded(pattern=name), sums.asked(pattern=name)), MINUTES_5,
                 "pd-success", field("success_ratio")),
            _latency(0.5, "p50", "pd-p50", pattern=name),
            _latency(0.99, "p99", "pd-p99", pattern=name),
            Line("uptime", sums.now(since_start), INSTANT, "pd-uptime", field("health", "uptime_seconds"),
                 slack=SCRAPE_SECONDS, spelled=span),
            Line("restarts", sums.now(lambda model: model["patterns"][name]["restarts_24h"]), INSTANT, "pd-restarts",
                 field("health", "restarts", "count")),
        ),
    )  # fmt: skip


PATTERN_PAGES = tuple(_of_pattern(name) for name in PATTERNS)
