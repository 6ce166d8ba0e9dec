"""Which component depends on which other, as far as is known of one Prism: the declared lines with names on them."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from aggregators.incidents.dependencies import ANY, BY_KIND, Component, Dependency, Kind, Trouble

Pairs = Mapping[tuple[Kind, Kind], Mapping[str, frozenset[str]]]
"""By (kind that depends, kind it depends on): which names each name depends on, ANY standing for all names. Of kinds
that are no key every pair may be one.
"""
MOST_HOPS = 5
Path = tuple[Component, ...]
"""From a symptom's component to the cause's, both included; what stands between may have no name."""


class Way(NamedTuple):
    """To `there`, which may have no name, by what is wrong there; what lies between is nearest to the symptom first."""

    there: Component
    by: frozenset[Trouble]
    between: Path

    @property
    def any_name(self) -> bool:
        """True when it leads to every component of the kind."""
        return self.there.name in ("", ANY)


@dataclass(frozen=True)
class Topology:
    """Pure and immutable. `Topology()` knows the kinds only: then any namespace may ask any pattern."""

    pairs: Pairs = field(default_factory=dict)
    _known: dict[Hashable, Sequence[Way]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def ways(self, of: Component, felt: Trouble) -> Sequence[Way]:
        """All ways on which what is felt as `felt` in `of` may have come, the shortest first.

        They lead over no proxy: that is on everybody's way, and whoever asks through it depends on what is behind it
        by a line of its own. Whoever depends on the same by name has the same ways: of a thousand namespaces they are
        looked for a few times.
        """
        key = of.kind, felt, tuple(tuple(self.names(of, line.on)) for line in BY_KIND[of.kind])
        if key not in self._known:
            self._known[key] = tuple(self._search(of, felt))
        return self._known[key]

    def _search(self, of: Component, felt: Trouble) -> Iterator[Way]:
        seen: set[tuple[Component, Trouble]] = set()
        ahead: list[tuple[Component, Trouble, Path]] = [(of, felt, ())]
        for _ in range(MOST_HOPS):
            longer: list[tuple[Component, Trouble, Path]] = []
            for at, trouble, between in ahead:
                for line, there in self._hops(at, trouble):
                    causes = line.causes(trouble)
                    yield Way(there, causes, between)
                    fresh = {(there, one) for one in causes} - seen
                    seen |= fresh
                    if line.on is not Kind.PROXY:
                        longer += [(there, one, (*between, there)) for _, one in sorted(fresh)]
            ahead = longer

    def below(self, of: Component) -> tuple[Component, ...]:
        """The components known by name that it depends on at once."""
        lines = {line.on for line in BY_KIND[of.kind] if not line.by or Trouble.STATE in line.by}
        found = (Component(kind, name) for kind in lines for name in self.names(of, kind) if name != ANY)
        return tuple(sorted(set(found)))

    def foundation(self, of: Component) -> frozenset[Component]:
        """All that is known by name on which it rests, however many hops away; without itself."""
        found: set[Component] = set()
        ahead = [of]
        while ahead:
            fresh = set(self.below(ahead.pop())) - found - {of}
            found |= fresh
            ahead += fresh
        return frozenset(found)

    def _hops(self, at: Component, felt: Trouble) -> Iterator[tuple[Dependency, Component]]:
        """The lines along which `felt` may have come, and where each leads."""
        for line in BY_KIND[at.kind]:
            if line.is_felt_as(felt):
                yield from ((line, Component(line.on, name)) for name in self.names(at, line.on))

    def names(self, of: Component, on: Kind) -> Iterable[str]:
        """The names of this kind that it depends on; ANY where all are alike or nothing is known."""
        pairs = self.pairs.get((of.kind, on))
        if pairs is None:
            return (ANY,)
        if of.name in ("", ANY):
            return sorted({there for names in pairs.values() for there in names})
        return sorted(pairs.get(of.name, frozenset()) | pairs.get(ANY, frozenset()))
