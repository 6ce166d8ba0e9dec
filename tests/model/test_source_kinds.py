"""The records of the kinds of source agree with the collectors that they name."""

from __future__ import annotations

import pytest

from collectors.build import build_collectors
from model.addresses import AddressSetting
from model.catalogue.source_kind import SourceKind
from model.catalogue.source_kinds import ADDRESSES, BY_KIND, KINDS, rank, shown
from model.settings import Settings, SettingsError
from model.settings_file import load_settings


def example(address: AddressSetting) -> str:
    """An address of its form."""
    for entry in (f"{(address.form.schemes or ('http',))[0]}://host:1", "host:1", "name=host:1"):
        try:
            return address.form.check(entry, 1)
        except ValueError:
            continue
    raise AssertionError(f"no example fits {address.name}")


def nothing_but(*named: AddressSetting) -> Settings:
    """Settings in which these addresses are named, and every other is empty."""
    given: dict[str, str | list[str]] = {one.name: [] if one.form.many else "" for one in ADDRESSES.values()}
    for one in named:
        given[one.name] = [example(one)] if one.form.many else example(one)
    return Settings(**given)


def test_names_and_settings_are_said_once() -> None:
    assert len(BY_KIND) == len(KINDS)
    assert len(ADDRESSES) == sum(len(kind.addresses) for kind in KINDS)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_its_first_setting_makes_a_collector_of_its_name_and_cadence(kind: SourceKind) -> None:
    (one,) = build_collectors(nothing_but(kind.addresses[0]))
    one.close()
    assert (one.source, one.interval_seconds) == (kind.name, kind.interval_seconds)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_its_families_name_it_as_their_source(kind: SourceKind) -> None:
    assert {family.source for family in kind.families} <= {kind.name}


@pytest.mark.parametrize("address", ADDRESSES.values(), ids=lambda address: address.name)
def test_nonsense_is_refused_by_the_name_of_the_setting_without_a_password(
    address: AddressSetting, monkeypatch: pytest.MonkeyPatch
) -> None:
    for nonsense in ("nonsense", "hud:opensesame@nonsense", "ftp://hud:opensesame@host"):
        monkeypatch.setenv(address.variable, nonsense)
        with pytest.raises(SettingsError, match=f"^setting {address.variable}: ") as refused:
            load_settings()
        assert "opensesame" not in str(refused.value)


def test_a_kind_that_nobody_knows_comes_last_under_its_own_name() -> None:
    assert rank("proxy") == 0 < rank("somebody's") == len(KINDS)
    assert shown("somebody's") == "somebody's"
