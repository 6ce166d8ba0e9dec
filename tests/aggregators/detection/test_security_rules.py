"""Bursts of refusals and denials by reason, keys that are overdue, who fails again and again."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import pytest

from aggregators.alerts.rules import BY_ID
from aggregators.alerts.rules.security import SECURITY
from aggregators.detection.detection_inputs import DetectionInputs
from aggregators.detection.detections import FINDERS, evaluate
from aggregators.detection.finders.bursts import (
    LEAST_EVICTED,
    LEAST_REFUSED,
    PAST_SECONDS,
    RARE_SECONDS,
    UNSEEN,
    beyond,
)
from model.series import Event, Kind, Labels, Scrape, Severity, labels_of
from store.snapshot import snapshot_of
from tests.aggregators.auth_scenario import NOW as COUNTED_NOW
from tests.aggregators.auth_scenario import AuthScenario
from tests.aggregators.detection.reads import NOW, Fill, judged, raised, reads_of

Course = Callable[[int], float]
Counted = dict[str, Course]


def checks(refresh_in: float = 300.0, denied: Course = lambda at: 0.2, **reasons: Course) -> Fill:
    """A proxy that refuses so many tokens a second for each reason."""
    counts: dict[str, float] = {}
    usual: Counted = {"expired": lambda at: 1.0, "invalid": lambda at: 0.2}

    def fill(second: int, scrape: Scrape) -> None:
        for reason, course in (
            usual | reasons | {"": lambda at: 800.0, "denied": denied, "allowed": lambda at: 99}
        ).items():
            counts[reason] = counts.get(reason, 0.0) + course(second)
        for reason in usual | reasons:
            scrape.add("prism_auth_requests_total", counts[reason], Kind.COUNTER, result="failure", reason=reason)
        scrape.add("prism_auth_requests_total", counts[""], Kind.COUNTER, result="success", reason="")
        for decision in ("allowed", "denied"):
            scrape.add(
                "prism_authz_decisions_total", counts[decision], Kind.COUNTER, decision=decision, reason="policy"
            )
        scrape.add("prism_jwks_next_refresh_timestamp_seconds", NOW + refresh_in)

    return fill


FAULTS: dict[str, tuple[str, str, str, Fill]] = {
    "tokens of a wrong issuer": (
        "auth_burst", "sign-in tokens issuer", "tokens were refused in 5 s because of issuer, usually 0",
        checks(issuer=lambda at: 4.0 if at > -4 else 0.0)),
    "many more invalid tokens": (
        "auth_burst", "sign-in tokens invalid", "20 tokens were refused in 5 s because of invalid, usually 1",
        checks(invalid=lambda at: 4.0 if at > -5 else 0.2)),
    "denials": (
        "authz_denied", "sign-in authorization policy", "requests were denied in 5 s because of policy",
        checks(denied=lambda at: 10.0 if at > -4 else 0.2)),
    "keys that are not renewed": (
        "keys_overdue", "keys", "should have been renewed 30 s ago", checks(refresh_in=-30.0)),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_of_security_is_found_and_is_good_again(name: str) -> None:
    rule, component, words, fill = FAULTS[name]
    found = judged(rule, reads_of(70, proxy=fill))
    assert [one.component for one in found.values() if one.bad] == [component]
    assert words in found[component].words
    again = judged(rule, reads_of(70, proxy=checks(issuer=lambda at: 0.0)))
    assert again[component].good and not again[component].bad


BENIGN: dict[str, Fill] = {
    "calm": checks(),
    "twice the load": checks(expired=lambda at: 2.0 if at > -20 else 1.0, invalid=lambda at: 0.4 if at > -20 else 0.2),
    "some that expire at once": checks(expired=lambda at: 8.0 if at > -4 else 1.0),
    "one": checks(issuer=lambda at: float(at == -2)),
    "a refresh that is a little late": checks(refresh_in=-5.0),
}


@pytest.mark.parametrize("name", BENIGN)
def test_benign_checks_raise_nothing(name: str) -> None:
    assert raised(SECURITY, reads_of(70, proxy=BENIGN[name])) == {}


@pytest.mark.parametrize(("more", "burst"), [(3.4, False), (6.0, True)])
def test_tokens_expire_in_flocks_and_are_news_from_four_times_the_usual_on(more: float, burst: bool) -> None:
    found = judged("auth_burst", reads_of(70, proxy=checks(expired=lambda at: 12.0 * (more if at > -6 else 1.0))))
    assert [one.component for one in found.values() if one.bad] == ["sign-in tokens expired"] * burst


def test_nothing_is_a_burst_before_a_minute_is_known() -> None:
    assert raised(SECURITY, reads_of(10, proxy=checks(invalid=lambda at: 4.0 if at > -4 else 0.2))) == {}


def test_what_the_ratio_says_clearly_is_not_said_again_by_reason() -> None:
    world = reads_of(70, proxy=checks(invalid=lambda at: 60.0 if at > -5 else 0.2))
    facts = DetectionInputs(world, NOW)
    pending: dict[str, float | None] = {"sign-in tokens invalid": None}
    rules = [(BY_ID[name], FINDERS[name]) for name in ("auth_success", "auth_burst")]
    said = {rule.id: [one for one in find(rule, facts, pending) if one.bad] for rule, find in rules}
    assert len(said["auth_success"]) == 1 and said["auth_burst"] == []
    alone = judged("auth_burst", world)
    assert alone["sign-in tokens invalid"].bad


def attempts(count: int, reason: str = "invalid signature", ago: float = 60.0) -> list[Event]:
    def labels(number: int) -> dict[str, str]:
        return {"span_id": str(number), "reason": reason, "source_ip": "10.0.0.9", "user": f"user-{number % 3}"}

    return [Event(NOW - ago, "auth_failure", Severity.WARNING, labels_of(labels(at)), "refused") for at in range(count)]


def without(event: Event, name: str) -> Labels:
    return labels_of({key: value for key, value in event.labels if key != name})


@pytest.mark.parametrize(("count", "reason", "severity"), [
    (40, "invalid signature", None), (700, "token expired", None), (700, "invalid signature", Severity.WARNING),
    (12, "invalid signature", False),
])  # fmt: skip
def test_who_fails_again_and_again_is_named(count: int, reason: str, severity: Severity | bool | None) -> None:
    world = snapshot_of([], events=attempts(count, reason))
    found = {one.component: one for one in evaluate(BY_ID["guessing"], world, NOW)}
    if severity is False:
        assert not found
        return
    one = found["client address 10.0.0.9"]
    assert (one.bad, one.severity) == (True, severity)
    assert f"address 10.0.0.9 failed {count} times in" in one.words and "3 users" in one.words
    nameless = snapshot_of([], events=[replace(each, labels=without(each, "user")) for each in world.events])
    (of_nobody,) = (each for each in evaluate(BY_ID["guessing"], nameless, NOW) if each.component == one.component)
    assert "user" not in of_nobody.words, "no user is known, which is not that there were none"
    later = evaluate(BY_ID["guessing"], world, NOW + 2 * 86400, {one.component: None})
    assert [(that.component, that.good) for that in later] == [(one.component, True)]


def test_who_has_failed_as_often_all_day_is_no_news() -> None:
    def counted(short: float, day: float) -> AuthScenario:
        counts = {("10m", "source_ip", "10.0.2.12"): (short, 3.0), ("24h", "source_ip", "10.0.2.12"): (day, 3.0)}
        return AuthScenario(seconds=60.0, counts=counts)

    def found(short: float, day: float, usual: dict[str, float | None] | None = None) -> list[tuple[bool, bool]]:
        conditions = evaluate(BY_ID["guessing"], counted(short, day).snapshot(), COUNTED_NOW, usual)
        return [(one.bad, one.good) for one in conditions]

    day = 40.0 * 144
    assert found(40.0, day) == found(100.0, day) == []
    assert found(700.0, day + 660.0) == found(190.0, day + 150.0) == [(True, False)]
    name = "client address 10.0.2.12"
    assert found(119.0, day, {name: 40.0}) == [(False, False)], "it goes on while it is far above what was usual"
    assert found(60.0, day, {name: 40.0}) == [(False, True)]
    assert found(700.0, 700.0 * 144, {name: 40.0}) == [(True, False)], "a long attack does not become its own yardstick"


def test_who_fails_as_everybody_does_is_no_machine_that_guesses() -> None:
    everybody = {("10m", "source_ip", f"10.0.3.{at}"): (2_500.0, 0.0) for at in range(6)}
    found = evaluate(BY_ID["guessing"], AuthScenario(seconds=60.0, counts=everybody).snapshot(), COUNTED_NOW)
    assert {(one.bad, one.severity) for one in found} == {(True, None)}
    one = everybody | {("10m", "source_ip", "10.0.9.9"): (9_000.0, 3.0)}
    found = evaluate(BY_ID["guessing"], AuthScenario(seconds=60.0, counts=one).snapshot(), COUNTED_NOW)
    assert [one.component for one in found if one.severity] == ["client address 10.0.9.9"]


def test_who_fails_is_not_judged_before_the_day_is_counted() -> None:
    counts = {("10m", "source_ip", "10.0.2.12"): (700.0, 3.0)}
    world = AuthScenario(seconds=60.0, counts=counts).snapshot()

    def found(seconds: float) -> list[bool]:
        begun = replace(world, meta={"started_at": COUNTED_NOW - seconds})
        return [one.bad for one in evaluate(BY_ID["guessing"], begun, COUNTED_NOW)]

    assert found(20.0) == [] and found(90.0) == [True]


def test_what_is_usual_is_seen_in_what_was_reported_where_nobody_counts() -> None:
    hours = [one for at in range(700, 80_000, 20) for one in attempts(1, ago=float(at))]
    now = [one for at in range(0, 600, 20) for one in attempts(1, ago=float(at))]
    usual = snapshot_of([], events=sorted((*hours, *now), key=lambda one: one.time))
    assert evaluate(BY_ID["guessing"], usual, NOW) == []
    burst = snapshot_of([], events=sorted((*hours, *attempts(200)), key=lambda one: one.time))
    assert [one.bad for one in evaluate(BY_ID["guessing"], burst, NOW)] == [True]


def chance(least: int, mean: float) -> float:
    """That so many events come or more, where `mean` are expected; `least` not far below it."""
    return sum(math.exp(count * math.log(mean) - mean - math.lgamma(count + 1)) for count in range(least, least + 200))


@pytest.mark.parametrize("expected", [0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 4.0, 6.0, 10.0])
@pytest.mark.parametrize(
    ("name", "fewest", "known"),
    [
        ("auth_burst", LEAST_REFUSED, PAST_SECONDS),
        ("authz_denied", LEAST_REFUSED, PAST_SECONDS),
        ("pool_errors", 3.0, RARE_SECONDS),
        ("reconnects", 3.0, RARE_SECONDS),
        ("server_evicts", LEAST_EVICTED, RARE_SECONDS),
    ],
)
def test_chance_alone_makes_no_burst_in_a_week(name: str, fewest: float, known: float, expected: float) -> None:
    """`expected` in a window; as many as chance makes are seen in the past. Windows that overlap count twice."""
    rule = BY_ID[name]
    past = known / rule.window_seconds - 1
    windows = 7 * 86_400 / rule.window_seconds * 2
    wrong = 0.0
    for seen in range(int(past * expected + 8 * math.sqrt(past * expected) + 8)):
        usual = (seen + UNSEEN) / past
        least = math.ceil(max(fewest, rule.raise_at * usual, beyond(usual, 1 / past)))
        before = chance(seen, past * expected) - chance(seen + 1, past * expected)
        wrong += windows * before * chance(least, expected)
    assert wrong < 0.5
