"""One fault experiment on a site: what was said of it, when, of whom, and whether that was right."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bench.virtual.site import Site
from model.series import Event
from simulator.faults.experiments.experiment import Experiment

PHASE_SECONDS = 8.0
"""The fault comes at a random instant of so many seconds."""
CLEAR_SECONDS, LOOK_SECONDS, CALM_SECONDS = 60.0, 5.0, 5.0
_PARTS = re.compile(r"[^\w.\-]+")


@dataclass(frozen=True, slots=True)
class Raised:
    """One alert that the fault made fire, `seconds` after it began. `names` is what it is about."""

    seconds: float
    rule: str
    component: str
    severity: str
    words: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one experiment went. `seconds`: until everything that is broken was named, None when it never was.

    `wrong`: alerts about whom it does not concern. `causes`: whom the alerts name, the first raised first; `cause`: how
    far down that list somebody to blame stands, 0 at the top, None when nowhere. `clear_seconds`: from the end of the
    fault until nothing said of it fires any more, None when something still does.
    """

    id: str
    family: str
    view: str
    half: str
    seed: int
    seconds: float | None
    rule: str
    severity: str
    component: str
    causes: tuple[str, ...]
    cause: int | None
    alerts: int
    wrong: tuple[str, ...]
    flaps: int
    clear_seconds: float | None

    def within(self, seconds: float) -> bool:
        """Whether it was seen so soon."""
        return self.seconds is not None and self.seconds <= seconds

    def plain(self) -> dict[str, Any]:
        """As JSON holds it."""
        return asdict(self)


def outcome_of(plain: Mapping[str, Any]) -> Outcome:
    """What `Outcome.plain` made."""
    return Outcome(**{**plain, "causes": tuple(plain["causes"]), "wrong": tuple(plain["wrong"])})


def run_experiment(site: Site, experiment: Experiment, seed: int) -> Outcome:
    """Inject, watch, end, watch on until it is calm. The site must have run for long enough to know what is usual."""
    site.run(site.chance.uniform(0.0, PHASE_SECONDS))
    calm = set(site.firing())
    before, began = len(site.edges), site.clock.instant
    faults = [site.inject(one) for one in experiment.faults]
    site.run(experiment.seconds)
    site.clear(*faults)
    ended = site.clock.instant
    while site.clock.instant - ended < CLEAR_SECONDS and set(site.firing()) - calm:
        site.run(LOOK_SECONDS)
    site.run(CALM_SECONDS)
    return _judged(site, experiment, seed, site.edges[before:], began, ended, calm)


def _judged(
    site: Site,
    experiment: Experiment,
    seed: int,
    edges: Sequence[Event],
    began: float,
    ended: float,
    calm: set[tuple[str, str]],
) -> Outcome:
    raised = raised_in(site, edges, began, calm)
    hits = [next((one for one in raised if is_named(one.component, names)), None) for names in experiment.blames]
    found = [one for one in hits if one is not None]
    last = max(found, key=lambda one: one.seconds) if len(found) == len(hits) else None
    blamed = [name for names in experiment.blames for name in names]
    concerned = [*blamed, *experiment.touches]
    causes = tuple(dict.fromkeys(one.component for one in raised))
    open_still = set(site.firing()) - calm
    over = max((one.time for one in edges if one.label("state") == "resolved"), default=ended)
    return Outcome(
        experiment.id,
        experiment.family,
        experiment.view,
        experiment.half,
        seed,
        None if last is None else round(last.seconds, 2),
        "" if last is None else last.rule,
        "" if last is None else last.severity,
        "" if last is None else last.component,
        causes[:3],
        next((at for at, one in enumerate(causes) if is_named(one, blamed)), None),
        len(raised),
        tuple(f"{one.rule}: {one.words}" for one in raised if not is_named(one.component, concerned)),
        flaps(edges),
        None if open_still else round(max(0.0, over - ended), 2),
    )


def raised_in(site: Site, edges: Sequence[Event], began: float, calm: Iterable[tuple[str, str]] = ()) -> list[Raised]:
    """The alerts that began to fire, each once, in order."""
    known, found = set(calm), []
    for one in edges:
        key = one.label("rule") or "", one.label("component") or ""
        if one.label("state") == "firing" and key not in known:
            known.add(key)
            found.append(Raised(one.time - began, key[0], site.named(key[1]), one.severity.value, one.message))
    return found


def is_named(component: str, names: Iterable[str]) -> bool:
    """Whether one of these names is a whole part of what an alert is about."""
    parts = set(_PARTS.split(component.lower()))
    return any(set(_PARTS.split(name.lower())) <= parts for name in names)


def flaps(edges: Iterable[Event]) -> int:
    """How often an alert that had fired and was resolved came back."""
    fired: dict[str, str] = {}
    count = 0
    for one in edges:
        id_, state = one.label("id") or "", one.label("state") or ""
        if state == "firing":
            count += fired.get(id_) == "resolved"
            fired[id_] = state
        elif id_ in fired:
            fired[id_] = state
    return count
