"""What a frame changes is put into the page's elements without Dash: in place, as text, and links still lead on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.conftest import Watched
from tests.browser.small_site_control import SmallSite

HTML, CORE = "dash_html_components", "dash_core_components"


def made(kind: str, children: Any = None, namespace: str = HTML, **props: Any) -> dict[str, Any]:
    return {"type": kind, "namespace": namespace, "props": {"children": children, **props}}


@pytest.fixture
def page(board: SmallSite, open_page: Callable[..., Watched]) -> Watched:
    """A live page with an empty place of its own."""
    watched = open_page(board.address)
    watched.until("live")
    watched.page.wait_for_selector("main h1")
    watched.page.evaluate("""() => {
        const place = document.createElement("div");
        place.id = "place";
        document.querySelector("main").append(place);
    }""")
    return watched


def paint(watched: Watched, **props: Any) -> bool:
    painted: bool = watched.page.evaluate("props => hudPaint(document.getElementById('place'), props)", props)
    return painted


def inside(watched: Watched) -> str:
    html: str = watched.page.evaluate("document.getElementById('place').innerHTML")
    return html.removesuffix("<!---->")


@pytest.mark.browser
def test_elements_are_made_and_changed_in_place(page: Watched) -> None:
    rows: list[Any] = [
        made("Li", ["redis ", made("Strong", "7", className="number", title="in use")]),
        made("Li", "nats"),
    ]
    assert paint(page, children=rows, className="rows")
    assert inside(page) == '<li>redis <strong class="number" title="in use">7</strong></li><li>nats</li>'
    page.page.evaluate("window.first = document.querySelector('#place strong')")
    rows = [made("Li", ["redis ", made("Strong", "8")]), None, made("Li", 5), made("P", "", hidden=True)]
    assert paint(page, children=rows)
    assert inside(page) == '<li>redis <strong>8</strong></li><li>5</li><p hidden=""></p>'
    assert page.page.evaluate("window.first === document.querySelector('#place strong')")
    assert page.page.get_attribute("#place", "class") == "rows"
    assert paint(page, children=None)
    assert inside(page) == ""


@pytest.mark.browser
def test_style_and_attributes_come_and_go(page: Watched) -> None:
    bar = made("Span", style={"width": "40%", "minWidth": "2px"}, **{"aria-hidden": "true", "data-kind": "warn"})
    assert paint(page, children=bar)
    assert inside(page) == '<span aria-hidden="true" data-kind="warn" style="width: 40%; min-width: 2px;"></span>'
    assert paint(page, children=made("Span", style={"width": "50%"}))
    assert page.page.evaluate("document.querySelector('#place span').style.cssText") == "width: 50%;"


@pytest.mark.browser
def test_a_hostile_text_stays_text_and_a_hostile_address_leads_nowhere(page: Watched) -> None:
    hostile = '<img src=x onerror="window.__injected = 1"><script>window.__injected = 1</script>'
    link = made("Link", "here", CORE, href="javascript:window.__injected = 1")
    assert paint(page, children=[made("Span", hostile, title=hostile), link])
    assert page.text("#place span") == hostile
    assert page.page.get_attribute("#place a", "href") is None
    page.page.click("#place a")
    assert page.page.evaluate("window.__injected") is None


@pytest.mark.browser
def test_a_painted_link_leads_on_without_loading_the_document_again(page: Watched) -> None:
    page.page.evaluate("window.stayed = true")
    assert paint(page, children=made("Li", made("Link", "redis", CORE, href="/two/redis")))
    page.page.click("#place a")
    page.when("() => location.pathname === '/two/redis' && document.querySelector('h1').innerText === 'Page two'")
    page.when("() => document.getElementById('two-about').innerText === 'redis'")
    assert page.page.evaluate("window.stayed")
    page.page.go_back()
    page.when("() => document.querySelector('h1').innerText === 'Page one'")
    assert page.errors == []


@pytest.mark.browser
def test_only_a_link_to_a_page_is_followed_here_the_rest_is_the_browsers(page: Watched) -> None:
    page.page.evaluate("""() => addEventListener("click", (event) => {
        window.followed = event.defaultPrevented;
        event.preventDefault();
    })""")
    cases: tuple[tuple[str, list[Any], bool], ...] = (
        ("/api/health", [], False), ("/assets/favicon.svg", [], False), ("https://elsewhere.example/", [], False),
        ("#page", [], False), ("/two/redis", ["Control"], False), ("/two/redis", [], True),
    )  # fmt: skip
    for href, modifiers, followed in cases:
        assert paint(page, children=made("Link", "there", CORE, href=href))
        page.page.click("#place a", modifiers=modifiers)
        assert page.page.evaluate("window.followed") is followed, href


@pytest.mark.browser
def test_what_dash_made_comes_back_as_it_was_when_an_element_is_released(page: Watched) -> None:
    page.page.evaluate("""() => {
        const place = document.getElementById("place");
        place.innerHTML = "<b>made by Dash</b>";
        place.className = "before";
        window.made = place.firstChild;
    }""")
    assert paint(page, children=[made("Link", "redis", CORE, href="/two/redis")], className="painted", title="now")
    assert inside(page) == '<a href="/two/redis">redis</a>'
    assert page.page.evaluate("hudPaint.release(element => element.id === 'place')") == ["place"]
    assert page.page.evaluate("window.made === document.getElementById('place').firstChild")
    assert page.page.evaluate("document.getElementById('place').outerHTML") == (
        '<div id="place" class="before"><b>made by Dash</b></div>'
    )


@pytest.mark.browser
def test_an_answer_that_comes_when_its_place_is_painted_is_shown_and_breaks_nothing(page: Watched) -> None:
    page.when("() => document.querySelector('#one-about strong')?.innerText === 'everything'")
    page.page.evaluate("window.painted = document.querySelector('#one-about strong')")
    late = made("Em", "late")
    page.page.evaluate("late => dash_clientside.set_props('one-about', { children: [late] })", late)
    page.when("() => document.getElementById('one-about').innerText === 'late'")
    assert not page.page.evaluate("window.painted.isConnected")
    page.page.evaluate("e => hudPaint(document.getElementById('one-about'), { children: e })", made("Strong", "next"))
    assert page.text("#one-about") == "next"
    page.page.evaluate("dash_clientside.set_props('one-about', { children: 'last' })")
    page.when("() => document.getElementById('one-about').innerText === 'last'")
    assert page.errors == []


@pytest.mark.browser
@pytest.mark.parametrize(
    "props",
    [
        {"children": made("Graph", None, CORE)}, {"children": made("Input", None, CORE)}, {"n_intervals": 3},
        {"children": made("Span", "x", setting=1)}, {"children": [made("Select")]}, {"value": "x"}, {"children": True},
    ],
)  # fmt: skip
def test_what_is_more_than_plain_html_is_left_to_dash(page: Watched, props: dict[str, Any]) -> None:
    assert not paint(page, **props)
    assert inside(page) == ""
