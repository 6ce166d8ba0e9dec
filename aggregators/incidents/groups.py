"""A component in trouble over a stretch of time, and a cause with all such that it explains."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aggregators.incidents.dependencies import Component, Trouble
from aggregators.incidents.signs import Sign
from aggregators.incidents.topology import Path


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
