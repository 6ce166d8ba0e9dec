"""The default scenario made larger: more namespaces, topics and patterns, and names that no page may trip over."""

from __future__ import annotations

from dataclasses import replace

from simulator.traffic.scenario import Flow, NamespaceSpec, PatternSpec, Scenario, TopicSpec, default_scenario

HOSTILE_NAMES = (
    "🚀 rocket 👩‍🚀 naïve",
    "quo\"tes 'single' `back` and \\backslash\\",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(2)>",
    "long-" + "n" * 295,
    "\u202eltr-thgir\u202c \u200fעברית\u200f",
    "  spaces   within  ",
    "slash/inside/../and?query=1#hash&amp;%2F",
    "..",
    "{{7*7}} ${7*7} %s %(name)s",
    ".".join(("a" * 63, "b" * 63, "c" * 63, "d" * 61)),
    "ארגון_" * 20,
    "e\u0301\u0323\u0308\u0330\u20dd" * 40,
)
"""Nothing upstream forbids these: neither markup, quotes, marks of direction, paths nor length. The last three: as long
as the name of a host may be, written from right to left, and piled up with combining marks."""

SMALL_RATE = 0.5
"""Requests per second of each added stream."""
_SMALL = (("KeyValue.Get", 0.00038), ("KeyValue.Set", 0.00042))
_UP_SECONDS = 2 * 86400.0
_MIB = 1024.0 * 1024.0
_KINDS = (("memstore", "memory", 0, 0, 0), ("redis", "redis", 2, 2, 10), ("postgres", "postgresql", 2, 8, 10))
"""Driver, backend, and active, idle and most connections of added patterns."""


def crowded_scenario(namespaces: int = 15, topics: int = 4, patterns: int = 4, hostile: bool = False) -> Scenario:
    """The RFC's scenario with so many of each (never fewer patterns than its own); hostile names come on top."""
    scenario = default_scenario(namespaces, topics)
    known = len(scenario.patterns)
    scenario = _with_patterns(scenario, tuple(f"pattern-{number:03d}" for number in range(known + 1, patterns + 1)))
    return _with_hostile_names(scenario) if hostile else scenario


def _with_patterns(scenario: Scenario, names: tuple[str, ...]) -> Scenario:
    """Each new pattern is asked by one of the namespaces, in turn."""
    if not names:
        return scenario
    known = len(scenario.patterns)
    added = tuple(_pattern(name, known + number) for number, name in enumerate(names))
    tenants = list(scenario.namespaces)
    flows = list(scenario.flows)
    for number, spec in enumerate(added):
        place = number % len(tenants)
        tenants[place] = replace(tenants[place], patterns=(*tenants[place].patterns, spec.name))
        flows += _flows(tenants[place].name, spec.name)
    return Scenario((*scenario.patterns, *added), tuple(tenants), tuple(flows), scenario.topics)


def _pattern(name: str, number: int) -> PatternSpec:
    driver, backend, active, idle, maximum = _KINDS[number % len(_KINDS)]
    return PatternSpec(
        name,
        driver,
        backend,
        50051 + 10 * number,
        _UP_SECONDS,
        0,
        (),
        False,
        active,
        idle,
        maximum,
        24 * _MIB,
        0.01,
        16,
    )


def _flows(namespace: str, pattern: str) -> list[Flow]:
    return [Flow(namespace, pattern, operation, SMALL_RATE, median) for operation, median in _SMALL]


def _with_hostile_names(scenario: Scenario) -> Scenario:
    """A namespace, a topic and its subscriber of each name, and a pattern where the name can stand in a target."""
    patterns = tuple(name.strip() for name in HOSTILE_NAMES if not set("=,") & set(name))
    scenario = _with_patterns(scenario, patterns)
    tenants = tuple(
        NamespaceSpec(name, name, name, "2025-11-01T09:00:00Z", 100, 0.0003, ("memstore",)) for name in HOSTILE_NAMES
    )
    flows = tuple(flow for tenant in tenants for flow in _flows(tenant.name, "memstore"))
    topics = tuple(TopicSpec(name, 0.001, 0.0008, ((name, 0.0),)) for name in HOSTILE_NAMES)
    namespaces, topics = (*scenario.namespaces, *tenants), (*scenario.topics, *topics)
    return Scenario(scenario.patterns, namespaces, (*scenario.flows, *flows), topics, HOSTILE_NAMES)
