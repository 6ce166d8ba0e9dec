"""What keeps the code readable, counted: lengths of functions and files, and how much lies in a folder."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parents[2]
OURS = ("model", "store", "collectors", "aggregators", "components", "pages", "web", "simulator", "hud")
ROOMS = (*OURS, "docs", "bench")
MEDIAN_LINES, MOST_LINES = 10, 40
FILE_LINES, PAGE_LINES, FOLDER_FILES = 250, 150, 20
PICTURES = "docs/screenshots"
"""One of each page in each look: as many as there are."""


def kept(*folders: str) -> list[Path]:
    """Every file below, by its path from the root; but what Python left behind."""
    found = (path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file())
    return [path.relative_to(ROOT) for path in found if "__pycache__" not in path.parts]


def product() -> list[Path]:
    """The product's modules."""
    own = [path.relative_to(ROOT) for path in ROOT.glob("*.py")]
    return [*own, *(path for path in kept(*ROOMS) if path.suffix == ".py")]


def lengths() -> Iterator[tuple[int, str]]:
    """(lines, where) of every function, those within others included; decorators do not count."""
    for name in product():
        for node in ast.walk(ast.parse((ROOT / name).read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None:
                yield node.end_lineno - node.lineno + 1, f"{name}: {node.name}"


def test_functions_are_short() -> None:
    found = sorted(lengths(), reverse=True)
    assert len(found) > 2000
    assert median(lines for lines, _ in found) <= MEDIAN_LINES
    assert [one for one in found if one[0] > MOST_LINES] == []


@pytest.mark.parametrize(("room", "most"), [("", FILE_LINES), ("pages/", PAGE_LINES)])
def test_files_are_short(room: str, most: int) -> None:
    found = [one for one in product() if one.as_posix().startswith(room)]
    assert found
    lines = {one.as_posix(): len((ROOT / one).read_text(encoding="utf-8").splitlines()) for one in found}
    assert {name: count for name, count in lines.items() if count > most} == {}


def test_folders_hold_few_files() -> None:
    folders = Counter(path.parent.as_posix() for path in kept(*ROOMS, "assets"))
    del folders[PICTURES]
    assert {name: count for name, count in folders.items() if count > FOLDER_FILES} == {}
