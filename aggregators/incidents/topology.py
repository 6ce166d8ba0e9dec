"""Which component depends on which other, as far as is known of one Prism: the declared lines with names on them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from aggregators.incidents.dependencies import ANY, BY_KIND, Component, Dependency, Kind, Trouble

Pairs = Mapping[tuple[Kind, Kind], Mapping[str, frozenset[str]]]
"""By (kind that depends, kind it depends on): which names each name depends on, ANY standing for all names. Of kinds
that are no key every pair may be one.
"""
MOST_HOPS = 5
Path = tuple[Component, ...]
"""From a symptom's component to the cause's, both included; what stands between may have no name."""


@dataclass(frozen=True)
class Topology:
    """Pure and immutable. `Topology()` knows the kinds only: then any namespace may ask any pattern."""

    pairs: Pairs = field(default_factory=dict)

    def path(self, of: Component, felt: Trouble, on: Component, by: Trouble) -> Path | None:
        """The shortest way on which trouble `by` of `on` is felt as `felt` in `of`; None where there is none.

        It leads over no proxy: that is on everybody's way, and whoever asks through it depends on what is behind it
        by a line of its own.
        """
        seen: set[tuple[Component, Trouble]] = {(of, felt)}
        ways: list[tuple[Path, Trouble]] = [((of,), felt)]
        for _ in range(MOST_HOPS):
            longer: list[tuple[Path, Trouble]] = []
            for way, trouble in ways:
                for line, there in self._hops(way[-1], trouble):
                    if line.on is on.kind and _same(there.name, on.name) and line.caused_by(by):
                        return (*way, on)
                    fresh = {(there, one) for one in line.by or Trouble} - seen
                    seen |= fresh
                    longer += [((*way, there), one) for _, one in sorted(fresh) if line.on is not Kind.PROXY]
            ways = longer
        return None

    def below(self, of: Component) -> tuple[Component, ...]:
        """The components known by name that it depends on at once."""
        lines = {line.on for line in BY_KIND[of.kind] if not line.by or Trouble.STATE in line.by}
        found = (Component(kind, name) for kind in lines for name in self._names(of, kind) if name != ANY)
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
                yield from ((line, Component(line.on, name)) for name in self._names(at, line.on))

    def _names(self, of: Component, on: Kind) -> Iterable[str]:
        pairs = self.pairs.get((of.kind, on))
        if pairs is None:
            return (ANY,)
        if of.name in ("", ANY):
            return sorted({there for names in pairs.values() for there in names})
        return sorted(pairs.get(of.name, frozenset()) | pairs.get(ANY, frozenset()))


def _same(one: str, other: str) -> bool:
    """Whether two names may mean the same: '' and ANY stand for each of a kind."""
    return one == other or not {one, other}.isdisjoint({"", ANY})
