"""Watches everything and reports the edges: what begins, what fires, what is over (RFC: issues seen within 30 s)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from math import inf

from aggregators.alerts.alerts import HISTORY_SECONDS
from aggregators.alerts.rules import BY_SPANS, Rule, with_overrides
from aggregators.detection.alert_state_machine import Stage, Watch, advance
from aggregators.detection.condition import Condition, Finders, Usual
from aggregators.detection.detection_inputs import DetectionInputs
from aggregators.detection.finders import (
    backends,
    bursts,
    dashboard,
    families,
    messaging,
    observability,
    patterns,
    publishing,
    requests,
    resources,
    rising,
    security,
    servers,
    slower,
    traffic,
)
from aggregators.detection.pattern_events import PatternEvents
from aggregators.detection.rolling import RollingCounters
from aggregators.patterns.restarts import events_since
from model.series import Event, Severity
from model.settings import ThresholdOverride
from store.snapshot import Snapshot

EARLY_SECONDS = 0.1
"""What is evaluated every second may come this much before its time: steps are not quite regular."""
IDLE_SECONDS, OPEN_SECONDS = 5.0, 1.0
"""Without a fresh read a rule is evaluated this often, sooner while something of it is open."""
ASLEEP_SECONDS = 2.0
"""A detector not asked for so long has slept, or its clock was set ahead: that is why what it then sees is old."""
HANDOVER_SECONDS = 3.0
"""It takes two failures to know that a proxy is lost: until then it is what its last reads had shown that is raised."""
OF_THE_EXPORTER = ("proxy_frozen", "metrics_gone", "proxy_restarts", "proxy_restarted")
"""Rules on how a proxy reports; of what it counts nothing new is said while its counters stand still."""
GONE_SECONDS = 900.0
"""A component that its sources have not named for this long is not there any more."""

FINDERS: Finders = {
    **patterns.FINDERS,
    **backends.FINDERS,
    **bursts.FINDERS,
    **servers.FINDERS,
    **slower.FINDERS,
    **messaging.FINDERS,
    **publishing.FINDERS,
    **requests.FINDERS,
    **rising.FINDERS,
    **resources.FINDERS,
    **security.FINDERS,
    **traffic.FINDERS,
    **observability.FINDERS,
    **dashboard.FINDERS,
    **families.FINDERS,
}


def evaluate(rule: Rule, snapshot: Snapshot, now: float, usual: Usual | None = None) -> list[Condition]:
    """What one rule finds: a condition for every component that is bad, and for each of `usual` (the open ones)."""
    return _evaluate(rule, DetectionInputs(snapshot, now), usual or {})


def _evaluate(rule: Rule, facts: DetectionInputs, usual: Usual) -> list[Condition]:
    """One condition per component. A fact that is not so says nothing; a figure between its values does. While a source
    that the rule needs is lost, nothing is good, and of what is open nothing new is said.
    """
    found: dict[str, Condition] = {}
    for one in FINDERS[rule.condition](rule, facts, usual):
        before = found.get(one.component)
        if before is None or (one.bad and not before.bad):
            found[one.component] = one
    said = [one if one.bad or not rule.is_fact else replace(one, words="") for one in found.values()]
    if "proxy" in rule.inputs and rule.window_seconds and rule.id not in OF_THE_EXPORTER and facts.unsettled:
        said = [one if one.component in usual else replace(one, bad=False) for one in said]
    if _is_held(rule, facts):
        return [replace(one, good=False, words="" if one.component in usual else one.words) for one in said]
    if _goes_by_spans(rule, facts):
        return [replace(one, words=one.words and one.words + BY_SPANS) for one in said]
    return said


def _is_held(rule: Rule, facts: DetectionInputs) -> bool:
    """Whether a source is lost that the rule cannot do without."""
    return any(facts.lost(one) for one in rule.inputs if one != "proxy" or not _goes_by_spans(rule, facts))


def _goes_by_spans(rule: Rule, facts: DetectionInputs) -> bool:
    return rule.by_spans and facts.spans is not None


def _read_at(rule: Rule, facts: DetectionInputs) -> float:
    """When what the rule rests on was read."""
    return facts.asked_at if _goes_by_spans(rule, facts) else facts.read_at(rule.read_from)


def _seen_by(watch: Watch, found: Condition, rule: Rule, facts: DetectionInputs) -> Condition:
    """What proxies had shown before they were lost is over when a proxy shows it: spans may hold little of it."""
    before = facts.spans is not None and watch.is_open and watch.started <= facts.spans.lost_at + HANDOVER_SECONDS
    return replace(found, good=False, words="") if before and rule.by_spans else found


class Detector:
    """Runs every rule over snapshots, one step after another, on any clock: the time is given."""

    def __init__(self, thresholds: Mapping[str, ThresholdOverride] | None = None) -> None:
        self.rules = with_overrides(thresholds or {})
        self.watches: dict[tuple[str, str], Watch] = {}
        self.observer = PatternEvents()
        self._evaluated: dict[str, tuple[float, float]] = {}
        self._stepped = self._awake_since = 0.0
        self._rolling = RollingCounters()
        self.suspects: frozenset[str] = frozenset()
        """The keys of the sources of which another read would tell whether something is wrong."""

    def restore(self, snapshot: Snapshot) -> None:
        """Go on from the stored edges: what fired goes on firing, what has just resolved may come back."""
        self.observer.restore(snapshot)
        until = snapshot.written_at + 60.0
        rules = {rule.id: rule for rule in self.rules}
        for event in events_since(snapshot.events, "alert", until - HISTORY_SECONDS, until):
            rule = rules.get(event.label("rule") or "")
            if rule is not None:
                watch = _restored(rule, event)
                self.watches[rule.id, watch.component] = watch

    def step(self, snapshot: Snapshot, now: float) -> list[Event]:
        """The edges of this instant: kinds alert, status and restart."""
        if self._stepped and abs(now - self._stepped) > ASLEEP_SECONDS:
            self._awake_since = now
        self._stepped = now
        facts = DetectionInputs(snapshot, now, self._awake_since, self._rolling)
        events = self.observer.step(facts)
        watched = {rule for rule, _ in self.watches}
        suspected = {rule for (rule, _), watch in self.watches.items() if watch.is_suspect}
        for rule in self.rules:
            every = 0.0 if rule.id in suspected else rule.every_seconds
            if self._is_due(rule, facts, every, OPEN_SECONDS if rule.id in watched else IDLE_SECONDS):
                events += self._step(rule, facts)
        self.watches = {key: watch for key, watch in self.watches.items() if not watch.is_over(now)}
        kinds = {kind for watch in self.watches.values() if watch.is_suspect for kind in watch.rule.read_from}
        self.suspects = frozenset(state.key for state in facts.sources if state.source in kinds)
        return events

    def _is_due(self, rule: Rule, facts: DetectionInputs, every: float, idle: float) -> bool:
        """After a fresh read of what it needs, and every `idle` seconds, since time itself makes things true.

        Rules that are evaluated as rarely are at the same steps: what they need is worked out once for all of them.
        """
        at, read_at = self._evaluated.get(rule.id, (-inf, -inf))
        fresh, since = _read_at(rule, facts), abs(facts.now - at)
        seldom = every > 0 and facts.now // every == at // every
        if seldom or (fresh == read_at and since < idle - EARLY_SECONDS):
            return False
        self._evaluated[rule.id] = facts.now, fresh
        return True

    def _step(self, rule: Rule, facts: DetectionInputs) -> Iterable[Event]:
        mine = {key[1]: watch for key, watch in self.watches.items() if key[0] == rule.id}
        usual = {name: watch.usual for name, watch in mine.items() if watch.is_open}
        found = {one.component: one for one in _evaluate(rule, facts, usual)}
        firing = sum(watch.stage is Stage.FIRING for watch in self.watches.values())
        events: list[Event] = []
        read_at = _read_at(rule, facts)
        for component, one in found.items():
            watch = mine.get(component)
            if watch is None:
                if not one.bad:
                    continue
                watch = self.watches[rule.id, component] = Watch(rule, component)
            watch.missing_since = 0.0
            events += advance(watch, _seen_by(watch, one, rule, facts), facts.now, firing, read_at)
        for component, watch in mine.items():
            if component not in found:
                events += advance(watch, _missing(watch, rule, facts), facts.now, read_at=read_at)
        return events


def _missing(watch: Watch, rule: Rule, facts: DetectionInputs) -> Condition:
    """A component that nothing was found of: held, until it is surely not there any more."""
    if any(facts.lost(source) for source in rule.inputs):
        watch.missing_since = 0.0
        return Condition(watch.component, False, False)
    watch.missing_since = watch.missing_since or facts.now
    return Condition(watch.component, False, facts.now - watch.missing_since > GONE_SECONDS)


def _restored(rule: Rule, event: Event) -> Watch:
    labels = dict(event.labels)
    watch = Watch(rule, labels.get("component", ""), id=labels.get("id", ""))
    state = labels.get("state", "")
    watch.stage = Stage(state) if state in Stage.__members__.values() else Stage.QUIET
    watch.started = float(labels.get("since", event.time))
    watch.refires = int(labels.get("refires", "0"))
    watch.usual = float(labels["usual"]) if "usual" in labels else None
    watch.severity, watch.words, watch.reported_at = event.severity, event.message, event.time
    watch.reported_words = event.message
    watch.began, watch.worst = labels.get("began", event.message), labels.get("worst", event.message)
    watch.worst_severity = Severity(labels.get("worst_severity", event.severity))
    watch.worst_figure = float(labels.get("worst_figure", 0.0))
    watch.resolved_at = event.time if watch.stage is Stage.RESOLVED else 0.0
    watch.pending_reported_at = event.time if watch.stage is Stage.PENDING else 0.0
    return watch
