"""Which signs have one cause: the component that none of the other troubled ones explains, and all that it explains.

Pure: signs and a topology in, groups out. A cause begins no later than LATE_SECONDS after its symptom (sources are read
at different beats), not long before it, and is not long over when the symptom begins.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from aggregators.alerts.rules import LOUDNESS
from aggregators.incidents.dependencies import Component, Kind, Trouble
from aggregators.incidents.signs import Sign
from aggregators.incidents.topology import Path, Topology

LATE_SECONDS = 30.0
"""The slowest source of a backend's state is read every 10 s, and the rules want up to three reads."""
LINGER_SECONDS = 60.0
"""What a cause leaves behind shows so long after its end; and what comes back within it is the same trouble."""
SPREAD_SECONDS = 300.0
"""What depends on a cause suffers within seconds, or minutes where queues fill. Who has been degraded for hours, as
others have lived with, is not why something begins to fail only now.
"""
TOGETHER_SECONDS = 10.0
"""Things that happen within this time may have a cause in common."""
NETWORK_SOURCES = 3
"""So many kinds of component that go silent together have the way to them in common."""
_OWN_SOURCE = "source_lost"


@dataclass(frozen=True, slots=True)
class Node:
    """One component in trouble, without a gap: its signs in order of time."""

    component: Component
    signs: tuple[Sign, ...]

    @property
    def at(self) -> float:
        """When its first sign began."""
        return self.signs[0].at

    @property
    def end(self) -> float:
        """When its last sign ended."""
        return max(one.end for one in self.signs)

    @property
    def troubles(self) -> frozenset[Trouble]:
        """What is wrong with it."""
        return frozenset(one.trouble for one in self.signs)


@dataclass(frozen=True, slots=True)
class Group:
    """One cause and what it explains: the cause's node first, then by time. `paths` lead from each symptom to it.

    `shared` is what several causes have in common, where none of them explains the others; the first then stands for
    it.
    """

    nodes: tuple[Node, ...]
    paths: Mapping[Component, Path]
    shared: Component | None = None


def grouped(signs: Sequence[Sign], topology: Topology) -> tuple[Group, ...]:
    """The groups, the latest first. Every sign is in exactly one; foreign ones each stand alone."""
    nodes = _nodes(signs)
    parents: dict[int, tuple[int, Path]] = {}
    for at, node in enumerate(nodes):
        found = _explained(at, node, nodes, topology)
        if found is not None:
            parents[at] = found
    roots = {at: _root(at, parents) for at in range(len(nodes))}
    members: dict[int, list[int]] = {}
    for at, root in roots.items():
        members.setdefault(root, []).append(at)
    groups = [_group(nodes, root, mine, parents) for root, mine in members.items()]
    return tuple(sorted(_merged(groups, topology), key=lambda one: -one.nodes[0].at))


def _nodes(signs: Sequence[Sign]) -> list[Node]:
    """A component's signs, cut where it was well for more than LINGER_SECONDS, and before what befalls it long after
    its state was the last that changed: that has another reason.
    """
    by_component: dict[Component, list[Sign]] = {}
    for one in sorted(signs, key=lambda sign: sign.at):
        by_component.setdefault(one.component, []).append(one)
    nodes = []
    for component, mine in by_component.items():
        run: list[Sign] = []
        for one in mine:
            over = run and one.at > max(before.end for before in run) + LINGER_SECONDS
            if over or (run and one.trouble is not Trouble.STATE and one.at > run[-1].at + SPREAD_SECONDS):
                nodes.append(Node(component, tuple(run)))
                run = []
            run.append(one)
        nodes.append(Node(component, tuple(run)))
    return sorted(nodes, key=lambda one: (one.at, one.component))


def _explained(at: int, node: Node, nodes: Sequence[Node], topology: Topology) -> tuple[int, Path] | None:
    """The node that best explains this one: the nearest on the map, of those the nearest in time.

    That all requests suffer is the sum of what others do, and comes last.
    """
    best: tuple[tuple[bool, int, float, int], int, Path] | None = None
    for other, cause in enumerate(nodes):
        if other == at or not _in_time(node, cause):
            continue
        path = _path(node, cause, topology)
        if path is None or _other_way_round(node, cause, topology):
            continue
        total = cause.component.kind is Kind.PROXY and Trouble.STATE not in cause.troubles
        rank = total, len(path), abs(node.at - cause.at), other
        if best is None or rank < best[0]:
            best = rank, other, path
    return None if best is None else best[1:]


def _in_time(symptom: Node, cause: Node) -> bool:
    """Whether some sign of the cause came when this symptom can follow from it."""
    return any(
        one.at <= symptom.at + LATE_SECONDS and symptom.at <= min(one.end + LINGER_SECONDS, one.at + SPREAD_SECONDS)
        for one in cause.signs
    )


def _path(symptom: Node, cause: Node, topology: Topology) -> Path | None:
    """The shortest way from one to the other; who is down itself is not explained by what makes its requests fail."""
    states = symptom.troubles & {Trouble.STATE}
    ways = (
        topology.path(symptom.component, felt, cause.component, by)
        for felt in sorted(states or symptom.troubles)
        for by in sorted(cause.troubles)
    )
    return min((way for way in ways if way is not None), key=len, default=None)


def _other_way_round(symptom: Node, cause: Node, topology: Topology) -> bool:
    """Of two that explain each other the earlier is the cause."""
    later = (cause.at, cause.component) > (symptom.at, symptom.component)
    return later and _in_time(cause, symptom) and _path(cause, symptom, topology) is not None


def _root(at: int, parents: Mapping[int, tuple[int, Path]]) -> int:
    """The end of the chain; of a ring of explanations the earliest."""
    seen = [at]
    while at in parents:
        at = parents[at][0]
        if at in seen:
            return min(seen[seen.index(at) :])
        seen.append(at)
    return at


def _group(nodes: Sequence[Node], root: int, members: Sequence[int], parents: Mapping[int, tuple[int, Path]]) -> Group:
    others = sorted((at for at in members if at != root), key=lambda at: nodes[at].at)
    paths = {nodes[at].component: _whole_path(at, root, parents) for at in others}
    return Group((nodes[root], *(nodes[at] for at in others)), paths)


def _whole_path(at: int, root: int, parents: Mapping[int, tuple[int, Path]]) -> Path:
    """From a symptom's component over what stands between to the root's."""
    whole: list[Component] = []
    while at != root and at in parents:
        at, path = parents[at]
        whole += path if not whole else path[1:]
        if len(whole) > len(parents) * 6:
            break
    return tuple(whole)


def _merged(groups: Sequence[Group], topology: Topology) -> list[Group]:
    """Groups that began together and have something in common that has no sign of its own become one."""
    left = list(groups)
    for common in (_silent, _proxy_wide, _one_server):
        left = common(sorted(left, key=lambda one: one.nodes[0].at), topology)
    return left


def _silent(groups: list[Group], topology: Topology) -> list[Group]:
    """Sources of several kinds that go at once: the way to them."""
    gone = [one for one in groups if any(sign.alert.rule == _OWN_SOURCE for sign in one.nodes[0].signs)]
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
