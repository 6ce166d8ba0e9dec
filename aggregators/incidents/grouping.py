"""Which signs have one cause: the component that none of the other troubled ones explains, and all that it explains.

Pure: signs and a topology in, groups out. A cause begins no later than LATE_SECONDS after its symptom (sources are read
at different beats), not long before it, and is not long over when the symptom begins.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aggregators.alerts.rows import Alert
from aggregators.alerts.rules import BY_SPANS
from aggregators.incidents.candidates import Candidates
from aggregators.incidents.common_causes import SOURCE_LOST, merged
from aggregators.incidents.dependencies import Component, Kind, Trouble
from aggregators.incidents.groups import Group, Node
from aggregators.incidents.signs import Sign
from aggregators.incidents.topology import Path, Topology
from model.series import Severity

LATE_SECONDS = 30.0
"""The slowest source of a backend's state is read every 10 s, and the rules want up to three reads."""
LINGER_SECONDS = 60.0
"""What a cause leaves behind shows so long after its end; and what comes back within it is the same trouble."""
SPREAD_SECONDS = 300.0
"""What depends on a cause suffers within seconds, or minutes where queues fill. Who has been degraded for hours, as
others have lived with, is not why something begins to fail only now.
"""


def grouped(signs: Sequence[Sign], topology: Topology) -> tuple[Group, ...]:
    """The groups, the latest first. Every sign is in exactly one; foreign ones each stand alone."""
    nodes = _nodes(signs)
    causes = Candidates(nodes, topology).causes()
    explained = ((at, _explained(at, nodes, causes)) for at in range(len(nodes)))
    parents = {at: found for at, found in explained if found is not None}
    roots = {at: _root(at, parents) for at in range(len(nodes))}
    members: dict[int, list[int]] = {}
    for at, root in roots.items():
        members.setdefault(root, []).append(at)
    groups = [_group(nodes, root, mine, parents) for root, mine in members.items()]
    return tuple(sorted(merged(groups, topology), key=lambda one: -one.nodes[0].at))


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


def _explained(at: int, nodes: Sequence[Node], causes: Sequence[Mapping[int, Path]]) -> tuple[int, Path] | None:
    """The node that best explains this one: the nearest on the map, of those the nearest in time.

    That all requests suffer is the sum of what others do, and comes last.
    """
    best: tuple[tuple[bool, int, float, int], int, Path] | None = None
    node = nodes[at]
    for other, path in causes[at].items():
        cause = nodes[other]
        if (
            _is_only_listed(cause)
            or _passes_on(cause, node)
            or not _in_time(node, cause)
            or _other_way_round(at, other, nodes, causes)
        ):
            continue
        total = cause.component.kind is Kind.PROXY and Trouble.STATE not in cause.troubles
        rank = total, len(path), abs(node.at - cause.at), other
        if best is None or rank < best[0]:
            best = rank, other, path
    return None if best is None else best[1:]


def _is_only_listed(node: Node) -> bool:
    """A client that fails now and again, as many do: that one comes to be listed makes nobody suffer."""
    return node.component.kind is Kind.CLIENT and all(one.alert.severity is Severity.INFO for one in node.signs)


def _passes_on(cause: Node, symptom: Node) -> bool:
    """A proxy of which no more is wrong than that it cannot be read: requests of which there are spans went through."""
    unread = cause.component.kind is Kind.PROXY and all(one.alert.rule == SOURCE_LOST for one in cause.signs)
    return unread and any((one.alert.began_as or one.alert.words).endswith(BY_SPANS) for one in symptom.signs)


def _in_time(symptom: Node, cause: Node) -> bool:
    """Whether some sign of the cause came when this symptom can follow from it."""
    return any(
        one.at <= symptom.at + LATE_SECONDS and symptom.at <= min(one.end + LINGER_SECONDS, one.at + SPREAD_SECONDS)
        for one in cause.signs
        if _is_news(one, cause)
    )


def _is_news(sign: Sign, node: Node) -> bool:
    """False of what only says again, late or by another tool, what has been so for long and no better."""
    return not any(
        one.trouble is sign.trouble
        and one.at < sign.at - SPREAD_SECONDS
        and one.end >= sign.at
        and not _is_graver(sign.alert, one.alert)
        for one in node.signs
    )


def _is_graver(one: Alert, other: Alert) -> bool:
    order = list(Severity)
    return order.index(one.severity) > order.index(other.severity)


def _other_way_round(at: int, other: int, nodes: Sequence[Node], causes: Sequence[Mapping[int, Path]]) -> bool:
    """Of two that explain each other the earlier is the cause."""
    symptom, cause = nodes[at], nodes[other]
    later = (cause.at, cause.component) > (symptom.at, symptom.component)
    return later and at in causes[other] and _in_time(cause, symptom)


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
