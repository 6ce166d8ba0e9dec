"""Who depends on whom in one Prism, how each is, and what broke first: the declared dependencies with names on them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from aggregators.alerts.verdict import Look, Verdict
from aggregators.incidents.dependencies import ANY, BY_KIND, Component, Dependency, Kind
from aggregators.incidents.incident import Incident
from aggregators.incidents.incidents import known_incidents
from aggregators.incidents.topology import Topology
from aggregators.incidents.wiring import topology_of
from aggregators.overview.map_parts import PAGES, Part, parts_of
from aggregators.overview.overall import Judgement, whole_of
from model.number_text import listed
from model.series import Severity
from model.status import Status
from store.snapshot import Snapshot

FOLDED: Mapping[Kind, str] = {
    Kind.CLIENT: "clients", Kind.NAMESPACE: "namespaces", Kind.OPERATION: "operations", Kind.TOPIC: "topics",
    Kind.SUBSCRIBER: "subscribers", Kind.SERVICE: "telemetry",
}  # fmt: skip
"""Of these kinds there may be thousands: each is one node, and what it is called."""
_ONE = (Kind.PROXY, Kind.TOKENS, Kind.DEX, Kind.COLLECTOR, Kind.SIGNOZ)
"""Where there is one of these it is meant, whatever an incident calls it: all requests, a collector's address."""
_THROUGH_OTHERS = ((Kind.NAMESPACE, Kind.TOKENS),)
"""Lines that lead over another component of the map."""
_RANK = {Status.UNHEALTHY: 0, Status.DEGRADED: 1, Status.UNKNOWN: 2, Status.HEALTHY: 3}
TROUBLE = (Status.UNHEALTHY, Status.DEGRADED)
MOST_NAMED = 3
"""So many of those in trouble are named."""


@dataclass(frozen=True, slots=True)
class MapNode:
    """A component, or all of a kind as one: then `members` are how many, `troubled` those of them in trouble and
    `worst` the worst of these by name, and the status is that of the worst. `page` is where to look, and `incident` the
    id of the one in which this likely broke first, '' for none.
    """

    id: str
    kind: Kind
    words: str
    status: Status
    reason: str
    page: str
    members: int = 1
    troubled: int = 0
    worst: str = ""
    incident: str = ""

    @property
    def broke_first(self) -> bool:
        """True for the likely cause of an incident that lasts."""
        return self.incident != ""


@dataclass(frozen=True, slots=True)
class MapEdge:
    """`of` needs `on`, two nodes by their ids; `why` says for what. `members` are how many of `of` do, `troubled` those
    of them in trouble, and `worst` the worst of these by name.
    """

    of: str
    on: str
    why: str
    members: int = 1
    troubled: int = 0
    worst: str = ""


@dataclass(frozen=True, slots=True)
class ServiceMap:
    """Every component by kind, from those who ask to what all rests on, the worst of a kind first; and their lines.

    Status and reason are those of the view: of the whole, but for what is no part of this Prism.
    """

    status: Status
    reason: str
    nodes: tuple[MapNode, ...]
    edges: tuple[MapEdge, ...]


def service_map(snapshot: Snapshot, now: float) -> ServiceMap:
    """The map at `now`."""
    look = Look(snapshot, now)
    verdict = service_map_verdict(look)
    parts = parts_of(look)
    nodes = _nodes(parts, _causes(look))
    edges = _edges(parts, {one.id for one in nodes}, topology_of(look, everyone=True))
    return ServiceMap(verdict.status, verdict.reason, nodes, tuple(edges))


def in_trouble(snapshot: Snapshot, now: float, judged: Judgement | None = None) -> tuple[MapNode, ...]:
    """The components of the map that are in trouble: what broke first in front, the worst before the mild, and from
    what all rests on to those who ask. Where `judged` holds the components, none is judged anew.
    """
    look, order = Look(snapshot, now), list(Kind)
    parts = judged.parts() if judged and judged.parts else parts_of(look)
    found = _nodes(parts, _causes(look))
    # What is well again, or only suspected, is in no trouble though it broke first.
    bad = [one for one in found if one.status in TROUBLE or (one.broke_first and one.status is not Status.HEALTHY)]
    return tuple(sorted(bad, key=lambda one: (not one.broke_first, _RANK[one.status], -order.index(one.kind))))


def service_map_verdict(look: Look) -> Verdict:
    """As the whole stands, but for alerts about what is no part of this Prism: the map is of all that is."""
    own = Look(look.snapshot, look.now)
    own.firing = tuple(one for one in look.firing if one.in_prism)
    whole = whole_of(own)
    return Verdict(whole.status, whole.reason)


def _causes(look: Look) -> list[Incident]:
    """The incidents of this Prism that last and are more than a note."""
    found = [one for one in known_incidents(look.snapshot, look.now) if one.cause.kind is not Kind.OTHER]
    return [one for one in found if one.is_active and one.severity is not Severity.INFO]


def _node_id(one: Component) -> str:
    return FOLDED.get(one.kind) or " ".join(filter(None, (one.kind.value, one.name)))


def _nodes(parts: Sequence[Part], incidents: Sequence[Incident]) -> tuple[MapNode, ...]:
    """A node each, or one of all of a kind; what an incident names that no part is stands for itself."""
    cause = {(one.cause.kind, one.cause.component): one for one in reversed(incidents)}
    members: dict[str, list[Part]] = {}
    for part in parts:
        members.setdefault(_node_id(part.component), []).append(part)
    nodes = []
    for name, found in members.items():
        mine = [cause.pop(key) for one in found if (key := _named(one)) in cause]  # of many several may be one
        nodes.append(_node(name, found, mine[0].id if mine else ""))
    for (kind, words), incident in cause.items():
        alike = [at for at, one in enumerate(nodes) if one.kind is kind and kind in _ONE]
        if len(alike) == 1:
            nodes[alike[0]] = replace(nodes[alike[0]], incident=incident.id)
        else:
            told = incident.cause.words
            nodes.append(MapNode(words, kind, words, Status.UNKNOWN, told, incident.path, incident=incident.id))
    order = list(Kind)
    return tuple(sorted(nodes, key=lambda one: (order.index(one.kind), _RANK[one.status], one.words)))


def _named(one: Part) -> tuple[Kind, str]:
    return one.component.kind, one.component.words


def _node(name: str, found: Sequence[Part], incident: str) -> MapNode:
    worst = min(found, key=lambda one: _RANK[one.status])
    kind = worst.component.kind
    if kind not in FOLDED:
        return MapNode(name, kind, worst.words, worst.status, worst.reason, worst.page, incident=incident)
    bad = [one for one in found if one.status in TROUBLE]
    well = any(one.status is Status.HEALTHY for one in found)  # idle ones say nothing while others are used
    status = worst.status if bad or not well else Status.HEALTHY
    return MapNode(
        id=name,
        kind=kind,
        words=name if kind is Kind.SERVICE else f"{len(found):,} {name if len(found) > 1 else kind.value}",
        status=status,
        reason=_reason(worst) if bad else "",
        page=worst.page if len(bad) == 1 else PAGES[kind],
        members=len(found),
        troubled=len(bad),
        worst=worst.words if bad else "",
        incident=incident,
    )


def _reason(one: Part) -> str:
    """Why the worst of many is so, with its name."""
    named = one.component.name in one.reason
    return one.reason if named else f"{one.words}: {one.reason or one.status.value}"


def _edges(parts: Sequence[Part], nodes: set[str], topology: Topology) -> Iterator[MapEdge]:
    """The declared lines on a request's, a message's or telemetry's way, each between nodes once."""
    names: dict[Kind, list[Component]] = {}
    for part in parts:
        names.setdefault(part.component.kind, []).append(part.component)
    found: dict[tuple[str, str], tuple[Dependency, list[Part]]] = {}
    for part in parts:
        of = part.component
        for line in BY_KIND[of.kind]:
            if _is_drawn(line):
                for there in {_node_id(one) for one in _there(of, line.on, names, topology)} & nodes:
                    found.setdefault((_node_id(of), there), (line, []))[1].append(part)
    for (start, end), (line, members) in sorted(found.items()):
        yield _edge(start, end, line, members)


def _is_drawn(line: Dependency) -> bool:
    """Kinds stand in the order in which they ask each other; all telemetry goes through one node."""
    order = list(Kind)
    forward = order.index(line.of) < order.index(line.on) and (line.of, line.on) not in _THROUGH_OTHERS
    return forward and (line.on is not Kind.COLLECTOR or line.of is Kind.SERVICE)


def _there(
    of: Component, on: Kind, names: Mapping[Kind, Sequence[Component]], topology: Topology
) -> Sequence[Component]:
    known = topology.names(of, on)
    return names.get(on, ()) if ANY in known else [Component(on, name) for name in known]


def _edge(start: str, end: str, line: Dependency, members: Sequence[Part]) -> MapEdge:
    bad = sorted((one for one in members if one.status in TROUBLE), key=lambda one: _RANK[one.status])
    return MapEdge(
        start, end, line.why, len(members), len(bad), listed([one.words for one in bad], MOST_NAMED) if bad else ""
    )
