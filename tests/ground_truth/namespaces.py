"""Every figure of the Namespaces table and of a namespace's page (RFC view 5)."""

from __future__ import annotations

from simulator.traffic.scenario import Flow, NamespaceSpec, default_scenario
from tests.ground_truth import sums
from tests.ground_truth.figure_rows import INSTANT, MINUTES_5, Line, Table, among, field
from tests.ground_truth.model_readings import Of, TrafficModel

SCENARIO = default_scenario()
RATE_SECONDS = 15.0
NOISE = 0.06
"""Small namespaces ask a few times a second: a rate of 15 s differs by as much when its window moves by a read."""


def _all(model: TrafficModel) -> int:
    return int(model["totals"]["requests"])


def _share_of(part: sums.Part) -> Of:
    return sums.share(part, _all)


def _use(spec: NamespaceSpec) -> Of:
    rate = sums.per_second(sums.asked(namespace=spec.name))
    return lambda window: rate(window) / spec.max_rps


def _row(spec: NamespaceSpec) -> tuple[Line, ...]:
    name, asked = spec.name, sums.asked(namespace=spec.name)
    one, shown = among("rows", name=name), f"ns-rows-table/{name}"
    return (
        Line(f"{name} RPS", sums.per_second(asked), RATE_SECONDS, f"{shown}/rps", one("per_second"), relative=NOISE),
        Line(f"{name} P99", sums.quantile(0.99, sums.timed(namespace=name)), MINUTES_5, f"{shown}/p99",
             one("p99_seconds")),
        Line(f"{name} errors", sums.share(sums.failed(namespace=name), asked), MINUTES_5, f"{shown}/errors",
             one("error_ratio")),
        Line(f"{name} of its limit", _use(spec), RATE_SECONDS, f"{shown}/use", one("use_ratio"), relative=NOISE),
        Line(f"{name} of all", _share_of(asked), RATE_SECONDS, served=one("share_ratio"), relative=NOISE),
    )  # fmt: skip


def _count(model: TrafficModel) -> int:
    return len(model["namespaces"])


NAMESPACES = Table(
    "Namespaces", "/namespaces", "/api/namespaces", 10.0,
    (
        Line("active", sums.now(_count), INSTANT, "ns-active", field("active_count")),
        Line("with traffic", sums.now(_count), INSTANT, "ns-traffic", field("with_traffic_count")),
        Line("all requests", sums.per_second(_all), RATE_SECONDS, "ns-total", field("per_second"), relative=0.02),
        *(line for spec in SCENARIO.namespaces for line in _row(spec)),
    ),
)  # fmt: skip


def _operation(flow: Flow) -> tuple[Line, ...]:
    wanted = {"namespace": flow.namespace, "pattern": flow.pattern, "operation": flow.operation}
    asked, own = sums.asked(**wanted), sums.asked(namespace=flow.namespace)
    one = among("operations", operation=flow.operation, pattern=flow.pattern)
    shown = f"nd-operations/{flow.operation}"
    return (
        Line(f"{flow.operation} RPS", sums.per_second(asked), RATE_SECONDS, f"{shown}/2", one("per_second"),
             relative=NOISE),
        Line(f"{flow.operation} share", sums.share(asked, own), RATE_SECONDS, f"{shown}/3", one("share_ratio"),
             relative=NOISE),
        Line(f"{flow.operation} errors", sums.share(sums.failed(**wanted), asked), MINUTES_5, f"{shown}/4",
             one("error_ratio")),
        Line(f"{flow.operation} P99", sums.quantile(0.99, sums.timed(**wanted)), MINUTES_5, f"{shown}/5",
             one("p99_seconds")),
    )  # fmt: skip


def _page(spec: NamespaceSpec) -> Table:
    name, asked = spec.name, sums.asked(namespace=spec.name)
    return Table(
        f"the page of {name}", f"/namespaces/{name}", f"/api/namespaces/{name}", 10.0,
        (
            Line("RPS", sums.per_second(asked), RATE_SECONDS, "nd-rps", field("namespace", "per_second"),
                 relative=0.03),
            Line("of its limit", _use(spec), RATE_SECONDS, "nd-use", field("namespace", "use_ratio"), relative=0.03),
            Line("of all", _share_of(asked), RATE_SECONDS, "nd-share", field("namespace", "share_ratio"),
                 relative=0.03),
            Line("success", sums.share(sums.succeeded(namespace=name), asked), MINUTES_5, "nd-success",
                 field("success_ratio")),
            Line("errors", sums.share(sums.failed(namespace=name), asked), MINUTES_5, "nd-errors",
                 field("namespace", "error_ratio")),
            Line("P99", sums.quantile(0.99, sums.timed(namespace=name)), MINUTES_5, "nd-p99",
                 field("namespace", "p99_seconds")),
            *(line for flow in SCENARIO.flows if flow.namespace == name for line in _operation(flow)),
        ),
    )  # fmt: skip


NAMESPACE_PAGES = tuple(_page(spec) for spec in SCENARIO.namespaces[:2])
