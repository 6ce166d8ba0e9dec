"""The board of active faults: requests are checked here, and what they do together is handed to the books."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from simulator.faults.catalogue import FAULTS, Fault, FaultError, FaultSpec, Param
from simulator.traffic.effects import Effects
from simulator.traffic.traffic_model import TrafficModel

SOURCES = ("proxy", "admin", "signoz", "otel", "dex", "alertmanager", "launcher")


class FaultBoard:
    """The active faults. Every change is in the books before the call returns; `changed` is then called."""

    def __init__(self, traffic_model: TrafficModel, clock: Callable[[], float], changed: Callable[[], None]) -> None:
        self._traffic_model, self._clock, self._changed = traffic_model, clock, changed
        self._lock = threading.Lock()
        self._active: dict[str, Fault] = {}
        self._count = 0
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
        params = _params(spec, {**{key: value for key, value in given.items() if key != "fault"}, **nested})
        with self._lock:
            self._count += 1
            fault = Fault(f"f{self._count}", name, target, params, self._clock())
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

    def _apply(self) -> None:
        effects = Effects()
        for fault in self._active.values():
            FAULTS[fault.name].apply(effects, fault)
        self._traffic_model.change(effects, self._clock())
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
    return {
        "pattern": patterns,
        "pool": list(traffic_model.pools),
        "source": [*SOURCES, *(f"pattern:{name}" for name in patterns)],
        "any": ["", *patterns, *(f"namespace:{spec.name}" for spec in traffic_model.scenario.namespaces)],
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
