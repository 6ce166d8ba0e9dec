"""The lines of a scrape are kept as they came, for whoever looks, and for as long."""

from __future__ import annotations

from collections.abc import Callable

from collectors.core.quotes import (
    MOST_CHARACTERS,
    MOST_FAMILIES,
    MOST_IN_ALL,
    MOST_LINES,
    WANTED_SECONDS,
    Quotes,
    offer,
)
from collectors.core.source_states import SourceStates
from collectors.proxy.metrics import ProxyCollector
from model.catalogue import CATALOGUE
from model.series import Scrape
from model.settings import Aliases, SourceOptions
from tests.collectors.conftest import Answers, HttpServer, Reply
from tests.collectors.core.test_scheduler import Rig
from tests.collectors.fakes import FakeClock, FakeCollector

Http = Callable[[Answers], HttpServer]
NOW = 1_800_000_000.0
FAMILY = "prism_requests_total"
TEXT = """# TYPE prism_requests_total counter
prism_requests_total{namespace="shop",status="success"} 17
prism_requests_total{namespace="a b",status="error"} 2.5e1 1800000000000
prism_namespace_latency_ms{namespace="shop",p="99"} 4
process_threads 3
"""


def wanting(*families: str) -> Quotes:
    quotes = Quotes(lambda: set(families))
    quotes.look(NOW)
    return quotes


def read(quotes: Quotes, http: Http, text: str, times: int = 1, aliases: Aliases | None = None) -> None:
    web = http(lambda asked: Reply(200, text.encode()))
    options = SourceOptions(interval_seconds=1.0, timeout_seconds=5.0)
    one = ProxyCollector(web.url, options, aliases or Aliases(), "p:1")
    for _ in range(times):
        with quotes.reading("proxy@p:1", lambda: NOW):
            one.collect(lambda: NOW)
    one.close()


def lines(quotes: Quotes, family: str = FAMILY) -> list[str]:
    kept = (quotes.news() or {}).get("proxy@p:1", {"lines": {}})
    return list(kept["lines"].get(family, []))


def test_what_is_wanted_is_kept_as_it_came_and_nothing_else(http: Http) -> None:
    quotes = wanting(FAMILY)
    read(quotes, http, TEXT, times=2)
    assert lines(quotes) == TEXT.splitlines()[1:3]
    assert quotes.news() is None, "nothing new since"


def test_a_family_is_found_by_the_name_that_it_has_here(http: Http) -> None:
    quotes = wanting("prism_namespace_latency_seconds", FAMILY)
    read(quotes, http, TEXT.replace(FAMILY, "asked"), aliases=Aliases(metrics={"asked": FAMILY}))
    kept = (quotes.news() or {})["proxy@p:1"]["lines"]
    assert kept["prism_namespace_latency_seconds"] == ['prism_namespace_latency_ms{namespace="shop",p="99"} 4']
    assert kept[FAMILY][0].startswith("asked{")


def test_nothing_is_kept_while_nobody_looks_and_no_longer_than_that(http: Http) -> None:
    nobody = Quotes()
    nobody.look(NOW)
    read(nobody, http, TEXT)
    assert nobody.news() is None
    asks = [{FAMILY}]
    quotes = Quotes(lambda: asks.pop() if asks else set())
    quotes.look(NOW)
    read(quotes, http, TEXT)
    assert lines(quotes)
    quotes.look(NOW + WANTED_SECONDS + 1.0)
    assert quotes.news() == {}
    read(quotes, http, TEXT)
    assert quotes.news() is None


def test_credentials_are_taken_out_and_long_lines_end(http: Http) -> None:
    quotes = wanting(FAMILY)
    read(quotes, http, f'{FAMILY}{{url="http://me:secret@host/"}} 1\n{FAMILY}{{a="{"x" * 3000}"}} 1\n')
    first, second = lines(quotes)
    assert "secret" not in first
    assert len(second) == MOST_CHARACTERS


def test_it_is_bounded(http: Http) -> None:
    quotes = wanting(*(one.name for one in CATALOGUE), FAMILY, "nothing_known")
    assert len(quotes._until) == MOST_FAMILIES
    quotes = wanting(FAMILY)
    text = "".join(f'{FAMILY}{{namespace="{at}{"x" * 300}"}} 1\n' for at in range(MOST_LINES + 7))
    read(quotes, http, text)
    kept = quotes.news() or {}
    assert kept["proxy@p:1"]["left_out"] == {FAMILY: 7}
    for at in range(50):
        with quotes.reading(f"proxy@p:{at}", lambda: NOW):
            offer(text.split("\n"), lambda line: line and FAMILY)
    sizes = sum(len(line) for one in (quotes.news() or {}).values() for said in one["lines"].values() for line in said)
    assert sizes <= MOST_IN_ALL


class Offering(FakeCollector):
    """A source whose answer has a line."""

    def collect(self, now: Callable[[], float]) -> Scrape:
        offer([f"{FAMILY} 1"], lambda line: FAMILY)
        return super().collect(now)


def test_the_scheduler_stores_them_with_the_next_commit() -> None:
    clock = FakeClock()
    rig = Rig(Offering(clock), clock=clock)
    assert isinstance(rig.scheduler._source_states, SourceStates)
    rig.scheduler._quotes._asked = lambda: {FAMILY}
    rig.scheduler.step(0.0)
    rig.scheduler.runners[0].step()
    rig.scheduler.step(0.0)
    meta = rig.store.commits[-1].meta
    assert meta is not None
    assert meta["simulated"] is True
    assert meta["lines"]["proxy@a:1"]["lines"] == {FAMILY: [f"{FAMILY} 1"]}
