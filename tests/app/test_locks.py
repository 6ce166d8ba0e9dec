"""The locks name all that is wanted, with its extras: what they left open would be met by whatever is released next."""

from __future__ import annotations

import importlib.util
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCKS = ["requirements.lock", "requirements-dev.lock"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = {name: wanted for name, wanted in PROJECT["optional-dependencies"].items() if name != "dev"}
NEEDED = [*PROJECT["dependencies"], *(one for wanted in EXTRAS.values() for one in wanted)]
"""What `make dashboard-run` installs: the client library of each backend that may be named with it."""


def extras_in(lock: str) -> dict[str, set[str]]:
    """The extras that a lock names, by package."""
    found = re.findall(r"^([\w.-]+)(?:\[([^]]*)\])?==", lock, re.MULTILINE)
    return {canonicalize_name(name): set(filter(None, extras.split(","))) for name, extras in found}


def wanted(package: str, extras: set[str]) -> Iterator[Requirement]:
    """What an installed package wants here, with its extras; nothing where it is not installed."""
    try:
        reported = [Requirement(one) for one in requires(package) or ()]
    except PackageNotFoundError:  # another system's or another Python's
        return
    for one in reported:
        if one.marker is None or any(one.marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            yield one


def not_named(lock: str) -> list[str]:
    """Requirements with an extra that the lock pins without it."""
    named = extras_in(lock)
    return [
        f"{package} wants {one}"
        for package, extras in named.items()
        for one in wanted(package, extras)
        if not {canonicalize_name(extra) for extra in one.extras} <= named.get(canonicalize_name(one.name), set())
    ]


@pytest.mark.parametrize("lock", LOCKS)
@pytest.mark.parametrize("requirement", NEEDED)
def test_it_is_locked(requirement: str, lock: str) -> None:
    needed = Requirement(requirement)
    assert needed.extras <= extras_in((ROOT / lock).read_text())[canonicalize_name(needed.name)]


@pytest.mark.parametrize("lock", LOCKS)
def test_every_extra_that_a_locked_package_wants_is_named_in_the_lock(lock: str) -> None:
    assert not_named((ROOT / lock).read_text()) == []


def test_a_lock_without_its_extras_is_found_out() -> None:
    stripped = re.sub(r"^([\w.-]+)\[[^]]*\]==", r"\1==", (ROOT / LOCKS[1]).read_text(), flags=re.MULTILINE)
    assert any(one.startswith("pytest-cov wants coverage[toml]") for one in not_named(stripped))


@pytest.fixture(scope="module")
def proof() -> ModuleType:
    spec = importlib.util.spec_from_file_location("locks", ROOT / ".ci" / "locks.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def refused(proof: ModuleType, folder: Path, lock: str) -> str:
    """What this environment's pip says of a lock with the wheels in a folder."""
    path = folder / "some.lock"
    path.write_text(lock)
    return str(proof.Pip("pip", Path(sys.executable), folder).refuses(path, folder))


@pytest.mark.server
def test_the_proof_takes_a_whole_lock_whatever_is_released_next(proof: ModuleType, tmp_path: Path) -> None:
    web = proof.wheel("web", "1", tmp_path, wants=["cover[toml]>=1"])
    cover = proof.wheel("cover", "1", tmp_path, extras=["toml"])
    proof.wheel("cover", proof.NEXT_RELEASE, tmp_path, extras=["toml"])
    assert refused(proof, tmp_path, proof.locked(web, cover).replace("cover==", "cover[toml]==")) == ""


@pytest.mark.server
def test_the_proof_refuses_what_the_next_release_would_meet(proof: ModuleType, tmp_path: Path) -> None:
    web = proof.wheel("web", "1", tmp_path, wants=["cover>=1"])
    proof.wheel("cover", proof.NEXT_RELEASE, tmp_path)
    assert "cover" in refused(proof, tmp_path, proof.locked(web))


def test_the_proof_knows_every_package_of_a_lock(proof: ModuleType) -> None:
    for lock in proof.LOCKS:
        assert {canonicalize_name(name) for name in proof.names(lock)} == set(extras_in(lock.read_text()))
