"""Performance says what a snapshot holds: a miss is a miss, and a figure that no source gave is none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from dash.development.base_component import Component

from components import ids
from components.lists.grid import Cell
from components.props import apply
from model.figures.windows import RANGES
from model.slo import SLO
from model.sources import CollectError, ErrorKind, SourceState
from pages.performance import page
from store.snapshot import Snapshot, snapshot_of
from tests.aggregators.virtual_prism import VirtualPrism
from tests.pages.conftest import places_of
from web.hub_payload import encode

Build = Callable[..., Snapshot]
BUCKETS, REQUESTS = "prism_request_duration_seconds_bucket", "prism_requests_total"
FIGURES = ("pf-slo", "pf-day", "pf-week", "pf-budget", "pf-p99")


def said(component: Any) -> str:
    """All text of a tree, as one reads it."""
    if isinstance(component, list | tuple):
        return " ".join(" ".join(said(part) for part in component).split())
    if isinstance(component, Component):
        return said(getattr(component, "children", None) or "")
    return str(component)


def with_slo(snapshot: Snapshot, **slo: Any) -> Snapshot:
    return Snapshot(
        snapshot.version,
        snapshot.written_at,
        snapshot.sources,
        snapshot.events,
        {**snapshot.meta, "slo": SLO(**slo).reported()},
        snapshot.load,
    )


def rows(props: dict[str, Any]) -> list[dict[str, Cell]]:
    found: list[dict[str, Cell]] = props["pf-operations-data"]["data"]["rows"]
    return found


def test_the_objective_that_is_met_is_reported_with_its_target(prism: Build, now: float) -> None:
    props = page.update(prism(), now)
    assert props["pf-target"]["children"] == "Target: 99.9 % of requests within 10 ms"
    assert said(props["pf-slo"]["children"]) == "100 %"
    assert said(props["pf-verdict"]["children"]) == "MET no request took longer"
    assert props["pf-verdict"]["className"] == "status status-healthy"
    assert props["pf-bar"] == {"style": {"width": "100.00%"}, "className": "slo-fill slo-healthy"}


def test_a_miss_is_reported_as_a_miss_with_how_fast_it_burns_and_never_as_met(prism: Build, now: float) -> None:
    """99.5 % of the requests take less than 1 ms."""
    props = page.update(with_slo(prism(), objective_ratio=0.998, threshold_seconds=0.001), now)
    assert props["pf-target"]["children"] == "Target: 99.8 % of requests within 1 ms"
    assert said(props["pf-slo"]["children"]) == "99.50 %"
    assert said(props["pf-verdict"]["children"]) == "MISSED burning its error budget at 2.50×"
    assert "healthy" not in props["pf-verdict"]["className"]
    assert props["pf-bar"]["style"] == {"width": "75.00%"}  # of a bar from 98 % to 100 %
    assert props["pf-bar-goal"]["style"] == {"left": "90.00%"}
    assert (props["pf-bar-low"]["children"], props["pf-bar-words"]["children"]) == ("98 %", "objective 99.8 %")
    assert said(props["pf-day-note"]["children"]) == "missed 2.50× covers 30 s of 24h"
    assert said(props["pf-budget"]["children"]) == "−150 %"


def test_both_windows_burning_fast_is_the_loudest_thing(prism: Build, now: float) -> None:
    props = page.update(with_slo(prism(), objective_ratio=0.9999, threshold_seconds=0.0005), now)
    assert props["pf-verdict"]["className"] == "status status-unhealthy"
    burns = said(props["pf-burns"]["children"])
    assert burns.count("BURNING") == 2
    assert "1h / 5m" in burns
    assert "6h / 30m" in burns
    calm = said(page.update(prism(), now)["pf-burns"]["children"])
    assert calm.count("steady") == 2


def test_windows_say_how_much_of_them_was_read(prism: Build, now: float) -> None:
    props = page.update(prism(), now)
    assert "covers 30 s of 24h" in said(props["pf-day-note"]["children"])
    assert "covers 30 s of 7d" in said(props["pf-week-note"]["children"])
    assert props["pf-day-note"]["title"] == "9,000 requests, from the proxy's histogram"
    assert props["pf-table-hint"]["children"] == "covers 30 s of 1h, slowest first"


def test_p99_stands_beside_the_share_as_a_number_of_its_own(prism: Build, now: float) -> None:
    props = page.update(prism(), now)
    assert said(props["pf-p99"]["children"]) == "0.995 ms"
    assert props["pf-p99-note"]["children"] == "a quantile, not the share of requests"


def test_each_operation_has_its_quantiles_and_its_count_and_says_why_it_has_no_maximum(
    prism: Build, now: float
) -> None:
    found = rows(page.update(prism(), now))
    assert [row["pattern"]["n"] for row in found] == ["memstore", "nats", "redis"]
    first = found[0]
    assert first["operation"]["n"] == "Get"
    assert (first["p50"]["n"], first["p50"]["u"]) == ("< 0.5", "ms")
    assert (first["p99"]["n"], first["p999"]["n"], first["count"]["n"]) == ("0.995", "8.20", "3,000")
    assert first["max"]["n"] == "–"
    assert "signoz_operation_duration_seconds" in first["max"]["t"]
    assert first["pattern"]["h"] == "/patterns/memstore"


def test_an_operation_above_the_threshold_is_marked_and_says_so(prism: Build, now: float) -> None:
    calm = rows(page.update(prism(), now))[0]["operation"]
    assert "k" not in calm
    slow = rows(page.update(with_slo(prism(), threshold_seconds=0.0006), now))[0]["operation"]
    assert (slow["k"], slow["s"]) == ("degraded", "its P99 is above 0.6 ms")


def test_the_charts_follow_the_window_in_the_address(prism: Build, now: float) -> None:
    for name, seconds in RANGES.items():
        props = page.update(prism(), now, range=name)
        for slot in ("pf-heat-chart", "pf-flow-chart"):
            axis = props[slot]["figure"]["layout"]["xaxis"]
            start, end = axis.get("range") or axis["autorangeoptions"]["include"]
            assert end - start == pytest.approx(seconds * 1000), (name, slot)
    assert page.update(prism(), now, range="bogus")["pf-flow-hint"]["children"] == "last 15 min"


def test_the_heatmap_has_the_histograms_buckets_and_both_quantiles_over_it(prism: Build, now: float) -> None:
    figure = page.update(prism(), now, range="5m")["pf-heat-chart"]["figure"]
    cells, p50, p99 = figure["data"]
    assert cells["type"] == "heatmap"
    reported = [row[-1] for row in cells["text"]]
    assert reported == [
        "< 0.5 ms: 750 requests, 50.0 %", "0.5 ms to 1 ms: 742 requests, 49.5 %", "1 ms to 10 ms: 8 requests, 0.50 %",
        "> 10 ms",
    ]  # fmt: skip
    assert (p50["name"], p50["text"][-1]) == ("P50", "< 0.5 ms")
    assert (p99["name"], p99["text"][-1]) == ("P99", "0.995 ms")
    assert "objective 10 ms" in [note["text"] for note in figure["layout"]["annotations"]]


def test_throughput_is_stacked_by_pattern(prism: Build, now: float) -> None:
    figure = page.update(prism(), now, range="5m")["pf-flow-chart"]["figure"]
    assert [trace["name"] for trace in figure["data"]] == ["memstore", "nats", "redis"]
    assert [round(trace["y"][-1]) for trace in figure["data"]] == [100, 200, 300]
    assert len({trace["line"]["color"] for trace in figure["data"]}) == 3


def test_without_a_histogram_no_figure_stands_in_for_it(prism: Build, now: float) -> None:
    props = page.update(prism(absent=(BUCKETS,)), now)
    for name in FIGURES:
        assert "is-unreported" in props[name]["className"], name
        assert said(props[name]["children"]).startswith("– "), name
    assert said(props["pf-verdict"]["children"]) == "NOT REPORTED"
    assert rows(props) == []
    assert props["pf-table-hint"]["children"] == "not reported"
    assert "prism_request_duration_seconds" in props["pf-table-hint"]["title"]
    assert props["pf-heat-chart"]["figure"]["data"] == []
    assert props["pf-heat-hint"]["children"] == "not reported"
    assert props["pf-bar"]["style"] == {"width": "0.00%"}
    assert said(props["pf-burns"]["children"]).count("unknown") == 2
    assert props["pf-flow-chart"]["figure"]["data"], "throughput stands on another family"


def test_without_request_counters_only_the_throughput_is_missing(prism: Build, now: float) -> None:
    props = page.update(prism(absent=(REQUESTS,)), now)
    assert props["pf-flow-chart"]["figure"]["data"] == []
    assert props["pf-flow-hint"]["children"] == "not reported"
    assert "is-value" in props["pf-slo"]["className"]


def test_a_lost_proxy_leaves_everything_old_and_says_since_when(prism: Build, now: float) -> None:
    props = page.update(prism(lost=("proxy",)), now)
    for name in FIGURES:
        assert "is-stale" in props[name]["className"], name
    assert props["pf-compliance-hint"] == {"children": "14 s old", "className": "hint is-stale"}
    assert props["pf-table-hint"]["className"] == "hint is-stale"
    assert props["pf-verdict"]["className"] == "status status-stale"
    assert {row["p99"]["c"] for row in rows(props)} == {"is-stale"}


def test_an_empty_store_is_a_page_too(now: float) -> None:
    props = page.update(Snapshot(), now)
    assert encode(props)
    assert rows(props) == []
    for name in FIGURES:
        assert "is-unreported" in props[name]["className"], name
    assert "100 %" not in said([props[name].get("children") for name in props])


def test_no_traffic_is_not_a_hundred_percent(prism: Build, now: float) -> None:
    props = page.update(prism(patterns={}), now)
    assert "100 %" not in said([props[name].get("children") for name in FIGURES])
    assert "MET" not in said(props["pf-verdict"]["children"])


def test_requests_that_nobody_makes_are_no_traffic() -> None:
    world = VirtualPrism(rate=0.0)
    for _ in range(10):
        world.tick()
    props = page.update(world.snapshot(), world.now)
    assert said(props["pf-verdict"]["children"]) == "NO TRAFFIC"
    assert all("is-idle" in props[name]["className"] for name in FIGURES)
    assert {row["p99"]["n"] for row in rows(props)} == {"no traffic"}
    assert {row["count"]["n"] for row in rows(props)} == {"0"}


def test_a_proxy_that_was_never_read_is_named_with_the_reason(now: float) -> None:
    state = SourceState("proxy@p:1", "proxy", "p:1", "p", 1.0)
    state = state.failed(now, 0.1, CollectError(ErrorKind.MALFORMED, "not metrics"))
    props = page.update(snapshot_of([], sources=[state]), now)
    assert "malformed answer, not metrics" in said(props["pf-verdict"]["children"])
    assert props["pf-table-hint"]["children"] == props["pf-heat-hint"]["children"] == "not read"
    assert all("is-error" in props[name]["className"] for name in FIGURES)


def test_everything_said_has_a_place_and_every_place_is_filled(prism: Build, now: float) -> None:
    props = page.update(prism(), now)
    still = {"pf-burning-hint", "pf-fleet-hint", "pf-ranges", "pf-operations"}
    titles = {f"pf-{card}-title" for card in ("compare", "compliance", "burning", "table", "heat", "flow", "fleet")}
    assert set(props) == places_of(page.tree()) - titles - still - {ids.PAGE}
    painted = apply(page.tree(), props)
    assert "MET" in said(painted)
    assert b'"figure"' not in encode(painted)


NASTY = ("<script>alert(1)</script>", "🦄 emoji", "quo\"te's", "x" * 300, "a/b", "‮evil", "")


@pytest.mark.parametrize("name", NASTY)
def test_untrusted_names_are_carried_as_text(prism: Build, now: float, name: str) -> None:
    props = page.update(prism(patterns={name: "HEALTHY", "redis": "HEALTHY"}), now, range="5m")
    assert name in [row["pattern"].get("v", "") for row in rows(props)]
    figure = props["pf-flow-chart"]["figure"]
    words = [note["text"] for note in figure["layout"]["annotations"]]
    words += [one["hovertemplate"].replace("<extra>", "").replace("</extra>", "") for one in figure["data"]]
    assert not any("<" in one for one in words)
    assert encode(props)
