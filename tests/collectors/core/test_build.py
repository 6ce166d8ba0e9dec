"""From settings to collectors."""

from __future__ import annotations

import pytest

from collectors.build import build_collectors
from collectors.core.contract import key_of
from model.settings import Settings


def keys(**settings: object) -> list[str]:
    given = {"proxy_metrics_url": [], "signoz_api_url": "", "admin_api_url": "", **settings}
    collectors = build_collectors(Settings(**given))  # type: ignore[arg-type]
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


def test_proxies_behind_one_port_are_told_apart_by_their_path() -> None:
    assert keys(proxy_metrics_url=["http://g/p1/metrics", "http://g/p2/metrics"]) == [
        "proxy@g:80",
        "proxy@g:80/p2/metrics",
    ]


def test_an_address_given_twice_is_read_once(caplog: pytest.LogCaptureFixture) -> None:
    assert keys(proxy_metrics_url=["http://a:1/m"] * 2, pattern_health_targets=["x=r:5", "y=r:5"]) == [
        "proxy@a:1", "patterns@r:5",
    ]  # fmt: skip
    assert "y at r:5 is left out" in caplog.text


def test_addresses_are_shown_without_credentials() -> None:
    (one,) = build_collectors(
        Settings(proxy_metrics_url=["http://u:opensesame@a:1/m?token=x"], signoz_api_url="", admin_api_url="")
    )
    assert one.address == "http://a:1/m"
