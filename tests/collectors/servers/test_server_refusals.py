"""A refusal in words is an answer: who says it is up, full, busy or refusing, and never down."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregators.backends.server import Server
from aggregators.backends.servers import backend_servers
from aggregators.detection.detections import Detector
from collectors.core.contract import Collector
from collectors.core.source_states import Attempt, SourceStates
from collectors.exposition.naming import Naming
from collectors.exposition.parser import ExpositionCache, parse_exposition
from collectors.servers.exporter import BackendExporterCollector
from collectors.servers.exporter_names import REDIS
from collectors.servers.postgres_errors import answered as postgres_answered
from collectors.servers.postgres_server import PostgresServerCollector
from collectors.servers.redis_errors import answered as redis_answered
from collectors.servers.redis_server import RedisServerCollector
from collectors.servers.server_scrape import RefusalError
from model.series import Scrape, Severity
from model.settings import Aliases, SourceOptions
from model.sources import CollectError, ErrorKind
from model.status import Status
from model.targets import Target
from store.snapshot import Snapshot, snapshot_of
from tests.collectors.certificates import Certificates, behind_tls
from tests.collectors.conftest import Reply

OPTIONS = SourceOptions(interval_seconds=1.0, timeout_seconds=2.0)
DENIED = (
    "DENIED Redis is running in protected mode because protected mode is enabled and no password is set for the default"
    " user. In this mode connections are only accepted from the loopback interface."
)
REDIS_SAYS = [
    (DENIED, Status.UNKNOWN, "DENIED Redis is running in protected mode"),
    ("NOAUTH Authentication required.", Status.UNKNOWN, "unauthenticated: NOAUTH"),
    ("NOPERM this user has no permissions to run the 'info' command", Status.UNKNOWN, "NOPERM"),
    ("WRONGPASS invalid username-password pair or user is disabled.", Status.UNKNOWN, "WRONGPASS"),
    ("ERR unknown command 'INFO', with args beginning with: 'all'", Status.UNKNOWN, "unknown command"),
    ("LOADING Redis is loading the dataset in memory", Status.DEGRADED, "it is loading"),
    ("LOADING Dragonfly is loading the dataset in memory", Status.DEGRADED, "it is loading"),
    ("BUSY Redis is busy running a script. You can only call SCRIPT KILL", Status.DEGRADED, "it is busy"),
    ("MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", Status.DEGRADED, "MASTERDOWN"),
    ("MISCONF Redis is configured to save RDB snapshots", Status.DEGRADED, "MISCONF"),
    ("ERR max number of clients reached", Status.DEGRADED, "it is full"),
    ("ERR max number of clients + cluster connections reached", Status.DEGRADED, "it is full"),
    ("ERR Max number of connections reached", Status.DEGRADED, "it is full"),
    ("ERR max concurrent connections exceeded", Status.DEGRADED, "it is full"),
    ("ERR too many connections", Status.DEGRADED, "it is full"),
    ("ERR Connection limit reached", Status.DEGRADED, "it is full"),
    ("ERR Server is shutting down", Status.DEGRADED, "it is stopping"),
    ("ERR Too many connections", Status.DEGRADED, "it is full"),
    ("ERR Max Clients reached", Status.DEGRADED, "it is full"),
    ("NOTBUSY No scripts in execution right now.", Status.UNKNOWN, "refused: NOTBUSY"),
    ("BUSYKEY Target key name already exists.", Status.UNKNOWN, "refused: BUSYKEY"),
    ("ERR Connection refused by the backend: down", Status.UNKNOWN, "refused: ERR Connection refused"),
]


class Watched:
    """Reads, and what the dashboard makes of them, a second apart."""

    def __init__(self, collector: Collector) -> None:
        self.collector = collector
        self.source_states = SourceStates([collector])
        self.at = time.time()
        self.scrapes: list[Scrape] = []

    def read(self) -> None:
        self.at += 1.0
        key = next(iter(self.source_states.states))
        try:
            scrape = self.collector.collect(lambda: self.at)
            attempt = Attempt(key, self.at, 0.01, scrape)
        except CollectError as error:
            attempt = Attempt.failed(key, self.at, 0.01, error)
        self.scrapes += self.source_states.enter([attempt])

    def snapshot(self) -> Snapshot:
        return snapshot_of(self.scrapes, sources=self.source_states.states.values())

    @property
    def server(self) -> Server:
        (one,) = backend_servers(self.snapshot(), self.at).all
        return one

    def alarms(self, severity: Severity) -> list[str]:
        """What two looks of the detections raise."""
        detector = Detector({})
        events = [*detector.step(self.snapshot(), self.at), *detector.step(self.snapshot(), self.at + 0.5)]
        return [one.message for one in events if one.kind == "alert" and one.severity is severity]


@pytest.fixture
def watch() -> Iterator[Callable[[Collector], Watched]]:
    made: list[Watched] = []

    def start(collector: Collector) -> Watched:
        made.append(Watched(collector))
        return made[-1]

    yield start
    for one in made:
        one.collector.close()


@pytest.mark.parametrize(("said", "status", "words"), REDIS_SAYS)
def test_what_redis_says_instead_of_info_is_how_it_is(
    raw: Any, watch: Any, said: str, status: Status, words: str
) -> None:
    port = raw(lambda connection: connection.sendall(f"-{said}\r\n".encode()))
    seen = watch(RedisServerCollector(Target("cache", f"redis://127.0.0.1:{port}"), OPTIONS))
    for _ in range(4):
        seen.read()
    assert seen.server.status is status, seen.server.reason
    assert words in seen.server.reason
    assert "down for" not in seen.server.reason
    assert len(seen.server.reason) < 400
    assert seen.alarms(Severity.CRITICAL) == []


def greeting(said: bytes) -> Iterator[int]:
    """A server that says this to whoever comes, and hangs up with what it was asked unread."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        door.settimeout(5)

        def serve() -> None:
            while True:
                try:
                    caller, _ = door.accept()
                except OSError:
                    return
                caller.sendall(said)
                caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 0, 0))
                caller.close()

        threading.Thread(target=serve, daemon=True).start()
        yield int(door.getsockname()[1])


@pytest.mark.parametrize("password", ["", ":opensesame@"])
def test_who_is_turned_away_at_the_door_hears_why_although_the_connection_is_reset(watch: Any, password: str) -> None:
    for port in greeting(b"-ERR max number of clients reached\r\n"):
        seen = watch(RedisServerCollector(Target("", f"redis://{password}127.0.0.1:{port}"), OPTIONS))
        for _ in range(3):
            seen.read()
        assert (seen.server.status, seen.server.reason) in (
            (Status.DEGRADED, "it is full: ERR max number of clients reached"),
            (Status.DEGRADED, "it is full: max number of clients reached"),
        )


def test_a_redis_that_wants_tls_is_up_and_says_so(
    watch: Any, http: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("collectors.servers.redis_server.DOOR_SECONDS", 10.0)  # a crowded machine takes its time
    port = behind_tls(http(lambda asked: Reply()), Certificates(tmp_path), False).port
    seen = watch(RedisServerCollector(Target("", f"redis://127.0.0.1:{port}"), OPTIONS))
    for _ in range(3):
        seen.read()
    words = "wrong protocol: speaks TLS: its address begins with rediss://"
    assert (seen.server.status, seen.server.reason) == (Status.UNKNOWN, f"never reached: {words}")
    assert seen.alarms(Severity.CRITICAL) == []


MYSQL = b"J\0\0\0\n8.0.36\0\x08\0\0\0"
HTTP2 = b"\0\0\x12\x04\0\0\0\0\0" + b"\0\x03\0\0\0d" * 3


def greets(said: bytes) -> Callable[[socket.socket], None]:
    """Whoever speaks first, and listens for a while."""

    def talk(connection: socket.socket) -> None:
        connection.sendall(said)
        with contextlib.suppress(OSError):
            connection.recv(4096)

    return talk


@pytest.mark.parametrize("said", [MYSQL, HTTP2, b"SSH-2.0-OpenSSH_9.2\r\n", b"220 mail ESMTP\r\n"])
@pytest.mark.parametrize("server", ["redis", "postgres"])
def test_whoever_greets_in_another_tongue_is_up_and_no_such_server(
    raw: Any, watch: Any, said: bytes, server: str
) -> None:
    port = raw(greets(said))
    if server == "redis":
        seen = watch(RedisServerCollector(Target("", f"redis://127.0.0.1:{port}"), OPTIONS))
    else:
        seen = watch(PostgresServerCollector(Target("", f"postgresql://a@127.0.0.1:{port}/?sslmode=disable"), OPTIONS))
    for _ in range(3):
        seen.read()
    assert seen.server.status is Status.UNKNOWN
    assert "wrong protocol: does not speak" in seen.server.reason
    assert seen.alarms(Severity.CRITICAL) == []


def test_a_length_that_no_answer_has_is_no_fault_of_ours(raw: Any) -> None:
    port = raw(lambda connection: connection.sendall(b"$99999999999999999999\r\n"))
    collector = RedisServerCollector(Target("", f"redis://127.0.0.1:{port}"), OPTIONS)
    with pytest.raises(CollectError) as caught:
        collector.collect(time.time)
    collector.close()
    assert caught.value.kind is ErrorKind.WRONG_PROTOCOL


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("could not fork new process for connection: Resource temporarily unavailable", "it is busy: could not fork"),
        ("sorry, too many clients already", "it is full: sorry, too many clients already"),
    ],
)
def test_a_postgres_that_has_no_process_for_us_says_so_in_plain_words(
    raw: Any, watch: Any, said: str, words: str
) -> None:
    port = raw(lambda connection: connection.sendall(f"E{said}\n\0".encode()))
    url = f"postgresql://prism@127.0.0.1:{port}/orders?sslmode=disable"
    seen = watch(PostgresServerCollector(Target("orders", url), OPTIONS))
    for _ in range(3):
        seen.read()
    assert seen.server.status is Status.DEGRADED
    assert seen.server.reason.startswith(words)
    assert seen.alarms(Severity.CRITICAL) == []


def drips(connection: socket.socket) -> None:
    connection.sendall(b"$50000\r\n")
    while True:
        connection.sendall(b"a")
        time.sleep(0.05)


def floods(connection: socket.socket) -> None:
    connection.sendall(b"$100000000000\r\n")
    while True:
        connection.sendall(b"a" * 65_536)


@pytest.mark.parametrize(
    ("talk", "seconds", "kind"),
    [
        (drips, 1.0, ErrorKind.TIMED_OUT),
        (floods, 60.0, ErrorKind.TOO_LARGE),
        (lambda connection: connection.sendall(b"*1\r\n" * 100_000), 60.0, ErrorKind.MALFORMED),
    ],
    ids=["drips", "floods", "nests"],
)
def test_a_redis_whose_answer_never_ends_costs_a_read_and_no_more(
    raw: Any, talk: Any, seconds: float, kind: ErrorKind
) -> None:
    options = SourceOptions(interval_seconds=1.0, timeout_seconds=seconds, max_bytes=1_000_000)
    collector = RedisServerCollector(Target("", f"redis://127.0.0.1:{raw(talk)}"), options)
    with pytest.raises(CollectError) as caught:
        collector.collect(time.time)
    collector.close()
    assert caught.value.kind is kind


@given(st.text(max_size=400))
def test_whatever_redis_answers_it_is_not_down(said: str) -> None:
    found = redis_answered(said)
    assert found.kind not in (ErrorKind.DOWN, ErrorKind.TIMED_OUT)
    assert len(found.detail) <= 300


def exported(text: str) -> dict[str, float]:
    read = parse_exposition(text, ExpositionCache(Naming("a:1", Aliases())))
    collector = BackendExporterCollector(REDIS, Target("cache", "http://a:1/metrics"), OPTIONS)
    try:
        scrape = collector.reported(list(zip(read.series, read.values, strict=True)), lambda: 1_795_406_700.0)
    finally:
        collector.close()
    return {one.series.name: one.value for one in scrape.samples()}


@pytest.mark.parametrize(
    ("said", "up"),
    [
        ("ERR max number of clients reached", 1.0),
        ("tls: failed to verify certificate: x509: certificate has expired", 1.0),
        ("x509: certificate signed by unknown authority", 1.0),
        ("dial tcp 10.0.0.7:6379: connect: connection refused", 0.0),
        ("EOF", 0.0),
    ],
)
def test_an_exporter_whose_server_refuses_it_says_so(said: str, up: float) -> None:
    found = exported(f'redis_up 0\nredis_exporter_last_scrape_error{{err="{said}"}} 1\n')
    assert found["backend_up"] == up
    assert ("backend_refusal_info" in found) is bool(up)


@pytest.mark.parametrize("value", ["NaN", "2", "-1", "+Inf"])
def test_an_exporter_that_does_not_know_how_its_server_is_does_not_call_it_down(value: str) -> None:
    with pytest.raises(CollectError, match="neither 0 nor 1"):
        exported(f"redis_up {value}\n")
    assert exported(f'redis_up{{a="1"}} {value}\nredis_up{{a="2"}} 1\n')["backend_up"] == 1.0


def refusing(state: str, message: str, severity: str = "FATAL") -> Callable[[socket.socket], None]:
    """A PostgreSQL, or a pooler, that refuses with this SQLSTATE and these words."""
    fields = f"S{severity}\0V{'FATAL'}\0C{state}\0M{message}\0\0".encode()
    error = b"E" + struct.pack("!i", len(fields) + 4) + fields

    def talk(connection: socket.socket) -> None:
        connection.sendall(error)

    return talk


POSTGRES_SAYS = [
    ("53300", "sorry, too many clients already", "FATAL", Status.DEGRADED, "it is full: sorry"),
    ("53300", 'too many connections for role "prism"', "FATAL", Status.DEGRADED, "it is full"),
    ("53300", "remaining connection slots are reserved for roles with the SUPERUSER attribute", "FATAL",
     Status.DEGRADED, "it is full"),
    ("57P03", "the database system is starting up", "FATAL", Status.DEGRADED, "it is starting"),
    ("57P03", "the database system is shutting down", "FATAL", Status.DEGRADED, "it is stopping"),
    ("57P03", "the database system is in recovery mode", "FATAL", Status.DEGRADED, "it is starting"),
    ("57P03", "the database system is not yet accepting connections", "FATAL", Status.DEGRADED, "it is starting"),
    ("28P01", 'password authentication failed for user "prism"', "FATAL", Status.UNKNOWN, "unauthenticated"),
    ("28000", 'no pg_hba.conf entry for host "10.0.0.9", user "prism"', "FATAL", Status.UNKNOWN, "unauthenticated"),
    ("3D000", 'database "orders" does not exist', "FATAL", Status.UNKNOWN, "not offered"),
    ("42501", 'permission denied for database "orders"', "FATAL", Status.UNKNOWN, "permission denied"),
    ("08P01", "no more connections allowed (max_client_conn)", "ERROR", Status.DEGRADED, "it is full"),
    ("08P01", "query_wait_timeout", "FATAL", Status.DEGRADED, "it is full"),
    ("08P01", "server login has been failing, try again later (server_login_retry)", "FATAL", Status.UNKNOWN,
     "server login has been failing"),
    ("XX000", "something nobody has heard of", "FATAL", Status.UNKNOWN, "something nobody has heard of"),
    ("53300", "tut mir leid, schon zu viele Verbindungen", "FATAL", Status.UNKNOWN, "zu viele Verbindungen"),
    ("53300", "извините, уже слишком много клиентов", "ВАЖНО", Status.UNKNOWN, "слишком много"),
    ("53200", "out of memory password=opensesame", "FATAL", Status.DEGRADED, "it is busy: out of memory"),
    ("08P01", "MaxClientsInSessionMode: max clients reached", "FATAL", Status.DEGRADED, "it is full"),
    ("XX000", "could not fork new process for connection", "FATAL", Status.DEGRADED, "it is busy"),
    ("57P01", "server is not accepting clients, try again later", "ERROR", Status.DEGRADED, "it is stopping"),
    ("53000", "could not open file: Too many open files in system", "FATAL", Status.DEGRADED, "it is busy"),
    ("08P01", "timeout expired", "FATAL", Status.UNKNOWN, "refused: timeout expired"),
    ("57014", "canceling statement due to statement timeout", "FATAL", Status.UNKNOWN, "refused: canceling statement"),
]  # fmt: skip


@pytest.mark.parametrize(("state", "message", "severity", "status", "words"), POSTGRES_SAYS)
def test_what_postgres_says_at_the_door_is_how_it_is(
    raw: Any, watch: Any, state: str, message: str, severity: str, status: Status, words: str
) -> None:
    port = raw(refusing(state, message, severity))
    url = f"postgresql://prism@127.0.0.1:{port}/orders?sslmode=disable"
    seen = watch(PostgresServerCollector(Target("orders", url), OPTIONS))
    for _ in range(4):
        seen.read()
    assert seen.server.status is status, seen.server.reason
    assert words in seen.server.reason
    assert "opensesame" not in seen.server.reason
    assert "down for" not in seen.server.reason
    assert seen.alarms(Severity.CRITICAL) == []


@given(st.from_regex(r"[0-9A-Z]{5}", fullmatch=True), st.text(max_size=300))
def test_whatever_postgres_answers_it_is_not_down(state: str, said: str) -> None:
    found = postgres_answered(state, said)
    assert found.kind not in (ErrorKind.DOWN, ErrorKind.TIMED_OUT, ErrorKind.WRONG_PROTOCOL)


@pytest.mark.parametrize("state", ["40001", "57014", "40P01"])
def test_what_a_standby_cancels_is_no_trouble(state: str) -> None:
    found = postgres_answered(state, "canceling statement due to conflict with recovery")
    assert isinstance(found, RefusalError)
    assert found.state == "interrupted"


def test_a_server_whose_reads_are_interrupted_is_well_and_its_figures_say_why(watch: Any, raw: Any) -> None:
    port = raw(refusing("40001", "terminating connection due to conflict with recovery"))
    url = f"postgresql://prism@127.0.0.1:{port}/orders?sslmode=disable"
    seen = watch(PostgresServerCollector(Target("orders", url), OPTIONS))
    seen.read()
    assert (seen.server.status, seen.server.reason) == (Status.HEALTHY, "")
    assert "conflict with recovery" in seen.server.connections.note
    assert seen.alarms(Severity.WARNING) == []
