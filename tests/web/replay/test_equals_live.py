"""A fault injected, cleared and replayed: every view at ten instants is, field by field, what it was live."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dash
import orjson
import pytest

import app
from bench.virtual.site import Site, site
from pages.shared.judges import judgement
from pages.shared.page_shell import shell_props
from pages.shared.selections import called
from store.reader import Reader
from store.snapshot import Snapshot
from web.hub_payload import encode
from web.replay.replays import Replays

INSTANTS, APART_SECONDS, WARM_SECONDS = 10, 7, 150.0
MINUTES_CLOSED_SECONDS = 65.0
SEED, LATER_SEED = 7, 407
"""The second run of the collector begins 400 s after the first."""
OF_THE_WRITER = {"st-pid", "st-version"}
"""Which process writes the store, and how often it did: not kept."""

Frame = Mapping[str, Any]


@dataclass(frozen=True)
class Recorded:
    """What every view showed, by view, at some instants; and the store that it was worked out from."""

    directory: Path
    live: Mapping[int, Mapping[str, Frame]]
    ended: float


def shown(snapshot: Snapshot, now: float) -> dict[str, Frame]:
    """The properties of every view of the rail, and of what surrounds it, as a browser gets them."""
    judged = judgement(snapshot, now)
    frames = {"shell": shell_props(snapshot, now, judged)}
    for page in dash.page_registry.values():
        if "view" in page:
            selection = {"name": "redis"} if page["path_template"] else {}
            frames[page["view"]] = called(page["update"], snapshot, now, judged, selection)
    return {view: orjson.loads(encode(props)) for view, props in frames.items()}


def record(one: Site) -> dict[int, dict[str, Frame]]:
    """A fault while the site is watched, its end, and some quiet."""
    found: dict[int, dict[str, Frame]] = {}
    one.run(WARM_SECONDS)
    one.run(1.0 - one.clock.instant % 1.0)
    faults = []
    for turn in range(INSTANTS):
        if turn == 1:
            faults = [one.inject({"fault": "pattern_crash", "target": "redis"}), one.inject({"fault": "error_burst"})]
        if turn == 6:
            one.clear(*faults)
        one.run(round(one.clock.instant) + APART_SECONDS - one.clock.instant)
        found[round(one.clock.wall())] = shown(one.snapshot, one.clock.wall())
    one.run(MINUTES_CLOSED_SECONDS)
    return found


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorded]:
    assert app.PAGES
    directory = tmp_path_factory.mktemp("store")
    with site(directory, SEED) as one:
        live = record(one)
    with site(directory, LATER_SEED) as again:
        again.run(10.0)
        ended = again.clock.wall()
    yield Recorded(directory, live, ended)


def differences(live: Frame, replayed: Frame) -> list[str]:
    return [
        f"{name}.{prop}: {value!r:.300} is {replayed.get(name, {}).get(prop)!r:.300}"
        for name, props in live.items()
        if name not in OF_THE_WRITER
        for prop, value in props.items()
        if replayed.get(name, {}).get(prop) != value
    ]


def test_every_view_at_ten_instants_is_what_it_was_live(recorded: Recorded) -> None:
    """The store is read anew, after its collector ended and another one went on with it."""
    wrong = []
    with closing(Reader(recorded.directory)) as reader:
        replays = Replays(reader, clock=lambda: recorded.ended)
        for at, live in recorded.live.items():
            feed = replays.feed(float(at))
            replayed = shown(feed.snapshot(), feed.instant)
            for view, frame in live.items():
                wrong += [f"{at} {view} {one}" for one in differences(frame, replayed[view])]
    assert wrong == []


def test_what_is_recorded_shows_the_fault_and_its_end(recorded: Recorded) -> None:
    reasons = [str(frames["shell"]["top-status"]) for frames in recorded.live.values()]
    assert len({str(frames) for frames in recorded.live.values()}) == INSTANTS
    assert any("redis" in one for one in reasons)
