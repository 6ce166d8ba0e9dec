"""What each widget needs, held against the pages: with it there is a figure, without it the widget says so."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from typing import Any

import dash
import pytest

import app
from collectors.build import build_collectors
from collectors.check.visit import capped
from collectors.core.contract import Collector, PartialReadError, key_of
from collectors.embedded import settings_for
from components.props import Props
from docs.places import NEEDS_NOTHING, NEEDS_NOTHING_ON
from docs.widgets import WIDGETS
from model.catalogue import BY_NAME
from model.needs import NEEDS, SETTINGS, Need
from model.series import Scrape
from model.settings import Settings
from model.sources import CollectError, SourceState
from simulator.ports import RFC_PORTS
from simulator.prism import Prism
from simulator.traffic.scenario import default_scenario
from simulator.traffic.traffic_model import TrafficModel
from store.snapshot import Snapshot, snapshot_of

assert app.server, "importing the application registers its pages"
READS, STEP_SECONDS = 14, 5.0
SAYS_NOTHING = ("is-unreported", "is-error")
STILL_TOLD = {
    "sh-patterns": "of no known pattern none is active",
    "sh-namespaces": "an Admin API that answers and lists none means 0",
    "ns-active": "the same",
    "se-dex-checked": "when it was read last is known whatever it said",
}
"""Figures that have a value without their families as long as their source answers, and why."""
NOT_SIMULATED = ("ob-latency",)
PARTS = ("", "_bucket", "_sum", "_count")


class Reported:
    """What every source of a simulated Prism reported over about a minute of a virtual clock."""

    def __init__(self) -> None:
        self.now = time.time()
        self.scrapes: list[Scrape] = []
        self.states: dict[str, SourceState] = {}
        prism = Prism(
            TrafficModel(default_scenario(), 7, self.now), "127.0.0.1", dict.fromkeys(RFC_PORTS, 0), lambda: self.now
        )
        prism.open()
        collectors = build_collectors(capped(settings_for(Settings(), prism.addresses())))
        try:
            for _ in range(READS):
                self.now += STEP_SECONDS
                for one in collectors:
                    self._read(one)
        finally:
            for one in collectors:
                one.close()
            prism.close()

    def _read(self, one: Collector) -> None:
        try:
            scrape = one.collect(lambda: self.now)
        except PartialReadError as error:
            scrape = error.scrape
        except CollectError as error:
            raise AssertionError(f"{key_of(one)} reported nothing: {error}") from error
        self.scrapes.append(scrape)
        fresh = SourceState(key_of(one), one.source, one.instance, one.address, STEP_SECONDS)
        self.states[fresh.key] = fresh.succeeded(self.now, 0.01, len(scrape.values))

    def without(self, *families: str) -> Snapshot:
        """All of it but these families, and what we made of them ourselves."""
        gone = {f"{family}{part}" for family in families for part in PARTS}
        return snapshot_of([_left(one, gone) for one in self.scrapes], sources=self.states.values(),
                           meta={"collector_alive_at": self.now, "simulated": True})  # fmt: skip


def _left(scrape: Scrape, gone: set[str]) -> Scrape:
    kept = Scrape(scrape.source, scrape.instance, scrape.time)
    for series, value in zip(scrape.series, scrape.values, strict=True):
        if series.name not in gone and not (gone and series.name.startswith("hud_")):
            kept.series.append(series)
            kept.values.append(value)
    return kept


@pytest.fixture(scope="module")
def reported() -> Iterator[Reported]:
    yield Reported()


def props_of(path: str, snapshot: Snapshot, now: float) -> Props:
    """What the page at `path` says."""
    for page in dash.page_registry.values():
        template = page["path_template"] or page["path"]
        match = re.fullmatch(re.sub(r"<(\w+)>", r"(?P<\1>[^/]+)", template), path)
        if match:
            found: Props = page["update"](snapshot, now, **match.groupdict())
            return found
    raise AssertionError(f"no page at {path}")


def looks(props: Mapping[str, Mapping[str, Any]], element: str) -> set[str]:
    """The look of an element that is a figure; nothing of one that is not."""
    words = set(str(props.get(element, {}).get("className", "")).split())
    return words if "figure" in words else set()


def test_every_widget_of_the_rfc_says_what_it_needs() -> None:
    known = {(need.path, need.element) for need in NEEDS}
    widgets = {(one.path, one.element) for one in WIDGETS if one.path not in NEEDS_NOTHING_ON}
    assert widgets - known == {(path, name) for path, name in widgets if name in NEEDS_NOTHING}
    assert known <= widgets


def test_what_is_needed_is_in_the_catalogue_and_its_source_has_a_setting() -> None:
    wanted = {family for need in NEEDS for family in need.families}
    assert wanted <= BY_NAME.keys()
    sources = {BY_NAME[family].source for family in wanted}
    assert sources <= SETTINGS.keys()
    assert {name.lower() for name in SETTINGS.values()} <= Settings.model_fields.keys()


@pytest.mark.parametrize("path", sorted({need.path for need in NEEDS}))
def test_with_what_they_need_the_figures_of_a_page_are_filled(reported: Reported, path: str) -> None:
    props = props_of(path, reported.without(), reported.now)
    empty = [need.element for need in NEEDS if need.path == path and looks(props, need.element) & set(SAYS_NOTHING)]
    assert [name for name in empty if name not in NOT_SIMULATED] == []


def _figures() -> list[Need]:
    """Those that are a single figure are found when they are drawn; the rest has no look to compare."""
    return [need for need in NEEDS if need.element not in STILL_TOLD]


def test_the_figures_compared_are_many(reported: Reported) -> None:
    snapshot = reported.without()
    pages = {path: props_of(path, snapshot, reported.now) for path in {need.path for need in NEEDS}}
    assert sum(bool(looks(pages[need.path], need.element)) for need in _figures()) > 35


@pytest.mark.parametrize("families", sorted({need.families for need in _figures()}))
def test_without_what_they_need_the_figures_say_so(reported: Reported, families: tuple[str, ...]) -> None:
    snapshot = reported.without(*families)
    for need in _figures():
        if need.families == families:
            props = props_of(need.path, snapshot, reported.now)
            look = looks(props, need.element)
            assert not look or look & {*SAYS_NOTHING, "is-idle"}, f"{need.element} has a figure without {families}"
