"""Everything of ours that reads what others answer, each as a call that makes one whole read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

from bench import fuzz_seeds as seeds
from bench.fuzz_wire import Wire
from collectors.admin.metrics import AdminMetricsCollector
from collectors.admin.namespaces import AdminCollector
from collectors.alerting.alertmanager import AlertmanagerCollector
from collectors.core.contract import Collector, Gateway, PartialReadError
from collectors.core.timestamps import LAST_YEAR
from collectors.dex.discovery import DexCollector
from collectors.otel.collector import OtelCollector
from collectors.patterns.launcher import LauncherCollector
from collectors.patterns.pattern import PatternCollector
from collectors.prometheus.api import PrometheusApi
from collectors.prometheus.collector import PrometheusCollector
from collectors.prometheus.range_rows import STEP_SECONDS, Part, Reel
from collectors.prometheus.target_discovery import TargetDiscovery
from collectors.prometheus.target_kinds import KINDS
from collectors.proxy.metrics import ProxyCollector
from collectors.servers.exporter import BackendExporterCollector
from collectors.servers.exporter_names import POSTGRES, REDIS
from collectors.servers.nats_server import NatsServerCollector
from collectors.servers.redis_info import parse_info, report
from collectors.servers.server_scrape import ITSELF, ServerWords
from collectors.signoz.alert_history import RuleHistory
from collectors.signoz.auth_failure_counts import AuthFailureCounts
from collectors.signoz.auth_failures import AuthFailures
from collectors.signoz.auth_spans import Attributes
from collectors.signoz.client import SignozClient
from collectors.signoz.collector import SignozCollector
from collectors.signoz.compliance import Compliance
from collectors.signoz.coverage import Coverage
from collectors.signoz.ingest import NewestSpans, Stats
from collectors.signoz.throttled_queries import Question
from model.access import Access
from model.prometheus import PrometheusOptions
from model.series import Event, Scrape
from model.settings import Aliases, AuthSpans, SourceOptions
from model.sources import CollectError
from model.targets import Target

READ_EVERY_SECONDS = 5.0
OPTIONS = SourceOptions(interval_seconds=READ_EVERY_SECONDS, timeout_seconds=3.0)
JSON_TYPE = "application/json"
TEXT_TYPE, OPENMETRICS_TYPE = "text/plain; version=0.0.4", "application/openmetrics-text; version=1.0.0"
_SIGNOZ, _PROMETHEUS = "http://signoz:8080", "http://prometheus:9090"
Read = Callable[[float], object]


class UnstorableError(Exception):
    """A read was taken for good, and holds what the store cannot keep."""


@dataclass(frozen=True)
class Reader:
    """One way to read. Answers to requests with `asked` in them are made from `seeds`, the rest are `others`.

    `share` of all inputs; `read` at a time, which goes on from read to read.
    """

    name: str
    read: Read
    seeds: Sequence[bytes]
    content_type: str
    share: int = 2
    asked: str = ""
    others: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def is_json(self) -> bool:
        """True when its seeds are JSON, whose values can be changed."""
        return self.content_type == JSON_TYPE


def all_readers(wire: Wire) -> list[Reader]:
    """All of them."""
    return [*_of_text(wire), *_of_json(), *_of_signoz(), *_of_prometheus(), *_of_grpc()]


def _of_text(wire: Wire) -> list[Reader]:
    pages = seeds.pieces("prometheus.txt", "node_exporter.txt", "simulator.txt", "launcher.txt")
    otel = OtelCollector("http://otel:8888/metrics", "", OPTIONS, Aliases())
    redis, postgres = (
        BackendExporterCollector(kind, Target("db", "http://exporter:9121/metrics"), OPTIONS)
        for kind in (REDIS, POSTGRES)
    )
    words = ServerWords("redis", Target("db", "redis://db:6379"), ITSELF)
    return [
        Reader("text", collected(_proxy()), (*pages, seeds.ODD_TEXT), TEXT_TYPE, 16),
        Reader("OpenMetrics", collected(_proxy()), (*seeds.OPENMETRICS, *_ended(pages)), OPENMETRICS_TYPE, 14),
        Reader("OTel metrics", collected(otel), seeds.pieces("simulator_otel.txt"), TEXT_TYPE, 2),
        Reader("admin metrics", collected(_admin_metrics()), seeds.pieces("prism_admin.txt"), TEXT_TYPE, 2),
        Reader("Redis exporter", collected(redis), _with_up("redis_exporter.txt", b"redis_up 1\n"), TEXT_TYPE, 2),
        Reader(
            "PostgreSQL exporter", collected(postgres), _with_up("postgres_exporter.txt", b"pg_up 1\n"), TEXT_TYPE, 2
        ),
        Reader("Redis INFO", lambda now: _info(words, wire, now), seeds.pieces("redis_info.txt"), "", 2),
    ]


def _of_json() -> list[Reader]:
    nats = {f"/{name}": seeds.recorded(f"nats_{name}.json") for name in ("varz", "connz", "jsz", "healthz")}
    dex = {"openid": seeds.DISCOVERY[1], "keys": seeds.KEYS[0], "healthz": b"ok", "metrics": b""}
    found = [
        Reader("Admin API", collected(AdminCollector("http://admin:8080", OPTIONS)), seeds.ADMIN, JSON_TYPE, 5),
        Reader("Alertmanager", collected(AlertmanagerCollector("http://alerts:9093", OPTIONS)), seeds.ALERTMANAGER,
               JSON_TYPE, 5),
        Reader("OTel health", collected(OtelCollector("", "http://otel:13133", OPTIONS, Aliases())), seeds.OTEL_HEALTH,
               JSON_TYPE),
        Reader("Dex discovery", collected(_dex()), seeds.DISCOVERY, JSON_TYPE, 3, "openid", dex),
        Reader("Dex keys", collected(_dex()), seeds.KEYS, JSON_TYPE, 2, "keys", dex),
    ]  # fmt: skip
    for page, body in nats.items():
        reported = seeds.NATS_HEALTH if page == "/healthz" else (body,)
        server = NatsServerCollector(Target("bus", "http://nats:8222"), OPTIONS)
        found.append(Reader(f"NATS {page}", collected(server), reported, JSON_TYPE, 2, page, nats))
    return found


def _of_signoz() -> list[Reader]:
    others = {
        "/api/v1/alerts": seeds.SIGNOZ_ALERTS[0], "history": seeds.SIGNOZ_HISTORY[0],
        "/api/v1/rules": seeds.SIGNOZ_RULES[0], "/v5/": seeds.V5_FIGURES[0], "/v3/": seeds.V3_FIGURES[0],
    }  # fmt: skip
    spans, groups = AuthFailures(_attributes(), "signoz:8080"), "failed logins counted"
    counted = [AuthFailureCounts(_attributes(), "10m", 600.0, 30.0) for _ in range(2)]
    newest = NewestSpans()
    services = {'"scalar"': seeds.V5_SERVICES[0]}
    return [
        Reader("SigNoz version", _version(), seeds.VERSIONS, JSON_TYPE, 1),
        Reader("SigNoz alerts", collected(_signoz("v5")), seeds.SIGNOZ_ALERTS, JSON_TYPE, 5, "/api/v1/alerts", others),
        Reader("SigNoz rules", _history(), seeds.SIGNOZ_RULES, JSON_TYPE, 2, "GET /api/v1/rules", others),
        Reader("SigNoz history", _history(), seeds.SIGNOZ_HISTORY, JSON_TYPE, 3, "history", others),
        Reader("SigNoz v5 figures", collected(_signoz("v5")), seeds.V5_FIGURES, JSON_TYPE, 3, "/v5/", others),
        Reader("SigNoz v3 figures", collected(_signoz("v3")), seeds.V3_FIGURES, JSON_TYPE, 3, "/v3/", others),
        Reader("v5 failed logins", _logins(spans, "v5"), seeds.V5_SPANS, JSON_TYPE),
        Reader("v3 failed logins", _logins(spans, "v3"), seeds.V3_SPANS, JSON_TYPE),
        Reader(f"v5 {groups}", asked(counted[0], "v5"), seeds.V5_GROUPS, JSON_TYPE),
        Reader(f"v3 {groups}", asked(counted[1], "v3"), seeds.V3_GROUPS, JSON_TYPE),
        Reader("compliance", asked(Compliance(0.01), "v5"), seeds.V5_HOURS, JSON_TYPE),
        Reader("trace coverage", asked(Coverage(), "v5"), seeds.V5_TRACES, JSON_TYPE),
        Reader(
            "services with spans",
            _afresh(newest),
            seeds.V5_SERVICES,
            JSON_TYPE,
            1,
            '"scalar"',
            {"/v5/": seeds.V5_NEWEST[0]},
        ),
        Reader("newest spans", _afresh(newest), seeds.V5_NEWEST, JSON_TYPE, 2, '"raw"', services),
        Reader("SigNoz statistics", asked(Stats(), "v5"), seeds.STATS, JSON_TYPE, 1),
    ]


def _of_prometheus() -> list[Reader]:
    others = {"/targets": seeds.TARGETS[0], "/query": seeds.INSTANT[1]}
    through, why = (
        PrometheusCollector(_PROMETHEUS, OPTIONS, PrometheusOptions(history_hours=0), KINDS, Aliases())
        for _ in range(2)
    )
    return [
        Reader("Prometheus query", collected(through), seeds.INSTANT, JSON_TYPE, 6, "/query", others),
        Reader("Prometheus targets", collected(why), seeds.TARGETS, JSON_TYPE, 2, "/targets", others),
        Reader("Prometheus range", _range(), seeds.RANGE, JSON_TYPE, 4),
    ]


def _of_grpc() -> list[Reader]:
    pattern = PatternCollector("redis", "pattern:50051", OPTIONS)
    standard = PatternCollector("redis", "pattern:50051/redis", OPTIONS)
    return [
        Reader("lifecycle health", collected(pattern), seeds.LIFECYCLE, "", 2),
        Reader("standard health", collected(standard), seeds.STANDARD, "", 1),
        Reader("launcher", collected(LauncherCollector("launcher:8981", OPTIONS)), seeds.LAUNCHER, "", 2),
    ]


def collected(collector: Collector) -> Read:
    """One read of a source; what is reported must be storable, also when only a part of it could be read."""

    empty = Scrape(collector.source, collector.instance, seeds.NOW)

    def read(now: float) -> None:
        try:
            storable(collector.collect(lambda: now))
        except PartialReadError as error:
            storable(error.scrape)
            raise
        finally:
            for reported in collector.reported() if isinstance(collector, Gateway) else ():
                storable(reported.scrape or empty)

    return read


def asked(question: Question, version: str) -> Read:
    """One answer to a question to SigNoz, which begins anew once it is answered or has failed."""
    client = SignozClient(_SIGNOZ, "", version, OPTIONS)

    def read(now: float) -> None:
        client.begin()
        scrape = Scrape("signoz", "signoz:8080", now)
        try:
            found = question.ask(client, now)
        except CollectError:
            question.forget()
            raise
        if found is not None:
            question.forget()
            for family, value, labels in found:
                scrape.add(family, value, **dict(labels))
        storable(scrape)

    return read


def storable(scrape: Scrape) -> None:
    """Raises UnstorableError for times that are none and labels that are no text."""
    events: list[Event] = scrape.events
    _check_times([scrape.time, *(one.time for one in events)])
    if len(scrape.series) != len(scrape.values):
        raise UnstorableError(f"{len(scrape.series)} series with {len(scrape.values)} values")
    for pairs in (*(one.labels for one in scrape.series), *(one.labels for one in events)):
        for pair in pairs:
            "".join(pair).encode()


def _check_times(times: Iterable[float]) -> None:
    """Raises UnstorableError for times that are no instants."""
    odd = [time for time in times if not 0.0 < time < LAST_YEAR]
    if odd:
        raise UnstorableError(f"the time {odd[0]}")


def _proxy() -> ProxyCollector:
    return ProxyCollector("http://proxy:8980/metrics", OPTIONS, Aliases())


def _admin_metrics() -> AdminMetricsCollector:
    return AdminMetricsCollector("http://admin:9090/metrics", OPTIONS, Aliases())


def _dex() -> DexCollector:
    return DexCollector("http://dex:5556/dex", "", OPTIONS)


def _signoz(version: str) -> SignozCollector:
    return SignozCollector(_SIGNOZ, "", version, OPTIONS)


def _attributes() -> Attributes:
    return Attributes(AuthSpans())


def _ended(texts: Sequence[bytes]) -> list[bytes]:
    return [text + b"# EOF\n" for text in texts]


def _with_up(name: str, line: bytes) -> tuple[bytes, ...]:
    return tuple(line + piece for piece in seeds.pieces(name))


def _info(words: ServerWords, wire: Wire, now: float) -> None:
    reported = words.scrape(lambda: now)
    report(words, reported, parse_info(wire.body.decode("utf-8", "replace")))
    storable(reported.scrape)


def _version() -> Read:
    client = SignozClient(_SIGNOZ, "", "auto", OPTIONS)

    def read(now: float) -> None:
        client.forget()
        client.begin()
        client.speaks()

    return read


def _history() -> Read:
    """The rules and their history, asked for anew each time."""
    client = SignozClient(_SIGNOZ, "", "v5", OPTIONS)

    def read(now: float) -> None:
        client.begin()
        _check_times(at for at, _, _ in RuleHistory().edges(client, now))

    return read


def _logins(question: AuthFailures, version: str) -> Read:
    ask = asked(question, version)

    def read(now: float) -> None:
        ask(now)
        storable(Scrape("signoz", "signoz:8080", now, events=question.taken()))

    return read


def _afresh(question: NewestSpans) -> Read:
    """Which services there are, and then their spans."""
    ask = asked(question, "v5")

    def read(now: float) -> None:
        ask(now)
        ask(now)

    return read


def _range() -> Read:
    api = PrometheusApi(_PROMETHEUS, timeout_seconds=3.0, max_bytes=OPTIONS.max_bytes, headers={}, access=Access())
    discovery, numbers = TargetDiscovery(KINDS, Aliases()), count()

    def read(now: float) -> None:
        api.begin()
        part = Part(seeds.NOW - STEP_SECONDS * (next(numbers) % 3), 3)
        for _, rows in Reel(discovery, 0.0).rows(api.span("up", part.start, part.end, STEP_SECONDS), part):
            _check_times(rows.times.tolist())

    return read
