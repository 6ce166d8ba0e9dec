"""docs/connect.md names every setting and every word of access, and its examples are read as they stand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import AliasChoices

from docs.generate import FOLDER
from model.access import Access
from model.settings import Settings, SourceOptions, SourceTable
from model.settings_file import load_settings

TEXT = (FOLDER / "connect.md").read_text(encoding="utf-8")
TABLES = ("sources", "aliases", "auth_spans", "thresholds", "prometheus")
"""Settings that only stand in hud.toml, as tables."""


def environment_name(field: str) -> str:
    alias = Settings.model_fields[field].validation_alias
    return str(alias.choices[0]) if isinstance(alias, AliasChoices) else field.upper()


@pytest.mark.parametrize("field", [name for name in Settings.model_fields if name not in TABLES])
def test_a_setting_is_in_the_table(field: str) -> None:
    name = environment_name(field)
    assert re.search(rf"^\| [^|]*`{name}`", TEXT, re.MULTILINE), f"{name} is not in the table of settings"


@pytest.mark.parametrize("word", sorted({*Access.model_fields, *SourceOptions.model_fields}))
def test_a_word_of_access_is_in_its_table(word: str) -> None:
    assert re.search(rf"^\| [^|]*`{word}`", TEXT, re.MULTILINE), f"{word} is not in the table"


@pytest.mark.parametrize("kind", sorted(SourceTable.model_fields))
def test_a_kind_of_source_is_named(kind: str) -> None:
    assert f"`{kind}`" in TEXT


@pytest.mark.parametrize("example", re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL))
def test_an_example_is_read_as_it_stands(example: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(environment_name(name), raising=False)
    paper = tmp_path / "a.pem"
    paper.write_text("")
    file = tmp_path / "hud.toml"
    file.write_text(re.sub(r'"/[^"]*"', f'"{paper}"', example))
    assert load_settings(file)


def test_the_first_thing_to_run_is_the_check() -> None:
    assert TEXT.index("python -m collectors --check") < TEXT.index("| setting |")
