"""Observability says what a snapshot holds, each panel for itself when a source is absent, empty, old or broken."""

from __future__ import annotations

from typing import Any

import pytest

import app
from components.props import Props, apply
from model.sources import ErrorKind
from pages.observability import page as observability
from store.snapshot import Snapshot
from tests.aggregators.telemetry import NOW, Telemetry
from tests.pages.conftest import places_of
from tests.pages.trees import said, text
from web.hub_payload import encode

assert app.server, "importing the application registers its pages"
STILL = {
    "page", "ob-pipeline-title", "ob-pipeline-hint", "ob-export-title", "ob-cover-title", "ob-queue-title",
    "ob-queue-hint", "ob-exporters",
}  # fmt: skip
EXPORTS = ("ob-traces", "ob-metrics", "ob-logs", "ob-errors")
COVERAGE = ("ob-complete", "ob-incomplete", "ob-no-backend", "ob-no-pattern", "ob-no-proxy")


def page(**reported: Any) -> Props:
    return observability.update(Telemetry(**reported).snapshot(), NOW)


def look(props: Props, name: str) -> str:
    return str(props[name]["className"])


def hop(props: Props, number: int) -> str:
    return said(props["ob-hops"]["children"][number])


def test_the_screen_says_what_the_rfc_shows() -> None:
    props = page()
    assert hop(props, 0).startswith("Prism Proxy → SigNoz HEALTHY 2 s ago")
    assert hop(props, 1).startswith("Patterns → SigNoz HEALTHY 3 s ago")
    assert hop(props, 2).startswith("OTLP Collector HEALTHY just now")
    assert hop(props, 3).startswith("SigNoz (Query Service) HEALTHY just now")
    assert [text(props, name) for name in EXPORTS] == ["12.0k spans", "51.0k points", "9,000 records", "3 items"]
    assert text(props, "ob-errors-also") == "< 0.01 %"
    assert text(props, "ob-latency").startswith("– not reported")
    assert text(props, "ob-complete") == "12.4k"
    assert text(props, "ob-complete-also") == "99.31 %"
    assert [text(props, name) for name in COVERAGE[1:]] == ["86", "45", "31", "10"]
    assert [text(props, f"{name}-also") for name in COVERAGE[1:]] == ["0.69 %", "0.37 %", "0.25 %", "0.09 %"]
    assert text(props, "ob-arrivals") == "Newest in SigNoz: traces 5 s ago , metrics 5 s ago , logs 5 s ago"
    assert text(props, "ob-cover-note").startswith("Requests from")
    assert "sample" in text(props, "ob-cover-note")
    assert text(props, "ob-headline") == "Telemetry gets through"


def test_queues_are_bars_of_their_capacity() -> None:
    (first, *_) = page(queued=850.0)["ob-exporters-data"]["data"]["rows"]
    assert (first["queue"]["b"], first["queue"]["k"]) == (0.85, "degraded")
    assert first["queue"]["t"] == "850 of 1,000 batches wait"
    (boundless, *_) = page(queued=850.0, capacity=0.0)["ob-exporters-data"]["data"]["rows"]
    assert boundless["queue"]["t"] == "850 batches wait; no limit is set"
    assert first["status"]["n"] == "DEGRADED"
    (bare, *_) = page(absent=("otelcol_exporter_queue_capacity",))["ob-exporters-data"]["data"]["rows"]
    assert "b" not in bare["queue"]
    assert bare["queue"].get("v") is None


def test_refused_and_dropped_items_show_only_when_there_are_some() -> None:
    calm, sick = page(), page(refused=1100.0, dropped=700.0)
    for name in ("ob-refused-row", "ob-dropped-row"):
        assert (calm[name]["hidden"], sick[name]["hidden"]) == (True, False)
    assert text(sick, "ob-refused") == "1,000 items"


def test_without_a_collector_the_rest_is_reported() -> None:
    props = page(kinds=("proxy", "signoz"))
    for name in EXPORTS:
        assert look(props, name) == "figure is-unreported", name
        assert "no otel source is configured" in str(props[name]["title"])
    assert props["ob-export-hint"]["children"] == "not reported"
    assert props["ob-exporters-data"]["data"]["rows"] == []
    assert "OTEL_METRICS_URL" in hop(props, 2)
    assert text(props, "ob-complete") == "12.4k"
    assert "HEALTHY" in hop(props, 0)


def test_without_signoz_the_exports_are_reported() -> None:
    props = page(kinds=("proxy", "otel"))
    for name in COVERAGE:
        assert look(props, name) == "figure is-unreported", name
    assert text(props, "ob-cover-note") == (
        "Not reported: no signoz source is configured; signoz_trace_coverage_traces by part would fill it (traces of "
        "the window by what they hold: complete, backend_missing, pattern_missing, proxy_missing)."
    )
    assert "no signoz source" in text(props, "ob-arrivals")
    assert text(props, "ob-traces") == "12.0k spans"
    assert all("UNKNOWN" in hop(props, number) for number in (0, 1, 3))


def test_an_older_signoz_is_reported_to_be_older() -> None:
    older = {"coverage": ("not offered", "by SigNoz before v0.94"), "stats": ("not offered", "by SigNoz before v0.129")}
    props = page(questions={**older, "newest span": ("answered", "")})
    assert "not offered by this SigNoz version (by SigNoz before v0.94)" in text(props, "ob-cover-note")
    assert "not offered by this SigNoz version (by SigNoz before v0.129)" in text(props, "ob-arrivals")
    assert "HEALTHY" in hop(props, 0)


def test_a_collector_that_reports_nothing_has_no_number() -> None:
    props = page(absent=("otelcol",))
    for name in (*EXPORTS, "ob-latency"):
        assert look(props, name) == "figure is-unreported", name
    assert props["ob-exporters-data"]["data"]["rows"] == []


@pytest.mark.parametrize("error", [ErrorKind.DOWN, ErrorKind.MALFORMED, ErrorKind.WRONG_PROTOCOL])
def test_sources_never_read_say_their_error_in_each_panel(error: ErrorKind) -> None:
    props = page(never=("signoz", "otel"), error=error)
    for name in (*EXPORTS, *COVERAGE, "ob-latency"):
        assert look(props, name) == "figure is-error", name
        assert error.value in str(props[name]["title"]) or error.value in text(props, name), name
    assert all("HEALTHY" not in hop(props, number) for number in range(4))


def test_sources_that_were_lost_leave_old_figures() -> None:
    props = page(lost=("signoz", "otel"))
    for name in (*EXPORTS, *COVERAGE):
        assert look(props, name) == "figure is-stale", name
    assert props["ob-export-hint"] == {"children": "25 s old", "className": "hint is-stale"}
    assert props["ob-cover-hint"] == {"children": "25 s old", "className": "hint is-stale"}
    assert "UNHEALTHY" in hop(props, 2)
    assert "UNHEALTHY" in hop(props, 3)


def test_no_traces_are_no_traffic() -> None:
    props = page(parts=dict.fromkeys(("complete", "backend_missing", "pattern_missing", "proxy_missing"), 0.0))
    assert text(props, "ob-complete") == "0"
    assert props["ob-complete-also"]["children"] == []
    assert props["ob-complete-bar"]["className"] == "progress invisible"


def test_an_empty_store_is_a_page_without_numbers() -> None:
    props = observability.update(Snapshot(), NOW)
    assert encode(props)
    for name in (*EXPORTS, *COVERAGE, "ob-latency"):
        assert look(props, name) == "figure is-unreported", name
    assert "100 %" not in said([values.get("children") or "" for values in props.values()])


def test_everything_said_has_a_place_and_every_place_is_filled() -> None:
    tree = observability.tree()
    assert places_of(tree) - STILL == set(page())
    painted = apply(tree, page())
    assert "12.4k" in said(painted)


NASTY = ("<script>alert(1)</script>", "🦄 emoji", "quo\"te's", "x" * 300, "", "‮evil")


@pytest.mark.parametrize("name", NASTY)
def test_untrusted_names_are_carried_as_text(name: str) -> None:
    props = page(newest={"prism-proxy": 1.0, "prism-plugin-redis": 1.0, f"prism-plugin-redis{name}": 120.0})
    assert f"prism-plugin-redis{name}" in hop(props, 1) or name == ""
    assert encode(props)
