"""One fault experiment, or something benign, on a site: what was said of it, when, of whom, and was that right."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from aggregators.incidents.incidents import known_incidents
from bench.virtual.outcome import Calm, Headline, Outcome, Raised, judged
from bench.virtual.site import Site
from model.series import Event, Severity
from simulator.faults.experiments.benign import Disturbance
from simulator.faults.experiments.experiment import Experiment

PHASE_SECONDS = 8.0
"""What happens comes at a random instant of so many seconds."""
CLEAR_SECONDS, STEP_SECONDS, CALM_SECONDS = 60.0, 5.0, 5.0
LOST_SECONDS = 30.0
"""A source that is lost has been so for this long."""
TOLD_SECONDS = 1.0
"""Another tool that tells of the same alert may date it to the whole second."""
AFTER_SECONDS, APART_SECONDS = 30.0, 60.0
"""Alerts that begin within so many seconds of each other are one episode."""


def run_experiment(site: Site, experiment: Experiment, seed: int, lost: str = "") -> Outcome:
    """Inject, watch, end, watch on until it is calm. The site must have run for long enough to know what is usual."""
    if lost:
        site.inject({"fault": "source_down", "target": lost})
        site.run(LOST_SECONDS)
    site.run(site.chance.uniform(0.0, PHASE_SECONDS))
    calm = set(site.firing())
    before, began = len(site.edges), site.clock.instant
    faults = [site.inject(one) for one in experiment.faults]
    site.run(experiment.seconds)
    headlines = _headlines(site, began, calm)
    site.clear(*faults)
    ended = site.clock.instant
    site.run(CALM_SECONDS)  # what is known late may begin to be said only now
    while site.clock.instant - ended < CLEAR_SECONDS and _loud(site) - calm:
        site.run(STEP_SECONDS)
    site.run(CALM_SECONDS)
    edges, open_still = site.edges[before:], bool(_loud(site) - calm)
    over = max((one.time for one in edges if one.label("state") == "resolved"), default=ended)
    clear = None if open_still else round(max(0.0, over - ended), 2)
    raised = raised_in(site, edges, began, calm)
    return judged(experiment, seed, lost, raised, headlines, flaps=flaps(edges), clear_seconds=clear)


def _loud(site: Site) -> set[tuple[str, str]]:
    """What fires and calls somebody: what is only worth knowing comes and goes all day."""
    return {key for key, one in site.firing().items() if one.severity is not Severity.INFO}


def _headlines(site: Site, began: float, calm: set[tuple[str, str]]) -> list[Headline]:
    """What the dashboard makes of it: its incidents of its own alerts that were not there before, in its own order."""
    own, found = {rule.id for rule in site.detector.rules}, []
    for one in known_incidents(site.snapshot, site.clock.wall()):
        fresh = [alert for alert in one.alerts if alert.started >= began - TOLD_SECONDS and alert.rule in own]
        alerts = frozenset((alert.rule, alert.component) for alert in fresh) - calm
        if alerts:
            cause = f"{one.cause.kind} {one.cause.component}"
            others = (f"{step.kind} {step.component}" for step in one.steps if not step.is_cause)
            found.append(Headline(tuple(site.named(name) for name in (cause, *others)), alerts))
    return found


def disturb(site: Site, disturbance: Disturbance, seed: int) -> Calm:
    """Let something benign happen, and end."""
    site.run(site.chance.uniform(0.0, PHASE_SECONDS))
    calm, before, began = set(site.firing()), len(site.edges), site.clock.instant
    site.wire.once.update(dict(disturbance.blips))
    site.clock.skew += disturbance.clock_step
    site.sleep(disturbance.asleep)
    faults = [site.inject(one) for one in disturbance.faults]
    site.run(disturbance.seconds)
    if disturbance.load == 1.0 and not any(one.ramp_seconds for one in faults):
        site.clear(*faults)
    site.run(AFTER_SECONDS)
    return _calm(site, disturbance.id, seed, began, before, calm)


def be_quiet(site: Site, seconds: float, seed: int) -> Calm:
    """Nothing happens for so long."""
    calm, before, began = set(site.firing()), len(site.edges), site.clock.instant
    site.run(seconds)
    return _calm(site, "", seed, began, before, calm)


def _calm(site: Site, id_: str, seed: int, began: float, before: int, calm: set[tuple[str, str]]) -> Calm:
    raised = raised_in(site, site.edges[before:], began, calm)
    loud = [one for one in raised if one.severity != Severity.INFO]
    first = [one for at, one in enumerate(loud) if not at or one.seconds - loud[at - 1].seconds > APART_SECONDS]
    words = tuple(f"{one.severity} {one.rule}: {one.words}" for one in first)
    return Calm(id_, seed, round(site.clock.instant - began, 1), words, len(raised) - len(loud))


def raised_in(site: Site, edges: Sequence[Event], began: float, calm: Iterable[tuple[str, str]] = ()) -> list[Raised]:
    """The alerts that began to fire, each once, in order."""
    known, found = set(calm), []
    for one in edges:
        key = one.label("rule") or "", one.label("component") or ""
        if one.label("state") == "firing" and key not in known:
            known.add(key)
            about = site.named(key[1])
            found.append(Raised(one.time - began, key[0], about, one.severity.value, one.message, key))
    return found


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
