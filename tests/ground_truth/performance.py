"""Every figure of Performance (RFC view 2) that the books know: not what SigNoz kept from before."""

from __future__ import annotations

from bisect import bisect_right

from simulator.traffic.scenario import Flow, default_scenario
from tests.ground_truth import sums
from tests.ground_truth.figure_rows import DAY, HOUR, MINUTES_5, Line, Table, among, field
from tests.ground_truth.model_readings import Moving, TrafficModel, Window

LIMIT_SECONDS = 0.01
OBJECTIVE = 0.999
FLOWS = tuple({(flow.pattern, flow.operation): flow for flow in default_scenario().flows}.values())


def _swift(model: TrafficModel) -> int:
    within = bisect_right(model["bounds"], LIMIT_SECONDS)
    return sum(model["totals"]["histogram"][:within])


def _all(model: TrafficModel) -> int:
    return int(model["totals"]["requests"])


_SHARE, _SLOW = sums.share(_swift, _all), sums.share(lambda model: _all(model) - _swift(model), _all)


def _burn(window: Window) -> float:
    return _SLOW(window) / (1.0 - OBJECTIVE)


def _burn_edges(begins: Window, ends: Window) -> tuple[float, float]:
    least, most = _SLOW.edges(begins, ends)
    return least / (1.0 - OBJECTIVE), most / (1.0 - OBJECTIVE)


_BURN = Moving(_burn, _burn_edges)


def _operation(flow: Flow) -> tuple[Line, ...]:
    wanted = {"pattern": flow.pattern, "operation": flow.operation}
    shown, one = f"pf-operations-table/{flow.pattern} {flow.operation}", among("operations", **wanted)
    name = f"{flow.pattern} {flow.operation}"
    quantiles = tuple(
        Line(f"{name} {key}", sums.quantile(q, sums.timed(**wanted)), HOUR, f"{shown}/{key}", one(f"{key}_seconds"))
        for key, q in (("p50", 0.5), ("p99", 0.99), ("p999", 0.999))
    )
    return (
        *quantiles,
        Line(f"{name} count", sums.increase(sums.asked(**wanted)), HOUR, f"{shown}/count", one("count")),
    )


PERFORMANCE = Table(
    "Performance", "/performance", "/api/performance", 5.0,
    (
        Line("share under 10 ms, 5 min", _SHARE, MINUTES_5, "pf-slo", field("slo", "current", "sli_ratio")),
        Line("share under 10 ms, 24 h", _SHARE, DAY, "pf-day", field("slo", "day", "sli_ratio")),
        Line("burn rate, 5 min", _BURN, MINUTES_5, served=field("slo", "current", "burn_rate")),
        Line("burn rate, 1 h", _BURN, HOUR, "pf-burns/1h / 5m/1"),
        Line("P99", sums.quantile(0.99, sums.timed()), MINUTES_5, "pf-p99", field("p99_seconds")),
        *(line for flow in FLOWS for line in _operation(flow)),
    ),
)  # fmt: skip
