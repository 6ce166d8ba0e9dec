"""Every widget of the RFC has its element on its page and the test that proves it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dash
import pytest

import app
from components.props import ids_of
from docs.widgets import WIDGETS, Widget

ROOT = Path(__file__).parent.parent.parent
assert app.server, "importing the application registers its pages"


@pytest.mark.parametrize("widget", WIDGETS, ids=lambda one: f"{one.path} {one.element}")
def test_a_widget_has_its_element_on_its_page(widget: Widget) -> None:
    page, names = _page_at(widget.path)
    assert widget.element in ids_of(page["tree"](**{**dict.fromkeys(page["takes"], ""), **names}))


@pytest.mark.parametrize("test", sorted({one.test for one in WIDGETS}))
def test_a_widget_is_proved_by_a_test_that_is_there(test: str) -> None:
    file, _, name = test.partition("::")
    assert f"def {name or 'test_'}" in (ROOT / file).read_text(encoding="utf-8")


def test_every_view_of_the_rfc_is_covered() -> None:
    numbers = {one.view.split(" ")[0] for one in WIDGETS}
    assert numbers >= {str(number) for number in range(1, 9)}


def _page_at(path: str) -> tuple[Mapping[str, Any], dict[str, str]]:
    for page in dash.page_registry.values():
        template = page["path_template"] or page["path"]
        match = re.fullmatch(re.sub(r"<(\w+)>", r"(?P<\1>[^/]+)", template), path)
        if match:
            return page, match.groupdict()
    raise AssertionError(f"no page at {path}")
