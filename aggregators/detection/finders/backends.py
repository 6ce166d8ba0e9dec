"""What the rules on pools and on the backends' servers find at one instant: a condition per component."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from aggregators.alerts.rules import BY_ID, Rule
from aggregators.backends.pools import ACTIVE, MAX, Pool
from aggregators.backends.server_status import name_of
from aggregators.detection.alert_state_machine import OUTLASTED_SECONDS
from aggregators.detection.condition import Condition, Finders, Usual
from aggregators.detection.detection_inputs import DetectionInputs
from aggregators.detection.tracks import STEADY_SECONDS, Track
from model.catalogue.details import DETAIL
from model.catalogue.source_kinds import SERVERS
from model.number_text import lasting, round_percent
from model.series import Severity
from model.sources import ErrorKind
from model.status import Reading, Status

PAST_SECONDS = 60.0
FILLING_RATIO = 0.6


def pool_use(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """Pools by their own limit; a figure that is stale reports nothing."""
    for component, one in _named_pools(facts):
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


def _named_pools(facts: DetectionInputs) -> Iterator[tuple[str, Pool]]:
    """Every pool by its component: the pattern, and the proxy that holds it where several do."""
    doubled = _doubled(facts.pools)
    for one in facts.pools:
        if one.is_pool:
            name = one.pattern or one.backend
            yield f"{name} at {one.instance}" if name in doubled else name, one


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


def pool_waiting(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """Requests that wait though there is room: of a nearly full pool `pool_use` says so."""
    full = BY_ID["pool_use"].raise_at
    for component, one in _named_pools(facts):
        waiting, ratio = one.waiting, one.utilization_ratio.value
        if waiting.value is None or waiting.reading is not Reading.VALUE:
            continue
        bad = waiting.value >= rule.raise_at and (ratio or 0.0) <= full
        words = rule.words.format(component=component, count=f"{waiting.value:.0f}")
        yield Condition(component, bad, waiting.value < rule.clear_at, words, figure=waiting.value)


def pool_filling(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """Pools that will be full soon when they go on like this."""
    limits = {(one.source, *_place(one)): one.now for one in facts.tracks(MAX, PAST_SECONDS)}
    for one in facts.tracks(ACTIVE, PAST_SECONDS):
        limit, component = limits.get((one.source, *_place(one)), 0.0), _client(one.labels)
        if limit > 1:
            left = (
                one.seconds_to(limit, STEADY_SECONDS)
                if one.now >= FILLING_RATIO * limit and one.now < limit
                else float("inf")
            )
            bad = left <= rule.raise_at
            used = {"used": f"{one.now:.0f}", "limit": f"{limit:.0f}"}
            words = rule.words.format(component=component, left=lasting(left), **used) if bad else ""
            yield Condition(component, bad, left > rule.clear_at, words, figure=-left)


def _place(one: Track) -> tuple[str, str]:
    return one.labels.get("backend", ""), one.labels.get("pattern", "")


def _client(labels: Mapping[str, str]) -> str:
    return labels.get("pattern") or labels.get("backend", "")


def keys_full(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """Stores of keys against the most that they may hold, as they say themselves."""
    said = {(one.labels["pattern"], one.labels["key"]): one.now for one in facts.tracks(DETAIL, PAST_SECONDS)}
    for (pattern, key), limit in said.items():
        keys = said.get((pattern, "keys"))
        if key == "max_keys" and keys is not None and limit > 0:
            ratio = keys / limit
            counts = {"used": f"{keys:,.0f}", "limit": f"{limit:,.0f}", "percent": round_percent(ratio)}
            words = rule.words.format(component=facts.full_name(pattern), **counts)
            severity = Severity.CRITICAL if ratio >= rule.critical_at else None
            bad, good = ratio >= rule.raise_at, ratio < rule.clear_at
            yield Condition(pattern, bad, good, words, severity, figure=ratio, lasting_seconds=OUTLASTED_SECONDS)


def backend_pending(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """Messages that a client does not get rid of."""
    for one in facts.tracks("prism_backend_pending_messages", PAST_SECONDS):
        words = rule.words.format(component=_client(one.labels), count=f"{one.now:,.0f}")
        bad, good = one.piles_up(one.now, rule.raise_at, rule.clear_at)
        yield Condition(_client(one.labels), bad, good, words, figure=one.now)


def stream_backlog(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """JetStream consumers whose messages become more, whether they are to be given or to be acknowledged."""
    found: dict[str, Condition] = {}
    for family in ("nats_server_consumer_pending", "nats_server_consumer_ack_pending"):
        tracks = list(facts.tracks(family, PAST_SECONDS))
        own = {(one.labels.get("account"), one.labels.get("stream"), one.labels.get("consumer")) for one in tracks}
        shared = Counter((stream, consumer) for _, stream, consumer in own)
        for one in tracks:
            stream, consumer = one.labels.get("stream", ""), one.labels.get("consumer", "")
            if shared[stream, consumer] > 1:  # a stream's name is its account's own
                consumer = f"{consumer} (account {one.labels.get('account', '')})"
            component = f"subscriber {consumer} of {stream}"
            words = rule.words.format(stream=stream, consumer=consumer, count=f"{one.now:,.0f}")
            bad, good = one.piles_up(one.now, rule.raise_at, rule.clear_at)
            if component not in found or (bad and not found[component].bad):
                found[component] = Condition(component, bad, good, words, figure=one.now)
    yield from found.values()


FINDERS: Finders = {
    one.__name__: one
    for one in (backend_server, pool_use, pool_waiting, pool_filling, keys_full, backend_pending, stream_backlog)
}
