"""Everything of ours that reads what others answer, each as a call that makes one whole read."""

from __future__ import annotations

from collections.abc import Sequence

from bench.fuzzing import seeds
from bench.fuzzing.prometheus import prometheus_readers
from bench.fuzzing.reading import (
    JSON_TYPE,
    OPENMETRICS_TYPE,
    OPTIONS,
    TEXT_TYPE,
    Reader,
    collected,
    storable,
)
from bench.fuzzing.signoz import signoz_readers
from bench.fuzzing.wire import Wire
from collectors.admin.metrics import AdminMetricsCollector
from collectors.admin.namespaces import AdminCollector
from collectors.alerting.alertmanager import AlertmanagerCollector
from collectors.dex.discovery import DexCollector
from collectors.otel.collector import OtelCollector
from collectors.patterns.launcher import LauncherCollector
from collectors.patterns.pattern import PatternCollector
from collectors.proxy.metrics import ProxyCollector
from collectors.servers.exporter import BackendExporterCollector
from collectors.servers.exporter_names import POSTGRES, REDIS
from collectors.servers.nats_server import NatsServerCollector
from collectors.servers.redis_info import parse_info, report
from collectors.servers.server_scrape import ITSELF, ServerWords
from model.settings import Aliases
from model.targets import Target


def all_readers(wire: Wire) -> list[Reader]:
    """All of them."""
    return [*_of_text(wire), *_of_json(), *signoz_readers(), *prometheus_readers(), *_of_grpc()]


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
        Reader(
            "Alertmanager",
            collected(AlertmanagerCollector("http://alerts:9093", OPTIONS)),
            seeds.ALERTMANAGER,
            JSON_TYPE,
            5,
        ),
        Reader(
            "OTel health",
            collected(OtelCollector("", "http://otel:13133", OPTIONS, Aliases())),
            seeds.OTEL_HEALTH,
            JSON_TYPE,
        ),
        Reader("Dex discovery", collected(_dex()), seeds.DISCOVERY, JSON_TYPE, 3, "openid", dex),
        Reader("Dex keys", collected(_dex()), seeds.KEYS, JSON_TYPE, 2, "keys", dex),
    ]
    for page, body in nats.items():
        reported = seeds.NATS_HEALTH if page == "/healthz" else (body,)
        server = NatsServerCollector(Target("bus", "http://nats:8222"), OPTIONS)
        found.append(Reader(f"NATS {page}", collected(server), reported, JSON_TYPE, 2, page, nats))
    return found


def _of_grpc() -> list[Reader]:
    pattern = PatternCollector("redis", "pattern:50051", OPTIONS)
    standard = PatternCollector("redis", "pattern:50051/redis", OPTIONS)
    return [
        Reader("lifecycle health", collected(pattern), seeds.LIFECYCLE, "", 2),
        Reader("standard health", collected(standard), seeds.STANDARD, "", 1),
        Reader("launcher", collected(LauncherCollector("launcher:8981", OPTIONS)), seeds.LAUNCHER, "", 2),
    ]


def _proxy() -> ProxyCollector:
    return ProxyCollector("http://proxy:8980/metrics", OPTIONS, Aliases())


def _admin_metrics() -> AdminMetricsCollector:
    return AdminMetricsCollector("http://admin:9090/metrics", OPTIONS, Aliases())


def _dex() -> DexCollector:
    return DexCollector("http://dex:5556/dex", "", OPTIONS)


def _ended(texts: Sequence[bytes]) -> list[bytes]:
    return [text + b"# EOF\n" for text in texts]


def _with_up(name: str, line: bytes) -> tuple[bytes, ...]:
    return tuple(line + piece for piece in seeds.pieces(name))


def _info(words: ServerWords, wire: Wire, now: float) -> None:
    reported = words.scrape(lambda: now)
    report(words, reported, parse_info(wire.body.decode("utf-8", "replace")))
    storable(reported.scrape)
