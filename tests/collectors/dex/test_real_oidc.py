"""Dex's check against a certified OpenID provider that is no Dex: its process where node is there, and its bytes."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.processes import free_port
from collectors.core.contract import PartialReadError
from collectors.dex.discovery import DexCollector
from model.series import Scrape
from model.settings import SourceOptions
from model.sources import CollectError, ErrorKind
from tests.collectors.conftest import Asked, Reply
from tests.collectors.signoz_fake import Http
from tests.servers import oidc_process

HERE = Path(__file__).parents[1]
OPTIONS = SourceOptions(interval_seconds=10.0, timeout_seconds=2.5)


def steps(scrape: Scrape) -> dict[str, float]:
    return {s.series.label("step") or "": s.value for s in scrape.samples() if s.series.name == "dex_step_ok"}


def keys(scrape: Scrape) -> set[tuple[str | None, str | None]]:
    return {(one.label("kid"), one.label("alg")) for one in scrape.series if one.name == "dex_key_info"}


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The issuer of a running provider, and its process."""
    directory = oidc_process.installed(tmp_path, oidc_process.PACKAGE / "provider.mjs")
    with oidc_process.running(directory, str(free_port())) as started:
        yield started


@pytest.mark.server
@pytest.mark.node
def test_a_certified_provider_passes_every_step_that_it_offers(provider: tuple[str, subprocess.Popen[bytes]]) -> None:
    issuer, process = provider
    assert issuer.startswith("http://127.0.0.1:")
    collector = DexCollector(issuer, "", OPTIONS)
    scrape = collector.collect(time.time)
    assert steps(scrape) == {"discovery": 1.0, "issuer": 1.0, "keys": 1.0}, "it has no health check of Dex's"
    assert keys(scrape) == {("keystore-CHANGE-ME", "RS256")}
    other = DexCollector(issuer + "/", "", OPTIONS).collect(time.time)
    assert steps(other)["issuer"] == 0.0, "the last slash counts"
    process.kill()
    process.wait(timeout=20)
    with pytest.raises(PartialReadError) as caught:
        collector.collect(time.time)
    assert caught.value.kind is ErrorKind.DOWN
    assert steps(caught.value.scrape) == {"discovery": 0.0, "keys": 0.0}


def test_its_recorded_bytes_pass_the_same_steps(http: Http) -> None:
    discovery = json.loads((HERE / "recorded" / "oidc_discovery.json").read_bytes())
    reported = {
        "/.well-known/openid-configuration": (HERE / "recorded" / "oidc_discovery.json").read_bytes(),
        "/jwks": (HERE / "recorded" / "oidc_jwks.json").read_bytes(),
    }
    issuer = discovery["issuer"].encode()

    def answer(asked: Asked) -> Reply:
        body = reported.get(asked.path)
        return Reply(404, b"Not Found") if body is None else Reply(200, body.replace(issuer, server.url.encode()))

    server = http(answer)
    scrape = DexCollector(server.url, "", OPTIONS).collect(time.time)
    assert steps(scrape) == {"discovery": 1.0, "issuer": 1.0, "keys": 1.0}
    assert keys(scrape) == {("keystore-CHANGE-ME", "RS256")}


def test_somebody_elses_discovery_is_distinguished_by_its_issuer(http: Http) -> None:
    body = (HERE / "recorded" / "oidc_discovery.json").read_bytes()
    server = http(lambda asked: Reply(200, body))
    with pytest.raises(CollectError) as caught:
        DexCollector(server.url, "", OPTIONS).collect(time.time)
    assert isinstance(caught.value, PartialReadError)
    assert steps(caught.value.scrape)["issuer"] == 0.0
