"""Tables: how a filter calls their columns."""

from __future__ import annotations

import inspect
import json
from typing import Any

import dash
import pytest

import app
from components.lists.grid import GridColumn, grid
from components.props import components_of

assert app.server, "importing the application registers its pages"


def test_a_column_is_called_by_its_title_where_that_is_one_word() -> None:
    assert GridColumn("name", "Namespace").name == "namespace"
    assert GridColumn("use", "Of max RPS").name == "use"
    assert GridColumn("p99", "P99").name == "p99"


def specs(tree: Any) -> list[Any]:
    return [json.loads(spec) for one in components_of(tree).values() if (spec := getattr(one, "data-grid", None))]


@pytest.mark.parametrize("module", sorted(name for name, page in dash.page_registry.items() if "view" in page))
def test_no_two_columns_of_a_table_are_called_alike(module: str) -> None:
    page = __import__(module, fromlist=["tree"])
    named = {"name": "x"} if "name" in inspect.signature(page.tree).parameters else {}
    for spec in specs(page.tree(**named)):
        names = [column["name"] for column in spec["columns"]]
        assert len(set(names)) == len(names)
        keys = {column["key"]: column["name"] for column in spec["columns"]}
        assert [name for name in names if keys.get(name, name) != name] == [], "a name is another column's key"


def test_the_table_tells_the_browser_the_names() -> None:
    (spec,) = specs(grid("x", "xs", [GridColumn("rps", "Requests", "number")]))
    assert spec["columns"][0]["name"] == "requests"
