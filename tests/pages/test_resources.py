"""System Resources says what a snapshot holds; without limits no bar and no percentage; sums say that they are sums."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import app
from components.props import Props, apply
from model.series import Kind, Scrape
from model.sources import ErrorKind, SourceState
from pages.resources import page as resources
from store.snapshot import Snapshot, snapshot_of
from tests.aggregators.telemetry import NOW, Telemetry
from tests.pages.conftest import places_of
from tests.pages.trees import said, text
from web.hub_payload import encode

assert app.server, "importing the application registers its pages"
STILL = {
    "page", "rs-ranges", "rs-patterns", "rs-proxies",
    "rs-pattern-title", "rs-pattern-hint", "rs-fleet-title", "rs-fleet-hint", "rs-total-title",
    "rs-total-hint", "rs-mem-title", "rs-core-title", "rs-control-title",
}  # fmt: skip
PROXY = ("rs-memory", "rs-cpu", "rs-threads", "rs-fds", "rs-uptime")
BARS = ("rs-memory", "rs-cpu", "rs-fds")
TOTALS = ("rs-total-memory", "rs-total-cpu", "rs-total-processes")


def page(**reported: Any) -> Props:
    return resources.update(Telemetry(**reported).snapshot(), NOW)


def looks(props: Props, names: tuple[str, ...]) -> set[str]:
    return {str(props[name]["className"]).removeprefix("figure ") for name in names}


def rows(props: Props, name: str = "rs-patterns") -> list[dict[str, Any]]:
    return list(props[f"{name}-data"]["data"]["rows"])


def test_the_screen_says_what_the_rfc_shows() -> None:
    props = page()
    assert [text(props, name) for name in PROXY] == ["287 MiB", "0.480 cores", "24", "156", "4d 3h"]
    assert [text(props, f"{name}-also") for name in BARS] == ["57.4 %", "12.0 %", "15.2 %"]
    assert [text(props, f"{name}-note") for name in BARS] == ["of 500 MiB", "% of its 4 cores", "of 1,024"]
    assert props["rs-memory-bar"]["children"].style == {"width": "57.4%"}
    assert text(props, "rs-total-memory") == "399 MiB"
    assert text(props, "rs-total-cpu") == "0.880 cores"
    assert text(props, "rs-total-cpu-also") == "88.0 %"
    assert text(props, "rs-total-memory-note") == "sum of 3 processes"
    assert props["rs-proxy-title"]["children"] == "Prism Proxy"


def test_patterns_have_a_row_each_that_leads_to_their_page() -> None:
    first, second = rows(page())
    assert (first["pattern"]["n"], first["pattern"]["h"]) == ("postgresql", "/patterns/postgresql")
    shown = [(first[key]["n"], first[key].get("u", "")) for key in ("memory", "cpu", "goroutines", "uptime")]
    assert shown == [("67.0", "MiB"), ("20.0", "%"), ("12", ""), ("2h 15m", "")]
    assert second["pattern"]["n"] == "redis"


def test_without_limits_there_is_no_bar_and_no_percentage_but_of_one_core() -> None:
    props = page(limits=False)
    assert {props[f"{name}-bar"]["className"] for name in BARS} == {"progress invisible"}
    assert [text(props, f"{name}-also") for name in ("rs-memory", "rs-fds")] == ["", ""]
    assert text(props, "rs-cpu-also") == "48.0 %"
    assert text(props, "rs-cpu-note") == "% of one core; no limit is reported"
    assert text(props, "rs-memory-note").startswith("no bar: ")
    assert text(props, "rs-memory") == "287 MiB"


def test_a_bar_near_its_limit_is_coloured_and_said() -> None:
    telemetry = Telemetry()
    plain = telemetry._proxy

    def fuller(scrape: Any, elapsed: float) -> None:
        plain(scrape, elapsed)
        for at, one in enumerate(scrape.series):
            if one.name == "process_open_fds":
                scrape.values[at] = 1000.0

    telemetry._proxy = fuller  # type: ignore[method-assign]
    props = resources.update(telemetry.snapshot(), NOW)
    assert props["rs-fds-bar"]["className"] == "progress row-degraded"
    assert text(props, "rs-status") == "DEGRADED"
    assert text(props, "rs-reason") == "file descriptors near the limit"


@pytest.mark.parametrize(
    ("reported", "look"),
    [
        ({"absent": ("process_", "prism_pattern_")}, "is-unreported"),
        ({"kinds": ("signoz",)}, "is-unreported"),
        ({"never": ("proxy",), "error": ErrorKind.WRONG_PROTOCOL}, "is-error"),
        ({"lost": ("proxy",)}, "is-stale"),
    ],
)
def test_a_proxy_without_figures_says_why_in_each_place(reported: dict[str, Any], look: str) -> None:
    props = page(**reported)
    assert looks(props, PROXY) == {look}
    assert looks(props, TOTALS[:2]) == {look}
    if look == "is-stale":
        assert props["rs-proxy-hint"] == {"children": "25 s old", "className": "hint is-stale"}
    else:
        assert all(props[name]["title"] for name in PROXY)
        assert "%" not in "".join(text(props, f"{name}-also") for name in BARS)


def test_families_that_are_missing_say_what_would_fill_them() -> None:
    props = page(absent=("process_threads", "prism_pattern_goroutines"))
    assert "process_threads would fill it" in str(props["rs-threads"]["title"])
    assert "prism_pattern_goroutines by pattern would fill it" in rows(props)[0]["goroutines"]["t"]
    assert text(props, "rs-memory") == "287 MiB"


def test_a_sum_names_the_part_that_is_missing() -> None:
    props = page(absent=("prism_pattern_resident",))
    assert text(props, "rs-total-memory") == "287 MiB"
    assert text(props, "rs-total-memory-note") == "without postgresql and redis"


def test_several_proxies_are_summed_and_listed() -> None:
    props = page(proxies=("p:1", "p:2"))
    assert props["rs-proxy-title"]["children"] == "Prism Proxies, sum of 2"
    assert text(props, "rs-memory") == "574 MiB"
    assert props["rs-memory-bar"]["className"] == "progress invisible"
    assert looks(props, ("rs-uptime",)) == {"is-unreported"}
    assert props["rs-fleet"]["hidden"] is False
    assert [row["proxy"]["n"] for row in rows(props, "rs-proxies")] == ["p:1", "p:2"]
    assert {row["pattern"]["n"] for row in rows(props)} == {
        f"{name} · {proxy}" for name in ("redis", "postgresql") for proxy in ("p:1", "p:2")
    }
    assert page()["rs-fleet"]["hidden"] is True


@pytest.mark.parametrize(("asked", "words"), [("", "last 15 min"), ("5m", "last 5 min"), ("1h", "last 1 h")])
def test_the_charts_follow_the_address(asked: str, words: str) -> None:
    props = resources.update(Telemetry().snapshot(), NOW, asked)
    assert props["rs-mem-hint"]["children"] == props["rs-core-hint"]["children"] == words
    names = [trace["name"] for trace in props["rs-mem-chart"]["figure"]["data"]]
    assert names == ["proxy", "postgresql", "redis"]


def test_a_process_has_the_same_colour_in_both_charts() -> None:
    props = page()
    colours = [
        {trace["name"]: trace["line"]["color"] for trace in props[slot]["figure"]["data"]}
        for slot in ("rs-mem-chart", "rs-cpu-chart")
    ]
    assert colours[0] == colours[1]
    assert len(set(colours[0].values())) == 3


def test_an_empty_store_is_a_page_without_numbers() -> None:
    props = resources.update(Snapshot(), NOW)
    assert encode(props)
    assert looks(props, (*PROXY, *TOTALS)) == {"is-unreported"}
    assert rows(props) == []


def test_everything_said_has_a_place_and_every_place_is_filled() -> None:
    tree = resources.tree()
    assert places_of(tree) - STILL == set(page())
    painted = apply(tree, page())
    assert "287" in said(painted)
    assert b'"figure"' not in encode(painted)


NASTY = ("<script>alert(1)</script>", "🦄 emoji", "quo\"te's", "x" * 300, "a/b", "proxy", "‮evil")


@pytest.mark.parametrize("name", NASTY)
def test_untrusted_names_are_carried_as_text(name: str) -> None:
    props = page(patterns={name: 45.0})
    assert rows(props)[0]["pattern"]["n"] == name
    assert encode(props)
    notes = [note["text"] for note in props["rs-mem-chart"]["figure"]["layout"]["annotations"]]
    assert not any("<" in note for note in notes)
    assert len(props["rs-mem-chart"]["figure"]["data"]) == 2


def with_admin(snapshot: Snapshot, state: float = 2.0) -> Snapshot:
    """The same with prism-admin's own metrics."""
    scrapes = []
    for at in (NOW - 5, NOW):
        scrape = Scrape("admin_metrics", "adm:9090", at)
        scrape.add("prism_admin_raft_state", state)
        scrape.add("prism_admin_raft_term", 7.0)
        scrape.add("prism_admin_admin_namespaces_total", 15.0)
        scrape.add("prism_admin_raft_leader_changes_total", 3.0, Kind.COUNTER)
        scrapes.append(scrape)
    source = SourceState("admin_metrics@adm:9090", "admin_metrics", "adm:9090", "x", 5.0).succeeded(NOW, 0.01, 3)
    other = snapshot_of(scrapes, sources=[source])

    def load(start: float, end: float, fine: float) -> list[Any]:
        return [*snapshot.load(start, end, fine), *other.load(start, end, fine)]

    return replace(snapshot, load=load, sources={**snapshot.sources, **other.sources})


def test_the_control_plane_is_shown_where_prism_admin_is_read_and_only_there() -> None:
    assert page()["rs-control-plane"]["hidden"] is True
    props = resources.update(with_admin(Telemetry().snapshot()), NOW)
    assert props["rs-control-plane"]["hidden"] is False
    assert text(props, "rs-control-status") == "HEALTHY"
    assert text(props, "rs-control-role") == "leader"
    assert [text(props, name) for name in ("rs-raft-term", "rs-raft-changes", "rs-admin-namespaces")] == [
        "7",
        "0",
        "15",
    ]
    assert "removes none" in str(props["rs-admin-namespaces"]["title"])
    assert text(props, "rs-raft-changes-note") == "in the 5 s that were read"
    assert looks(props, ("rs-admin-proxies", "rs-admin-memory")) == {"is-unreported"}


def test_an_election_that_goes_on_is_said_in_words() -> None:
    props = resources.update(with_admin(Telemetry().snapshot(), state=1.0), NOW)
    assert text(props, "rs-control-status") == "DEGRADED"
    assert text(props, "rs-control-role") == "candidate · an election goes on: nobody leads yet"
