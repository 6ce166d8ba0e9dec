"""Faults of one part of Prism: a backend's pool, a topic, sign-in, telemetry, a process' resources."""

from __future__ import annotations

from simulator.faults.spec import Apply, Fault, FaultSpec, Param
from simulator.traffic.effects import Effects, PatternEffect, TopicEffect
from simulator.traffic.pools import REASONS
from simulator.traffic.scenario import AUTH_FAILURE_REASONS

MIB = 1024.0 * 1024.0
SHARE = Param(0.3, 0.0, 1.0)
DEX_STEPS = ("discovery", "issuer", "keys", "health")
SPANS = ("backend", "pattern", "proxy")


def pattern_of(effects: Effects, fault: Fault) -> PatternEffect:
    """The effect on the pattern that the fault is about."""
    return effects.patterns.setdefault(fault.target, PatternEffect())


def _topic(effects: Effects, fault: Fault) -> TopicEffect:
    return effects.topics.setdefault(fault.target.partition("/")[0], TopicEffect())


def _pool_wait(effects: Effects, fault: Fault) -> None:
    pattern_of(effects, fault).pool_wait *= fault.factor("factor")


def _pool_errors(effects: Effects, fault: Fault) -> None:
    pattern_of(effects, fault).pool_errors[fault.params["reason"]] = fault.amount("ratio")


def _reconnects(effects: Effects, fault: Fault) -> None:
    pattern_of(effects, fault).reconnects_per_second += fault.amount("per_second")


def _slow_queries(effects: Effects, fault: Fault) -> None:
    pattern_of(effects, fault).slow_queries *= fault.factor("factor")


def _goroutines(effects: Effects, fault: Fault) -> None:
    pattern_of(effects, fault).goroutines += int(fault.amount("more"))


def _pattern_memory(effects: Effects, fault: Fault) -> None:
    pattern_of(effects, fault).memory *= fault.factor("factor")


def _keys(effects: Effects, fault: Fault) -> None:
    effects.memstore_keys = fault.params["value"]


def _drops(effects: Effects, fault: Fault) -> None:
    topic = _topic(effects, fault)
    topic.drop_ratio = max(topic.drop_ratio, fault.amount("ratio"))


def _slow_delivery(effects: Effects, fault: Fault) -> None:
    _topic(effects, fault).slowness *= fault.factor("factor")


def _stalled(effects: Effects, fault: Fault) -> None:
    _topic(effects, fault).stalled = True


def _publishes(effects: Effects, fault: Fault) -> None:
    _topic(effects, fault).demand *= fault.factor("factor")


def _subscriber(effects: Effects, fault: Fault) -> None:
    _topic(effects, fault).shares[fault.target.partition("/")[2]] = fault.params["takes"]


def _denied(effects: Effects, fault: Fault) -> None:
    effects.auth.denied_ratio = fault.amount("ratio")


def _attack(effects: Effects, fault: Fault) -> None:
    effects.auth.attack += fault.amount("per_second")


def _stale_keys(effects: Effects, fault: Fault) -> None:
    effects.auth.keys_age = fault.params["seconds"]


def _dex(effects: Effects, fault: Fault) -> None:
    effects.auth.dex[fault.params["step"]] = "error"


def _signal(table: str) -> Apply:
    def apply(effects: Effects, fault: Fault) -> None:
        getattr(effects.telemetry, table)[fault.target] = fault.amount("ratio")

    return apply


def _spans(effects: Effects, fault: Fault) -> None:
    effects.telemetry.missing[fault.params["part"]] = fault.amount("ratio")


def _unavailable(effects: Effects, fault: Fault) -> None:
    effects.telemetry.unavailable = True


def _memory(effects: Effects, fault: Fault) -> None:
    effects.proxy.memory_bytes += fault.amount("mebibytes") * MIB


def _descriptors(effects: Effects, fault: Fault) -> None:
    effects.proxy.descriptors += int(fault.amount("more"))


def _cpu(effects: Effects, fault: Fault) -> None:
    effects.proxy.cpu_cores = fault.amount("cores")


def _replaced(effects: Effects, fault: Fault) -> None:
    pattern_of(effects, fault).restarted_at = fault.at


def _frozen(effects: Effects, fault: Fault) -> None:
    effects.proxy.frozen = True


def _restarted(effects: Effects, fault: Fault) -> None:
    effects.proxy.restarted_at = fault.at


def _factor(default: float) -> dict[str, Param]:
    return {"factor": Param(default, 0.0, 1000.0)}


def _more(name: str, default: float, high: float) -> dict[str, Param]:
    return {name: Param(default, 0.0, high)}


BACKEND = {
    "pool_wait": FaultSpec("waiting for a connection takes `factor` times as long", "pool", _pool_wait, _factor(50.0)),
    "pool_errors": FaultSpec(
        "this share of acquisitions fails for `reason` and is tried again",
        "pool",
        _pool_errors,
        {"ratio": Param(0.05, 0.0, 1.0), "reason": Param("timeout", choices=REASONS)},
    ),
    "reconnects": FaultSpec(
        "the connection is lost and made again and again", "pool", _reconnects, _more("per_second", 1.0, 1000.0)
    ),
    "slow_queries": FaultSpec("queries take `factor` times as long", "pool", _slow_queries, _factor(20.0)),
    "memstore_keys": FaultSpec(
        "the memstore holds so many keys, of 10000", "none", _keys, {"value": Param(9900, 0, 10000, whole=True)}
    ),
}
MESSAGING = {
    "message_drops": FaultSpec("this share of messages is dropped", "topic", _drops, {"ratio": SHARE}),
    "slow_delivery": FaultSpec("delivery takes `factor` times as long", "topic", _slow_delivery, _factor(50.0)),
    "delivery_stalled": FaultSpec("nothing is delivered: messages wait", "topic", _stalled),
    "publishes": FaultSpec("`factor` times as many messages are published", "topic", _publishes, _factor(0.0)),
    "subscriber_takes": FaultSpec(
        "a subscriber takes only this share of its messages", "subscriber", _subscriber, {"takes": Param(0.5, 0.0, 1.0)}
    ),
}
AUTH = {
    "access_denied": FaultSpec("this share of requests is denied", "none", _denied, {"ratio": Param(0.05, 0.0, 1.0)}),
    "token_attack": FaultSpec(
        "one address makes up tokens", "none", _attack, {"per_second": Param(200.0, 0.0, 100000.0)}
    ),
    "keys_stale": FaultSpec(
        "the proxy fetched its keys so long ago and cannot again",
        "none",
        _stale_keys,
        {"seconds": Param(7200.0, 0.0, 1e6)},
    ),
    "dex_step": FaultSpec("Dex fails at one step", "none", _dex, {"step": Param("keys", choices=DEX_STEPS)}),
}
TELEMETRY = {
    "exporter_fails": FaultSpec(
        "this share cannot be sent and is given up", "signal", _signal("failed"), {"ratio": SHARE}
    ),
    "exporter_waits": FaultSpec(
        "this share is not sent and waits in the queue", "signal", _signal("waiting"), {"ratio": Param(1.0, 0.0, 1.0)}
    ),
    "receiver_refuses": FaultSpec("this share is refused on arrival", "signal", _signal("refused"), {"ratio": SHARE}),
    "spans_missing": FaultSpec(
        "this share of traces lacks its spans of one part",
        "none",
        _spans,
        {"part": Param("backend", choices=SPANS), "ratio": SHARE},
    ),
    "otel_unavailable": FaultSpec("the collector says that its pipelines do not run", "none", _unavailable),
    "metrics_frozen": FaultSpec("the proxy's metrics stand still while it answers", "none", _frozen),
}
RESOURCE = {
    "proxy_memory": FaultSpec("the proxy uses so much more memory", "none", _memory, _more("mebibytes", 270.0, 1e6)),
    "proxy_descriptors": FaultSpec(
        "the proxy holds so many more descriptors", "none", _descriptors, _more("more", 850.0, 1e6)
    ),
    "proxy_cpu": FaultSpec("the proxy uses so many cores", "none", _cpu, _more("cores", 3.9, 1000.0)),
    "proxy_restart": FaultSpec("the proxy begins anew, with every counter at 0", "none", _restarted),
    "pattern_restart": FaultSpec("it is replaced by a new process, and no request fails", "pattern", _replaced),
    "goroutines": FaultSpec(
        "a pattern runs so many more goroutines", "pattern", _goroutines, _more("more", 5000.0, 1e7)
    ),
    "pattern_memory": FaultSpec("a pattern uses `factor` times its memory", "pattern", _pattern_memory, _factor(8.0)),
}

PART_FAULTS: dict[str, FaultSpec] = {**BACKEND, **MESSAGING, **AUTH, **TELEMETRY, **RESOURCE}
REASONS_OF_REFUSAL = ("", *AUTH_FAILURE_REASONS)
