"""How a source is reached: encryption, identity, redirects, proxies; and that nothing of it is ever reported."""

from __future__ import annotations

import base64
import logging
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2
from pydantic import SecretStr

from collectors.core.encryption import failed_encryption
from collectors.core.grpc_calls import GrpcCalls
from collectors.http import transport
from collectors.http.fetch import Fetcher
from model.access import Access
from model.settings import SettingsError
from model.settings_file import load_settings
from model.sources import CollectError, ErrorKind
from tests.collectors.certificates import Certificates, behind_tls
from tests.collectors.conftest import Answers, Asked, HttpServer, Reply

Http = Callable[[Answers], HttpServer]
SECRET = "s3cr3t-t0ken"


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("papers"))


@pytest.fixture
def encrypted(http: Http, certificates: Certificates) -> Callable[[bool], HttpServer]:
    """A metrics server behind TLS; with True it asks who the client is."""

    def build(asks: bool) -> HttpServer:
        return behind_tls(http(lambda asked: Reply(200, b"a 1\n")), certificates, asks)

    return build


def read(url: str, access: Access) -> bytes:
    one = Fetcher(url, timeout_seconds=2.0, max_bytes=10_000, access=access)
    one.begin()
    try:
        return one.get("/metrics").body
    finally:
        one.close()


def refused(url: str, access: Access) -> CollectError:
    with pytest.raises(CollectError) as caught:
        read(url, access)
    return caught.value


def test_a_source_with_a_certificate_of_an_own_authority_is_read(
    encrypted: Callable[[bool], HttpServer], certificates: Certificates
) -> None:
    assert read(encrypted(False).url, Access(ca_file=certificates.ca)) == b"a 1\n"


def test_certificates_are_read_for_who_is_asked_with_encryption_and_for_nobody_else(
    http: Http, encrypted: Callable[[bool], HttpServer], certificates: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Access] = []
    build = transport.tls_context

    def counted(access: Access) -> ssl.SSLContext:
        made.append(access)
        return build(access)

    monkeypatch.setattr(transport, "tls_context", counted)
    access = Access(ca_file=certificates.ca, follow_redirects=True)
    assert read(http(lambda asked: Reply(200, b"a 1\n")).url, access) == b"a 1\n"
    assert made == []
    elsewhere = f"{encrypted(False).url}/elsewhere"
    assert read(http(moved(elsewhere)).url, access) == b"a 1\n", "a redirect may be the first that is encrypted"
    assert made == [access]


@pytest.mark.parametrize("authority", ["", "stranger"])
def test_a_certificate_of_somebody_else_is_refused(
    encrypted: Callable[[bool], HttpServer], certificates: Certificates, authority: str
) -> None:
    error = refused(encrypted(False).url, Access(ca_file=certificates.stranger) if authority else Access())
    assert error.kind is ErrorKind.REFUSED
    assert "certificate is not trusted" in error.detail


def test_a_source_that_asks_who_we_are_is_reported(
    encrypted: Callable[[bool], HttpServer], certificates: Certificates
) -> None:
    server = encrypted(True)
    assert read(server.url, Access(ca_file=certificates.ca, cert_file=certificates.client)) == b"a 1\n"
    unknown = refused(server.url, Access(ca_file=certificates.ca))
    assert "does not speak TLS" not in unknown.detail


@pytest.mark.parametrize(
    ("said", "kind", "words"),
    [
        ("[SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED] tlsv13 alert certificate required", "UNAUTHENTICATED", "wants one"),
        ("[SSL: TLSV1_ALERT_UNKNOWN_CA] tlsv1 alert unknown ca", "UNAUTHENTICATED", "does not take our certificate"),
        ("[SSL: SSLV3_ALERT_CERTIFICATE_EXPIRED] sslv3 alert", "UNAUTHENTICATED", "does not take our certificate"),
        ("[SSL: CERTIFICATE_VERIFY_FAILED] certificate has expired", "REFUSED", "its certificate is not trusted"),
        ("[SSL: WRONG_VERSION_NUMBER] wrong version number", "WRONG_PROTOCOL", "does not speak TLS"),
        (
            "[SSL: TLSV1_ALERT_PROTOCOL_VERSION] tlsv1 alert protocol version",
            "WRONG_PROTOCOL",
            "no encrypted connection",
        ),
        ("EOF occurred in violation of protocol (_ssl.c:2427)", "WRONG_PROTOCOL", "no encrypted connection"),
    ],
)
def test_whose_certificate_is_refused_is_told_apart(said: str, kind: str, words: str) -> None:
    error = failed_encryption(said)
    assert error.kind is ErrorKind[kind]
    assert words in error.detail


def test_an_encrypted_port_that_is_asked_in_plain_text_is_up_and_says_so(
    encrypted: Callable[[bool], HttpServer],
    grpc_server: Callable[[bool], tuple[str, list[str]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for asks in ("collectors.http.errors", "collectors.core.grpc_calls"):
        monkeypatch.setattr(f"{asks}.PROBE_SECONDS", 10.0)  # on a crowded machine an answer takes its time
    error = refused(encrypted(False).url.replace("https://", "http://"), Access())
    assert (error.kind, error.detail) == (ErrorKind.WRONG_PROTOCOL, "speaks TLS: its address begins with https://")
    with pytest.raises(CollectError) as plain:
        ask(grpc_server(False)[0], Access())
    assert (plain.value.kind, plain.value.detail[:10]) == (ErrorKind.WRONG_PROTOCOL, "speaks TLS")


def test_a_certificate_that_is_no_certificate_is_an_error_of_the_read(tmp_path: Path) -> None:
    nonsense = tmp_path / "nonsense.pem"
    nonsense.write_text("not a certificate")
    error = refused("https://localhost:1", Access(ca_file=nonsense))
    assert error.kind is ErrorKind.UNAUTHENTICATED
    assert "cannot be used" in error.detail


def test_a_token_is_sent_and_a_rotated_one_with_the_next_read(http: Http, tmp_path: Path) -> None:
    server = http(lambda asked: Reply(200, b"a 1\n"))
    file = tmp_path / "token"
    file.write_text("first\n")
    one = Fetcher(server.url, timeout_seconds=2.0, max_bytes=1000, access=Access(bearer_token_file=file))
    for token in ("first", "second"):
        file.write_text(token)
        one.begin()
        one.get()
        assert server.asked[-1].headers["authorization"] == f"Bearer {token}"
    one.close()


def test_a_name_and_password_are_sent(http: Http) -> None:
    server = http(lambda asked: Reply(200, b"a 1\n"))
    read(server.url, Access(username="hud", password=SecretStr(SECRET)))
    assert server.asked[0].headers["authorization"] == "Basic " + base64.b64encode(f"hud:{SECRET}".encode()).decode()


def moved(to: str) -> Answers:
    def answer(asked: Asked) -> Reply:
        return Reply(302, b"", {"Location": to}) if asked.path == "/metrics" else Reply(200, b"a 1\n")

    return answer


def test_a_redirect_is_refused_unless_it_is_allowed(http: Http) -> None:
    server = http(moved("/elsewhere"))
    error = refused(server.url, Access())
    assert (error.kind, "not followed" in error.detail) == (ErrorKind.HTTP_ERROR, True)
    assert read(server.url, Access(follow_redirects=True)) == b"a 1\n"


def test_a_redirect_in_a_circle_ends(http: Http) -> None:
    error = refused(http(moved("/metrics")).url, Access(follow_redirects=True))
    assert (error.kind, error.detail) == (ErrorKind.HTTP_ERROR, "redirects again and again")


def test_a_token_does_not_follow_a_redirect_to_another_host(http: Http) -> None:
    other = http(lambda asked: Reply(200, b"a 1\n"))
    server = http(moved(f"http://localhost:{other.port}/elsewhere"))
    read(server.url, Access(follow_redirects=True, bearer_token=SecretStr(SECRET)))
    assert "authorization" in server.asked[0].headers
    assert "authorization" not in other.asked[0].headers


def test_no_key_of_ours_follows_a_redirect_to_another_host_whatever_its_header(http: Http) -> None:
    other = http(lambda asked: Reply(200, b"a 1\n"))
    server = http(moved(f"http://localhost:{other.port}/elsewhere"))
    access, keys = Access(follow_redirects=True), {"SIGNOZ-API-KEY": SECRET, "X-Scope-OrgID": "ours", "Accept": "*/*"}
    one = Fetcher(server.url, timeout_seconds=2.0, max_bytes=1000, headers=keys, access=access)
    one.begin()
    one.get("/metrics")
    one.close()
    assert {"signoz-api-key", "x-scope-orgid"} <= server.asked[0].headers.keys()
    assert not {"signoz-api-key", "x-scope-orgid"} & other.asked[0].headers.keys()
    assert other.asked[0].headers["accept"] == "*/*"


def test_the_environments_proxy_is_used_but_not_for_this_machine(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = http(lambda asked: Reply(200, b"via proxy\n"))
    own = http(lambda asked: Reply(200, b"a 1\n"))
    monkeypatch.setenv("http_proxy", proxy.url)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert read("http://prism.invalid:8980", Access()) == b"via proxy\n"
    assert proxy.asked[0].path.endswith("prism.invalid:8980/metrics")
    assert read(own.url, Access()) == b"a 1\n"
    error = refused("http://prism.invalid:8980", Access(environment_proxy=False))
    assert (error.kind, error.detail) == (ErrorKind.DOWN, "its name does not resolve")
    monkeypatch.setenv("no_proxy", "prism.invalid")
    assert refused("http://prism.invalid:8980", Access()).kind is ErrorKind.DOWN


def test_a_source_on_ipv6_is_read() -> None:
    listener = socket.create_server(("::1", 0), family=socket.AF_INET6)

    def serve() -> None:
        connection, _ = listener.accept()
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\na 1\n")
        connection.close()

    thread = threading.Thread(target=serve)
    thread.start()
    assert read(f"http://[::1]:{listener.getsockname()[1]}", Access()) == b"a 1\n"
    thread.join()
    listener.close()


def test_a_name_that_moves_to_another_address_is_followed(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = http(lambda asked: Reply(200, b"1")), http(lambda asked: Reply(200, b"2"))
    at = {"port": first.port}
    real = socket.getaddrinfo

    def resolve(host: str, port: int, *rest: int, **options: int) -> object:
        return (
            real("127.0.0.1", at["port"], *rest, **options)
            if host == "prism.test"
            else real(host, port, *rest, **options)
        )

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    one = Fetcher("http://prism.test:80", timeout_seconds=2.0, max_bytes=100, kept_seconds=0.0)
    bodies = []
    for server in (first, second):
        at["port"] = server.port
        one.begin()
        bodies.append(one.get().body)
    one.close()
    assert bodies == [b"1", b"2"]


@pytest.fixture
def grpc_server(certificates: Certificates) -> Iterator[Callable[[bool], tuple[str, list[str]]]]:
    """A health server behind TLS; gives its target, and the tokens it was sent."""
    servers = []

    def build(asks: bool) -> tuple[str, list[str]]:
        tokens: list[str] = []

        def check(request: bytes, context: grpc.ServicerContext) -> bytes:
            tokens.append(str(dict(context.invocation_metadata()).get("authorization", "")))
            serving = health_pb2.HealthCheckResponse(status=health_pb2.HealthCheckResponse.SERVING)
            return bytes(serving.SerializeToString())

        handler = grpc.method_handlers_generic_handler(
            "grpc.health.v1.Health", {"Check": grpc.unary_unary_rpc_method_handler(check)}
        )
        server = grpc.server(ThreadPoolExecutor(2))
        server.add_generic_rpc_handlers((handler,))
        keys = [
            (
                certificates.server.private_key_pem.bytes(),
                b"".join(one.bytes() for one in certificates.server.cert_chain_pems),
            )
        ]
        authority = certificates.authority.cert_pem.bytes()
        credentials = grpc.ssl_server_credentials(keys, authority if asks else None, asks)
        port = server.add_secure_port("127.0.0.1:0", credentials)
        server.start()
        servers.append(server)
        return f"localhost:{port}", tokens

    yield build
    for server in servers:
        server.stop(None).wait()


def ask(target: str, access: Access) -> None:
    calls = GrpcCalls(target, 2.0, access)
    calls.begin()
    try:
        calls.call("/grpc.health.v1.Health/Check", b"", health_pb2.HealthCheckResponse())
    finally:
        calls.close()


def test_a_grpc_source_behind_tls_is_asked_with_a_token(
    grpc_server: Callable[[bool], tuple[str, list[str]]], certificates: Certificates
) -> None:
    target, tokens = grpc_server(True)
    ask(
        target, Access(tls=True, ca_file=certificates.ca, cert_file=certificates.client, bearer_token=SecretStr(SECRET))
    )
    assert tokens == [f"Bearer {SECRET}"]


def test_a_grpc_source_with_a_strange_certificate_or_without_tls_is_distinguished_from_a_dead_one(
    grpc_server: Callable[[bool], tuple[str, list[str]]], certificates: Certificates
) -> None:
    target, tokens = grpc_server(False)
    with pytest.raises(CollectError) as strange:
        ask(target, Access(tls=True, ca_file=certificates.stranger))
    assert strange.value.kind is ErrorKind.REFUSED
    with pytest.raises(CollectError) as plain:
        ask(target, Access())
    assert plain.value.kind in (ErrorKind.WRONG_PROTOCOL, ErrorKind.DOWN)
    assert tokens == []


def test_no_secret_is_shown_or_logged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    file = tmp_path / "hud.toml"
    file.write_text(f'[sources.proxy]\ninterval_seconds = 1\ntimeout_seconds = 1\nbearer_token = "{SECRET}"\n')
    monkeypatch.delenv("HUD_CONFIG", raising=False)
    settings = load_settings(file)
    assert settings.sources.proxy.token == SECRET
    error = refused("http://127.0.0.1:1", settings.sources.proxy)
    assert SECRET not in f"{settings!r} {settings.model_dump()} {error.detail} {caplog.text}"


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ('key_file = "/dev/null/none"', "is not a file"),
        ('bearer_token = "a"\nusername = "b"', "only one of them"),
    ],
)
def test_access_that_contradicts_itself_stops_the_start(tmp_path: Path, lines: str, words: str) -> None:
    file = tmp_path / "hud.toml"
    file.write_text(f"[sources.proxy]\ninterval_seconds = 1\ntimeout_seconds = 1\n{lines}\n")
    with pytest.raises(SettingsError, match=words):
        load_settings(file)
