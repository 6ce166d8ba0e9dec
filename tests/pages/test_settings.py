"""The Settings page: every source, setting and limit as it is, and nothing that nobody reported."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from components import format as fmt
from components.props import apply, ids_of
from pages.settings import page as settings
from store.snapshot import Snapshot
from tests.pages.trees import said
from web.hub_payload import encode

Build = Callable[..., Snapshot]
TOLD = [
    {"name": "signoz_api_key", "value": "set (hidden)", "whence": "environment"},
    {"name": "proxy_metrics_url", "value": "http://p:8980/metrics?[removed]", "whence": "hud.toml"},
]


def reported(snapshot: Snapshot, **meta: Any) -> Snapshot:
    return replace(snapshot, meta={**snapshot.meta, **meta})


def column(rows: Any, key: str) -> dict[str, Any]:
    return {row.id: row.cells[key].get("n") for row in rows}


def line(view: settings.SettingsView, name: str) -> str:
    return " ".join(said(dict(view.lines)[name]).split())


def test_every_source_is_listed_with_how_reading_it_goes(prism: Build, now: float) -> None:
    view = settings.view_model(prism(), now)
    assert set(column(view.sources, "state").values()) == {"read"}
    proxy = next(row for row in view.sources if row.id == "proxy@p:8980")
    assert [proxy.cells[key]["n"] for key in ("source", "address", "samples", "failures")] == [
        "proxy p:8980", "p:8980", "5", "0",
    ]  # fmt: skip
    assert (proxy.cells["interval"]["n"], proxy.cells["interval"]["u"]) == ("1", "s")
    assert proxy.cells["took"]["u"] == "ms"
    assert {row.cells["source"]["n"] for row in view.sources} == {
        "admin", "pattern memstore", "pattern nats", "pattern redis", "proxy p:8980",
    }  # fmt: skip


def test_a_lost_source_comes_first_and_says_why_and_for_how_long(prism: Build, now: float) -> None:
    view = settings.view_model(prism(lost=("proxy",)), now)
    first = view.sources[0]
    assert (first.id, first.look) == ("proxy@p:8980", "row-unhealthy")
    assert first.cells["state"]["n"] == "down for 14 s"
    assert "connection refused" in first.cells["state"]["t"]
    assert (first.cells["age"]["n"], first.cells["failures"]["n"]) == ("14 s", "2")


def test_a_source_that_was_never_read_has_no_figures(prism: Build, now: float) -> None:
    snapshot = prism()
    states = {
        key: replace(one, last_success=0.0, last_attempt=0.0, samples=0) if one.source == "admin" else one
        for key, one in snapshot.sources.items()
    }
    view = settings.view_model(replace(snapshot, sources=states), now)
    admin = next(row for row in view.sources if row.id == "admin@a:8090")
    assert admin.cells["state"]["n"] == "not read yet"
    assert {admin.cells[key]["n"] for key in ("age", "took", "samples")} == {fmt.DASH}


def test_settings_are_reported_with_whence_and_without_credentials(prism: Build, now: float) -> None:
    view = settings.view_model(reported(prism(), settings=TOLD), now)
    rows = [(row.cells["name"]["n"], row.cells["value"]["n"], row.cells["whence"]["n"]) for row in view.settings]
    assert rows[:2] == [
        ("signoz_api_key", "set (hidden)", "environment"),
        ("proxy_metrics_url", "http://p:8980/metrics?[removed]", "hud.toml"),
    ]
    assert ("sources.proxy.interval_seconds", "1 s", "default") in rows
    assert settings.render(view)["st-setting-hint"]["children"] == "2 set; credentials hidden"


def test_no_setting_is_reported_while_no_collector_has_reported_any(prism: Build, now: float) -> None:
    view = settings.view_model(prism(), now)
    assert view.settings == ()
    assert settings.render(view)["st-setting-hint"]["children"] == settings.NO_SETTINGS


def test_limits_have_units_and_reasons_and_say_who_set_them(prism: Build, now: float) -> None:
    snapshot = reported(prism(), thresholds={"pool_use": {"raise_at": 0.95, "clear_at": 0.85}})
    rows = {row.id: row.cells for row in settings.view_model(snapshot, now).limits}
    shown = {
        name: " ".join((rows[name]["raised"]["n"], rows[name]["raised"].get("u", ""))).strip()
        for name in ("pool_use", "latency_p99", "error_ratio", "restart_loop", "pattern_down", "source_lost")
    }
    assert shown == {
        "pool_use": "95 %", "latency_p99": "10 ms", "error_ratio": "0.3 %", "restart_loop": "2", "pattern_down": "2 s",
        "source_lost": "yes",
    }  # fmt: skip
    assert (rows["pool_use"]["whence"]["n"], rows["pool_use"]["whence"]["t"]) == (
        "configured",
        "the dashboard's own: 0.9 and 0.8",
    )
    assert rows["latency_p99"]["whence"]["n"] == "default"
    assert all(cells["why"]["n"] and cells["reads"]["n"] for cells in rows.values())


def test_the_store_its_collector_and_the_objective_are_reported(prism: Build, now: float) -> None:
    snapshot = reported(
        prism(version=1234), collector_pid=77, store_trouble="disk full", slo={"objective_ratio": 0.99},
        versions={"prism-hud": "0.1.0"},
    )  # fmt: skip
    view = settings.view_model(snapshot, now)
    assert line(view, "st-alive") == "alive, heard just now"
    assert (line(view, "st-pid"), line(view, "st-version"), line(view, "st-trouble")) == ("77", "1,234", "disk full")
    assert line(view, "st-size").startswith("– not reported: hud_store_bytes")
    assert (line(view, "st-slo-objective"), line(view, "st-slo-whence")) == ("99.00 %", "as configured")
    assert said(settings.render(view)["st-versions"]["children"]) == "prism-hud 0.1.0"


def test_an_empty_store_reports_nothing_it_does_not_know(now: float) -> None:
    view = settings.view_model(Snapshot(), now)
    assert line(view, "st-alive") == "has never run here"
    assert line(view, "st-pid") == "– no collector has written"
    assert line(view, "st-slo-whence") == "the RFC's: no collector has reported another"
    assert view.sources == ()
    assert encode(dict(settings.render(view)))


def test_a_silent_collector_is_said(prism: Build, now: float) -> None:
    assert line(settings.view_model(prism(), now + 90), "st-alive") == "silent for 1m 30s"


@pytest.mark.parametrize("simulated", [True, False])
def test_faults_can_be_injected_into_a_simulated_prism_only(prism: Build, now: float, simulated: bool) -> None:
    props = settings.update(prism(simulated=simulated), now)
    assert props["st-simulated"] == {"hidden": not simulated}


def test_everything_said_has_a_place_and_the_first_paint_holds_it(prism: Build, now: float) -> None:
    props, tree = settings.update(reported(prism(), settings=TOLD), now), settings.tree()
    assert set(props) <= ids_of(tree)
    assert all(one.startswith("st-") for one in props)
    text = said(apply(tree, props))
    assert "alive, heard" in text
    for title in ("Theme", "Times in", "Updates", "Detections", "Configuration", "Faults of the simulated Prism"):
        assert title in text


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "🦄", "quo\"te's", "x" * 300, "\u202eevil"])
def test_hostile_names_are_carried_as_text(prism: Build, now: float, name: str) -> None:
    rows = [{"name": f"aliases.metrics.{name}", "value": name, "whence": "hud.toml"}]
    view = settings.view_model(reported(prism(patterns={name: "HEALTHY"}), settings=rows), now)
    assert view.settings[0].cells["value"]["n"] == name
    assert f"pattern {name}" in column(view.sources, "source").values()
    assert encode(dict(settings.render(view)))
