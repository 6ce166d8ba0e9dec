"""The board of active faults: requests are checked here, and what they do together is handed to the traffic model."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from simulator.faults.catalogue import FAULTS
from simulator.faults.spec import Fault, FaultError, FaultSpec, Param
from simulator.traffic.effects import Effects
from simulator.traffic.pipeline import SIGNALS
from simulator.traffic.traffic_model import TrafficModel

TIMES = {"ramp_seconds": Param(0.0, 0.0, 86400.0), "duration_seconds": Param(60.0, 0.0, 86400.0)}
"""What every fault may be given: how long it takes to grow to its size, and after how long it ends by itself."""
SOURCES = ("proxy", "admin", "signoz", "otel", "dex", "alertmanager", "launcher")


class FaultBoard:
    """The active faults. Every change is in the traffic model before the call returns; `changed` is then called."""

    def __init__(self, traffic_model: TrafficModel, clock: Callable[[], float], changed: Callable[[], None]) -> None:
        self._traffic_model, self._clock, self._changed = traffic_model, clock, changed
        self._lock = threading.Lock()
        self._active: dict[str, Fault] = {}
        self._count = 0
        self._growing = False
        self._targets = accepted_targets(traffic_model)

    def catalogue(self) -> dict[str, Any]:
        """All that can be injected, and what is active."""
        return {
            "faults": [
                {
                    "fault": name,
                    "does": spec.does,
                    "targets": self._targets[spec.target],
                    "params": {key: _reported(param) for key, param in spec.params.items()},
                }
                for name, spec in FAULTS.items()
            ],
            "active": [fault.reported() for fault in self._active.values()],
        }

    def add(self, wanted: Any) -> Fault:
        """Inject what `wanted` (the decoded JSON) describes. Raises FaultError."""
        if not isinstance(wanted, dict):
            raise FaultError('an object such as {"fault": "pattern_crash", "target": "redis"} is wanted')
        name, given = wanted.get("fault"), dict(wanted)
        spec = FAULTS.get(name) if isinstance(name, str) else None
        if spec is None or not isinstance(name, str):
            raise FaultError(f"fault: {name!r} is not one of {', '.join(FAULTS)}")
        target = self._target(spec, given.pop("target", ""))
        nested = given.pop("params", {})
        if not isinstance(nested, dict):
            raise FaultError("params: an object is wanted")
        asked = {**{key: value for key, value in given.items() if key != "fault"}, **nested}
        times = {key: TIMES[key].check(key, asked.pop(key)) for key in TIMES if key in asked}
        params = _params(spec, asked)
        with self._lock:
            self._count += 1
            fault = Fault(f"f{self._count}", name, target, params, self._clock(), **times)
            self._active[fault.id] = fault
            self._apply()
        return fault

    def remove(self, id_: str) -> bool:
        """Clear one; False when there is none of that id."""
        with self._lock:
            found = self._active.pop(id_, None) is not None
            self._apply()
        return found

    def clear(self) -> int:
        """Clear all; how many there were."""
        with self._lock:
            count = len(self._active)
            self._active.clear()
            self._apply()
        return count

    def tick(self) -> None:
        """Let faults grow, and end those that have lasted as long as they were to."""
        now = self._clock()
        with self._lock:
            over = [id_ for id_, fault in self._active.items() if fault.is_over(now)]
            for id_ in over:
                del self._active[id_]
            if over or self._growing:
                self._apply()

    def _apply(self) -> None:
        effects, now = Effects(), self._clock()
        for fault in self._active.values():
            FAULTS[fault.name].apply(effects, replace(fault, size=fault.grown(now)))
        self._growing = any(fault.grown(now) < 1.0 for fault in self._active.values())
        self._traffic_model.change(effects, now)
        self._changed()

    def _target(self, spec: FaultSpec, wanted: Any) -> str:
        accepted = self._targets[spec.target]
        if wanted is None or wanted == "":
            if "" in accepted:
                return ""
        elif isinstance(wanted, str):
            found = next((one for one in accepted if one.lower() == wanted.lower()), None)
            if found is not None:
                return found
        raise FaultError(f"target: {wanted!r} is not one of {', '.join(one or '(none)' for one in accepted)}")


def accepted_targets(traffic_model: TrafficModel) -> dict[str, list[str]]:
    """The targets of each kind; "" means none."""
    patterns = list(traffic_model.processes)
    scenario = traffic_model.scenario
    operations = dict.fromkeys(flow.operation for flow in scenario.flows)
    return {
        "pattern": patterns,
        "pool": list(traffic_model.pools),
        "source": [*SOURCES, *(f"pattern:{name}" for name in patterns)],
        "any": [
            "",
            *patterns,
            *(f"namespace:{spec.name}" for spec in scenario.namespaces),
            *(f"operation:{name}" for name in operations),
        ],
        "topic": [topic.name for topic in scenario.topics],
        "subscriber": [f"{topic.name}/{name}" for topic in scenario.topics for name, _ in topic.subscribers],
        "signal": list(SIGNALS),
        "none": [""],
    }


def _params(spec: FaultSpec, given: Mapping[str, Any]) -> dict[str, Any]:
    unknown = sorted(set(given) - set(spec.params))
    if unknown:
        raise FaultError(f"unknown parameter {', '.join(unknown)}; accepted: {', '.join(spec.params) or 'none'}")
    return {name: param.check(name, given.get(name, param.default)) for name, param in spec.params.items()}


def _reported(param: Param) -> dict[str, Any]:
    if param.choices:
        return {"default": param.default, "one_of": list(param.choices)}
    if isinstance(param.default, list):
        return {"default": param.default, "list_of": "names"}
    return {"default": param.default, "from": param.low, "to": param.high, "whole": param.whole}
