"""Incidents of a running dashboard: two faults at once are two, and losing the source that shows one ends nothing."""

from __future__ import annotations

from typing import Any

import pytest

from aggregators.alerts.rules import BY_ID
from tests.acceptance.running_dashboard import LOOK_SECONDS, RunningDashboard, fetch
from tests.patience import until

pytestmark = pytest.mark.browser

SEEN_SECONDS, GONE_SECONDS = 30.0, 60.0


def lasting(hud: RunningDashboard) -> list[dict[str, Any]]:
    """The incidents that fire."""
    return [one for one in fetch(f"{hud.address}/api/incidents")["incidents"] if one["state"] == "firing"]


def of(hud: RunningDashboard, component: str) -> list[dict[str, Any]]:
    """Those that have an alert about a component."""
    return [one for one in lasting(hud) if any(alert["component"] == component for alert in one["alerts"])]


def test_two_independent_faults_at_once_are_two_incidents_with_a_cause_each(
    running_dashboard: RunningDashboard,
) -> None:
    hud = running_dashboard
    hud.inject("pattern_crash", "postgresql")
    hud.inject("pool_exhaustion", "redis")

    def both() -> bool:
        causes = {one["cause"]["component"] for one in lasting(hud)}
        return {"postgresql", "pool redis"} <= causes

    until(both, lambda: str([(one["headline"], one["cause"]) for one in lasting(hud)]), SEEN_SECONDS, LOOK_SECONDS)
    (crash,), pool = of(hud, "postgresql"), of(hud, "redis")
    assert crash["cause"]["component"] == "postgresql"
    assert crash["id"] not in {one["id"] for one in pool}, "neither is a symptom of the other"
    assert all(alert["component"] != "redis" for alert in crash["alerts"])


def test_losing_the_source_that_shows_a_fault_ends_nothing_and_is_said(running_dashboard: RunningDashboard) -> None:
    hud, words = running_dashboard, r"\d+ % of .* fail"
    hud.inject("error_burst")
    hud.until_firing(words, SEEN_SECONDS)
    lost = fetch(f"{hud.control}/faults", "POST", {"fault": "source_down", "target": "proxy"})["id"]
    hud.until_firing(r"proxy source at .* is lost", SEEN_SECONDS)
    clear = BY_ID["error_ratio"].clear_seconds
    until(lambda: unread_seconds(hud) > clear + 3.0, lambda: str(unread_seconds(hud)), 4 * clear + 60.0, LOOK_SECONDS)
    assert hud._fires(words), hud.firing()
    assert any("cannot be reached" in one and "proxy" in one for one in hud.health()["unseen"]), hud.health()["unseen"]
    hud.inject("pattern_unhealthy", "postgresql")
    hud.until_firing(r"postgresql (reports|is) UNHEALTHY", SEEN_SECONDS)
    assert hud._fires(words), "it is said of what can be seen, and nothing is over for what cannot"
    fetch(f"{hud.control}/faults/{lost}", "DELETE")
    until(lambda: unread_seconds(hud) == 0.0, lambda: str(hud.health()["sources"]), SEEN_SECONDS, LOOK_SECONDS)
    assert hud._fires(words), "it is read again, and the fault is still there"
    hud.clear()
    hud.until_quiet(words, GONE_SECONDS)


def unread_seconds(hud: RunningDashboard) -> float:
    """For how long the proxy could not be read; 0 while it can."""
    rows = [one for one in hud.health()["sources"] if one["source"] == "proxy"]
    return max(float(one["age_seconds"] or 0.0) if one["error"] else 0.0 for one in rows)
