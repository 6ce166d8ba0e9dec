"""One fault experiment, and the names that an answer to "what is wrong" may rightly give."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from simulator.traffic.scenario import default_scenario

SCENARIO = default_scenario()
TUNING, REPORT = "tuning", "report"
Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Experiment:
    """Faults that are injected together and end together after `seconds`.

    `faults`: as `POST /faults` takes them. `blames`: for each thing that breaks, the names of which an alert must hold
    one to be right. `touches`: who suffers from it, so that an alert about them is a symptom; an alert about anybody
    else is wrong. `part_of`: what holds the one to blame, near enough when the cause is named. `load`: how many times
    as much is asked meanwhile.
    """

    id: str
    family: str
    view: str
    faults: tuple[Mapping[str, Any], ...]
    blames: tuple[Names, ...]
    touches: Names = ()
    part_of: Names = ()
    seconds: float = 40.0
    load: float = 1.0

    @property
    def half(self) -> str:
        """The half that rules may be tuned on, or the one looked at only for the report: by a hash of the id."""
        return TUNING if hashlib.sha256(self.id.encode()).digest()[0] % 2 else REPORT

    @property
    def ramp_seconds(self) -> float:
        """How long it takes to be at its full size."""
        return max(float(one.get("ramp_seconds", 0.0)) for one in self.faults)


PATTERNS: Names = tuple(spec.name for spec in SCENARIO.patterns)
NAMESPACES: Names = tuple(spec.name for spec in SCENARIO.namespaces)
TOPICS: Names = tuple(topic.name for topic in SCENARIO.topics)
SUBSCRIBERS: Names = tuple(name for topic in SCENARIO.topics for name, _ in topic.subscribers)
OPERATIONS: Names = tuple(dict.fromkeys(flow.operation for flow in SCENARIO.flows))
REQUESTS: Names = ("all", "requests", "slo")
SIGN_IN: Names = ("dex", "sign-in", "sign_in")
EVERYBODY: Names = (*REQUESTS, "proxy", "auth", *PATTERNS, *NAMESPACES, *TOPICS, *SUBSCRIBERS, *OPERATIONS)


def fault(name: str, target: str = "", **params: Any) -> Mapping[str, Any]:
    """A fault as `POST /faults` takes it."""
    return {"fault": name, "target": target, **params}


def users_of(*patterns: str) -> Names:
    """Who suffers when these patterns do: their namespaces and operations, and with nats its topics."""
    flows = [flow for flow in SCENARIO.flows if flow.pattern in patterns]
    names = dict.fromkeys(name for flow in flows for name in (flow.namespace, flow.operation, flow.pattern))
    messaging = (*TOPICS, *SUBSCRIBERS) if "nats" in patterns else ()
    return (*REQUESTS, *names, *messaging)


def used_by(*namespaces: str) -> Names:
    """Whose figures show what one namespace does: its patterns, its operations, and the topics when it publishes."""
    flows = [flow for flow in SCENARIO.flows if flow.namespace in namespaces]
    names = dict.fromkeys(name for flow in flows for name in (flow.pattern, flow.operation, flow.namespace))
    messaging = (*TOPICS, *SUBSCRIBERS) if "nats" in names else ()
    return (*REQUESTS, *names, *messaging)
