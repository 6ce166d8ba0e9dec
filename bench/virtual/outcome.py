"""How one experiment went, as plain values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from model.series import Severity
from simulator.faults.experiments.experiment import Experiment

_PARTS = re.compile(r"[^\w.\-]+")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one experiment went. `seconds`: until everything that is broken was named, None when it never was.

    `wrong`: alerts about whom it does not concern. `causes`: whom the dashboard says to be the cause, the likeliest
    first; `cause`: how far down that list who is to blame stands, 0 at the top, None when nowhere. Of `alerts`,
    `outside` are in no incident whose cause is right; `incidents`: headlines that the alerts made. `clear_seconds`:
    from the end of the fault until nothing said of it fires any more, None when something still does. `lost`: the
    source that was lost.
    """

    id: str
    family: str
    view: str
    half: str
    seed: int
    lost: str
    seconds: float | None
    rule: str
    severity: str
    component: str
    causes: tuple[str, ...]
    cause: int | None
    alerts: int
    incidents: int
    outside: int
    wrong: tuple[str, ...]
    flaps: int
    clear_seconds: float | None

    @property
    def key(self) -> tuple[str, int, str]:
        """What it is the outcome of."""
        return self.id, self.seed, self.lost

    def within(self, seconds: float) -> bool:
        """Whether it was seen so soon."""
        return self.seconds is not None and self.seconds <= seconds

    def plain(self) -> dict[str, Any]:
        """As JSON holds it."""
        return asdict(self)


def outcome_of(plain: Mapping[str, Any]) -> Outcome:
    """What `Outcome.plain` made."""
    return Outcome(**{**plain, "causes": tuple(plain["causes"]), "wrong": tuple(plain["wrong"])})


@dataclass(frozen=True, slots=True)
class Calm:
    """How something benign went. `episodes`: alerts louder than a note, as words; `notes`: how many notes there were.

    `seconds` of simulated time were watched; `id` is "" for time in which nothing happened.
    """

    id: str
    seed: int
    seconds: float
    episodes: tuple[str, ...]
    notes: int

    @property
    def key(self) -> tuple[str, int]:
        """What it is the outcome of."""
        return self.id, self.seed

    def plain(self) -> dict[str, Any]:
        """As JSON holds it."""
        return asdict(self)


def calm_of(plain: Mapping[str, Any]) -> Calm:
    """What `Calm.plain` made."""
    return Calm(**{**plain, "episodes": tuple(plain["episodes"])})


@dataclass(frozen=True, slots=True)
class Raised:
    """One alert that began to fire `seconds` after something began. `component` is what it is about; `key` is the rule
    and the component as the alert itself has them.
    """

    seconds: float
    rule: str
    component: str
    severity: str
    words: str
    key: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class Headline:
    """One incident: its cause, then who else left their normal range, in order; and its alerts' keys."""

    named: tuple[str, ...]
    alerts: frozenset[tuple[str, str]] = frozenset()


def judged(
    experiment: Experiment,
    seed: int,
    lost: str,
    raised: Sequence[Raised],
    headlines: Sequence[Headline],
    *,
    flaps: int,
    clear_seconds: float | None,
) -> Outcome:
    """Whether the alerts that were `raised`, in order, name what was broken, and the `headlines` the cause."""
    hits = [next((one for one in raised if is_named(one.component, names)), None) for names in experiment.blames]
    found = [one for one in hits if one is not None]
    last = max(found, key=lambda one: one.seconds) if len(found) == len(hits) else None
    blamed = [name for names in experiment.blames for name in names]
    concerned = [*blamed, *experiment.touches]
    causes = tuple(one.named[0] for one in headlines)
    causes += tuple(name for one in headlines for name in one.named[1:] if name not in causes)
    near = [*blamed, *experiment.part_of]
    inside = [key for one in headlines if is_named(one.named[0], near) for key in one.alerts]
    return Outcome(
        experiment.id,
        experiment.family,
        experiment.view,
        experiment.half,
        seed,
        lost,
        None if last is None else round(last.seconds, 2),
        "" if last is None else last.rule,
        "" if last is None else last.severity,
        "" if last is None else last.component,
        causes[:3],
        _place(causes, [(*names, *experiment.part_of) for names in experiment.blames]),
        len(raised),
        len(headlines),
        sum(one.key not in inside for one in raised),
        tuple(f"{one.rule}: {one.words}" for one in raised if _is_wrong(one, concerned)),
        flaps,
        clear_seconds,
    )


def _place(causes: Sequence[str], blames: Sequence[Sequence[str]]) -> int | None:
    """Where the last of those to blame stands, counted from where it would stand at the best."""
    places = [next((at for at, one in enumerate(causes) if is_named(one, names)), None) for names in blames]
    found = [one for one in places if one is not None]
    return max(0, max(found) - len(blames) + 1) if len(found) == len(places) else None


def is_named(component: str, names: Iterable[str]) -> bool:
    """Whether one of these names is a whole part of what an alert is about."""
    parts = set(_PARTS.split(component.lower()))
    return any(set(_PARTS.split(name.lower())) <= parts for name in names)


def _is_wrong(one: Raised, concerned: Sequence[str]) -> bool:
    """An alert about whom it does not concern; what is only worth knowing calls nobody."""
    return one.severity != Severity.INFO and not is_named(one.component, concerned)
