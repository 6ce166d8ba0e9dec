"""A telemetry exporter that fails has an alert, by the judgement that its page and the rail word."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from aggregators.alerts.alerts import Alert, AlertState, alerts
from aggregators.alerts.rules import BY_ID
from aggregators.alerts.verdict import Look
from aggregators.detection.detections import Detector
from aggregators.observability.observability import observability, observability_verdict
from model.series import Event, Kind, Scrape, Severity
from model.sources import CollectError, ErrorKind, SourceState
from model.status import Status
from store.snapshot import Snapshot
from tests.aggregators.virtual_prism import Tape

INTERVAL = 5
START = 1_790_000_000.0
CAPACITY = 20.0
SENT, FAILED, DROPPED = (f"otelcol_exporter_{what}_spans_total" for what in ("sent", "send_failed", "enqueue_failed"))


def _only(rule: str) -> Detector:
    detector = Detector()
    detector.rules = (BY_ID[rule],)
    return detector


@dataclass
class Exporting:
    """What one exporter has counted, and what it does with the 100 spans that it gets every second."""

    fails: float = 0.0
    queued: float = 0.0
    sent: float = 0.0
    failed: float = 0.0
    dropped: float = 0.0

    def tick(self) -> None:
        self.sent += 100.0 * (1.0 - self.fails)
        self.failed += 100.0 * self.fails


@dataclass
class Pipeline:
    """Collectors with their exporters, read every INTERVAL seconds and watched every second.

    As a real one does, a collector names a counter only once it has counted something.
    """

    collectors: dict[str, dict[str, Exporting]]
    silent: set[str] = field(default_factory=set)
    now: float = START
    tape: Tape = field(default_factory=Tape)
    states: dict[str, SourceState] = field(default_factory=dict)
    detector: Detector = field(default_factory=lambda: _only("telemetry_exporter"))
    events: list[Event] = field(default_factory=list)

    def run(self, seconds: int) -> None:
        for _ in range(seconds):
            self.now += 1.0
            for address, own in self.collectors.items():
                for one in own.values():
                    one.tick()
                if self.now % INTERVAL == 0.0:
                    self._read(address, own)
            self.events += self.detector.step(self.snapshot(), self.now)

    def _read(self, address: str, own: dict[str, Exporting]) -> None:
        key = f"otel@{address}"
        state = self.states.get(key) or SourceState(key, "otel", address, address, float(INTERVAL))
        if address in self.silent:
            self.states[key] = state.failed(self.now, 0.01, CollectError(ErrorKind.DOWN, "refused"))
            return
        scrape = Scrape("otel", address, self.now)
        scrape.add("otelcol_process_uptime_seconds", self.now - START)
        for name, one in own.items():
            labels = {"exporter": name} if name else {}
            for family, value in ((SENT, one.sent), (FAILED, one.failed), (DROPPED, one.dropped)):
                if value:
                    scrape.add(family, value, Kind.COUNTER, **labels)
            scrape.add("otelcol_exporter_queue_size", one.queued, data_type="traces", **labels)
            scrape.add("otelcol_exporter_queue_capacity", CAPACITY, data_type="traces", **labels)
        self.tape.add(scrape)
        self.states[key] = state.succeeded(self.now, 0.01, len(scrape.series))

    def snapshot(self) -> Snapshot:
        meta = {"collector_alive_at": self.now}
        return Snapshot(1, self.now, dict(self.states), tuple(self.events), meta, self.tape.load)

    def alerts(self) -> dict[str, Alert]:
        """What fires of exporters, by its component; page, rail and alert agree at every look."""
        found = {
            one.component: one
            for one in alerts(self.snapshot(), self.now)
            if one.rule == "telemetry_exporter" and one.state is AlertState.FIRING
        }
        page = observability(self.snapshot(), self.now)
        bad = {
            f"exporter {one.exporter} of {one.collector}"
            for one in page.exporters
            if one.status in (Status.DEGRADED, Status.UNHEALTHY)
        }
        assert bad <= set(found)
        assert page.status is observability_verdict(Look(self.snapshot(), self.now)).status
        return found


@pytest.fixture
def one() -> Pipeline:
    """A collector whose `debug` sends all that it gets, and whose `otlp` does so as well until told otherwise."""
    pipeline = Pipeline({"otel:8888": {"debug": Exporting(), "otlp": Exporting()}})
    pipeline.run(60)
    assert pipeline.alerts() == {}
    return pipeline


def test_one_of_two_exporters_that_fails_is_named_within_its_interval_and_is_over_soon(one: Pipeline) -> None:
    otlp = one.collectors["otel:8888"]["otlp"]
    otlp.fails = 1.0
    one.run(INTERVAL + 1)
    (found,) = one.alerts().values()
    assert (found.component, found.page) == ("exporter otlp of otel:8888", "/observability")
    assert "exporter otlp (traces) of the collector at otel:8888: " in found.words
    one.run(30)
    (found,) = one.alerts().values()
    assert "most of what it sends fails" in found.words
    assert found.severity is Severity.WARNING
    otlp.fails = 0.0
    one.run(3 * INTERVAL + 8)
    assert one.alerts() == {}


def queue_fills(otlp: Exporting) -> None:
    otlp.queued = 16.0


def queue_is_full(otlp: Exporting) -> None:
    otlp.queued = CAPACITY


def some_fail(otlp: Exporting) -> None:
    otlp.fails = 0.05


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (queue_fills, "its queue is filling"),
        (queue_is_full, "its queue is full: what comes now is lost"),
        (some_fail, "some of what it sends fails"),
    ],
)
def test_whatever_ails_an_exporter_the_alert_says_what_its_page_says(
    one: Pipeline, change: Callable[[Exporting], None], words: str
) -> None:
    change(one.collectors["otel:8888"]["otlp"])
    one.run(20)
    (found,) = one.alerts().values()
    assert words in found.words


def test_an_exporter_that_no_counter_names_is_judged_too() -> None:
    pipeline = Pipeline({"otel:8888": {"": Exporting(fails=1.0)}})
    pipeline.run(30)
    (found,) = pipeline.alerts().values()
    assert found.words.startswith("exporter (no name) (traces) of the collector at otel:8888")


def test_exporters_of_the_same_name_in_two_collectors_are_two() -> None:
    pipeline = Pipeline({"a:8888": {"otlp": Exporting(queued=CAPACITY)}, "b:8888": {"otlp": Exporting()}})
    pipeline.run(30)
    assert set(pipeline.alerts()) == {"exporter otlp of a:8888"}
    pages = observability(pipeline.snapshot(), pipeline.now).exporters
    assert {(one.collector, one.status) for one in pages} == {
        ("a:8888", Status.UNHEALTHY), ("b:8888", Status.HEALTHY),
    }  # fmt: skip


def test_while_its_collector_is_not_read_an_alert_stays_and_nothing_of_it_is_called_well() -> None:
    pipeline = Pipeline({"a:8888": {"otlp": Exporting(fails=1.0)}, "b:8888": {"otlp": Exporting()}})
    pipeline.run(30)
    pipeline.silent.add("a:8888")
    pipeline.run(120)
    found = [one for one in alerts(pipeline.snapshot(), pipeline.now) if one.rule == "telemetry_exporter"]
    assert [(one.component, one.state) for one in found] == [("exporter otlp of a:8888", AlertState.FIRING)]
    pages = observability(pipeline.snapshot(), pipeline.now).exporters
    assert {(one.collector, one.status) for one in pages} == {("a:8888", Status.UNKNOWN), ("b:8888", Status.HEALTHY)}


class Idle(Exporting):
    """It gets nothing by itself."""

    def tick(self) -> None:
        """Nothing."""


def test_an_item_or_two_that_are_lost_call_nobody_and_more_do() -> None:
    one = Idle(sent=500.0)
    watched = Pipeline({"host:8888": {"traces": one}})
    watched.run(20)
    one.failed = 2.0
    watched.run(20)
    assert watched.alerts() == {}
    one.failed = 40.0
    watched.run(10)
    assert list(watched.alerts()) == ["exporter traces of host:8888"]
