"""The proxy's /metrics: every family that the catalogue names for it, from the books."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable, Sequence
from math import sin

from model.catalogue import BY_NAME
from model.series import Kind
from model.status import Phase
from simulator.sockets.exposition import OPENMETRICS_TYPE, TEXT_TYPE, WHOLE, BucketLines, Exposition, Row, Share
from simulator.sockets.http import NOT_FOUND, Request, Response
from simulator.traffic.nats import NatsClient, nats_client
from simulator.traffic.resources import of_proxy, pattern_memory_bytes
from simulator.traffic.scenario import JWKS_PERIOD_SECONDS
from simulator.traffic.traffic_model import TrafficModel


class ProxyMetrics:
    """Answers GET /metrics in the format and encoding asked for."""

    def __init__(self, traffic_model: TrafficModel, clock: Callable[[], float], share: Share = WHOLE) -> None:
        self._traffic_model, self._clock, self._share = traffic_model, clock, share
        self._lines = BucketLines()
        self._last = b""

    def __call__(self, request: Request) -> Response:
        """The proxy's only path."""
        if request.path != "/metrics" or request.method not in ("GET", "HEAD"):
            return NOT_FOUND
        openmetrics = "application/openmetrics-text" in request.headers.get("accept", "")
        body = self.text(self._clock(), openmetrics)
        headers = {"Vary": "Accept-Encoding"}
        if "gzip" in request.headers.get("accept-encoding", ""):
            body = gzip.compress(body, compresslevel=1)
            headers["Content-Encoding"] = "gzip"
        return Response(body, OPENMETRICS_TYPE if openmetrics else TEXT_TYPE, headers=headers)

    def text(self, now: float, openmetrics: bool = False) -> bytes:
        """The whole exposition at `now`."""
        traffic_model = self._traffic_model
        with traffic_model.lock:
            traffic_model.advance(now)
            if traffic_model.effects.proxy.frozen and self._last:
                return self._last
            out = Exposition(openmetrics, traffic_model.effects.absent, self._lines, self._share)
            _requests(out, traffic_model)
            _auth(out, traffic_model)
            _pubsub(out, traffic_model)
            _pools(out, traffic_model)
            _patterns(out, traffic_model)
            _process(out, traffic_model)
            self._last = out.text()
        return self._last


def _put(out: Exposition, name: str, rows: Iterable[Row]) -> None:
    """A family of the catalogue, with the catalogue's words."""
    known = BY_NAME[name]
    out.family(name, "counter" if known.kind is Kind.COUNTER else "gauge", known.help, rows)


def _part(out: Exposition, name: str, rows: Iterable[Row]) -> None:
    """The same of what all proxies have together: this one's share."""
    _put(out, name, ((labels, out.share.part(value)) for labels, value in rows))


def _requests(out: Exposition, traffic_model: TrafficModel) -> None:
    labels = [
        {"namespace": flow.namespace, "pattern": flow.pattern, "operation": flow.operation}
        for flow in traffic_model.scenario.flows
    ]
    good, bad = traffic_model.succeeded.sum(axis=1).tolist(), traffic_model.failed.sum(axis=1).tolist()
    counted = (
        ({**own, "status": status}, count)
        for own, succeeded, failed in zip(labels, good, bad, strict=True)
        for status, count in (("success", succeeded), ("error", failed))
    )
    _part(out, "prism_requests_total", counted)
    name = "prism_request_duration_seconds"
    timed = zip(labels, traffic_model.requests().tolist(), traffic_model.seconds.tolist(), strict=True)
    out.histogram(name, BY_NAME[name].help, timed)


def _auth(out: Exposition, traffic_model: TrafficModel) -> None:
    auth = traffic_model.auth
    attempts: list[Row] = [({"result": "success", "reason": ""}, auth.successes)]
    attempts += [({"result": "failure", "reason": reason}, count) for reason, count in auth.failures.items()]
    _part(out, "prism_auth_requests_total", attempts)
    _part(out, "prism_auth_token_refreshes_total", [({}, auth.refreshes)])
    decisions: list[Row] = [({"decision": "allowed", "reason": ""}, auth.allowed)]
    decisions += [({"decision": "denied", "reason": reason}, count) for reason, count in auth.denied.items()]
    _part(out, "prism_authz_decisions_total", decisions)
    _part(out, "prism_jwks_cache_hits_total", [({}, auth.hits)])
    _part(out, "prism_jwks_cache_misses_total", [({}, auth.misses)])
    refreshed = auth.jwks_refreshed(traffic_model.at, traffic_model.effects.auth.keys_age)
    _put(out, "prism_jwks_last_refresh_timestamp_seconds", [({}, refreshed)])
    _put(out, "prism_jwks_next_refresh_timestamp_seconds", [({}, refreshed + JWKS_PERIOD_SECONDS)])


def _pubsub(out: Exposition, traffic_model: TrafficModel) -> None:
    topics = [({"topic": topic.spec.name}, topic) for topic in traffic_model.topics]
    _part(out, "prism_pubsub_published_total", [(label, topic.published) for label, topic in topics])
    _part(out, "prism_pubsub_delivered_total", [(label, int(topic.received.sum())) for label, topic in topics])
    _part(out, "prism_pubsub_dropped_total", [(label, int(topic.dropped.sum())) for label, topic in topics])
    _part(out, "prism_pubsub_pending", [(label, int(topic.pending.sum())) for label, topic in topics])
    _part(out, "prism_pubsub_subscribers", [(label, len(topic.spec.subscribers)) for label, topic in topics])
    name = "prism_pubsub_delivery_duration_seconds"
    out.histogram(name, BY_NAME[name].help, [(la, t.delivery.tolist(), t.delivery_seconds) for la, t in topics])
    subscribers = [
        ({**label, "subscriber": subscriber}, topic, index)
        for label, topic in topics
        for index, (subscriber, _) in enumerate(topic.spec.subscribers)
    ]
    _part(out, "prism_pubsub_subscriber_received_total", [(la, int(t.received[i])) for la, t, i in subscribers])
    _put(out, "prism_pubsub_subscriber_lag_seconds", [(la, float(t.lag_seconds[i])) for la, t, i in subscribers])


def _pools(out: Exposition, traffic_model: TrafficModel) -> None:
    every = [({"backend": pool.spec.backend, "pattern": name}, pool) for name, pool in traffic_model.pools.items()]
    pools = [(label, pool) for label, pool in every if out.share.part(pool.maximum)]  # one connection is one proxy's
    _part(out, "prism_pool_connections_active", [(label, pool.active) for label, pool in pools])
    _put(
        out, "prism_pool_connections_idle", [(label, _idle(out.share, pool.active, pool.idle)) for label, pool in pools]
    )
    _part(out, "prism_pool_connections_max", [(label, pool.maximum) for label, pool in pools])
    _part(out, "prism_pool_waiting", [(label, pool.waiting) for label, pool in pools])
    name = "prism_pool_acquire_duration_seconds"
    timed = [(label, pool.acquired.tolist(), pool.acquire_seconds) for label, pool in pools]
    out.histogram(name, BY_NAME[name].help, timed)
    errors = [({**label, "reason": reason}, n) for label, pool in pools for reason, n in pool.errors.items()]
    _part(out, "prism_pool_errors_total", errors)
    asked = [(label, pool) for label, pool in pools if pool.reports_queries]
    _part(out, "prism_backend_active_queries", [(label, pool.active) for label, pool in asked])
    name = "prism_backend_query_duration_seconds"
    out.histogram(name, BY_NAME[name].help, [(la, pool.queried.tolist(), pool.query_seconds) for la, pool in asked])
    single = [(label, label["pattern"]) for label, pool in pools if pool.maximum == 1]
    _part(
        out,
        "prism_backend_reconnects_total",
        [
            (label, traffic_model.processes[name].restarts + traffic_model.pools[name].reconnects)
            for label, name in single
        ],
    )
    _nats(out, [label for label, _ in single], nats_client(traffic_model))


def _idle(share: Share, active: int, idle: int) -> float:
    """Of a proxy's share of the open connections those that are not in use."""
    return share.part(active + idle) - share.part(active)


def _nats(out: Exposition, labels: Sequence[dict[str, str]], client: NatsClient) -> None:
    _part(out, "prism_backend_pending_messages", [(label, client.pending) for label in labels])
    _put(out, "prism_backend_subscriptions", [(label, client.subscriptions) for label in labels])
    ways = [({**label, "direction": way}, way) for label in labels for way in ("in", "out")]
    messages, sizes = (
        {"in": client.in_messages, "out": client.out_messages},
        {"in": client.in_bytes, "out": client.out_bytes},
    )
    _part(out, "prism_backend_messages_total", [(label, messages[way]) for label, way in ways])
    _part(out, "prism_backend_bytes_total", [(label, sizes[way]) for label, way in ways])


def _patterns(out: Exposition, traffic_model: TrafficModel) -> None:
    every = [({"pattern": name}, process) for name, process in traffic_model.processes.items()]
    processes = every[out.share.number :: out.share.of]  # each pattern's process is one proxy's
    _put(out, "prism_pattern_restarts_total", [(label, process.restarts) for label, process in processes])
    _put(out, "prism_pattern_start_time_seconds", [(label, process.started) for label, process in processes])
    phases = [
        ({**label, "phase": phase.value}, int(process.phase(traffic_model.at) is phase))
        for label, process in processes
        for phase in Phase
    ]
    _put(out, "prism_pattern_phase", phases)
    alive = [(label, process) for label, process in processes if process.up]
    memory = [(label, pattern_memory_bytes(process, traffic_model.at)) for label, process in alive]
    _put(out, "prism_pattern_resident_memory_bytes", memory)
    _put(out, "prism_pattern_cpu_seconds_total", [(label, process.cpu_seconds) for label, process in alive])
    _put(out, "prism_pattern_goroutines", [(label, process.goroutines) for label, process in alive])


def _process(out: Exposition, traffic_model: TrafficModel) -> None:
    use = of_proxy(traffic_model)
    _put(out, "process_resident_memory_bytes", [({}, use.memory_bytes)])
    _put(out, "process_memory_limit_bytes", [({}, use.memory_limit_bytes)])
    _put(out, "process_cpu_seconds_total", [({}, use.cpu_seconds)])
    _put(out, "process_cpu_limit_cores", [({}, use.cpu_limit_cores)])
    _put(out, "process_threads", [({}, use.threads)])
    _put(out, "process_open_fds", [({}, use.open_descriptors)])
    _put(out, "process_max_fds", [({}, use.max_descriptors)])
    _put(out, "process_start_time_seconds", [({}, traffic_model.started)])
    out.family("prism_build_info", "gauge", "The proxy's version.", [({"version": "0.3.0", "commit": "c45f0c7d"}, 1)])
    out.family("tokio_workers", "gauge", "Worker threads of the proxy's runtime.", [({}, 8)])
    tasks = 388 + int(20 * sin(traffic_model.at / 300.0))
    out.family("tokio_alive_tasks", "gauge", "Tasks alive in the proxy's runtime.", [({}, tasks)])
