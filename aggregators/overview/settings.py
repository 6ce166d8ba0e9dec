"""What the dashboard is set to and how it does: sources, settings with whence they come, limits, store, versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aggregators.alerts.rules import BY_ID, RULES, Rule
from aggregators.alerts.verdict import Look, Part, Verdict, judged, leads_to
from aggregators.incidents.wiring import health_keys
from aggregators.patterns.health import pattern_health
from aggregators.series.availability import defaults_tried
from aggregators.series.replicas import IN_TURN
from aggregators.series.source_rows import SourceRow, source_table
from aggregators.series.sources import WAITING, collector_state
from model.measure import Bytes, Count, Measure, Ratio, Seconds
from model.needs import SETTINGS
from model.series import Severity, Unit
from model.settings_text import NOT_SET, defaults
from model.slo import slo_of
from model.status import Status
from store.snapshot import Snapshot

DEFAULT = "default"
SIZE = "hud_store_bytes"


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting in words; `whence` is default, environment, the settings file's name, or the simulated Prism."""

    name: str
    value: str
    whence: str


@dataclass(frozen=True, slots=True)
class Limits:
    """When a detection is raised and cleared, in base units of `unit`; '' when it is a plain fact."""

    rule: str
    title: str
    severity: Severity
    reads: str
    raise_at: float
    clear_at: float
    unit: str
    votes: tuple[int, int]
    clear_seconds: float
    why: str
    overridden: bool


@dataclass(frozen=True, slots=True)
class Objective:
    """The latency objective; `reported` is False while no collector has said it, and it is the RFC's."""

    objective: Ratio
    threshold: Seconds
    window: Seconds
    reported: bool


@dataclass(frozen=True, slots=True)
class StoreFacts:
    """The store and who writes it. `pid` 0: nobody yet. Of an instant of the past neither it nor `version` is kept."""

    version: int
    written_at: float
    collector_alive: bool
    collector_silent_seconds: float | None
    pid: int
    trouble: str
    size: Bytes
    events: Count


@dataclass(frozen=True, slots=True)
class Component:
    """A part of the dashboard, and its version."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class SettingsAnswer:
    """Everything of the Settings page; of credentials only whether they are set.

    `pattern_names`: names of the patterns by the key of the source that reports them.
    """

    status: Status
    reason: str
    simulated: bool
    sources: tuple[SourceRow, ...]
    pattern_names: dict[str, str]
    settings: tuple[Setting, ...]
    limits: tuple[Limits, ...]
    slo: Objective
    store: StoreFacts
    versions: tuple[Component, ...]


def settings(snapshot: Snapshot, now: float) -> SettingsAnswer:
    """What is configured, and how reading it goes."""
    verdict = settings_verdict(Look(snapshot, now))
    return SettingsAnswer(
        status=verdict.status,
        reason=verdict.reason,
        simulated=bool(snapshot.meta.get("simulated")),
        sources=source_table(snapshot, now),
        pattern_names=health_keys(pattern_health(snapshot, now)),
        settings=effective(snapshot.meta.get("settings"), defaults_tried(snapshot)),
        limits=tuple(_limits(rule, snapshot.meta.get("thresholds") or {}) for rule in RULES),
        slo=_objective(snapshot),
        store=_store(snapshot, now),
        versions=tuple(Component(str(name), str(one)) for name, one in (snapshot.meta.get("versions") or {}).items()),
    )


def settings_verdict(look: Look) -> Verdict:
    """As bad as how reading and writing go: a source that is lost or was never reached, a store in trouble."""
    parts: list[Part] = [(_status_of(row), f"{row.key}: {row.word}") for row in source_table(look.snapshot, look.now)]
    if look.collector.trouble:
        parts.append((Status.DEGRADED, f"the store is in trouble: {look.collector.trouble}"))
    well = [(status, "" if status is Status.HEALTHY else reason) for status, reason in parts]
    return judged(look, well, leads_to("/settings"), "no source is read")


def _status_of(row: SourceRow) -> Status:
    """One failed read is no loss; what was never reached is reported by its alert, after a moment of grace."""
    if row.lost or row.word == IN_TURN:
        return Status.DEGRADED
    return Status.UNKNOWN if row.never_reached or row.word == WAITING else Status.HEALTHY


def effective(reported: object, tried: Mapping[str, str] | None = None) -> tuple[Setting, ...]:
    """What was set first, then every default. While no collector has reported, nothing is known to be in effect.

    `tried`: address by source key of the defaults that nobody answers at; they are not in effect either.
    """
    if not isinstance(reported, Sequence) or isinstance(reported, str):
        return ()
    given = [Setting(str(one["name"]), str(one["value"]), str(one["whence"])) for one in reported]
    names = [one.name for one in given]
    idle = {SETTINGS[key.partition("@")[0]].lower(): address for key, address in (tried or {}).items()}
    plain = [
        Setting(name, f"not configured (default {idle[name]} tried)" if name in idle else value, DEFAULT)
        for name, value in defaults().items()
        if name not in names and not (value == NOT_SET and any(one.startswith(f"{name}.") for one in names))
    ]
    return (*given, *plain)


def _limits(rule: Rule, overrides: Mapping[str, Mapping[str, float]]) -> Limits:
    own = overrides.get(rule.id)
    return Limits(
        rule.id,
        rule.title,
        rule.severity,
        rule.reads,
        own["raise_at"] if own else rule.raise_at,
        own["clear_at"] if own else rule.clear_at,
        rule.unit.value,
        rule.votes,
        rule.clear_seconds,
        rule.why,
        own is not None,
    )


def standard(rule: str) -> tuple[float, float]:
    """The raise and clear values of a rule that nobody has set."""
    return BY_ID[rule].raise_at, BY_ID[rule].clear_at


def _objective(snapshot: Snapshot) -> Objective:
    known = slo_of(snapshot.meta)
    return Objective(
        Measure.of(known.objective_ratio, Unit.RATIO),
        Measure.of(known.threshold_seconds, Unit.SECONDS),
        Measure.of(known.window_seconds, Unit.SECONDS),
        "slo" in snapshot.meta,
    )


def _store(snapshot: Snapshot, now: float) -> StoreFacts:
    collector = collector_state(snapshot, now)
    never = Measure.not_reported(Unit.COUNT, "the collector has never run")
    events = Measure.of(float(len(snapshot.events)), Unit.COUNT) if snapshot.version else never
    return StoreFacts(
        0 if snapshot.is_past else snapshot.version,
        snapshot.written_at,
        collector.alive,
        collector.silent_seconds,
        int(snapshot.meta.get("collector_pid") or 0),
        collector.trouble,
        _size(snapshot, now),
        events,
    )


def _size(snapshot: Snapshot, now: float) -> Measure:
    """The newest size that the collector measured; old when it is silent."""
    written = snapshot.written_at or now
    frame = snapshot.frame(SIZE, min(now, written) - 60.0, min(now, written))
    reported = [value for block in frame.blocks for value in block.samples.ravel().tolist() if value == value]
    if not reported:
        return Measure.not_reported(Unit.BYTES, f"{SIZE} would fill it, which the collector writes of itself")
    known, collector = Measure.of(reported[-1], Unit.BYTES), collector_state(snapshot, now)
    return known if collector.alive else known.stale(collector.silent_seconds or 0.0)
