"""What is set: defaults below what was set, limits with their overrides, the store and who writes it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aggregators.alerts.rules import RULES
from aggregators.overview.settings import DEFAULT, effective, settings
from aggregators.series.availability import availability_of
from model.series import Scrape, Unit
from model.settings_text import defaults
from model.status import Reading
from store.frames import Frame
from store.snapshot import Snapshot, snapshot_of

NOW = 1_700_000_000.0
TOLD = [
    {"name": "signoz_api_key", "value": "set (hidden)", "whence": "environment"},
    {"name": "thresholds.pool_use.raise_at", "value": "0.95", "whence": "hud.toml"},
]


def snapshot(**meta: object) -> Snapshot:
    scrape = Scrape("hud", "collector", NOW - 1)
    scrape.add("hud_store_bytes", 9_000_000.0)
    return snapshot_of([scrape], meta={"collector_alive_at": NOW - 1, **meta})


def test_what_was_set_comes_first_and_hides_its_default() -> None:
    found = effective(TOLD)
    assert [(one.name, one.whence) for one in found[:2]] == [
        ("signoz_api_key", "environment"), ("thresholds.pool_use.raise_at", "hud.toml"),
    ]  # fmt: skip
    assert {one.whence for one in found[2:]} == {DEFAULT}
    names = [one.name for one in found]
    assert len(set(names)) == len(names) == len(defaults())  # the key's default and that of all thresholds are gone
    assert "thresholds" not in names


@pytest.mark.parametrize("reported", [None, "settings", 5])
def test_while_nobody_has_reported_nothing_is_known_to_be_in_effect(reported: object) -> None:
    assert effective(reported) == ()


def test_every_rule_has_its_limits_in_a_unit_or_is_a_plain_fact() -> None:
    answer = settings(snapshot(), NOW)
    assert [one.rule for one in answer.limits] == [rule.id for rule in RULES]
    for one in answer.limits:
        assert one.unit or (one.raise_at, one.clear_at) == (1.0, 0.0), one.rule


def test_a_limit_that_was_set_is_reported_as_such() -> None:
    answer = settings(snapshot(thresholds={"pool_use": {"raise_at": 0.95, "clear_at": 0.85}}), NOW)
    overridden = {one.rule: (one.raise_at, one.clear_at) for one in answer.limits if one.overridden}
    assert overridden == {"pool_use": (0.95, 0.85)}


def test_the_store_and_its_collector_are_reported() -> None:
    answer = settings(snapshot(collector_pid=77, store_trouble="disk full", versions={"prism-hud": "1.0"}), NOW)
    assert (answer.store.pid, answer.store.collector_alive, answer.store.trouble) == (77, True, "disk full")
    assert (answer.store.size.value, answer.store.size.unit) == (9_000_000.0, Unit.BYTES)
    assert [(one.name, one.version) for one in answer.versions] == [("prism-hud", "1.0")]


def test_a_silent_collectors_size_is_old_and_one_that_never_ran_reported_none() -> None:
    silent = settings(snapshot(), NOW + 100).store
    assert (silent.size.reading, silent.size.age_seconds) == (Reading.STALE, 101.0)
    never = settings(Snapshot(), NOW).store
    assert (never.size.reading, never.events.reading, never.pid) == (Reading.NOT_REPORTED, Reading.NOT_REPORTED, 0)


def test_the_objective_says_whether_anybody_reported_it() -> None:
    assert not settings(snapshot(), NOW).slo.reported
    reported = settings(snapshot(slo={"objective_ratio": 0.99, "threshold_seconds": 0.05}), NOW).slo
    assert (reported.reported, reported.objective.value, reported.threshold.value) == (True, 0.99, 0.05)


def test_no_answer_depends_on_anything_but_the_snapshot_and_the_time() -> None:
    one = snapshot(settings=TOLD)
    assert settings(one, NOW) == settings(replace(one), NOW)


def test_a_default_that_was_only_tried_is_reported_as_not_configured() -> None:
    meta = {"settings": [], "defaults_tried": {"proxy@localhost:8980": "http://localhost:8980/metrics"}}
    reported = {one.name: one.value for one in settings(snapshot_of([], meta=meta), 100.0).settings}
    assert reported["proxy_metrics_url"] == "not configured (default http://localhost:8980/metrics tried)"
    assert reported["admin_api_url"] == "http://localhost:8090"
    note = availability_of(snapshot_of([], meta=meta), 100.0, Frame("prism_requests_total", ())).note
    assert note.startswith("no proxy source is configured (default http://localhost:8980/metrics tried); ")
