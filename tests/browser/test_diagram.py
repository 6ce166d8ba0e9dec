"""The diagram in a real browser: whatever topics are called, drawn anew only for new text, moving nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route

from components.charts.mermaid_text import NARROW_COLUMNS, Arrow, Box, cut, diagram_value, flowchart
from tests.patience import patience
from web.http_headers import POLICY

ASSETS = Path(__file__).parent.parent.parent / "assets"
PAGE = """<!DOCTYPE html><html><head><link rel="stylesheet" href="/hud.css">
<link rel="stylesheet" href="/views/diagram.css">
<script type="application/json" id="live-facts">{"prefix": "/hud/", "diagrams": "/vendor/mermaid-flow.min.js"}</script>
</head>
<body><div id="flow" class="diagram" style="width: 640px"></div><p id="below">below</p>
<script src="/base.js"></script><script src="/diagram.js"></script></body></html>"""
NAMES = (
    "<script>window.hurt = 1</script>", "<img src=x onerror='window.hurt = 1'>", "🚀 rocket 👩\u200d🚀",
    "quo\"te's `b`", "x" * 300, "`md **b**`", "1. a", "- a", "# a", "> a", "* a", "__init__", "end", "click",
    "%%{init: {}}%%", "#35;", "&lt;b&gt;", "a<br/>b", "$$x$$", "subgraph", "\u202eevil",
    "日本語のとても長いトピックの名前です", "", "a|b", "fa:fa-x",
)  # fmt: skip


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """An empty slot, under the policy that the dashboard is served with."""
    page = chromium.new_context(viewport={"width": 1440, "height": 900}).new_page()

    def serve(route: Route) -> None:
        name = route.request.url.partition("hud.test/")[2]
        if name:
            route.fulfill(path=ASSETS / name)
        else:
            route.fulfill(body=PAGE, content_type="text/html", headers={"Content-Security-Policy": POLICY})

    page.route("**/*", serve)
    page.goto("http://hud.test/")
    yield page
    page.context.close()


def want(page: Page, value: dict[str, Any]) -> None:
    page.evaluate(f"hudDiagrams.want('flow', document.getElementById('flow'), {json.dumps(value)})")


def said(page: Page) -> list[list[str]]:
    """What each box says, line by line, in the order of the boxes."""
    rows: Any = page.evaluate("""() => Array.from(document.querySelectorAll('#flow g.node'))
        .sort((a, b) => Number(/n(\\d+)-/.exec(a.id)[1]) - Number(/n(\\d+)-/.exec(b.id)[1]))
        .map(box => Array.from(box.querySelectorAll('tspan.row')).map(row => row.textContent))""")
    return [[str(line) for line in box] for box in rows]


def until_said(page: Page, words: str) -> None:
    page.wait_for_function(
        "words => document.querySelector('#flow').textContent.includes(words)", arg=words, timeout=20_000 * patience()
    )


def drawing(figure: str, count: int = 3, word: str = "") -> dict[str, Any]:
    boxes = [
        Box(f"box {at}", figure, "0000 /s", word, looks=("topic", "degraded") if word else ()) for at in range(count)
    ]
    arrows = [Arrow(0, at, broken=True) for at in range(1, count)]
    return diagram_value(flowchart(boxes, arrows), flowchart(boxes, arrows, NARROW_COLUMNS))


@pytest.mark.browser
def test_names_of_every_kind_are_shown_as_they_are_and_do_nothing(page: Page) -> None:
    trouble: list[str] = []
    page.on("console", lambda one: trouble.append(one.text) if one.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: trouble.append(str(error)))
    boxes = [Box(name, "1 /s", "0000 /s", looks=("topic",)) for name in NAMES]
    drawn = flowchart(boxes, [Arrow(0, at) for at in range(1, len(boxes))])
    want(page, diagram_value(drawn, drawn))
    until_said(page, "rocket")
    assert said(page) == [[cut(name, 22), "1 /s"] for name in NAMES]
    assert page.evaluate("window.hurt") is None
    assert page.evaluate("document.querySelectorAll('#flow script, #flow img, #flow a, #flow style').length") == 0
    assert trouble == []


@pytest.mark.browser
def test_a_box_leads_below_the_path_where_the_dashboard_is_seen(page: Page) -> None:
    drawn = flowchart([Box("redis", href="/patterns/redis", label="redis, HEALTHY")], [])
    want(page, diagram_value(drawn, drawn))
    until_said(page, "redis")
    links = page.locator("#flow a")
    assert [links.get_attribute("href"), links.get_attribute("aria-label")] == ["/hud/patterns/redis", "redis, HEALTHY"]


@pytest.mark.browser
def test_new_figures_are_set_in_place_and_new_text_takes_the_place_of_the_old_whole(page: Page) -> None:
    want(page, drawing("1 /s"))
    until_said(page, "1 /s")
    page.evaluate("window.first = document.querySelector('#flow svg'); window.below = () =>"
                  " document.getElementById('below').getBoundingClientRect().top; window.top0 = below()")  # fmt: skip
    want(page, drawing("250 /s"))
    until_said(page, "250 /s")
    assert page.evaluate("document.querySelector('#flow svg') === window.first")
    page.evaluate("""() => { window.gaps = 0; new MutationObserver(() => {
        if (document.querySelectorAll('#flow > svg').length !== 1) window.gaps += 1;
    }).observe(document.querySelector('#flow'), {childList: true}); }""")
    want(page, drawing("250 /s", 9, "▲ DEGRADED"))
    until_said(page, "box 8")
    assert page.evaluate("document.querySelector('#flow svg') !== window.first")
    assert page.evaluate("[window.gaps, window.below() - window.top0]") == [0, 0]
    assert page.evaluate("document.querySelectorAll('.diagram-bench').length") == 0


@pytest.mark.browser
def test_trouble_shows_in_both_themes_without_drawing_anew(page: Page) -> None:
    want(page, drawing("1 /s", 3, "▲ DEGRADED"))
    until_said(page, "DEGRADED")
    colour = "getComputedStyle(document.querySelector('#flow .degraded rect.label-container'))"
    for theme, stroke in (("light", "rgb(138, 95, 0)"), ("dark", "rgb(229, 181, 61)")):
        page.evaluate(f"document.documentElement.dataset.bsTheme = '{theme}'")
        assert page.evaluate(f"[{colour}.stroke, {colour}.strokeWidth]") == [stroke, "2px"]
    assert page.evaluate("document.querySelectorAll('#flow .edge-pattern-dotted').length") == 2


@pytest.mark.browser
def test_a_narrow_slot_gets_the_narrow_one_and_nothing_sticks_out(page: Page) -> None:
    wide, narrow = flowchart([Box("w" * 30)], []), flowchart([Box("w" * 30)], [], NARROW_COLUMNS)
    want(page, diagram_value(wide, narrow))
    until_said(page, "w" * 20)
    page.evaluate("document.getElementById('flow').style.width = '320px'")
    page.wait_for_function(
        f"() => document.querySelector('#flow').textContent.length === {NARROW_COLUMNS}", timeout=9000 * patience()
    )
    want(page, drawing("1 /s", 30))
    until_said(page, "box 29")
    assert page.evaluate("""() => { const slot = document.querySelector('#flow').getBoundingClientRect();
        return Array.from(document.querySelectorAll('#flow g.node')).every(box => {
            const its = box.getBoundingClientRect();
            return its.left >= slot.left && its.right <= slot.right && its.top >= slot.top && its.bottom <= slot.bottom;
        }); }""")


@pytest.mark.browser
def test_nothing_to_draw_is_said_in_words_and_a_text_that_cannot_be_drawn_too(page: Page) -> None:
    want(page, {"empty": "No topic is known <b>yet</b>"})
    until_said(page, "No topic is known <b>yet</b>")
    broken = {"text": "flowchart LR\nn0[", "lines": {}}
    want(page, {"wide": broken, "narrow": broken})
    until_said(page, "cannot be drawn here")
    want(page, drawing("7 /s"))
    until_said(page, "7 /s")


@pytest.mark.browser
def test_the_library_is_fetched_only_for_a_diagram(page: Page) -> None:
    assert page.evaluate("typeof window.mermaid") == "undefined"
    want(page, drawing("1 /s"))
    until_said(page, "1 /s")
    assert page.evaluate("typeof window.mermaid") == "object"
