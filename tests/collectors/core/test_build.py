"""From settings to collectors."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from collectors.build import build_collectors
from collectors.core.contract import key_of
from model.settings import Settings


def keys(**settings: object) -> list[str]:
    given = {"proxy_metrics_url": [], "signoz_api_url": "", "admin_api_url": "", **settings}
    collectors = build_collectors(Settings(**given))
    for one in collectors:
        one.close()
    return [key_of(one) for one in collectors]


def test_every_configured_source_gets_a_collector() -> None:
    assert keys(
        proxy_metrics_url=["http://a:1/metrics", "http://b/metrics"],
        pattern_health_targets=["redis=r:5", "nats=[::1]:6"],
        signoz_api_url="https://s",
        admin_api_url="http://u:p@adm:7/x",
        alertmanager_url="http://am",
    ) == ["proxy@a:1", "proxy@b:80", "patterns@r:5", "patterns@[::1]:6", "signoz@s:443", "admin@adm:7",
          "alertmanager@am:80"]  # fmt: skip


def test_an_empty_address_switches_a_source_off() -> None:
    assert keys() == []


def test_proxies_behind_one_port_are_distinguished_by_their_path() -> None:
    assert keys(proxy_metrics_url=["http://g/p1/metrics", "http://g/p2/metrics"]) == [
        "proxy@g:80",
        "proxy@g:80/p2/metrics",
    ]


def test_exporters_behind_one_port_are_distinguished_by_their_query() -> None:
    many = "http://e:9121/scrape?target=redis://{}:6379"
    assert keys(redis_exporter_urls=[many.format("a"), many.format("b"), "http://e:9121/metrics"]) == [
        "redis@e:9121/scrape?target=redis://a:6379", "redis@e:9121/scrape?target=redis://b:6379", "redis@e:9121",
    ]  # fmt: skip
    assert keys(nats_monitor_urls=["http://g/one", "http://g/two/"]) == ["nats@g:80/one", "nats@g:80/two/"]
    assert keys(proxy_metrics_url=["http://g/metrics?of=1", "http://g/metrics?of=2"]) == [
        "proxy@g:80", "proxy@g:80/metrics?of=2",
    ]  # fmt: skip


def test_exporters_that_differ_in_a_secret_are_two_and_the_secret_is_never_shown() -> None:
    urls = [f"http://e/scrape?target=redis://u:open{n}sesame%40a:6379&auth_token=open{n}sesame" for n in (1, 2)]
    settings = Settings(proxy_metrics_url=[], signoz_api_url="", admin_api_url="", redis_exporter_urls=urls)
    one, other = build_collectors(settings)
    assert key_of(one) != key_of(other)
    assert "sesame" not in f"{key_of(one)} {key_of(other)} {one.address} {other.address}"
    for each in (one, other):
        each.close()


def test_databases_of_one_pooler_are_distinguished_and_those_of_one_server_are_called_by_its_address() -> None:
    urls = ["postgresql://hud@bouncer:6432/orders", "postgresql://hud@bouncer:6432/carts", "postgresql://hud@db/orders"]
    assert keys(postgres_urls=urls) == [
        "postgres@bouncer:6432/orders",
        "postgres@bouncer:6432/carts",
        "postgres@db:5432",
    ]


def test_an_address_given_twice_is_read_once(caplog: pytest.LogCaptureFixture) -> None:
    assert keys(proxy_metrics_url=["http://a:1/m"] * 2, pattern_health_targets=["x=r:5", "y=r:5"]) == [
        "proxy@a:1", "patterns@r:5",
    ]  # fmt: skip
    assert "y at r:5 is left out" in caplog.text


def test_an_address_that_is_written_in_two_ways_is_one() -> None:
    """Else what a proxy counts would be added to itself."""
    proxies = [
        "http://H/metrics",
        "http://h:80/metrics",
        "http://u:p@h/metrics",
        "http://h/metrics#x",
        "http://h.:080/metrics",
    ]
    assert keys(proxy_metrics_url=proxies) == ["proxy@h:80"]
    assert keys(launcher_targets=["h:8982", "h.:08982"], pattern_health_targets=["x=H:5", "y=h.:5"]) == [
        "patterns@h:5", "launcher@h:8982",
    ]  # fmt: skip
    assert keys(proxy_metrics_url=["http://h:8980", "http://h:8980/"]) == ["proxy@h:8980"]
    assert keys(redis_urls=["redis://[::1]", "redis://[0:0:0:0:0:0:0:1]:6379"]) == ["redis@[::1]:6379"]
    assert keys(launcher_targets=["L:1", "l:1"], pattern_health_targets=["x=R:5/s", "y=r:5/s", "z=r:5/S"]) == [
        "patterns@r:5/s", "patterns@r:5/S", "launcher@l:1",
    ]  # fmt: skip
    assert keys(redis_urls=["redis://C", "redis://c:6379"], nats_monitor_urls=["http://N:8222", "http://n:8222/"]) == [
        "redis@c:6379", "nats@n:8222",
    ]  # fmt: skip


def test_pages_of_health_that_differ_in_their_query_are_two() -> None:
    assert keys(pattern_health_targets=["x=http://h:1/health?of=x", "y=http://h:1/health?of=y"]) == [
        "patterns@h:1/health?of=x", "patterns@h:1/health?of=y",
    ]  # fmt: skip


def test_addresses_are_shown_without_credentials() -> None:
    (one,) = build_collectors(
        Settings(proxy_metrics_url=["http://u:opensesame@a:1/m?token=x"], signoz_api_url="", admin_api_url="")
    )
    assert one.address == "http://a:1/m"


@pytest.mark.server
def test_nothing_of_a_source_is_imported_after_its_sources_are() -> None:
    script = (
        "import sys\n"
        "from collectors.build import build_collectors, import_sources\n"
        "from model.settings import Settings\n"
        "settings = Settings(pattern_health_targets=['redis=r:5'], signoz_api_url='https://s',\n"
        "    admin_api_url='http://adm:7', alertmanager_url='http://am', nats_monitor_urls=['http://n'])\n"
        "import_sources(settings)\n"
        "known = set(sys.modules)\n"
        "built = build_collectors(settings)\n"
        "print(len(built), [one for one in set(sys.modules) - known if one.startswith('collectors.')])\n"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout == "6 []\n"
