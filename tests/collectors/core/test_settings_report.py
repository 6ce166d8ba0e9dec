"""What is reported of the settings: every value that was set, where it came from, and never a credential."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from collectors.core.own_size import LOOK_SECONDS, OwnSize
from collectors.embedded import settings_for
from collectors.settings_report import GIVEN, reported, versions
from model.settings import Settings
from model.settings_file import load_settings
from model.settings_text import defaults, leaves, worded
from store.reader import Reader
from store.writer import Writer

SECRET = "opensesame77"
TOML = """
signoz_api_key = "opensesame77"
proxy_metrics_url = ["https://user:opensesame77@a:1/metrics?token=opensesame77"]
dex_issuer_url = "http://opensesame77@dex/dex"
[sources.signoz]
interval_seconds = 10
timeout_seconds = 4
bearer_token = "opensesame77"
[sources.admin]
interval_seconds = 2
timeout_seconds = 2.5
username = "hud"
password = "opensesame77"
[aliases.metrics]
my_requests_total = "prism_requests_total"
[thresholds.pool_use]
raise_at = 0.95
clear_at = 0.85
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "hud.toml").write_text(TOML)
    return load_settings(tmp_path / "hud.toml")


def by_name(rows: list[dict[str, str]]) -> dict[str, tuple[str, str]]:
    return {row["name"]: (row["value"], row["whence"]) for row in rows}


def test_every_value_that_was_set_is_reported_with_whence_it_came(settings: Settings) -> None:
    rows = by_name(reported(settings, settings, {}))
    assert rows == {
        "proxy_metrics_url": ("https://a:1/metrics?[removed]", "hud.toml"),
        "signoz_api_key": ("set (hidden)", "hud.toml"),
        "dex_issuer_url": ("http://dex/dex", "hud.toml"),
        "sources.signoz.interval_seconds": ("10 s", "hud.toml"),
        "sources.signoz.timeout_seconds": ("4 s", "hud.toml"),
        "sources.signoz.bearer_token": ("set (hidden)", "hud.toml"),
        "sources.admin.username": ("hud", "hud.toml"),
        "sources.admin.password": ("set (hidden)", "hud.toml"),
        "aliases.metrics.my_requests_total": ("prism_requests_total", "hud.toml"),
        "thresholds.pool_use.raise_at": ("0.95", "hud.toml"),
        "thresholds.pool_use.clear_at": ("0.85", "hud.toml"),
    }


def test_the_environment_is_reported_as_such_and_wins_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "hud.toml").write_text('admin_api_url = "http://file"\nport = 8100')
    for name, value in {"ADMIN_API_URL": "http://env", "hud_max_sockets": "7"}.items():
        monkeypatch.setenv(name, value)
    settings = load_settings(tmp_path / "hud.toml")
    assert by_name(reported(settings, settings)) == {
        "admin_api_url": ("http://env", "environment"),
        "max_sockets": ("7", "environment"),
        "port": ("8100", "hud.toml"),
    }


def test_the_simulated_prisms_addresses_are_reported_as_its_own() -> None:
    settings = Settings()
    addresses = {"proxy_metrics_url": "http://s:1/metrics", "signoz_api_url": "http://s:2", "admin_api_url": "http://s:3",
                 "patterns": {"redis": "s:4"}}  # fmt: skip
    rows = by_name(reported(settings, settings_for(settings, addresses), {}))
    assert rows["pattern_health_targets"] == ("redis at s:4", "simulated Prism")
    assert {whence for _, whence in rows.values()} == {"simulated Prism"}


def test_no_secret_ever_gets_into_the_store(settings: Settings, tmp_path: Path) -> None:
    rows = reported(settings, settings, {"SIGNOZ_API_KEY": SECRET})
    assert SECRET not in json.dumps(rows)
    writer = Writer.open(tmp_path / "store")
    writer.commit(1_790_000_000.0, [], {}, (), {"settings": rows})
    writer.close()
    reader = Reader(tmp_path / "store")
    assert list(reader.snapshot().meta["settings"]) == rows
    reader.close()
    for file in (tmp_path / "store").rglob("*"):
        assert not file.is_file() or SECRET.encode() not in file.read_bytes()


@given(
    st.sampled_from(
        ["http://user:{}@h:1/p", "http://{}@h:1", "http://h:1/p?key={}", "http://h:1/p?a=b&token={}", "http://h/#{}"]
    ),
    st.sampled_from(["proxy_metrics_url", "signoz_api_url", "admin_api_url", "dex_issuer_url", "alertmanager_url"]),
)
def test_an_address_is_reported_without_what_only_its_owner_knows(form: str, name: str) -> None:
    url = form.format(SECRET)
    settings = Settings(**{name: [url] if name.startswith("proxy") else url})
    (row,) = [row for row in reported(settings, settings, {}) if row["name"] == name]
    assert SECRET not in row["value"]
    assert row["whence"] == GIVEN


def test_every_setting_has_a_default_in_words() -> None:
    known = defaults()
    assert set(known) == set(leaves(Settings.model_construct()))
    assert known["sources.proxy.interval_seconds"] == "1 s"
    assert known["sources.proxy.max_bytes"] == "32 MiB"
    assert known["slo_objective_ratio"] == "99.9 %"
    assert known["signoz_api_key"] == "not set"
    assert worded("bearer_token", SecretStr(SECRET)) == "set (hidden)"


def test_a_pattern_named_like_a_secret_keeps_its_address() -> None:
    settings = Settings(pattern_health_targets=["auth=h:1"])
    assert by_name(reported(settings, settings, {}))["pattern_health_targets"] == ("auth at h:1", GIVEN)


def test_versions_name_the_dashboard_and_what_it_stands_on() -> None:
    assert {"prism-hud", "python", "dash", "pandas"} <= set(versions())


def test_what_the_collector_takes_is_measured_now_and_then(tmp_path: Path) -> None:
    at = [0.0]
    sizes = OwnSize(tmp_path, lambda: at[0])
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b").write_bytes(b"x" * 100)
    assert sizes()["hud_store_bytes"] == 100
    assert sizes()["hud_disk_free_bytes"] > 0
    assert 2**20 < sizes()["hud_resident_memory_bytes"] < 2**36
    (tmp_path / "c").write_bytes(b"x" * 50)
    at[0] = LOOK_SECONDS - 1
    assert sizes()["hud_store_bytes"] == 100
    at[0] = LOOK_SECONDS
    assert sizes()["hud_store_bytes"] == 150
