"""Every source that there is at one port, read on a clock set by hand, and what is known of them then.

What reads and keeps is the product's own: the settings' builder, the runners, the source states, the snapshot.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import grpc

from collectors.build import build_collectors
from collectors.core.contract import Collector
from collectors.core.runner import Runner
from collectors.core.source_states import Attempt, SourceStates
from collectors.patterns.pattern import PatternCollector
from collectors.proxy.metrics import ProxyCollector
from model.series import Event, Scrape
from model.settings import SOURCE_FIELDS, Aliases, Settings, SourceOptions, SourceTable
from model.sources import ErrorKind, SourceState
from store.snapshot import Snapshot, snapshot_of
from tests.collectors.conftest import Answers, Asked, HttpServer, Reply
from tests.patience import patience

NOW = 1_790_000_000.0
TIMEOUT = 0.5
OPTIONS = SourceOptions(interval_seconds=1.0, timeout_seconds=2.0)
LIFECYCLE = "/prism.interfaces.LifecycleInterface/HealthCheck"
CHECK = "/grpc.health.v1.Health/Check"
LAUNCHER = "/prism.launcher.PatternLauncher/Health"

Http = Callable[[Answers], HttpServer]
Serve = Callable[..., int]
Answer = Callable[[bytes, grpc.ServicerContext], bytes]


def settings_of(seconds: float = 2.0, **given: object) -> Settings:
    """Settings with these sources and no others; one read may take `seconds`."""
    table = SourceTable()
    for kind in SourceTable.model_fields:
        setattr(table, kind, getattr(table, kind).model_copy(update={"timeout_seconds": seconds}))
    off = {name: [] if isinstance(Settings.model_fields[name].default, list) else "" for name in SOURCE_FIELDS}
    return Settings(**{**off, "sources": table, **given})


def over_http(port: int, seconds: float = 2.0) -> list[Collector]:
    """A collector of every kind that speaks HTTP."""
    url = f"http://127.0.0.1:{port}"
    plain = ("signoz_api_url", "admin_api_url", "alertmanager_url", "prometheus_url", "otel_health_url")
    metrics = ("admin_metrics_url", "otel_metrics_url")
    lists = ("proxy_metrics_url", "redis_exporter_urls", "postgres_exporter_urls")
    return build_collectors(
        settings_of(
            seconds,
            dex_issuer_url=f"{url}/dex",
            nats_monitor_urls=[url],
            **dict.fromkeys(plain, url),
            **dict.fromkeys(metrics, f"{url}/metrics"),
            **{name: [f"{url}/metrics"] for name in lists},
        )
    )


def over_grpc(port: int, seconds: float = 2.0) -> list[Collector]:
    """A collector of every kind that speaks gRPC."""
    target = f"127.0.0.1:{port}"
    return build_collectors(
        settings_of(seconds, pattern_health_targets=[f"redis={target}", f"x={target}/x"], launcher_targets=[target])
    )


def kinds(collectors: Iterable[Collector]) -> dict[str, ErrorKind | None]:
    """How one read of each source goes, by kind of source. None has any time beyond its own."""
    found = {}
    for one in collectors:
        began = time.monotonic()
        found[one.source] = booked(one).error
        assert time.monotonic() - began < (one.timeout_seconds * 1.5 + 0.5) * patience(), one.source
    return found


def booked(one: Collector) -> SourceState:
    """What is booked after one read."""
    every_source = EverySource(one)
    every_source.read()
    every_source.close()
    return next(iter(every_source.source_states.states.values()))


class EverySource:
    """Reads these sources whenever it is asked to, and holds what the store would."""

    def __init__(self, *collectors: Collector) -> None:
        self.now = NOW
        self.source_states = SourceStates(collectors)
        self.scrapes: list[Scrape] = []
        self.events: list[Event] = []
        self._collectors = collectors
        self._runners = [
            Runner(one, self._enter, now=lambda: self.now, monotonic=time.monotonic, chance=random.Random(1))
            for one in collectors
        ]

    def read(self, seconds: float = 1.0, times: int = 1) -> Scrape:
        """Let so many seconds pass and read everything, again and again; the last scrape that came."""
        for _ in range(times):
            self.now += seconds
            for runner in self._runners:
                runner.step()
        return self.scrapes[-1] if self.scrapes else Scrape("", "", self.now)

    def snapshot(self) -> Snapshot:
        """What is known now."""
        meta = {"collector_alive_at": self.now}
        return snapshot_of(self.scrapes, sources=self.source_states.states.values(), events=self.events, meta=meta)

    def close(self) -> None:
        for one in self._collectors:
            one.close()

    def _enter(self, attempt: Attempt) -> None:
        found = self.source_states.enter([attempt])
        self.scrapes += found
        self.events += [event for scrape in found for event in scrape.events]


def exposing(text: str | bytes, content_type: str = "text/plain; version=0.0.4") -> Answers:
    """Answers every path with this text."""
    body = text.encode() if isinstance(text, str) else text
    return lambda asked: Reply(200, body, {"Content-Type": content_type})


def routes(table: Mapping[str, Any]) -> Answers:
    """Answers these paths with JSON, and everything else as Go's mux does."""

    def answer(asked: Asked) -> Reply:
        found = table.get(asked.path)
        if isinstance(found, Reply):
            return found
        if found is None:
            return Reply(404, b"404 page not found\n", {"Content-Type": "text/plain; charset=utf-8"})
        return Reply(200, json.dumps(found).encode(), {"Content-Type": "text/plain; charset=utf-8"})

    return answer


def proxy(server: HttpServer, path: str = "/metrics", aliases: Aliases | None = None) -> ProxyCollector:
    return ProxyCollector(f"{server.url}{path}", OPTIONS, aliases or Aliases())


def pattern(port: int, name: str = "redis", service: str = "") -> PatternCollector:
    return PatternCollector(name, f"127.0.0.1:{port}{service}", OPTIONS)


def values(scrape: Scrape, name: str, label: str = "instance") -> dict[str | None, float]:
    """Values of one family by a label."""
    return {one.series.label(label): one.value for one in scrape.samples() if one.series.name == name}


def status_of(scrape: Scrape) -> str:
    """The one status that a pattern's read reports."""
    (found,) = (word for word, value in values(scrape, "prism_pattern_status", "status").items() if value == 1.0)
    return found or ""


class Rpc(grpc.GenericRpcHandler):  # type: ignore[type-arg]
    """A gRPC server that has these methods; every method that is asked for is noted, with the time it was given."""

    def __init__(self, methods: Mapping[str, Answer] | None = None) -> None:
        self.methods = dict(methods or {})
        self.called: list[str] = []
        self.given_seconds: list[float] = []

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler[bytes, bytes] | None:
        self.called.append(str(details.method))
        answer = self.methods.get(str(details.method)) or self.methods.get("*")
        if answer is None:
            return None

        def timed(request: bytes, context: grpc.ServicerContext) -> bytes:
            self.given_seconds.append(context.time_remaining())
            return answer(request, context)

        return grpc.unary_unary_rpc_method_handler(timed)


def saying(message: Any) -> Answer:
    """Answers with this message."""
    return lambda request, context: bytes(message.SerializeToString())


def refusing(code: grpc.StatusCode, words: str = "") -> Answer:
    """Refuses with this status."""

    def answer(request: bytes, context: grpc.ServicerContext) -> bytes:
        context.abort(code, words)
        return b""

    return answer


def texts(value: Any) -> Sequence[str]:
    """Every text in a nest of lists and dictionaries."""
    if isinstance(value, str):
        return [value]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return [text for part in parts for text in texts(part)]
