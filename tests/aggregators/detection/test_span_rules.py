"""Rules on requests while no proxy can be read: what breaks is seen by spans, and the loss looks like nothing."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from aggregators.alerts.rules import BY_SPANS
from aggregators.detection.detections import Detector
from model.series import Event
from tests.aggregators.spanned import START, At, Flow, Pace, Spanned

LOST, BROKEN, END = 330, 360, 400
OF_REQUESTS = ("error_ratio", "latency_p99", "latency_rising", "operation_slow", "traffic_stopped", "namespace_silent",
               "namespace_noisy", "namespace_quota", "auth_burst")  # fmt: skip
WELL = Pace(failing=0.0005)


def redis(broken: Pace, since: int = BROKEN, until: int = 10_000) -> At:
    def at(second: int, flow: Flow) -> Pace:
        return broken if flow[0] == "redis" and since < second <= until else WELL

    return at


def watch(one: Spanned, seconds: Iterable[int], detector: Detector | None = None) -> list[Event]:
    """What is said of requests, second by second."""
    detector = detector or Detector()
    found = [event for second in seconds for event in detector.step(one.snapshot(second), START + second)]
    return [event for event in found if event.kind == "alert" and event.label("rule") in OF_REQUESTS]


def firing(events: Iterable[Event]) -> dict[tuple[str | None, str | None], Event]:
    found = reversed([one for one in events if one.label("state") == "firing"])
    return {(one.label("rule"), one.label("component")): one for one in found}


@pytest.mark.parametrize(
    ("rule", "component", "broken"),
    [
        ("error_ratio", "redis", Pace(failing=0.03)),
        ("latency_p99", "redis", Pace(seconds=0.007)),
        ("traffic_stopped", "redis", Pace(requests=20.0)),
    ],
)
def test_what_breaks_while_no_proxy_can_be_read_is_seen_by_spans(rule: str, component: str, broken: Pace) -> None:
    found = firing(watch(Spanned(redis(broken), END, (LOST, END + 1)), range(LOST - 5, END)))
    assert set(found) == {(rule, component)}
    assert found[rule, component].time - START - BROKEN <= 25.0
    assert found[rule, component].message.endswith(BY_SPANS)


def test_it_is_over_by_spans_when_it_was_seen_by_spans() -> None:
    one = Spanned(redis(Pace(failing=0.03), until=BROKEN + 30), BROKEN + 70, (LOST, BROKEN + 71))
    found = watch(one, range(LOST - 5, BROKEN + 70))
    assert [event.label("state") for event in found][-1] == "resolved"


@pytest.mark.parametrize("kept", [(1.0, 1.0), (0.01, 1.0), (0.1, 0.1)])
def test_neither_the_loss_nor_the_return_looks_like_anything(kept: tuple[float, float]) -> None:
    one = Spanned(lambda _, flow: WELL, END + 60, (LOST, END), kept=kept)
    assert watch(one, range(LOST - 10, END + 60)) == []


def test_failures_among_a_sample_that_keeps_them_all_are_told_from_more_of_them() -> None:
    one = Spanned(redis(Pace(failing=0.05)), END, (LOST, END + 1), kept=(0.01, 1.0))
    assert ("error_ratio", "redis") in firing(watch(one, range(LOST - 5, END)))


def test_what_a_proxy_had_shown_is_not_over_before_a_proxy_shows_that() -> None:
    """SigNoz holds successes only: by these nothing fails."""
    one = Spanned(redis(Pace(failing=0.05), LOST - 20), END + 30, (LOST, END), kept=(1.0, 0.0))
    detector = Detector()
    found = watch(one, range(LOST - 25, END), detector)
    assert [event.label("state") for event in found if event.label("rule") == "error_ratio"][-1] == "firing"
    assert not any(event.label("state") == "resolved" for event in found)


def test_where_it_is_not_known_how_spans_compare_nothing_is_concluded() -> None:
    one = Spanned(redis(Pace(failing=0.5), 60), 120, (1, 121))
    assert watch(one, range(20, 120)) == []


def test_a_burst_of_refused_tokens_is_seen_by_spans_and_is_over_when_hardly_any_expire() -> None:
    def refused(second: int) -> dict[str, float]:
        return {"token_expired": 60.0 if BROKEN < second <= BROKEN + 30 else 1.0, "invalid_issuer": 1.0}

    one = Spanned(lambda _, flow: WELL, BROKEN + 70, (LOST, BROKEN + 71), refused=refused)
    found = watch(one, range(LOST - 5, BROKEN + 70))
    assert set(firing(found)) == {("auth_burst", "sign-in tokens token_expired")}
    assert found[-1].label("state") == "resolved"


def test_more_refusals_of_as_many_more_requests_are_no_burst() -> None:
    def refused(second: int) -> dict[str, float]:
        return {"invalid_issuer": 20.0 if second > BROKEN else 5.0}

    one = Spanned(redis(Pace(requests=1400.0, failing=0.0005)), END, (LOST, END + 1), refused=refused)
    assert not [event for event in watch(one, range(LOST - 5, END)) if event.label("rule") == "auth_burst"]
