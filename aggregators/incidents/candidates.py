"""Who in trouble may be the cause of whom by the map, whatever the time.

They are looked up along each symptom's ways: the pairs of a thousand namespaces in trouble are a million.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from aggregators.incidents.dependencies import ANY, Kind, Trouble
from aggregators.incidents.groups import Node
from aggregators.incidents.topology import Path, Topology, Way


class Candidates:
    """The nodes by what they are and what is wrong with them."""

    def __init__(self, nodes: Sequence[Node], topology: Topology) -> None:
        self._nodes, self._topology = nodes, topology
        self._places: dict[tuple[Kind, Trouble], dict[str, list[int]]] = {}
        for at, node in enumerate(nodes):
            for trouble in node.troubles:
                names = self._places.setdefault((node.component.kind, trouble), {})
                names.setdefault(node.component.name, []).append(at)

    def causes(self) -> list[Mapping[int, Path]]:
        """For each node the places of those that may be its cause, each with the shortest path to it."""
        return [self._of(at, node) for at, node in enumerate(self._nodes)]

    def _of(self, at: int, node: Node) -> Mapping[int, Path]:
        """Who is down itself is not explained by what makes its requests fail."""
        found: dict[int, Path] = {}
        states = node.troubles & {Trouble.STATE}
        for felt in sorted(states or node.troubles):
            for way in self._topology.ways(node.component, felt):
                for other in self._there(way):
                    if other != at and (other not in found or len(way.between) + 2 < len(found[other])):
                        found[other] = (node.component, *way.between, self._nodes[other].component)
        return found

    def _there(self, way: Way) -> Iterator[int]:
        """Who is where a way leads to, in a trouble that travels along it."""
        for by in way.by:
            names = self._places.get((way.there.kind, by), {})
            for name in names if way.any_name else (way.there.name, "", ANY):
                yield from names.get(name, ())
