"""The past is asked for by an instant: what is none, or not kept, is no key; few are held; live viewers come first."""

from __future__ import annotations

import json
import threading

import pytest
from flask import Flask

import app
from model.series import Kind, Scrape
from model.sources import SourceState
from pages.shared.choices import instant_of, normal
from store.past import DAY_SECONDS
from store.snapshot import snapshot_of
from tests.patience import until
from tests.web.fake_reader import FakeReader
from web import sockets
from web.api import routes
from web.feed import StoreFeed
from web.lanes import BusyError, Lanes
from web.replay.replays import KEPT_PASTS, Replays

NOW = 1_800_000_000.0
SAID = "2027-01-15T07:59:50Z"
"""Ten seconds before NOW."""


class Held(FakeReader):
    """A reader of a store of one proxy, which counts how often it is read."""

    def __init__(self) -> None:
        state = SourceState("proxy@a:1", "proxy", "a:1", "a:1", 1.0).succeeded(NOW, 0.01, 1)
        scrapes = [row for second in range(60) for row in self._rows(NOW - second)]
        super().__init__(snapshot_of(scrapes, sources=[state]))

    def _rows(self, at: float) -> list[Scrape]:
        read, own = Scrape("proxy", "a:1", at - 0.1), Scrape("hud", "collector", at)
        read.add("prism_requests_total", at - NOW + 1000.0, Kind.COUNTER)
        for name, value in (("success", 1.0), ("read_at_seconds", at - 0.1), ("attempted_at_seconds", at - 0.1)):
            own.add(f"hud_source_{name}", value, Kind.GAUGE, source="proxy", target="a:1")
        return [read, own]


@pytest.fixture
def held() -> Held:
    return Held()


@pytest.fixture
def replays(held: Held) -> Replays:
    return Replays(held, clock=lambda: NOW, ticks=lambda: 0.0)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (SAID, SAID),
        ("2027-01-15T07:59:50+00:00", SAID),
        ("2027-01-15T07:59:50.987Z", SAID),
        ("2027-01-15T07:59:50", SAID),
        ("", ""),
        ("yesterday", ""),
        ("2027-13-45T99:99:99Z", ""),
        ("2027-01-15T07:59:50+02:00", ""),
        ("٢٠٢٧-01-15T07:59:50Z", ""),
        ("2027-01-15T07:59:50Z" * 500, ""),
    ],
)
def test_what_means_the_same_instant_is_the_same_and_junk_is_none(said: str, meant: str) -> None:
    assert normal("at", said) == meant


def test_the_future_is_now_and_what_is_too_old_is_one_and_the_same(replays: Replays) -> None:
    assert instant_of(SAID) == NOW - 10.0
    assert replays.instant({"at": SAID}) == NOW - 10.0
    assert replays.instant({"at": "2027-01-15T08:00:00Z"}) is None
    assert replays.instant({"at": "2099-01-01T00:00:00Z"}) is None
    assert replays.instant({}) is None
    assert {replays.instant({"at": f"20{year}-01-01T00:00:00Z"}) for year in range(10, 27)} == {0.0}


def test_few_instants_are_held_and_each_is_worked_out_once(replays: Replays, held: Held) -> None:
    for _ in range(3):
        replays.feed(NOW - 10.0)
    assert held.loads == 1
    for back in range(100):
        replays.feed(NOW - back)
    assert len(replays._pasts) == KEPT_PASTS


def test_what_a_frame_says_of_the_past_is_in_its_head(replays: Replays) -> None:
    assert app.server, "importing the application registers its pages"
    frame = json.loads(replays.full(NOW - 10.0, "system-health", {}))
    assert (frame["now"], frame["past"]) == (NOW - 10.0, {"at": NOW - 10.0, "kept": "every read"})
    nothing = json.loads(replays.full(0.0, "system-health", {}))
    assert nothing["past"]["kept"] == "nothing"


def test_one_address_may_not_take_all_turns() -> None:
    lanes, inside, leave = Lanes(waiting=4, patience=5.0, share=2), threading.Event(), threading.Event()

    def work() -> None:
        with lanes.turn({"at": ""}, "greedy"):
            inside.set()
            leave.wait(5.0)

    threads = [threading.Thread(target=work) for _ in range(2)]
    threads[0].start()
    inside.wait(5.0)
    threads[1].start()
    try:
        until(lambda: lanes._from["greedy"] == 2)
        with pytest.raises(BusyError), lanes.turn({"at": ""}, "greedy"):
            pass
    finally:
        leave.set()
        for one in threads:
            one.join(5.0)
    with lanes.turn({"at": ""}, "greedy"):
        assert dict(lanes._from) == {"greedy": 1}


def test_the_api_answers_for_an_instant_and_refuses_what_is_none(replays: Replays, held: Held) -> None:
    web = Flask("test")
    feed = StoreFeed(held)
    routes.register(web, lambda: feed, Lanes(), lambda: replays)
    client = web.test_client()
    assert DAY_SECONDS == 86400.0
    answered = client.get(f"/api/health?at={SAID}")
    assert (answered.status_code, json.loads(answered.data)["now_seconds"]) == (200, NOW - 10.0)
    for said, status, error in (("junk", 400, "unknown_parameter"), ("2020-01-01T00:00:00Z", 404, "not_kept")):
        refused = client.get(f"/api/health?at={said}")
        assert (refused.status_code, json.loads(refused.data)["error"]) == (status, error)


def test_nobody_listens_to_the_past() -> None:
    web = Flask("test")
    sockets.register(web, lambda: None, lambda: StoreFeed(Held()))  # type: ignore[arg-type,return-value]
    assert web.test_client().get(f"/ws/system-health?at={SAID}").status_code == 400
