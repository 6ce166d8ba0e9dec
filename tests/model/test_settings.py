"""A wrong setting stops the start with its name and what is accepted."""

from __future__ import annotations

from pathlib import Path

import pytest

from model.settings import SettingsError
from model.settings_file import load_settings

NAMES = (
    "PROXY_METRICS_URL", "SIGNOZ_API_URL", "ADMIN_API_URL", "PATTERN_HEALTH_TARGETS", "SIGNOZ_API_VERSION",
    "HUD_PORT", "HUD_HOST", "HUD_CACHE_DIR", "HUD_MAX_SOCKETS",
)  # fmt: skip


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


def test_the_defaults_are_the_rfcs_and_count_as_nothing_configured() -> None:
    settings = load_settings()
    assert settings.proxy_metrics_url == ["http://localhost:8980/metrics"]
    assert (settings.signoz_api_url, settings.admin_api_url) == ("http://localhost:8080", "http://localhost:8090")
    assert settings.port == 8095
    assert not settings.configured


def test_several_proxies_are_listed_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROXY_METRICS_URL", "http://a:8980/metrics, https://[::1]:1/m")
    settings = load_settings()
    assert settings.proxy_metrics_url == ["http://a:8980/metrics", "https://[::1]:1/m"]
    assert settings.configured


def test_a_scheme_has_no_case_and_spaces_around_an_address_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROXY_METRICS_URL", "HTTP://A:8980/Metrics, GRPC://b:1")
    monkeypatch.setenv("ADMIN_API_URL", " Https://c:2 ")
    settings = load_settings()
    assert settings.proxy_metrics_url == ["http://A:8980/Metrics", "grpc://b:1"]
    assert settings.admin_api_url == "https://c:2"


def test_an_empty_value_switches_a_source_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNOZ_API_URL", "")
    monkeypatch.setenv("PROXY_METRICS_URL", "")
    settings = load_settings()
    assert settings.signoz_api_url == ""
    assert settings.proxy_metrics_url == []


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("HUD_PORT", "eighty", "valid integer"),
        ("HUD_PORT", "70000", "65535"),
        ("PROXY_METRICS_URL", "localhost:8980", "not an http:// or https:// address"),
        ("SIGNOZ_API_VERSION", "v4", "auto|v3|v5"),
        ("PATTERN_HEALTH_TARGETS", "redis", "name=host:port"),
        ("PATTERN_HEALTH_TARGETS", "redis=h:70000", "name=host:port"),
        ("LAUNCHER_TARGETS", "h:70000", "host:port"),
        ("PROXY_METRICS_URL", "http://h:99999/metrics", "not an http:// or https:// address"),
        ("PROXY_METRICS_URL", "grpc://h:70000", "not an http:// or https:// address"),
        ("HUD_ALERTMANAGER_PUSH_URL", "http://h:99999", "not an http:// or https:// address"),
        ("HUD_ALERTMANAGER_PUSH_URL", "am:9093", "not an http:// or https:// address"),
        ("ADMIN_API_URL", "http://h:x", "not an http:// or https:// address"),
        ("DEX_ISSUER_URL", "https://h:0/dex", "not an http:// or https:// address"),
    ],
)
def test_a_wrong_value_names_its_setting(monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=rf"setting {name}: .*{words.replace('|', '.')}"):
        load_settings()


def test_a_pattern_may_have_spaces_within_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATTERN_HEALTH_TARGETS", "my redis 🚀=localhost:1, <b>=[::1]:2")
    assert load_settings().pattern_health_targets == ["my redis 🚀=localhost:1", "<b>=[::1]:2"]


def test_a_health_target_may_name_a_service_and_a_launcher_may_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATTERN_HEALTH_TARGETS", "etcd=localhost:2379/,cart=[::1]:2/shop.Cart")
    assert load_settings().pattern_health_targets == ["etcd=localhost:2379/", "cart=[::1]:2/shop.Cart"]
    monkeypatch.setenv("LAUNCHER_TARGETS", "localhost:8982/x")
    with pytest.raises(SettingsError, match="LAUNCHER_TARGETS"):
        load_settings()


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "hud.toml"
    file.write_text('admin_api_url = "http://file:1"\nsignoz_api_url = "http://file:2"\n[sources.proxy]\n'
                    "interval_seconds = 2\ntimeout_seconds = 1\n")  # fmt: skip
    monkeypatch.setenv("ADMIN_API_URL", "http://env:3")
    settings = load_settings(file)
    assert (settings.admin_api_url, settings.signoz_api_url) == ("http://env:3", "http://file:2")
    assert settings.sources.proxy.interval_seconds == 2.0


def test_a_named_file_must_exist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUD_CONFIG", str(tmp_path / "absent.toml"))
    with pytest.raises(SettingsError, match="HUD_CONFIG"):
        load_settings()


@pytest.mark.parametrize("text", ["admin_url = 'http://x'", "[sources.redis]\ninterval_seconds = 1", "= nothing"])
def test_a_name_that_the_file_may_not_hold_stops_the_start(tmp_path: Path, text: str) -> None:
    file = tmp_path / "hud.toml"
    file.write_text(text)
    with pytest.raises(SettingsError):
        load_settings(file)


def test_a_secret_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNOZ_API_KEY", "open-sesame")
    assert "open-sesame" not in repr(load_settings())
