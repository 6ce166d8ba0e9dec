"""Which targets an answer of a Prometheus reports, what each of them is, and which series are whose.

A target is a (job, instance). The labels of its `up` are those that Prometheus gave it: they are taken off its series,
and a label of Prism's that they displaced (`exported_namespace`) gets its name back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from collectors.exposition.naming import Naming, Pairs
from collectors.prometheus.api import Labelled
from collectors.prometheus.query import SCRAPED_IN, STAMP, UP
from collectors.prometheus.target_kinds import Behind
from model.series import Series
from model.settings import Aliases

EXPORTED = "exported_"
UNNAMED = "unnamed"
NOWHERE = -1
MOST_JOBS = 1000
"""Jobs that are remembered; those that were not named for the longest are forgotten first."""


class Who(NamedTuple):
    """A target."""

    job: str
    instance: str


@dataclass(frozen=True, slots=True)
class Place:
    """One source behind the server. `slots` are the places of its `series` in the answer, `factors` their factors.

    `stamp`, `up` and `scraped_in` are places too, NOWHERE for what the answer does not hold.
    """

    source: str
    instance: str
    who: Who
    series: list[Series]
    slots: list[int]
    factors: dict[int, float]
    stamp: int
    up: int
    scraped_in: int

    @property
    def key(self) -> str:
        """The source's key."""
        return f"{self.source}@{self.instance}"


@dataclass(frozen=True, slots=True)
class Layout:
    """An answer's places. `unstamped`: a name of a series of each target that has no `up`."""

    places: list[Place]
    unstamped: list[str]


@dataclass(slots=True)
class _Target:
    """What an answer holds of one target."""

    given: Labelled | None = None
    stamp: int = NOWHERE
    up: int = NOWHERE
    scraped_in: int = NOWHERE
    rest: list[int] = field(default_factory=list)


class TargetDiscovery:
    """Remembers what each job's targets are, so that one is known that reports nothing now. For one thread at a
    time."""

    def __init__(
        self,
        kinds: Sequence[Behind],
        aliases: Aliases,
        jobs: dict[str, str] | None = None,
        names: Callable[[str, str], str] = lambda source, instance: instance,
    ) -> None:
        """`names`: what a target of a kind is called that the server calls by its second argument."""
        self._names = names
        self._kinds = {kind.source: kind for kind in kinds}
        self._aliases = aliases
        self.jobs: dict[str, str] = {} if jobs is None else jobs
        self._known: list[Labelled] = []
        self._layout = Layout([], [])

    def lay_out(self, labels: list[Labelled]) -> Layout:
        """The layout of an answer with these series; the very same one while they do not change."""
        if labels != self._known:
            self._layout = self._laid_out(labels)
            self._known = labels
        return self._layout

    def forget(self) -> None:
        """Lay out the next answer anew: what is known of jobs has changed."""
        self._known = []

    def _laid_out(self, labels: list[Labelled]) -> Layout:
        targets = _targets(labels)
        sources: dict[Who, dict[str, list[int]]] = {}
        for who, target in targets.items():
            sources[who] = self._sources(target, labels)
            for source in sources[who]:
                self.jobs[who.job] = self.jobs.pop(who.job, source)
        for job in list(self.jobs)[: max(0, len(self.jobs) - MOST_JOBS)]:
            del self.jobs[job]
        places: list[Place] = []
        for source in self._kinds:
            taken: set[str] = set()
            for who in sorted(targets):
                slots = sources[who].get(source)
                if slots is None and (sources[who] or targets[who].up == NOWHERE or self.jobs.get(who.job) != source):
                    continue
                instance = self._names(source, _free(who, taken))
                taken.add(instance)
                places.append(self._place(source, instance, who, targets[who], slots or [], labels))
        return Layout(places, _unstamped(places, targets, labels))

    def _sources(self, target: _Target, labels: list[Labelled]) -> dict[str, list[int]]:
        """The series of each source that a target is; those that any process has go to the first of them."""
        marked: dict[str, list[int]] = {}
        others: list[int] = []
        for slot in target.rest:
            source = self._marked(labels[slot].get("__name__", ""))
            if source is None:
                others.append(slot)
            else:
                marked.setdefault(source, []).append(slot)
        first = next((source for source in self._kinds if source in marked), None)
        if first is not None:
            also = self._kinds[first].also
            marked[first] += [slot for slot in others if labels[slot].get("__name__") in also]
        return marked

    def _marked(self, name: str) -> str | None:
        name = self._aliased(name)
        return next((source for source, kind in self._kinds.items() if kind.mark.match(name)), None)

    def _aliased(self, name: str) -> str:
        for part in ("", "_bucket", "_sum", "_count"):
            if name.endswith(part) and name.removesuffix(part) in self._aliases.metrics:
                return self._aliases.metrics[name.removesuffix(part)]
        return name

    def _place(
        self, source: str, instance: str, who: Who, target: _Target, slots: list[int], labels: list[Labelled]
    ) -> Place:
        kind = self._kinds[source]
        naming = Naming(
            instance, Aliases(metrics={**kind.metrics, **self._aliases.metrics}, labels=self._aliases.labels)
        )
        names = {labels[slot].get("__name__", "") for slot in slots}
        types = {name.removesuffix("_bucket"): "histogram" for name in names if name.endswith("_bucket")}
        place = Place(source, instance, who, [], [], {}, target.stamp, target.up, target.scraped_in)
        seen: set[Series] = set()
        for slot in slots:
            pairs = _own(labels[slot], target.given or {})
            series, factor = naming.series(labels[slot].get("__name__", ""), pairs, types, names)
            if series in seen or not kind.kept.match(series.name):
                continue
            seen.add(series)
            if factor != 1.0:
                place.factors[len(place.series)] = factor
            place.series.append(series)
            place.slots.append(slot)
        return place


def _targets(labels: Sequence[Labelled]) -> dict[Who, _Target]:
    given: dict[Who, list[Labelled]] = {}
    for one in labels:
        if one.get("__name__") == UP and STAMP not in one:
            given.setdefault(_who(one), []).append(one)
    copies = {who: _copies(found) for who, found in given.items()}
    targets: dict[Who, _Target] = {}
    for slot, one in enumerate(labels):
        who = _who(one)
        target = targets.setdefault(who, _Target())
        if who in copies:
            target.given, apart = copies[who]
            if any(one.get(name) != target.given.get(name) for name in apart):
                continue
        if STAMP in one:
            if target.stamp == NOWHERE or one[STAMP] == UP:
                target.stamp = slot
        elif one.get("__name__") == UP:
            target.up = slot
        elif one.get("__name__") == SCRAPED_IN:
            target.scraped_in = slot
        else:
            target.rest.append(slot)
    return targets


def _who(labels: Mapping[str, str]) -> Who:
    return Who(labels.get("job", ""), labels.get("instance", ""))


def _copies(found: Sequence[Labelled]) -> tuple[Labelled, list[str]]:
    """The target's own labels, and those by which its copies differ: of several replicas always the same is read."""
    if len(found) == 1:
        return found[0], []
    first = min(found, key=lambda one: sorted(one.items()))
    names = {name for one in found for name in one}
    return first, sorted(name for name in names if len({one.get(name) for one in found}) > 1)


def _own(labels: Labelled, given: Labelled) -> Pairs:
    """A series' own labels, as the target exposes them."""
    pairs = []
    for name, value in labels.items():
        if name in ("__name__", "job", "instance", STAMP) or given.get(name) == value:
            continue
        own = name.removeprefix(EXPORTED)
        displaced = own != name and own in given and own != "instance"
        pairs.append((own if displaced else name, value))
    return pairs


def _free(who: Who, taken: Iterable[str]) -> str:
    """What a target is called: its instance, with its job where another one is called so already."""
    instance = who.instance or who.job or UNNAMED
    return f"{instance}/{who.job}" if instance in taken else instance


def _unstamped(places: Iterable[Place], targets: Mapping[Who, _Target], labels: Sequence[Labelled]) -> list[str]:
    names = {
        min(labels[slot].get("__name__", "") for slot in place.slots)
        for place in places
        if place.slots and targets[place.who].up == NOWHERE
    }
    return sorted(names)
