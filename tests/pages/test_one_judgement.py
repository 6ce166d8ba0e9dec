"""One judgement: in every world each view's page, its place in the rail and its /api answer say the same, and so do
the banner, the top bar and /api/health; and what nobody can see is nowhere green.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache

import dash
import pytest
from dash import html
from flask import Flask

import app
from aggregators.alerts.alerts import alerts
from aggregators.alerts.history import alerts_verdict
from aggregators.alerts.verdict import Look
from aggregators.detection.detections import Detector
from aggregators.incidents.incidents import known_incidents
from aggregators.overview.overall import overall
from components import ids
from components.status import MARKS
from model.series import Event, Kind, Scrape, Severity, labels_of
from model.sources import CollectError, ErrorKind, SourceState
from model.status import Status
from pages.shared import judges
from pages.shared.registry import About, judged_pages, register_view
from store.snapshot import Snapshot, snapshot_of
from tests.pages.test_needs import Reported
from tests.pages.test_sources import seen, words
from tests.web.fake_reader import FakeReader
from web.api import routes as api
from web.feed import StoreFeed
from web.lanes import Lanes
from web.replay.replays import Replays

assert app.server, "importing the application registers its pages"
PREFIXES = {page["view"]: page["outputs"][0][0].partition("-")[0] for page in judged_pages()}
"""Of the ids of each view in the rail."""
KINDS = ("proxy", "patterns", "signoz", "admin", "otel", "dex", "alertmanager")
REFUSED, LATE = CollectError(ErrorKind.DOWN, "connection refused"), CollectError(ErrorKind.TIMED_OUT, "no answer")
VirtualPrism = Callable[[Reported], tuple[Snapshot, float]]


def watched(held: Snapshot, now: float) -> Snapshot:
    """With the alerts that the detections make of it, when every source is read each second and says the same."""
    detector, edges = Detector(), list(held.events)
    for back in (3, 2, 1, 0):
        states = {key: replace(one, last_attempt=one.last_attempt - back) for key, one in held.sources.items()}
        edges += detector.step(replace(held, sources=states), now - back)
    return replace(held, events=tuple(edges))


def whole(reported: Reported) -> tuple[Snapshot, float]:
    return watched(reported.without(), reported.now), reported.now


def silent(reported: Reported) -> tuple[Snapshot, float]:
    return reported.without(), reported.now + 10


def critical(reported: Reported) -> tuple[Snapshot, float]:
    labels = {"id": "x", "rule": "error_ratio", "component": "all", "state": "firing", "page": "/performance"}
    event = Event(reported.now - 9, "alert", Severity.CRITICAL, labels_of(labels), "30 % of all requests fail")
    return replace(reported.without(), events=(event,)), reported.now


def full_disk(reported: Reported) -> tuple[Snapshot, float]:
    held = reported.without()
    return watched(replace(held, meta={**held.meta, "store_trouble": "disk full"}), reported.now), reported.now


def lost(kind: str, mode: str) -> VirtualPrism:
    def world(reported: Reported) -> tuple[Snapshot, float]:
        return watched(seen(reported, kind, mode), reported.now), reported.now

    return world


def blackout(reported: Reported) -> tuple[Snapshot, float]:
    held = reported.without()
    before, now = reported.now - 60, reported.now
    gone = {
        key: replace(one, last_success=before).failed(before + 10, 0.1, REFUSED).failed(now, 0.1, REFUSED)
        for key, one in held.sources.items()
    }
    return watched(replace(held, sources=gone), reported.now), reported.now


def nothing(reported: Reported) -> tuple[Snapshot, float]:
    return Snapshot(), reported.now


def state(scrape: Scrape, now: float) -> SourceState:
    key = f"{scrape.source}@{scrape.instance}"
    return SourceState(key, scrape.source, scrape.instance, scrape.instance, 5.0).succeeded(now, 0.01, 1)


def redis_of(now: float) -> Scrape:
    redis = Scrape("redis", "r:6379", now)
    redis.add("backend_up", 1.0)
    redis.add("backend_connections", 3.0)
    redis.add("backend_connections_max", 100.0)
    return redis


def launcher_of(now: float, healthy: float = 1.0) -> Scrape:
    launcher = Scrape("launcher", "l:8982", now)
    launcher.add("launcher_process_state", 1.0, Kind.STATESET, pattern="redis", process="p1", state="running")
    launcher.add("launcher_process_healthy", healthy, pattern="redis", process="p1")
    return launcher


def few(*scrapes: Scrape, now: float, states: Sequence[SourceState] = ()) -> tuple[Snapshot, float]:
    known = {one.key: one for one in (*(state(one, now) for one in scrapes), *states)}
    meta = {"collector_alive_at": now, "defaults_tried": {"proxy@localhost:8980": "http://localhost:8980/metrics"}}
    return watched(snapshot_of(scrapes, sources=known.values(), meta=meta), now), now


def redis_and_launcher(reported: Reported) -> tuple[Snapshot, float]:
    return few(redis_of(reported.now), launcher_of(reported.now), now=reported.now)


def a_process_that_is_not_healthy(reported: Reported) -> tuple[Snapshot, float]:
    return few(redis_of(reported.now), launcher_of(reported.now, 0.0), now=reported.now)


def redis_down(reported: Reported) -> tuple[Snapshot, float]:
    redis, now = redis_of(reported.now - 20), reported.now
    gone = (
        replace(state(redis, now - 20), interval_seconds=2.0).failed(now - 18, 0.1, REFUSED).failed(now, 0.1, REFUSED)
    )
    return few(redis, launcher_of(now), now=now, states=[gone])


def never_reached(reported: Reported) -> tuple[Snapshot, float]:
    dex = SourceState("dex@d:5556", "dex", "d:5556", "http://d:5556", 10.0).failed(reported.now - 60, 0.1, REFUSED)
    return few(redis_of(reported.now), launcher_of(reported.now), now=reported.now, states=[dex])


def trouble_elsewhere(reported: Reported) -> tuple[Snapshot, float]:
    """A warning of another tool about what is no part of this Prism."""
    held, now = redis_and_launcher(reported)
    labels = {"alertname": "TargetDown", "job": "node", "severity": "warning", "state": "firing", "fingerprint": "f"}
    labels["namespace"] = "kube-system"
    event = Event(now - 30, "alertmanager_alert", Severity.WARNING, labels_of(labels), "a node is down")
    return replace(held, events=(event, *held.events)), now


def only_a_server_that_is_down(reported: Reported) -> tuple[Snapshot, float]:
    now = reported.now
    gone = SourceState("postgres@pg:5432", "postgres", "pg:5432", "pg:5432", 5.0, last_success=now - 60)
    return few(now=now, states=[gone.failed(now - 55, 0.1, REFUSED).failed(now, 0.1, REFUSED)])


def dex_hangs(reported: Reported) -> tuple[Snapshot, float]:
    """It answers all but /keys; no proxy reports keys that it holds."""
    checks = [Scrape("dex", "d:5556", reported.now - back) for back in (3, 2, 1, 0)]
    for dex in checks:
        for step in ("discovery", "issuer", "keys", "health"):
            dex.add("dex_step_ok", float(step != "keys"), step=step)
        dex.add("dex_keys_read_timestamp_seconds", reported.now - 60)
    hung = replace(state(dex, reported.now - 60), interval_seconds=10.0).failed(reported.now, 2.5, LATE)
    return few(redis_of(reported.now), launcher_of(reported.now), *checks, now=reported.now, states=[hung])


WORLDS: dict[str, VirtualPrism] = {
    "all is read": whole, "nothing configured": nothing, "collector silent": silent, "critical alert": critical,
    "store in trouble": full_disk, "everything gone": blackout, "only Redis and a launcher": redis_and_launcher,
    "a process not healthy": a_process_that_is_not_healthy, "Redis down": redis_down,
    "trouble elsewhere": trouble_elsewhere, "only a server, down": only_a_server_that_is_down,
    "Dex never reached": never_reached, "Dex hangs in /keys": dex_hangs,
    **{f"{kind} {mode}": lost(kind, mode) for kind in KINDS for mode in ("broken", "absent", "stale")},
}  # fmt: skip


@pytest.fixture(scope="module")
def reported() -> Iterator[Reported]:
    yield Reported()


class Seen:
    """What every place says of one world."""

    def __init__(self, held: Snapshot, now: float, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now, held = now, replace(held, version=1)
        feed, web = StoreFeed(FakeReader(held)), Flask("test")
        monkeypatch.setattr("web.api.routes.time.time", lambda: now)
        api.register(web, lambda: feed, Lanes(), lambda: Replays(FakeReader(held), clock=lambda: now))
        client = web.test_client()
        self.frames = {page["view"]: feed.read(page["view"], (), now)[1] for page in dash.page_registry.values()
                       if page.get("view") in (*PREFIXES, "system-health")}  # fmt: skip
        self.api = {page["view"]: json.loads(client.get(f"/api{page['path']}").data) for page in judged_pages()}
        self.health = json.loads(client.get("/api/health").data)
        self.judged = judges.judgement(feed.snapshot(), now)

    def page(self, view: str) -> str:
        return words(self.frames[view][f"{PREFIXES[view]}-status"]["children"]).split(" ")[0]

    def rail(self, view: str, on: str) -> str:
        mark = self.frames[on][ids.rail(view)]["children"][0].className
        return str(mark).removeprefix("mark mark-")

    def top(self) -> str:
        return words(self.frames["system-health"][ids.TOP_STATUS]["children"])

    def banner(self) -> tuple[str, str]:
        props = self.frames["system-health"]
        return words(props["sh-status"]["children"]), words(props["sh-reason"]["children"])


@pytest.fixture(scope="module")
def seen_in(reported: Reported) -> Callable[[str], Seen]:
    """Each world is looked at once, whatever is asked of it."""

    @cache
    def looked_at(name: str) -> Seen:
        with pytest.MonkeyPatch.context() as patch:
            return Seen(*WORLDS[name](reported), patch)

    return looked_at


@pytest.mark.parametrize("name", WORLDS)
def test_page_rail_banner_top_bar_and_api_say_the_same(name: str, seen_in: Callable[[str], Seen]) -> None:
    said = seen_in(name)
    whole = said.health["status"]
    assert said.banner()[0] == f"System {whole}"
    assert said.top().startswith(whole)
    for view in PREFIXES:
        verdict = said.judged.of(view)
        assert verdict is not None
        assert said.page(view).startswith(verdict.status.value), view
        assert said.api[view]["status"] == verdict.status.value, view
        assert {said.rail(view, on) for on in said.frames} == {MARKS.get(verdict.status, "unknown")}, view
    assert {said.rail("system-health", on) for on in said.frames} == {MARKS.get(Status(whole), "unknown")}


@pytest.mark.parametrize("name", WORLDS)
def test_the_whole_is_never_greener_than_an_alert_or_beside_a_red_view(
    name: str, seen_in: Callable[[str], Seen]
) -> None:
    said = seen_in(name)
    if said.health["status"] != "HEALTHY":
        return
    assert [one for one in said.judged.views if one.verdict.status is Status.UNHEALTHY] == []


EXPECTED = {
    "nothing configured": ("UNKNOWN", dict.fromkeys(PREFIXES, "UNKNOWN")),
    "collector silent": ("UNKNOWN", dict.fromkeys(PREFIXES, "UNKNOWN")),
    "critical alert": ("UNHEALTHY", {"performance": "UNHEALTHY", "alerts": "UNHEALTHY"}),
    "store in trouble": ("DEGRADED", {"settings": "DEGRADED"}),
    "only Redis and a launcher": ("HEALTHY", {
        "backends": "HEALTHY", "settings": "HEALTHY", "alerts": "HEALTHY", "performance": "UNKNOWN",
        "messaging": "UNKNOWN", "namespaces": "UNKNOWN", "security": "UNKNOWN", "observability": "UNKNOWN",
        "resources": "UNKNOWN"}),
    "a process not healthy": ("UNHEALTHY", {"backends": "UNHEALTHY"}),
    "Redis down": ("UNHEALTHY", {"backends": "UNHEALTHY", "alerts": "UNHEALTHY"}),
    "trouble elsewhere": ("DEGRADED", {
        "service-map": "HEALTHY", "backends": "HEALTHY", "namespaces": "UNKNOWN", "alerts": "DEGRADED"}),
    "only a server, down": ("UNHEALTHY", {"backends": "UNHEALTHY", "service-map": "UNHEALTHY"}),
    "Dex never reached": ("DEGRADED", {"security": "UNKNOWN", "settings": "DEGRADED"}),
    "Dex hangs in /keys": ("UNHEALTHY", {"security": "UNHEALTHY", "alerts": "UNHEALTHY", "settings": "DEGRADED"}),
}  # fmt: skip


@pytest.mark.parametrize("name", EXPECTED)
def test_what_each_world_is_judged_to_be(name: str, seen_in: Callable[[str], Seen]) -> None:
    said = seen_in(name)
    whole, views = EXPECTED[name]
    assert (said.health["status"], {view: said.api[view]["status"] for view in views}) == (whole, views)


@pytest.mark.parametrize(("kind", "sentence"), [
    ("dex", "Dex cannot be reached: sign-in is not seen"),
    ("admin", "The Admin API cannot be reached: namespaces and their limits are not seen"),
    ("otel", "The OTel Collector cannot be reached: whether telemetry gets through is not seen"),
    ("signoz", "SigNoz cannot be reached: traces, failed logins and its alerts are not seen"),
])  # fmt: skip
def test_a_lost_source_degrades_the_banner_which_says_what_is_not_seen(
    kind: str, sentence: str, reported: Reported, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, now = WORLDS[f"{kind} broken"](reported)
    said = Seen(held, now, monkeypatch)
    assert said.health["status"] in ("DEGRADED", "UNHEALTHY")
    assert sentence in said.banner()[1]
    assert [
        one for one in alerts(held, now) if one.rule in ("source_lost", "sign_in") and one.severity is not Severity.INFO
    ]


def test_a_launcher_that_is_lost_is_said_too(reported: Reported, monkeypatch: pytest.MonkeyPatch) -> None:
    launcher, now = launcher_of(reported.now - 60), reported.now
    gone = state(launcher, now - 60).failed(now - 55, 0.1, REFUSED).failed(now, 0.1, REFUSED)
    said = Seen(*few(redis_of(now), launcher, now=now, states=[gone]), monkeypatch)
    assert said.health["status"] == "DEGRADED"
    assert "The launcher cannot be reached: which processes run is not seen" in said.banner()[1]


def test_no_figure_reads_down_of_an_address_that_nobody_named(
    reported: Reported, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = Seen(*redis_and_launcher(reported), monkeypatch)
    for view, props in said.frames.items():
        assert "is-error" not in json.dumps(props, default=lambda one: one.to_plotly_json()), view
    assert "default http://localhost:8980/metrics tried" in json.dumps(said.health)
    assert "1 pattern runs, as the launcher reports" in said.banner()[1]


def test_every_view_of_the_rail_is_judged() -> None:
    assert {one.view for one in app.rail()} == {*PREFIXES, "system-health"}
    assert len(PREFIXES) >= 9


def test_a_view_that_does_not_say_how_it_is_judged_is_refused_at_import() -> None:
    with pytest.raises(TypeError, match="judge"):
        register_view(  # type: ignore[call-arg]
            "pages.ninth",
            About("ninth", "/ninth", "Ninth", refresh_seconds=5.0, order=9),
            answer=lambda snapshot, now: None,
            update=lambda snapshot, now: {},
            tree=lambda: html.Main(),
        )
    assert "pages.ninth" not in dash.page_registry


def test_the_banner_and_the_alerts_page_name_the_same_trouble_first(reported: Reported) -> None:
    def raised(rule: str, component: str, ago: float, words: str) -> Event:
        labels = {"id": rule, "rule": rule, "component": component, "state": "firing", "page": "/backends"}
        return Event(reported.now - ago, "alert", Severity.CRITICAL, labels_of(labels), words)

    latest = raised("error_ratio", "all", 5, "5 % of all requests fail")
    first = raised("pool_use", "redis", 9, "redis pool is full")
    held = replace(reported.without(), events=(first, latest))
    judged, listed = overall(held, reported.now), known_incidents(held, reported.now)
    verdict = alerts_verdict(Look(held, reported.now))
    assert judged.reason == listed[0].headline == first.message
    assert verdict.reason.startswith(first.message)


def test_of_alerts_that_began_at_once_the_banner_and_the_alerts_page_name_the_same_one(reported: Reported) -> None:
    """The alerts of one group of rules have one beginning."""

    def raised(name: str) -> Event:
        labels = {"alertname": name, "severity": "critical", "state": "firing", "fingerprint": name}
        return Event(reported.now - 60, "alertmanager_alert", Severity.CRITICAL, labels_of(labels), f"{name} fires")

    for names in (("DiskFull", "HostGone"), ("QueueStuck", "CertificateExpired"), ("Ab", "Ba")):
        held = replace(reported.without(), events=tuple(map(raised, names)))
        said = alerts_verdict(Look(held, reported.now)).reason.partition(", and ")[0]
        assert overall(held, reported.now).reason == known_incidents(held, reported.now)[0].headline == said


def test_what_is_seen_and_raised_as_an_alert_is_one_trouble_and_not_one_more(seen_in: Callable[[str], Seen]) -> None:
    said = seen_in("Redis down")
    assert "more" not in said.api["backends"]["reason"]
