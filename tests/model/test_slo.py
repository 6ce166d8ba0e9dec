"""The objective: the RFC's, as it is set, and as a snapshot carries it."""

from __future__ import annotations

from pathlib import Path

import pytest

from model.settings import SettingsError
from model.settings_file import load_settings
from model.slo import SLO, slo_of


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HUD_SLO_OBJECTIVE_RATIO", "HUD_SLO_THRESHOLD_SECONDS"):
        monkeypatch.delenv(name, raising=False)


def test_the_objective_is_the_rfcs_unless_it_is_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert load_settings().slo == SLO("latency", 0.999, 0.010)
    file = tmp_path / "hud.toml"
    file.write_text("slo_objective_ratio = 0.95\nslo_threshold_seconds = 0.2\n")
    assert (load_settings(file).slo.objective_ratio, load_settings(file).slo.threshold_seconds) == (0.95, 0.2)
    monkeypatch.setenv("HUD_SLO_OBJECTIVE_RATIO", "0.99")
    assert (load_settings(file).slo.objective_ratio, load_settings(file).slo.threshold_seconds) == (0.99, 0.2)


@pytest.mark.parametrize("wrong", ["99.9", "1", "0", "much"])
def test_an_objective_that_is_no_share_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    monkeypatch.setenv("HUD_SLO_OBJECTIVE_RATIO", wrong)
    with pytest.raises(SettingsError, match=r"(?i)slo_objective_ratio"):
        load_settings()


def test_a_snapshot_carries_the_objective_as_plain_values() -> None:
    reported = SLO(objective_ratio=0.95, threshold_seconds=0.2).reported()
    assert slo_of({"slo": reported}) == SLO(objective_ratio=0.95, threshold_seconds=0.2)
    assert slo_of({"slo": {**reported, "more": 1}}).objective_ratio == 0.95
    assert slo_of({}) == slo_of({"slo": None}) == SLO()
