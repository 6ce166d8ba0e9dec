"""The filter boxes of tables: what their language means, what they say when they do not understand, what is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import Watched
from tests.browser.whole.full_site import Whole

pytestmark = pytest.mark.browser
PARSER = Path(__file__).parents[3] / "assets" / "later" / "filter.js"
COLUMNS = [
    {"key": "name", "name": "namespace", "kind": "text"}, {"key": "rps", "name": "rps", "kind": "number"},
    {"key": "p99", "name": "p99", "kind": "number"}, {"key": "errors", "name": "errors", "kind": "number"},
    {"key": "size", "name": "size", "kind": "number"}, {"key": "status", "name": "status", "kind": "status"},
]  # fmt: skip


def row(name: str, rps: float, p99: float | None, errors: float, size: float, status: str) -> dict[str, Any]:
    return {
        "name": {"v": name, "n": name}, "rps": {"v": rps, "n": f"{rps:g}", "u": "/s", "q": "per second"},
        "p99": {"n": "–", "q": "seconds"} | ({} if p99 is None else {"v": p99, "n": f"{p99 * 1e3:g}", "u": "ms"}),
        "errors": {"v": errors, "n": f"{errors * 100:g}", "u": "%", "q": "ratio"},
        "size": {"v": size, "n": "1", "u": "MiB", "q": "bytes"}, "status": {"v": 3, "x": status, "n": status},
    }  # fmt: skip


ROWS = [
    row("payments", 1500.0, 0.006, 0.02, 2.0**20, "DEGRADED"),
    row("payments-eu", 80.0, 0.004, 0.0, 2.0**10, "HEALTHY"),
    row("user platform", 5.0, None, 0.003, 100.0, "UNKNOWN"),
    row('quo"te', 0.0, 1.5, 0.5, 0.0, "UNHEALTHY"),
]
MEANS = {
    "": "0123", "  ": "0123", "payments": "01", "PAYMENTS": "01", "payments eu": "1", '"user platform"': "2",
    "namespace:pay": "01", "namespace=payments": "0", "namespace!=payments": "123",
    'namespace="user platform"': "2",
    'namespace="quo\\"te"': "3", "name:quo": "3", "status:degraded": "0", "status=unhealthy": "3",
    "errors>1%": "03", "errors>=2%": "03", "errors<1%": "12", "errors=0.3%": "2", "errors<=0.3%": "12",
    "errors>0": "023",
    "p99>5ms": "03", "p99>1s": "3", "p99<0.005s": "1", "p99>5000us": "03", "p99!=6ms": "13", "p99>=1e-3s": "013",
    "rps>=100": "0", "rps>1k": "0", "rps>=1.5k": "0", "rps<10": "23", "rps:80": "1", "rps>0.01k/s": "01",
    "size>=1MiB": "0", "size>1kB": "01", "size<1KiB": "23",
    "namespace:payments errors>1% p99>5ms rps>=100": "0", "status:healthy rps>1": "1", "errors>1% payments": "0",
    "-5": "", "::": "", "🦄": "", "%": "0123", "127.0.0.1:80": "",
}  # fmt: skip
WRONG = {
    "erors>1%": "There is no column “erors”", "errors>1": "errors: it is a share: write 1%",
    "p99>5": "p99: it is a time: write 5ms", "p99>5%": "p99: it is a time",
    "rps>5ms": "rps: “ms” is no unit",
    "rps>many": "rps: “many” is no number", "size>5": "size: it is a size", "namespace>3": "namespace is no figure",
    "errors>": "What should errors be?", "__proto__:x": "There is no column “__proto__”",
    "rps>1constructor": "is no unit",
    "http://x": "There is no column “http”", "a>b<c": "There is no column “a”",
    "redis:6379": "There is no column “redis”; “redis:6379” in quotes", "x " * 30: "Only the first 20 parts",
}  # fmt: skip


@pytest.fixture(scope="module")
def parser(chromium: Browser) -> Iterator[Page]:
    """A page that knows the language and nothing else."""
    page = chromium.new_page()
    page.add_script_tag(path=PARSER)
    yield page
    page.close()


def read(page: Page, words: str, rows: list[dict[str, Any]] = ROWS) -> tuple[str, list[str]]:
    """Which rows words leave, and what they are told."""
    script = """([words, columns, rows]) => {
        const found = window.hudFilter.read(words, columns, rows);
        return [rows.map((row, at) => (found.test(row) ? at : "")).join(""), found.wrong];
    }"""
    left, wrong = page.evaluate(script, [words, COLUMNS, rows])
    return left, wrong


@pytest.mark.parametrize("words", MEANS)
def test_words_leave_the_rows_that_they_mean(parser: Page, words: str) -> None:
    assert read(parser, words) == (MEANS[words], [])


@pytest.mark.parametrize("words", WRONG)
def test_what_is_not_understood_is_said_and_filters_nothing(parser: Page, words: str) -> None:
    _, wrong = read(parser, words)
    assert len(wrong) == 1 and WRONG[words] in wrong[0]
    if not words.startswith("x "):
        assert read(parser, f"{words} payments") == (read(parser, "payments")[0], wrong)


def test_what_is_not_known_yet_takes_any_unit_and_means_the_same_later(parser: Page) -> None:
    assert read(parser, "errors>1% p99>5ms", []) == ("", [])
    assert read(parser, "errors>1% p99>5ms", [{"errors": {"v": 0.5}, "p99": {"v": 0.006}}]) == ("0", [])


def test_any_text_at_all_is_read(parser: Page) -> None:
    """Every text of four signs that mean something, and a long one."""
    script = """([columns, rows]) => {
        const signs = ['"', "\\\\", ":", ">", "=", "%", "5", " ", "errors", "-", "\\u202e"];
        let count = 0;
        for (const a of signs) for (const b of signs) for (const c of signs) for (const d of signs) {
            const found = window.hudFilter.read(a + b + c + d, columns, rows);
            for (const row of rows) if (typeof found.test(row) !== "boolean") throw new Error(a + b + c + d);
            window.hudFilter.completions(a + b + c + d, columns, rows, 20);
            count += 1;
        }
        window.hudFilter.read("a:".repeat(50000), columns, rows);
        return count;
    }"""
    assert parser.evaluate(script, [COLUMNS, ROWS]) == 11**4


@pytest.mark.parametrize(
    ("words", "some"),
    [("", "namespace:"), ("er", "errors>"), ("errors>1% na", "errors>1% namespace:"),
     ("namespace:eu", "namespace:payments-eu"),
     ("namespace:user", 'namespace:"user platform"'), ("x status=un", "x status=UNKNOWN"),
     ("namespace:quo", 'namespace:"quo\\"te"')],
)  # fmt: skip
def test_what_is_begun_is_completed_and_means_what_it_says(parser: Page, words: str, some: str) -> None:
    script = "([words, columns, rows]) => window.hudFilter.completions(words, columns, rows, 20)"
    found = parser.evaluate(script, [words, COLUMNS, ROWS])
    assert some in found
    assert len(found) <= 20


COUNT = "() => Number(/of ([\\d,]+)$/.exec(document.querySelector('#ns-rows .grid-count')?.textContent)?.[1])"


@pytest.mark.server
def test_a_filter_narrows_the_table_says_what_is_wrong_and_survives_a_reload(
    whole: Whole, open_page: Callable[..., Watched]
) -> None:
    page = open_page(f"{whole.address}namespaces")
    page.when(f"() => ({COUNT})() >= 10")
    page.page.fill("#ns-rows-filter", "rps>=100 namespace:o")
    fewer = page.when(f"() => ({COUNT})() < 15 && ({COUNT})()")
    assert 0 < fewer < 15
    assert page.page.locator("#ns-rows-says").is_hidden()
    page.page.fill("#ns-rows-filter", "rps>=100 namespace:o wrong:1")
    page.when("() => /There is no column “wrong”/.test(document.querySelector('#ns-rows-says').innerText)")
    assert page.page.get_attribute("#ns-rows-filter", "aria-invalid") == "true"
    page.page.reload()
    page.when("() => /There is no column “wrong”/.test(document.querySelector('#ns-rows-says')?.innerText)")
    assert page.page.input_value("#ns-rows-filter") == "rps>=100 namespace:o wrong:1"
    page.page.fill("#ns-rows-filter", "namespace:")
    assert page.page.locator("#ns-rows-completions option").count() >= 10
    assert page.errors == []


@pytest.mark.server
def test_the_finder_leads_to_the_row_of_a_topic_also_from_its_own_page(
    whole: Whole, open_page: Callable[..., Watched]
) -> None:
    page = open_page(f"{whole.address}messaging")
    for _ in range(2):
        page.when("() => document.querySelectorAll('#ms-topics .tabulator-row').length > 0")
        page.page.keyboard.press("Control+k")
        page.when("() => window.hudFinder?.size() > 100")
        name = page.page.evaluate("() => document.querySelector('#ms-topics .tabulator-row .num').textContent")
        page.page.keyboard.type(f"{name} topic")
        page.when("() => /topic$/.test(document.querySelector('.finder-row[aria-selected=true]')?.textContent)")
        page.page.keyboard.press("Enter")
        page.when("() => document.querySelectorAll('#ms-topics .tabulator-row').length === 1")
        page.when("words => document.querySelector('#ms-topics-filter').value === words", arg=f'topic="{name}"')
        page.page.goto(f"{whole.address}performance")
        page.page.goto(f"{whole.address}messaging")
    assert page.errors == []
