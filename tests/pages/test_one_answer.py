"""Every page words one answer of the aggregators, the one that /api serves; what its charts draw is one series."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dash
import pytest

import app
from aggregators.overview.summary import summary
from aggregators.places.places import places
from aggregators.requests.proxies import only
from web.api.answers import routes

assert app.server, "importing the application registers its pages"
ROOT = Path(__file__).parents[2]
VERDICTS = "aggregators.alerts.verdict"
"""What verdicts are made with: no answer of its own."""
PAGES = {name: page for name, page in dash.page_registry.items() if "view" in page}


def asked(path: Path) -> Iterator[Callable[..., Any]]:
    """The functions of the aggregators that a module imports and that take a snapshot or a look at one."""
    for one in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(one, ast.ImportFrom) and (one.module or "").startswith("aggregators") and one.module != VERDICTS:
            module = importlib.import_module(one.module or "")
            for name in one.names:
                found = getattr(module, name.name)
                if inspect.isfunction(found) and {"snapshot", "look"} & set(inspect.signature(found).parameters):
                    yield found


def test_all_pages_are_looked_at() -> None:
    assert sorted(PAGES) == sorted(
        ".".join(path.relative_to(ROOT).with_suffix("").parts) for path in ROOT.glob("pages/*/page.py")
    )
    assert len(PAGES) >= 12


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_page_words_exactly_one_answer_and_draws_at_most_one_series(name: str) -> None:
    page = PAGES[name]
    functions = {found for path in (ROOT / name.replace(".", "/")).parent.glob("*.py") for found in asked(path)}
    judge = {page["judge"]} if page.get("judge") else set()
    rest = functions - {page["answer"]} - judge
    assert page["answer"] in functions
    assert [one.__name__ for one in rest if not one.__name__.endswith("_series")] == []
    assert len(rest) <= 1


@pytest.mark.parametrize("name", sorted(PAGES))
def test_the_api_serves_the_answer_that_the_page_words(name: str) -> None:
    page = PAGES[name]
    (route,) = (one for one in routes() if one.view == page["view"])
    assert route.answer is page["answer"]


def test_what_stands_around_every_page_words_one_answer_too() -> None:
    functions = {path.stem: {*asked(path)} for path in (ROOT / "pages/shared").glob("*.py")}
    assert functions.pop("page_shell") == {summary}
    assert functions.pop("selections") == {only}, "which part of the snapshot an answer is worked out from"
    assert functions.pop("places") == {places}
    judged = {one.__name__ for one in functions.pop("judges")}
    assert judged == {"whole_of", "parts_of"}
    assert not any(functions.values())
