"""Every HTTP source of the settings uses its own way in: certificates, tokens, names and passwords reach the wire."""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from collectors.build import build_collectors
from collectors.dex.discovery import DexCollector
from model.access import Access
from model.settings import SOURCE_FIELDS, Settings, SourceOptions, SourceTable
from model.sources import CollectError
from tests.collectors.certificates import Certificates, behind_tls
from tests.collectors.conftest import Answers, Asked, HttpServer, Reply

Http = Callable[[Answers], HttpServer]
TOKEN = "s3cr3t-t0ken"
ADDRESSES = sorted(name for name in SOURCE_FIELDS if name.endswith("_url"))
OFF = {name: [] if isinstance(Settings.model_fields[name].default, list) else "" for name in SOURCE_FIELDS}
NEEDED_TOO = {"dex_telemetry_url": "dex_issuer_url"}
"""Addresses that are only read beside another."""


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("papers"))


def settings_with(name: str, url: str, **access: object) -> Settings:
    """Only this source, with this access for every kind of source. Skips what is not read over HTTP."""
    table = SourceTable()
    for kind in SourceTable.model_fields:
        setattr(table, kind, getattr(table, kind).model_copy(update=access))
    wanted = {one: [url] if OFF[one] == [] else url for one in (name, NEEDED_TOO.get(name, name))}
    return Settings(**{**OFF, **wanted}, sources=table)


def read(settings: Settings) -> None:
    """One read of each, whatever comes back."""
    for one in build_collectors(settings):
        with contextlib.suppress(CollectError):
            one.collect(lambda: 1_790_000_000.0)
        one.close()


def over_http(name: str) -> bool:
    try:
        settings_with(name, "https://localhost:1")
    except ValidationError:
        return False
    return True


HTTP = [name for name in ADDRESSES if over_http(name)]


def test_the_sources_over_http_are_all_here() -> None:
    assert {"proxy_metrics_url", "signoz_api_url", "admin_api_url", "otel_metrics_url", "otel_health_url",
            "dex_issuer_url", "dex_telemetry_url", "alertmanager_url"} <= set(HTTP)  # fmt: skip


@pytest.mark.parametrize("name", HTTP)
def test_a_source_is_reached_behind_an_own_authority_with_a_certificate_and_a_token(
    http: Http, certificates: Certificates, name: str
) -> None:
    server = behind_tls(http(lambda asked: Reply(404)), certificates, asks=True)
    read(
        settings_with(
            name, server.url, ca_file=certificates.ca, cert_file=certificates.client, bearer_token=SecretStr(TOKEN)
        )
    )
    assert server.asked, "nobody was let in"
    assert {asked.headers.get("authorization") for asked in server.asked} == {f"Bearer {TOKEN}"}


@pytest.mark.parametrize("name", HTTP)
def test_a_source_is_not_reached_where_its_certificate_is_not_trusted(
    http: Http, certificates: Certificates, name: str
) -> None:
    server = behind_tls(http(lambda asked: Reply(404)), certificates, asks=False)
    read(settings_with(name, server.url, ca_file=certificates.stranger, bearer_token=SecretStr(TOKEN)))
    assert server.asked == []


@pytest.mark.parametrize("name", HTTP)
def test_a_name_and_password_reach_the_wire(http: Http, name: str) -> None:
    server = http(lambda asked: Reply(404))
    read(settings_with(name, server.url, username="hud", password=SecretStr(TOKEN)))
    words = "Basic " + base64.b64encode(f"hud:{TOKEN}".encode()).decode()
    assert {asked.headers.get("authorization") for asked in server.asked} == {words}


def test_whoever_discovery_names_is_not_reported_who_we_are_but_trusted_as_the_issuer_is(
    http: Http, certificates: Certificates
) -> None:
    elsewhere = behind_tls(http(lambda asked: Reply.of({"keys": [{"kid": "a"}]})), certificates, asks=False)

    def answer(asked: Asked) -> Reply:
        return Reply.of({"issuer": issuer.url, "jwks_uri": f"{elsewhere.url}/keys"})

    issuer = http(answer)
    options = SourceOptions(
        interval_seconds=1.0, timeout_seconds=2.0, ca_file=certificates.ca, bearer_token=SecretStr(TOKEN)
    )
    one = DexCollector(issuer.url, "", options)
    scrape = one.collect(lambda: 1_790_000_000.0)
    one.close()
    assert [sample.value for sample in scrape.samples() if sample.series.name == "dex_keys"] == [1.0]
    assert ["authorization" in asked.headers for asked in (*issuer.asked, *elsewhere.asked)] == [True, True, False]


def test_the_anonymous_way_is_the_same_way_without_who_we_are(tmp_path: Path) -> None:
    file = tmp_path / "a.pem"
    file.write_text("")
    known = Access(ca_file=file, cert_file=file, server_name="a", username="u", password=SecretStr(TOKEN))
    assert known.anonymous() == Access(ca_file=file)
