"""What an alert says for the grouping: which component is in what trouble, from when to when."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from aggregators.alerts.rows import Alert
from aggregators.alerts.rules import BY_ID, Blamed
from aggregators.incidents.dependencies import Component, Kind, Trouble
from aggregators.requests.attribution import ALL
from model.catalogue.source_kinds import SERVERS

_NAMED: Mapping[str, Kind] = {
    "namespace": Kind.NAMESPACE,
    "topic": Kind.TOPIC,
    "subscriber": Kind.SUBSCRIBER,
    "proxy": Kind.PROXY,
    "operation": Kind.OPERATION,
    "server": Kind.SERVER,
    "service": Kind.SERVICE,
    "client": Kind.CLIENT,
    "address": Kind.CLIENT,
    "user": Kind.CLIENT,
    "collector": Kind.COLLECTOR,
    "backend": Kind.SERVER,
}
"""A component that begins with one of these words is of that kind, and what follows is its name."""
_WHOLE: Mapping[str, Component] = {
    ALL: Component(Kind.PROXY, ""),
    "proxy": Component(Kind.PROXY, ""),
    "auth": Component(Kind.TOKENS, ""),
    "dex": Component(Kind.DEX, ""),
    "sign-in": Component(Kind.DEX, ""),
    "signoz": Component(Kind.SIGNOZ, ""),
}
_SOURCES: Mapping[str, Kind] = {
    "proxy": Kind.PROXY,
    "otel": Kind.COLLECTOR,
    "signoz": Kind.SIGNOZ,
    "dex": Kind.DEX,
    "launcher": Kind.CONTROL_PLANE,
    "admin": Kind.CONTROL_PLANE,
    "admin_metrics": Kind.CONTROL_PLANE,
    **dict.fromkeys(SERVERS, Kind.SERVER),
}
"""Whom a source's key `kind@host:port` stands for; of another kind it is the dashboard's own concern."""
_NOBODY_OR_PRISM = re.compile(r"|job (?:\S+/)?prism(?:[-_]proxy)?", re.IGNORECASE)
"""Whom another tool's alert on requests names that is about all of them: nobody, or the job as which a proxy is scraped
(deploy/prometheus.yml). Of `prism-admin` or of any other job it is not.
"""
_EXPORTER = re.compile(r"exporter .* of (?P<collector>.+)")
_TROUBLES = (
    (Trouble.TELEMETRY, r"telemetry|export|span|trace|coverage|queue"),
    (Trouble.LOAD, r"nois|load|share|max.?rps|limit.?rps|flood|neighbour"),
    (Trouble.IDENTITY, r"auth|sign.?in|token|jwks|dex|login"),
    (Trouble.MESSAGES, r"messag|deliver|drop|backlog|lag|subscriber|topic"),
    (Trouble.STATE, r"down|hang|degraded|restart|backend|source|collector|pool|resource|memory|fds|goroutine|disk|cpu"),
    (Trouble.REQUESTS, r"error|latency|traffic|slow|request|burn|ramp|p99"),
)
"""By the words in the family, or in the name, of a rule: the first that fits."""
_USUAL = {
    Kind.NAMESPACE: Trouble.REQUESTS,
    Kind.OPERATION: Trouble.REQUESTS,
    Kind.TOKENS: Trouble.IDENTITY,
    Kind.CLIENT: Trouble.IDENTITY,
    Kind.TOPIC: Trouble.MESSAGES,
    Kind.SUBSCRIBER: Trouble.MESSAGES,
    Kind.SERVICE: Trouble.TELEMETRY,
}


class Sign(NamedTuple):
    """One alert as the grouping sees it. `at` and `end` are seconds since 1970; `end` is infinite while it lasts."""

    component: Component
    trouble: Trouble
    at: float
    end: float
    alert: Alert


def sign_of(alert: Alert, patterns: Mapping[str, str] | None = None) -> Sign:
    """An alert's sign; `patterns` are names by the key of the source that reads each pattern's health."""
    component = component_of(alert, patterns or {})
    end = float("inf") if alert.resolved_at is None else alert.resolved_at
    return Sign(component, _trouble(alert, component.kind), alert.started, end, alert)


def component_of(alert: Alert, patterns: Mapping[str, str]) -> Component:
    """Whom an alert blames. What is not known to be a part of this Prism stands for itself.

    Another tool's alert on requests that names nobody, or the proxy's job, is about all of them.
    """
    name, rule = alert.component, BY_ID.get(alert.rule)
    if rule and rule.blames is Blamed.DASHBOARD:
        return Component(Kind.DASHBOARD, name.removeprefix("dashboard/"))
    if not alert.in_prism and _NOBODY_OR_PRISM.fullmatch(name) and _trouble(alert, Kind.PROXY) is Trouble.REQUESTS:
        return Component(Kind.PROXY, "")
    if not alert.in_prism:
        return Component(Kind.OTHER, name or alert.title)
    if alert.family == "pool" and "@" not in name:
        return Component(Kind.POOL, name.partition(" at ")[0])
    if name.lower() in _WHOLE:
        return _WHOLE[name.lower()]
    exporter = _EXPORTER.fullmatch(name)
    if exporter:
        return Component(Kind.COLLECTOR, exporter["collector"])
    kind, space, rest = name.partition(" ")
    if space and kind.lower() in _NAMED:
        return Component(_NAMED[kind.lower()], rest.removeprefix("at "))
    return _source(name, patterns) if "@" in name else _bare(alert)


def _source(key: str, patterns: Mapping[str, str]) -> Component:
    kind, _, instance = key.partition("@")
    if kind == "patterns":
        return Component(Kind.PATTERN, patterns.get(key, instance))
    if kind in SERVERS:
        return Component(Kind.SERVER, key)
    return Component(_SOURCES[kind], instance) if kind in _SOURCES else Component(Kind.DASHBOARD, key)


def _bare(alert: Alert) -> Component:
    if alert.page == "/security" or alert.family in ("auth", "sign-in"):
        return Component(Kind.TOKENS, "")
    return Component(Kind.PATTERN if alert.component else Kind.OTHER, alert.component or alert.title)


def _trouble(alert: Alert, kind: Kind) -> Trouble:
    rule = BY_ID.get(alert.rule)
    for words in (rule.family if rule else alert.family, alert.rule):
        for trouble, pattern in _TROUBLES:
            if re.search(pattern, words.lower()):
                return trouble
    return _USUAL.get(kind, Trouble.STATE)
