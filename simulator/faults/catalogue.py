"""The faults that can be injected: one declared table."""

from __future__ import annotations

from collections.abc import Callable

from model.status import Status
from simulator.faults import garbage
from simulator.faults.part_faults import PART_FAULTS, REASONS_OF_REFUSAL, pattern_of
from simulator.faults.spec import Fault, FaultError, FaultSpec, Param
from simulator.traffic.effects import Effects, Mode, PatternEffect, Slowness, Transport
from simulator.traffic.scenario import AUTH_FAILURE_RATIO

__all__ = ["FAULTS", "Fault", "FaultError", "FaultSpec", "Param"]


def _scope(effects: Effects, fault: Fault) -> PatternEffect | Slowness:
    """Whose requests suffer: a namespace's, an operation's, a pattern's, or everybody's."""
    if fault.target.startswith("namespace:"):
        return effects.tenants.setdefault(fault.target.removeprefix("namespace:"), Slowness())
    if fault.target.startswith("operation:"):
        return effects.operations.setdefault(fault.target.removeprefix("operation:"), Slowness())
    return pattern_of(effects, fault) if fault.target else effects.everywhere


def _crash(effects: Effects, fault: Fault) -> None:
    pattern_of(effects, fault).down = True


def _status(status: Status) -> Callable[[Effects, Fault], None]:
    def apply(effects: Effects, fault: Fault) -> None:
        pattern_of(effects, fault).status = status

    return apply


def _hang(effects: Effects, fault: Fault) -> None:
    pattern_of(effects, fault).hang = True


def _loop(effects: Effects, fault: Fault) -> None:
    pattern_of(effects, fault).loop_since = fault.at


def _full(effects: Effects, fault: Fault) -> None:
    pattern_of(effects, fault).full_since = fault.at


def _active(effects: Effects, fault: Fault) -> None:
    pattern_of(effects, fault).active = fault.params["value"]


def _latency(effects: Effects, fault: Fault) -> None:
    _scope(effects, fault).latency *= fault.factor("factor")


def _errors(effects: Effects, fault: Fault) -> None:
    suffering = _scope(effects, fault)
    suffering.error_ratio = max(suffering.error_ratio, fault.amount("ratio"))


def _surge(effects: Effects, fault: Fault) -> None:
    _scope(effects, fault).demand *= fault.factor("factor")


def _auth(effects: Effects, fault: Fault) -> None:
    effects.auth_failure_ratio = (
        max(AUTH_FAILURE_RATIO, fault.amount("ratio")) if fault.size < 1 else fault.params["ratio"]
    )
    effects.auth.reason = fault.params["reason"]


def _namespaces(effects: Effects, fault: Fault) -> None:
    effects.namespace_count = fault.params["value"]


def _absent(effects: Effects, fault: Fault) -> None:
    effects.absent = (*effects.absent, *fault.params["families"])


def _transport(mode: Mode) -> Callable[[Effects, Fault], None]:
    def apply(effects: Effects, fault: Fault) -> None:
        params = fault.params
        size = int(params.get("megabytes", 0) * 1024 * 1024)
        effects.transports[fault.target] = Transport(mode, params.get("kind", ""), params.get("seconds", 0.0), size)

    return apply


FAULTS: dict[str, FaultSpec] = {
    "pattern_crash": FaultSpec(
        "its gRPC port closes and requests to it fail; it restarts when cleared", "pattern", _crash
    ),
    "pattern_degraded": FaultSpec("it reports DEGRADED and is twice as slow", "pattern", _status(Status.DEGRADED)),
    "pattern_healthy": FaultSpec("it reports HEALTHY (NATS begins DEGRADED)", "pattern", _status(Status.HEALTHY)),
    "pattern_unhealthy": FaultSpec(
        "it reports UNHEALTHY and 90 % of its requests fail", "pattern", _status(Status.UNHEALTHY)
    ),
    "pattern_hang": FaultSpec("its health call never answers; requests go on", "pattern", _hang),
    "restart_loop": FaultSpec("it goes down and restarts every 4 s", "pattern", _loop),
    "latency": FaultSpec("answers take `factor` times as long", "any", _latency, {"factor": Param(20.0, 0.1, 1000.0)}),
    "error_burst": FaultSpec("this share of requests fails", "any", _errors, {"ratio": Param(0.3, 0.0, 1.0)}),
    "traffic_surge": FaultSpec(
        "`factor` times as many requests are made", "any", _surge, {"factor": Param(50.0, 0.0, 1000.0)}
    ),
    "pool_exhaustion": FaultSpec(
        "every connection is in use, requests wait longer and longer, some time out", "pool", _full
    ),
    "pool_active": FaultSpec(
        "exactly `value` connections of the pool are in use",
        "pool",
        _active,
        {"value": Param(9, 0, 100000, whole=True)},
    ),
    "auth_failures": FaultSpec(
        "this share of tokens is refused, for one `reason` or the usual ones",
        "none",
        _auth,
        {"ratio": Param(0.3, 0.0, 0.99), "reason": Param("", choices=REASONS_OF_REFUSAL)},
    ),
    "namespace_count": FaultSpec(
        "the Admin API lists `value` namespaces", "none", _namespaces, {"value": Param(16, 0, 10000, whole=True)}
    ),
    "metrics_absent": FaultSpec(
        "the proxy leaves out families that begin with one of `families`, as today's Prism does",
        "none",
        _absent,
        {"families": Param(["prism_"])},
    ),
    "source_down": FaultSpec("its listener closes", "source", _transport(Mode.DOWN)),
    "source_garbage": FaultSpec(
        "it answers with rubbish",
        "source",
        _transport(Mode.GARBAGE),
        {"kind": Param("random", choices=garbage.KINDS), "megabytes": Param(200.0, 0.001, 2000.0)},
    ),
    "source_slow": FaultSpec(
        "it answers after so many seconds", "source", _transport(Mode.SLOW), {"seconds": Param(3.0, 0.0, 3600.0)}
    ),
    "source_hang": FaultSpec("it accepts and never answers", "source", _transport(Mode.HANG)),
    **PART_FAULTS,
}
