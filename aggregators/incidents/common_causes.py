"""What several groups have in common that has no sign of its own: the network, the proxy, a server behind patterns."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from aggregators.alerts.rules import LOUDNESS
from aggregators.incidents.dependencies import Component, Kind, Trouble
from aggregators.incidents.groups import Group, Node
from aggregators.incidents.topology import Topology

TOGETHER_SECONDS = 10.0
"""Things that happen within this time may have a cause in common."""
NETWORK_SOURCES = 3
"""So many kinds of component that go silent together have the way to them in common."""
SOURCE_LOST = "source_lost"


def merged(groups: Sequence[Group], topology: Topology) -> list[Group]:
    """Groups that began together and have something in common that has no sign of its own become one."""
    left = list(groups)
    for common in (_silent, _proxy_wide, _one_server):
        left = common(sorted(left, key=lambda one: one.nodes[0].at), topology)
    return left


def _silent(groups: list[Group], topology: Topology) -> list[Group]:
    """Sources of several kinds that go at once: the way to them."""
    gone = [one for one in groups if any(sign.alert.rule == SOURCE_LOST for sign in one.nodes[0].signs)]
    run = _together(gone)
    kinds = {one.nodes[0].component.kind for one in run}
    return _joined(groups, run, Component(Kind.NETWORK, "")) if len(kinds) >= NETWORK_SOURCES else groups


def _proxy_wide(groups: list[Group], topology: Topology) -> list[Group]:
    """All requests suffer, and patterns whose own state is well with them: what they share is the proxy."""
    wide = next((one for one in groups if _is_all(one)), None)
    alike = [one for one in groups if wide is not None and _only_requests(one) and _near(one, wide)]
    parts = {one.component.name for group in alike for one in group.nodes if one.component.kind is Kind.PATTERN}
    if wide is None or len(parts) < 2:
        return groups
    return _joined(groups, [wide, *(one for one in alike if one is not wide)], Component(Kind.PROXY, ""))


def _is_all(group: Group) -> bool:
    return any(node.component == Component(Kind.PROXY, "") and node.end == float("inf") for node in group.nodes)


def _only_requests(group: Group) -> bool:
    kinds = {node.component.kind for node in group.nodes}
    return kinds <= {Kind.PATTERN, Kind.NAMESPACE, Kind.PROXY, Kind.OPERATION} and all(
        node.troubles == {Trouble.REQUESTS} for node in group.nodes
    )


def _near(one: Group, other: Group) -> bool:
    return abs(one.nodes[0].at - other.nodes[0].at) <= TOGETHER_SECONDS


def _one_server(groups: list[Group], topology: Topology) -> list[Group]:
    """Patterns that suffer together and are known to have one server in common."""
    by_server: dict[Component, list[Group]] = {}
    for group in groups:
        if group.nodes[0].component.kind in (Kind.PATTERN, Kind.POOL):
            for server in topology.below(group.nodes[0].component):
                if server.kind is Kind.SERVER:
                    by_server.setdefault(server, []).append(group)
    for server, mine in sorted(by_server.items()):
        run = [one for one in _together(mine) if one in groups]
        if len(run) > 1:
            groups = _joined(groups, run, server)
    return groups


def _together(groups: Sequence[Group]) -> list[Group]:
    """The longest run of groups that begin within TOGETHER_SECONDS of each other, one after another."""
    runs: list[list[Group]] = [[groups[0]]] if groups else [[]]
    for before, one in pairwise(groups):
        if one.nodes[0].at - before.nodes[0].at <= TOGETHER_SECONDS:
            runs[-1].append(one)
        else:
            runs.append([one])
    return max(runs, key=len)


def _joined(groups: list[Group], parts: Sequence[Group], shared: Component) -> list[Group]:
    """`parts` as one group, whose earliest node stands first."""
    nodes = sorted((node for one in parts for node in one.nodes), key=lambda node: (node.at, _loudness(node)))
    paths = {component: path for one in parts for component, path in one.paths.items()}
    for one in parts:
        paths.setdefault(one.nodes[0].component, (one.nodes[0].component, shared))
    kept = [one for one in groups if one not in parts]
    return [*kept, Group(tuple(nodes), paths, shared)]


def _loudness(node: Node) -> int:
    return min(LOUDNESS.get(sign.alert.rule, len(LOUDNESS)) for sign in node.signs)
