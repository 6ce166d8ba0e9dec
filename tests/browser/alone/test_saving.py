"""What is shown leaves as a file or as a link, by the pointer and by the keyboard, in a real browser."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Watched

pytestmark = [pytest.mark.browser, pytest.mark.server]
Open = Callable[..., Watched]


def saved(page: Page, within: str, kind: str) -> str:
    """The file that the menu in `within` gives."""
    page.click(f"{within} .save summary")
    with page.expect_download() as found:
        page.click(f"{within} .save [data-save={kind}]")
    assert found.value.suggested_filename.endswith(f".{kind}")
    return Path(found.value.path()).read_text(encoding="utf-8")


def table(text: str) -> list[list[str]]:
    assert text.startswith("\ufeff"), "spreadsheets know it as UTF-8 by that"
    return list(csv.reader(io.StringIO(text[1:])))


def test_a_table_with_filters_is_saved_as_it_is_shown(address: str, open_page: Open) -> None:
    page = open_page(f"{address}/performance?pf-operations.q=redis")
    page.when("() => document.querySelectorAll('#pf-operations .tabulator-row').length")
    heads, *rows = table(saved(page.page, ".grid-tools", "csv"))
    shown = page.page.locator("#pf-operations .grid-count").inner_text().split()[-1]
    assert len(rows) == int(shown)
    assert {row[1] for row in rows} == {"redis"}
    assert heads[:2] == ["Operation", "Pattern"]
    assert heads[3].startswith("P99 (")
    found = json.loads(saved(page.page, ".grid-tools", "json"))
    assert "/performance?pf-operations.q=redis" in found["page"]
    assert [row["Pattern"] for row in found["rows"]] == ["redis"] * len(rows)
    told = [row[heads[3]] for row in found["rows"]]  # of an operation that nobody has asked for yet, nothing
    assert any(isinstance(one, float | int) for one in told)
    assert not [one for one in told if isinstance(one, str) and any(map(str.isdigit, one))], "figures stay figures"
    assert page.errors == []


def test_a_plain_table_is_saved_with_formulas_made_harmless(address: str, open_page: Open) -> None:
    page = open_page(address)
    page.when("() => document.querySelectorAll('#sh-patterns-rows tr').length > 3")
    cells = ["=1+1", "\uff1dcmd()", " @SUM(A1)", 'a "b", c']
    page.page.evaluate("""cells => {
        const copy = document.querySelector(".table-box:has(#sh-patterns-rows)").cloneNode(true);
        copy.querySelectorAll("[id]").forEach((one) => one.removeAttribute("id"));  // the next figures do not come here
        document.body.prepend(copy);
        copy.id = "copy";
        copy.querySelectorAll("tbody tr").forEach((row, at) => { row.cells[0].textContent = cells[at]; });
    }""", cells)  # fmt: skip
    _, *rows = table(saved(page.page, "#copy", "csv"))
    assert [row[0] for row in rows[:4]] == ["'=1+1", "'\uff1dcmd()", "'@SUM(A1)", 'a "b", c']


def test_a_chart_is_saved_in_its_own_units_and_utc(address: str, open_page: Open) -> None:
    page = open_page(address)
    page.drawn("#sh-thr-chart")
    within = ".chart:has(#sh-thr-chart)"
    heads, *rows = table(saved(page.page, within, "csv"))
    assert heads == ["time", "read (/s)", "write (/s)"]
    figure: dict[str, Any] = page.page.evaluate(f"window.hudCharts.figure(document.querySelector('{within}'))")
    newest = max(x for trace in figure["data"] for x in trace["x"])
    assert rows[-1][0] == page.page.evaluate("x => new Date(x).toISOString()", newest)
    assert float(rows[-1][1]) == figure["data"][-2]["customdata"][-1], "its own figure, not the height of the stack"
    found = json.loads(saved(page.page, within, "json"))
    assert set(found["rows"][0]) == set(heads)


def test_the_menu_works_by_keyboard(address: str, open_page: Open) -> None:
    page = open_page(address)
    page.until("live")
    page.drawn("#sh-lat-chart")
    page.page.press(".chart:has(#sh-lat-chart) summary", "Enter")
    page.when("() => document.querySelector('.save[open]')")
    page.page.keyboard.press("Tab")
    assert page.page.evaluate("document.activeElement.dataset.save") == "png"
    page.page.keyboard.press("Escape")
    assert page.page.evaluate("document.activeElement.tagName") == "SUMMARY"
    assert not page.page.evaluate("Boolean(document.querySelector('.save[open]'))")


def test_a_link_to_what_is_shown_is_copied(address: str, open_page: Open) -> None:
    page = open_page(f"{address}/performance?range=1h")
    page.until("live")
    page.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.page.click("#link-switch")
    page.when("() => document.querySelector('.link-said')?.textContent === 'The link is copied.'")
    copied = page.page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(f"{address}/performance?range=1h")
    page.when("() => document.querySelector('.link-said').textContent === ''")
    assert page.errors == []
