"""Sources weighed by what depends on them: lost, never reached, and Dex by its steps."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aggregators.detection.detections import Detector
from model.series import Severity
from model.sources import CollectError, ErrorKind, SourceState
from store.snapshot import snapshot_of
from tests.aggregators.auth_scenario import NOW as DOOR_NOW
from tests.aggregators.auth_scenario import STEPS, AuthScenario

START = 1_800_000_000.0
REFUSED = CollectError(ErrorKind.DOWN, "connection refused")
KINDS = ("signoz", "admin", "admin_metrics", "launcher", "otel", "alertmanager", "prometheus", "proxy", "dex")


def source(kind: str, **reported: Any) -> SourceState:
    return replace(SourceState(f"{kind}@h:1", kind, "h:1", "http://h:1", 5.0), **reported)


def found(state: SourceState) -> list[tuple[str, Severity]]:
    """(rule, severity) of every alert that this source alone makes at START."""
    edges = Detector().step(snapshot_of([], sources=[state], meta={"collector_alive_at": START}), START)
    return [(event.label("rule") or "", event.severity) for event in edges if event.kind == "alert"]


@pytest.mark.parametrize("kind", KINDS)
def test_losing_any_source_bears_on_the_whole(kind: str) -> None:
    lost = source(kind, last_success=START - 20).failed(START - 15, 0.1, REFUSED).failed(START, 0.1, REFUSED)
    assert found(lost) == [("source_lost", Severity.WARNING)]


@pytest.mark.parametrize("kind", [*KINDS, "patterns", "redis", "nats", "postgres"])
def test_a_source_that_was_never_reached_is_reported_after_a_moment_of_grace(kind: str) -> None:
    assert found(source(kind)) == [], "it has not been tried yet"
    assert found(source(kind).failed(START - 14, 0.1, REFUSED)) == [], "it may be starting"
    assert found(source(kind).failed(START - 16, 0.1, REFUSED)) == [("source_unreached", Severity.WARNING)]


@pytest.mark.parametrize("kind", [ErrorKind.NOT_OFFERED, ErrorKind.UNSEEN])
def test_one_that_was_reached_or_is_hidden_is_not_called_never_reached(kind: ErrorKind) -> None:
    assert found(source("patterns").failed(START - 60, 0.1, CollectError(kind, "as reported"))) == []


@pytest.mark.parametrize("kind", ["launcher", "prometheus"])
def test_one_that_answers_and_is_not_what_it_was_named_for_is_never_reached(kind: str) -> None:
    elsewhere = CollectError(ErrorKind.NOT_OFFERED, "something else answers there")
    assert found(source(kind).failed(START - 60, 0.1, elsewhere)) == [("source_unreached", Severity.WARNING)]


@pytest.mark.parametrize(
    ("steps", "severity"),
    [(("keys",), Severity.CRITICAL), (("discovery", "keys"), Severity.CRITICAL), (("health",), Severity.WARNING),
     (("issuer",), Severity.WARNING), (("telemetry",), None), ((), None)],
)  # fmt: skip
def test_dex_is_reported_by_its_steps_whatever_its_health_page_says(
    steps: tuple[str, ...], severity: Severity | None
) -> None:
    ok = {name: name not in steps for name in STEPS}
    held = AuthScenario(steps=ok, dex_error="keys" in steps, without=("proxy", "signoz")).snapshot()
    edges = Detector().step(held, DOOR_NOW)
    reported = [(event.label("rule"), event.label("page"), event.severity) for event in edges if event.kind == "alert"]
    assert reported == ([("sign_in", "/security", severity)] if severity else [])
