"""Bursts of refusals and denials by reason, keys that are overdue, who fails again and again."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from aggregators.alerts.rules import BY_ID
from aggregators.alerts.rules.security import SECURITY
from aggregators.detection.detections import evaluate
from model.series import Event, Kind, Scrape, Severity, labels_of
from store.snapshot import snapshot_of
from tests.aggregators.detection.told import NOW, Tell, judged, raised, told

Course = Callable[[int], float]
Counted = dict[str, Course]


def checks(refresh_in: float = 300.0, denied: Course = lambda at: 0.2, **reasons: Course) -> Tell:
    """A proxy that refuses so many tokens a second for each reason."""
    counts: dict[str, float] = {}
    usual: Counted = {"expired": lambda at: 1.0, "invalid": lambda at: 0.2}

    def tell(second: int, scrape: Scrape) -> None:
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

    return tell


FAULTS: dict[str, tuple[str, str, str, Tell]] = {
    "tokens of a wrong issuer": (
        "auth_burst", "sign-in issuer", "tokens were refused in 5 s because of issuer, usually 0",
        checks(issuer=lambda at: 4.0 if at > -4 else 0.0)),
    "many more invalid tokens": (
        "auth_burst", "sign-in invalid", "20 tokens were refused in 5 s because of invalid, usually 1",
        checks(invalid=lambda at: 4.0 if at > -5 else 0.2)),
    "denials": (
        "authz_denied", "sign-in authorization policy", "requests were denied in 5 s because of policy",
        checks(denied=lambda at: 10.0 if at > -4 else 0.2)),
    "keys that are not renewed": (
        "keys_overdue", "keys", "should have been renewed 30 s ago", checks(refresh_in=-30.0)),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_of_security_is_found_and_is_good_again(name: str) -> None:
    rule, component, words, tell = FAULTS[name]
    found = judged(rule, told(70, proxy=tell))
    assert [one.component for one in found.values() if one.bad] == [component]
    assert words in found[component].words
    again = judged(rule, told(70, proxy=checks(issuer=lambda at: 0.0)))
    assert again[component].good and not again[component].bad


BENIGN: dict[str, Tell] = {
    "calm": checks(),
    "twice the load": checks(expired=lambda at: 2.0 if at > -20 else 1.0, invalid=lambda at: 0.4 if at > -20 else 0.2),
    "some that expire at once": checks(expired=lambda at: 8.0 if at > -4 else 1.0),
    "one": checks(issuer=lambda at: float(at == -2)),
    "a refresh that is a little late": checks(refresh_in=-5.0),
}


@pytest.mark.parametrize("name", BENIGN)
def test_benign_checks_raise_nothing(name: str) -> None:
    assert raised(SECURITY, told(70, proxy=BENIGN[name])) == {}


def test_nothing_is_a_burst_before_a_minute_is_known() -> None:
    assert raised(SECURITY, told(10, proxy=checks(invalid=lambda at: 4.0 if at > -4 else 0.2))) == {}


def attempts(count: int, reason: str = "invalid signature", ago: float = 60.0) -> list[Event]:
    def labels(number: int) -> dict[str, str]:
        return {"span_id": str(number), "reason": reason, "source_ip": "10.0.0.9", "user": f"user-{number % 3}"}

    return [Event(NOW - ago, "auth_failure", Severity.WARNING, labels_of(labels(at)), "refused") for at in range(count)]


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
    later = evaluate(BY_ID["guessing"], world, NOW + 2 * 86400, {one.component: None})
    assert [(that.component, that.good) for that in later] == [(one.component, True)]
