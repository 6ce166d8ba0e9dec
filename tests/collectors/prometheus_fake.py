"""A Prometheus that has scraped what it is given it has."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from collectors.core.contract import Reported
from collectors.prometheus.collector import PrometheusCollector
from collectors.prometheus.target_kinds import read_through
from model.prometheus import PrometheusOptions
from model.settings import Settings, SourceOptions
from tests.collectors.conftest import Asked, HttpServer, Reply

NOW = 1_700_000_040.0
Row = tuple[dict[str, str], float]


@dataclass
class Scraped:
    """One target as of its last scrape at `at`; `given` are the labels that the server gave it."""

    job: str
    instance: str
    at: float
    rows: list[Row] = field(default_factory=list)
    up: float | None = 1.0
    given: dict[str, str] = field(default_factory=dict)

    @property
    def labels(self) -> dict[str, str]:
        return {"instance": self.instance, "job": self.job, **self.given}

    def series(self) -> Iterable[tuple[dict[str, str], float]]:
        if self.up is not None:
            yield {"__name__": "up", **self.labels}, self.up
            yield {"__name__": "scrape_duration_seconds", **self.labels}, 0.25
        if self.up != 0.0:
            for labels, value in self.rows:
                yield self.labels | labels, value

    def stamps(self, query: str) -> Iterable[tuple[dict[str, str], float]]:
        if self.up is not None:
            yield {"hud_stamp": "up", **self.labels}, self.at
        for name in re.findall(r'max by \(job, instance\) \(timestamp\(\{__name__="([^"]*)"', query):
            if any(labels["__name__"] == name for labels, _ in self.rows):
                yield {"hud_stamp": name, "job": self.job, "instance": self.instance}, self.at


@dataclass
class FakePrometheus:
    """Its targets, its clock, and what it answers instead when `instead` is set."""

    targets: list[Scraped] = field(default_factory=list)
    now: float = NOW
    instead: Reply | None = None
    errors: dict[str, str] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)
    past: Callable[[float], Iterable[Scraped]] = lambda at: ()
    longest_range: float = 1e9

    def __call__(self, asked: Asked) -> Reply:
        if self.instead is not None:
            return self.instead
        if asked.path == "/api/v1/targets":
            found = [
                {"labels": one.labels, "lastError": self.errors.get(one.instance, ""), "health": "down"}
                for one in self.targets
            ]
            return Reply.of({"status": "success", "data": {"activeTargets": found}})
        if asked.path == "/api/v1/query_range":
            return self._range(form(asked))
        result = [
            {"metric": labels, "value": [self.now, f"{value!r}"]}
            for one in self.targets
            for labels, value in [*one.series(), *one.stamps(form(asked)["query"])]
        ]
        return self._answer("vector", result)

    def _range(self, fields: dict[str, str]) -> Reply:
        start, end, step = float(fields["start"]), float(fields["end"]), float(fields["step"])
        if end - start > self.longest_range:
            return Reply.of({"status": "error", "errorType": "execution", "error": "too many samples"}, 422)
        reported: dict[tuple[tuple[str, str], ...], list[list[Any]]] = {}
        for number in range(int((end - start) // step) + 1):
            at = start + number * step
            for one in self.past(at):
                for labels, value in [*one.series(), *one.stamps(fields["query"])]:
                    reported.setdefault(tuple(labels.items()), []).append([at, f"{value!r}"])
        return self._answer("matrix", [{"metric": dict(key), "values": values} for key, values in reported.items()])

    def _answer(self, kind: str, result: list[Any]) -> Reply:
        return Reply.of({"status": "success", "data": {"resultType": kind, "result": result}, **self.more})


def form(asked: Asked) -> dict[str, str]:
    """The fields that were sent."""
    return dict(parse_qsl(asked.body))


def counted(value: float, **labels: str) -> Row:
    return {"__name__": "prism_requests_total", **labels}, value


def proxy(at: float, *rows: Row, job: str = "prism", instance: str = "p:1", **more: Any) -> Scraped:
    return Scraped(job, instance, at, list(rows) or [counted(7.0)], **more)


class Reading:
    """A collector of a fake server; its clock is the server's plus `ahead`."""

    def __init__(self, http: Callable[..., HttpServer], server: FakePrometheus, **settings: Any) -> None:
        self.server = server
        self.web = http(server)
        self.ahead = 0.0
        self.settings = Settings(
            prometheus_url=self.web.url, signoz_api_url="", admin_api_url="", **{"prometheus": {}, **settings}
        )
        self.collector = PrometheusCollector(
            self.web.url,
            SourceOptions(interval_seconds=5.0, timeout_seconds=2.0),
            PrometheusOptions(**{"history_hours": 0, **self.settings.prometheus.model_dump(exclude_unset=True)}),
            read_through(self.settings),
            self.settings.aliases,
        )

    def clock(self) -> float:
        return self.server.now + self.ahead

    def read(self) -> dict[str, Reported]:
        """What one good read reported each source."""
        self.collector.collect(self.clock)
        return self.reported()

    def reported(self) -> dict[str, Reported]:
        return {one.state.key: one for one in self.collector.reported()}
