"""The components of one Prism, each as its own view judges it, and never better than the alerts that blame it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from aggregators.alerts.verdict import OF_SEVERITY, Look
from aggregators.backends.pools import pools
from aggregators.backends.server_status import name_of
from aggregators.backends.servers import server_states
from aggregators.incidents.dependencies import Component, Kind
from aggregators.incidents.signs import component_of
from aggregators.incidents.wiring import health_keys
from aggregators.messaging.conservation import balances
from aggregators.messaging.counts import counts
from aggregators.messaging.subscribers import subscribers
from aggregators.messaging.topics import topic_rows
from aggregators.namespaces.namespaces import known_namespaces
from aggregators.observability.exports import flows
from aggregators.observability.pipeline import hops
from aggregators.observability.queues import exporters
from aggregators.patterns.health import PatternHealth, pattern_path, worst_status
from aggregators.requests.proxies import proxies
from aggregators.security.auth import token_checks
from aggregators.security.dex import dex
from aggregators.security.security import judged_checks
from aggregators.series.source_rows import source_status
from aggregators.series.sources import of_kind
from model.status import Reading, Status

PAGES: dict[Kind, str] = {
    Kind.CLIENT: "/security", Kind.NAMESPACE: "/namespaces", Kind.OPERATION: "/performance",
    Kind.PROXY: "/performance", Kind.TOKENS: "/security", Kind.DEX: "/security", Kind.TOPIC: "/messaging",
    Kind.SUBSCRIBER: "/messaging", Kind.POOL: "/backends", Kind.SERVER: "/backends", Kind.SERVICE: "/observability",
    Kind.COLLECTOR: "/observability", Kind.SIGNOZ: "/observability", Kind.CONTROL_PLANE: "/resources",
    Kind.PATTERN: "/", Kind.NETWORK: "/settings", Kind.DASHBOARD: "/settings", Kind.OTHER: "/alerts",
}  # fmt: skip
"""Where to look at a component that has no page of its own."""
_ONE = (Kind.COLLECTOR, Kind.SIGNOZ, Kind.DEX, Kind.TOKENS)
"""Of these there is one on the map, whatever name an alert has for it."""


@dataclass(frozen=True, slots=True)
class Part:
    """One component: `words` for people, its status and why, the page about it (a name in it is not quoted yet)."""

    component: Component
    words: str
    status: Status
    reason: str
    page: str


def parts_of(look: Look) -> tuple[Part, ...]:
    """Every component that a source names, each judged by its own view; and those that only an alert names."""
    found = {one.component: one for one in _judged_by_views(look)}
    every_proxy = [one for one in found if one.kind is Kind.PROXY]
    keys = health_keys(look.patterns)
    for alert in look.firing:
        named = component_of(alert, keys)
        if named.kind is Kind.OTHER:
            continue  # nothing that is known to be a part of this Prism
        blamed = every_proxy if named.kind is Kind.PROXY and not named.name else [_known(named, found)]
        for one in blamed or [named]:
            known = found.get(one, _part(one, Status.UNKNOWN))
            found[one] = _blamed(known, OF_SEVERITY[alert.severity], alert.words)
    return tuple(found.values())


def pattern_part(look: Look, one: PatternHealth) -> Part:
    """One pattern as `parts_of` judges it."""
    part, keys = _of_pattern(one), health_keys(look.patterns)
    for alert in () if look.silence else look.firing:
        if component_of(alert, keys) == part.component:
            part = _blamed(part, OF_SEVERITY[alert.severity], alert.words)
    return part


def _known(named: Component, found: Iterable[Component]) -> Component:
    if named.kind not in _ONE:
        return named
    return next((one for one in found if one.kind is named.kind), named)


def _blamed(one: Part, status: Status, words: str) -> Part:
    """No better than an alert about it; the alert's words where its own view says nothing as bad."""
    worst = worst_status((one.status, status))
    return one if worst is one.status and one.reason else replace(one, status=worst, reason=words)


def _part(component: Component, status: Status, reason: str = "", words: str = "") -> Part:
    return Part(component, words or component.words, status, reason, _page(component))


def _page(one: Component) -> str:
    if one.kind is Kind.PATTERN:
        return pattern_path(one.name)
    return f"/namespaces/{one.name}" if one.kind is Kind.NAMESPACE else PAGES[one.kind]


def _judged_by_views(look: Look) -> Iterator[Part]:
    yield from _namespaces(look)
    yield from _proxies(look)
    yield from _sign_in(look)
    yield from _messages(look)
    yield from map(_of_pattern, look.patterns)
    yield from _backends(look)
    yield from _telemetry(look)


def _of_pattern(one: PatternHealth) -> Part:
    reason = "" if one.status is Status.HEALTHY else one.reason or one.message
    return _part(Component(Kind.PATTERN, one.name), one.status, reason)


def _namespaces(look: Look) -> Iterator[Part]:
    for one in known_namespaces(look.snapshot, look.now).rows:
        yield _part(Component(Kind.NAMESPACE, one.name), one.status, one.reason)


def _proxies(look: Look) -> Iterator[Part]:
    rows = {row.instance: row for row in look.sources if row.source == "proxy"}
    for name in proxies(look.snapshot, look.now):
        row = rows.get(name)
        status = source_status(row) if row else Status.HEALTHY  # somebody else reads it, or it would not be counted
        yield _part(Component(Kind.PROXY, name), status, row.word if row and status is not Status.HEALTHY else "")


def _sign_in(look: Look) -> Iterator[Part]:
    checks, configured = token_checks(look.snapshot, look.now).without_expired, of_kind(look.snapshot, "dex")
    if configured or checks.reading is not Reading.NOT_REPORTED:
        yield _part(Component(Kind.TOKENS, ""), judged_checks(checks), checks.note)
    if configured:
        found = dex(look.snapshot, look.now)
        status = found.status if found.age is None else Status.UNKNOWN
        yield _part(Component(Kind.DEX, ""), status, "" if status is Status.HEALTHY else found.reason)


def _messages(look: Look) -> Iterator[Part]:
    reported = counts(look.snapshot, look.now)
    for topic in topic_rows(reported, balances(reported)):
        yield _part(Component(Kind.TOPIC, topic.name), topic.status, topic.reason)
    for one in subscribers(look.snapshot, look.now).rows:
        yield _part(Component(Kind.SUBSCRIBER, f"{one.name} of {one.topic}"), one.status)


def _backends(look: Look) -> Iterator[Part]:
    seen: set[str] = set()
    for pool in pools(look.snapshot, look.now):  # the worst first: of several proxies' pools that one counts
        name = pool.pattern or pool.backend
        if pool.is_pool and name not in seen:
            seen.add(name)
            yield _part(Component(Kind.POOL, name), pool.status, pool.note)
    for state, status, reason in server_states(look.snapshot, look.now):
        words = f"{Kind.SERVER.value} {name_of(state)}"
        yield _part(Component(Kind.SERVER, state.key), status, reason, words)


def _telemetry(look: Look) -> Iterator[Part]:
    """What nobody set up is left out."""
    snapshot, now = look.snapshot, look.now
    if not of_kind(snapshot, "otel") and not of_kind(snapshot, "signoz"):
        return
    way = hops(snapshot, now, exporters(snapshot, now, flows(snapshot, now)))
    kinds = (Kind.SERVICE, Kind.SERVICE, Kind.COLLECTOR, Kind.SIGNOZ)
    needed = ("signoz", "signoz", "otel", "signoz")
    for hop, kind, source in zip(way, kinds, needed, strict=True):
        if of_kind(snapshot, source):
            name = hop.name if kind is Kind.SERVICE else ""
            yield _part(Component(kind, name), hop.status, "" if hop.status is Status.HEALTHY else hop.reason)
