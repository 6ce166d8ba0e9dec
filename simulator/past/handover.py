"""At the start the model goes on where the past ends: its counters, its logs and its traces hold what was before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulator.past.alerts import changes
from simulator.past.instants import Instants
from simulator.past.ledgers import PoolPast, TopicPast
from simulator.past.past import Past
from simulator.past.rhythm import Rhythm
from simulator.traffic.alert_rules import AlertRuleStates
from simulator.traffic.latency import MIDDLES
from simulator.traffic.scenario import PROXY_CORES, USUAL_RATE

if TYPE_CHECKING:
    from simulator.traffic.traffic_model import TrafficModel

LOG_SECONDS, MOST_CELLS = 60.0, 4_000_000
NEWEST_SECONDS = 1200.0
"""So far back failed checks are held one by one."""


def hand_over(past: Past, model: TrafficModel) -> Rhythm:
    """Set everything that the model counts to what it was at the start; returns the rhythm that it goes on in."""
    books = Instants(past, np.array([past.start]))
    model.started = past.proxy_started
    model.succeeded[:], model.failed[:] = books.succeeded[0], books.failed[0]
    model.seconds[:] = books.total[0] @ MIDDLES
    model.cpu_seconds = PROXY_CORES * float(0.9 * books.up_seconds[0] + 0.1 * books.requests[0] / USUAL_RATE)
    model.alerts = AlertRuleStates(past.start, changes(past))
    _auth(books, model)
    _pipeline(books, model)
    for pool in model.pools.values():
        ledger = PoolPast(books, pool.spec)
        pool.acquired[:], pool.queried[:] = ledger.acquired[0], ledger.queried[0]
        pool.acquire_seconds, pool.query_seconds = float(pool.acquired @ MIDDLES), float(pool.queried @ MIDDLES)
        pool.errors.update({reason: int(count[0]) for reason, count in ledger.errors.items()})
    for topic in model.topics:
        known = TopicPast(books, topic.spec)
        topic.go_on(
            int(known.published[0]), known.received[0], known.dropped[0], known.delivery[0], float(known.rate[0])
        )
    _logs(past, model)
    _lost(past, model)
    return past.rhythm


def _auth(books: Instants, model: TrafficModel) -> None:
    auth = model.auth
    auth.started = books.past.proxy_started
    auth.allowed, auth.misses, auth.refreshes = (int(one[0]) for one in (books.requests, books.misses, books.refreshes))
    auth.failures = {reason: int(count[0]) for reason, count in books.refused.items()}
    auth.denied = {reason: int(count[0]) for reason, count in books.denied.items()}


def _pipeline(books: Instants, model: TrafficModel) -> None:
    for name, signal in model.pipeline.signals.items():
        taken, lost = books.signal(name)
        signal.accepted, signal.failed = int(taken[0]), int(lost[0])
        signal.sent = signal.accepted - signal.failed
    model.pipeline.last_sent = books.past.start


def _logs(past: Past, model: TrafficModel) -> None:
    """The failed checks of the time that is remembered, minute by minute; more coarsely where the scenario is large."""
    seconds = past.start - past.begin
    slots = max(1, min(round(seconds / LOG_SECONDS), MOST_CELLS // past.cells))
    edges = np.linspace(past.begin, past.start, slots + 1)
    refused = {reason: count.tolist() for reason, count in Instants(past, edges).refused.items()}
    model.auth_log.begin_at({reason: counts[0] for reason, counts in refused.items()})
    for at, (start, end) in enumerate(zip(edges.tolist(), edges[1:].tolist(), strict=False), start=1):
        counted = {reason: counts[at] for reason, counts in refused.items()}
        model.auth_log.book(start, end, counted, one_by_one=end > past.start - NEWEST_SECONDS)


def _lost(past: Past, model: TrafficModel) -> None:
    """Requests to a pattern that was down left traces without it."""
    for one in past.incidents:
        if one.down:
            flows = Instants(past, np.array([one.start, one.end]))
            asked = flows.total[:, flows.flows_of(one.pattern)].sum(axis=(1, 2))
            model.lost_spans.note((one.start + one.end) / 2, int(asked[1] - asked[0]))
