"""Where the store lies is a setting: checked, and without its password wherever it is shown."""

from __future__ import annotations

import pytest

from collectors.settings_report import reported
from model.settings import SettingsError
from model.settings_file import load_settings
from store.choice import storage_of


@pytest.mark.parametrize(
    "value",
    [
        "nonsense", "redis://", "redis://host:port", "redis://host/name", "http://host", "redis://host:0",
        "redis://host?db=1", "redis://host?ssl_ca_certs=x", "rediss://host?ssl_cert_reqs=none", "rediss://u:opensesame@",
    ],
)  # fmt: skip
def test_a_store_is_a_directory_or_a_redis(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("HUD_STORE", value)
    with pytest.raises(SettingsError, match=r"setting HUD_STORE: accepted are disk .*, redis://.* rediss://") as found:
        load_settings()
    assert "opensesame" not in str(found.value)


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("", "disk"),
        ("disk", "disk"),
        ("redis://hud:opensesame@host:6379/2", "redis://hud:opensesame@host:6379/2"),
        ("rediss://[::1]?ssl_ca_certs=/etc/ca.pem", "rediss://[::1]?ssl_ca_certs=/etc/ca.pem"),
    ],
)
def test_its_password_is_shown_nowhere(monkeypatch: pytest.MonkeyPatch, value: str, kept: str) -> None:
    monkeypatch.setenv("HUD_STORE", value)
    settings = load_settings()
    assert settings.store == kept
    assert "opensesame" not in repr(settings)
    assert "opensesame" not in str(reported(settings, settings))
    assert storage_of(settings).name.startswith(str(settings.cache_dir) if kept == "disk" else kept.partition(":")[0])
    assert "opensesame" not in storage_of(settings).name
