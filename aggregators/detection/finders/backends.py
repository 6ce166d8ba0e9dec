"""What the rules on pools and on the backends' servers find at one instant: a condition per component."""

from __future__ import annotations

from collections.abc import Iterable

from aggregators.alerts.rules import Rule
from aggregators.backends.pools import Pool
from aggregators.backends.server_status import name_of
from aggregators.detection.condition import Condition, Finders, Usual
from aggregators.detection.detection_inputs import DetectionInputs
from model.catalogue.source_kinds import SERVERS
from model.number_text import round_percent
from model.series import Severity
from model.sources import ErrorKind
from model.status import Reading, Status


def pool_use(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """Pools by their own limit; a figure that is stale reports nothing."""
    doubled = _doubled(facts.pools)
    for one in facts.pools:
        if not one.is_pool:
            continue
        name = one.pattern or one.backend
        component = f"{name} at {one.instance}" if name in doubled else name
        ratio = one.utilization_ratio
        if ratio.reading is not Reading.VALUE or ratio.value is None:
            yield Condition(component, False, False)
            continue
        used, limit, waiting = one.active.value or 0.0, one.maximum.value or 0.0, one.waiting.value or 0.0
        full = ratio.value >= rule.critical_at
        words = rule.words.format(
            component=component,
            state="is full" if full else f"is {round_percent(ratio.value)} used",
            used=f"{used:.0f}",
            limit=f"{limit:.0f}",
            waiting=f", {waiting:.0f} requests wait" if waiting else "",
        )
        severity = Severity.CRITICAL if full and waiting else None
        bad, good = ratio.value > rule.raise_at, ratio.value < rule.clear_at
        yield Condition(component, bad, good, words, severity, figure=ratio.value + waiting)


def _doubled(pools: Iterable[Pool]) -> set[str]:
    names = [one.pattern or one.backend for one in pools if one.is_pool]
    return {name for name in names if names.count(name) > 1}


def backend_server(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """Each of the backends' servers: what it says of itself, or that it is down or hangs."""
    for state, status, reason in facts.servers:
        hangs = status is Status.UNKNOWN and state.error is ErrorKind.TIMED_OUT and state.last_success > 0.0
        bad = status in (Status.DEGRADED, Status.UNHEALTHY) or hangs
        named = f"{SERVERS[state.source]} server {name_of(state)}"
        severity = Severity.CRITICAL if status is Status.UNHEALTHY else None
        if hangs:
            reason = "hangs, it takes connections and answers nothing"
        elif state.error is ErrorKind.DOWN and status is Status.UNHEALTHY:
            reason = f"is down, {state.detail or 'its port is closed'}"
        words = rule.words.format(server=named, reason=reason)
        yield Condition(state.key, bad, status is Status.HEALTHY, words, severity)


FINDERS: Finders = {one.__name__: one for one in (backend_server, pool_use)}
