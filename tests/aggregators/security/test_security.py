"""View 6 worked out: ratios, reasons, keys and Dex, each source in each of its states."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregators.security.auth import authorization, token_checks, token_refreshes
from aggregators.security.auth_series import OTHERS, auth_series
from aggregators.security.dex import dex
from aggregators.security.jwks import jwks_cache
from aggregators.security.security import judged_checks, judged_keys, security
from model.measure import Measure
from model.series import Unit
from model.status import Reading, Status
from store.snapshot import Snapshot
from tests.aggregators.auth_scenario import NOW, STEPS, AuthScenario

HOUR = 3600


def test_the_success_of_an_hour_with_and_without_expired_tokens() -> None:
    checks = token_checks(AuthScenario().snapshot(), NOW)
    assert checks.success.value == pytest.approx(998 / 1000)
    assert checks.without_expired.value == pytest.approx(998 / 998.5)
    assert (checks.checks.value, checks.failures.value) == (1000 * HOUR, 2 * HOUR)
    assert checks.covered_seconds == HOUR
    assert [(one.reason, one.count.value) for one in checks.reasons] == [
        ("token_expired", 1.5 * HOUR),
        ("invalid_signature", 0.5 * HOUR),
    ]


def test_an_hour_that_was_not_watched_whole_says_how_much_was() -> None:
    checks = token_checks(AuthScenario(seconds=120).snapshot(), NOW)
    assert (checks.covered_seconds, checks.failures.value) == (120, 240)


def test_two_proxies_are_summed_and_a_restart_is_no_negative_failure() -> None:
    door = AuthScenario(refreshed=((NOW - 900, NOW + 900),) * 2, reset_at=2000.0)
    checks = token_checks(door.snapshot(), NOW)
    assert checks.failures.value == pytest.approx(2 * 2 * HOUR, rel=0.02)
    assert checks.success.value == pytest.approx(998 / 1000)


def test_nobody_asked_is_no_traffic_and_not_100_percent() -> None:
    idle = {("success", ""): 0.0, ("failure", "token_expired"): 0.0}
    checks = token_checks(AuthScenario(checks=idle).snapshot(), NOW)
    assert checks.success.reading is Reading.NO_TRAFFIC
    assert checks.failures.value == 0
    only_expired = {("success", ""): 0.0, ("failure", "token_expired"): 2.0}
    checks = token_checks(AuthScenario(checks=only_expired).snapshot(), NOW)
    assert (checks.success.value, checks.without_expired.reading) == (0, Reading.NO_TRAFFIC)


@pytest.mark.parametrize(
    ("door", "reading"),
    [
        (AuthScenario(absent=("prism_auth_requests_total",)), Reading.NOT_REPORTED),
        (AuthScenario(without=("proxy",)), Reading.NOT_REPORTED),
        (AuthScenario(never=("proxy",)), Reading.ERROR),
        (AuthScenario(lost=("proxy",)), Reading.STALE),
        (AuthScenario(seconds=0), Reading.NOT_REPORTED),
    ],
    ids=["absent", "not configured", "never read", "lost", "read once"],
)
def test_each_state_of_the_proxy_is_its_own(door: AuthScenario, reading: Reading) -> None:
    checks = token_checks(door.snapshot(), NOW)
    assert {checks.success.reading, checks.without_expired.reading, checks.failures.reading} == {reading}
    decided = authorization(door.snapshot(), NOW)
    if "prism_auth_requests_total" not in door.absent:
        assert {decided.total.reading, decided.denied_share.reading} == {reading}


@given(
    st.dictionaries(st.sampled_from(["token_expired", "EXPIRED", "invalid_issuer", "", "x"]), st.integers(0, 50)),
    st.integers(0, 2000),
)
@settings(max_examples=40)
def test_ratios_are_sums_over_sums(failures: dict[str, int], good: int) -> None:
    per_second = {("success", ""): float(good), **{("failure", why): float(n) for why, n in failures.items()}}
    checks = token_checks(AuthScenario(checks=per_second, seconds=60).snapshot(), NOW)
    bad, expired = sum(failures.values()), sum(n for why, n in failures.items() if "expired" in why.lower())
    for reported, total in ((checks.success, good + bad), (checks.without_expired, good + bad - expired)):
        assert reported.value == (pytest.approx(good / total) if total else None)
    assert sum(one.count.value or 0 for one in checks.reasons) == checks.failures.value


@pytest.mark.parametrize(
    ("ratio", "status"),
    [(0.9999, Status.HEALTHY), (0.99, Status.DEGRADED), (0.95, Status.DEGRADED), (0.8, Status.UNHEALTHY)],
)
def test_the_rfc_wants_more_than_99_percent(ratio: float, status: Status) -> None:
    assert judged_checks(Measure.of(ratio, Unit.RATIO)) is status


def test_what_is_not_known_is_not_judged_healthy() -> None:
    assert judged_checks(Measure.no_traffic(Unit.RATIO)) is Status.UNKNOWN
    assert judged_checks(Measure.not_reported(Unit.RATIO, "x")) is Status.UNKNOWN
    stale = replace(Measure.of(1.0, Unit.RATIO), reading=Reading.STALE)
    assert judged_checks(stale) is Status.UNKNOWN, "how they stood before the proxy was lost is not how they stand"


def test_decisions_with_their_reasons_those_with_0_among_them() -> None:
    decided = authorization(AuthScenario().snapshot(), NOW)
    assert decided.total.value == pytest.approx(1000.4 * HOUR)
    assert decided.authorized.value == pytest.approx(1000 * HOUR)
    assert decided.authorized_share.value == pytest.approx(1000 / 1000.4)
    assert (decided.denied_share.value or 0) + (decided.authorized_share.value or 0) == pytest.approx(1)
    assert [(one.reason, one.count.value) for one in decided.reasons] == [
        ("namespace_access_denied", pytest.approx(0.3 * HOUR)),
        ("rate_limit_exceeded", pytest.approx(0.1 * HOUR)),
        ("invalid_operation", 0),
    ]


def test_refreshes_come_from_the_proxy_else_from_dex_and_say_so() -> None:
    assert token_refreshes(AuthScenario().snapshot(), NOW).value == pytest.approx(360)
    absent = AuthScenario(absent=("prism_auth_token_refreshes_total",))
    reported = token_refreshes(absent.snapshot(), NOW)
    assert reported.value == 10
    assert "first sign-ins included" in reported.note
    nobody = token_refreshes(replace(absent, without=("dex",)).snapshot(), NOW)
    assert (nobody.reading, nobody.value) == (Reading.NOT_REPORTED, None)


# ---- keys ----------------------------------------------------------------------------------------------------------


def test_the_cache_of_keys() -> None:
    keys = jwks_cache(AuthScenario().snapshot(), NOW)
    assert keys.hit_share.value == pytest.approx(0.9999)
    assert keys.miss_share.value == pytest.approx(0.0001)
    assert keys.hits.value == pytest.approx(999.9 * HOUR)
    assert (keys.last_refresh.value, keys.next_refresh.value, keys.overdue) == (NOW - 900, NOW + 900, None)


def test_a_refresh_that_did_not_come_is_overdue_and_the_proxy_furthest_behind_is_named() -> None:
    door = AuthScenario(refreshed=((NOW - 900, NOW + 900), (NOW - 2000, NOW - 200)))
    keys = jwks_cache(door.snapshot(), NOW)
    assert keys.overdue is not None
    assert keys.overdue.value == pytest.approx(200)
    assert (keys.instance, keys.next_refresh.value, keys.last_refresh.value) == ("p1:8980", NOW - 200, NOW - 2000)
    assert judged_keys(keys) is Status.DEGRADED


def test_a_refresh_just_due_is_not_called_overdue() -> None:
    assert jwks_cache(AuthScenario(refreshed=((NOW - 1800, NOW - 3),)).snapshot(), NOW).overdue is None


def test_a_proxy_that_is_gone_is_not_blamed_for_refreshes_that_nobody_saw() -> None:
    keys = jwks_cache(AuthScenario(refreshed=((NOW - 1800, NOW - 20),), lost=("proxy",)).snapshot(), NOW)
    assert (keys.overdue, keys.next_refresh.reading) == (None, Reading.STALE)


def test_a_cache_that_never_refreshed_and_one_that_nobody_reports_of() -> None:
    never = jwks_cache(AuthScenario(refreshed=((0.0, 0.0),)).snapshot(), NOW)
    assert never.last_refresh.note == "not refreshed since the proxy started"
    families = ("prism_jwks_cache_misses_total", "prism_jwks_next_refresh_timestamp_seconds")
    half = jwks_cache(AuthScenario(absent=families).snapshot(), NOW)
    assert (half.hits.reading, half.hit_share.reading) == (Reading.VALUE, Reading.NOT_REPORTED)
    assert (half.next_refresh.reading, half.last_refresh.reading) == (Reading.NOT_REPORTED, Reading.VALUE)
    assert judged_keys(half) is Status.UNKNOWN


# ---- Dex -----------------------------------------------------------------------------------------------------------


def failing(*steps: str, **door: object) -> Snapshot:
    return AuthScenario(steps={name: name not in steps for name in STEPS}, **door).snapshot()  # type: ignore[arg-type]


def test_dex_is_connected_when_every_step_succeeds() -> None:
    reported = dex(AuthScenario().snapshot(), NOW)
    assert (reported.word, reported.status, reported.failed_step) == ("CONNECTED", Status.HEALTHY, "")
    assert (reported.latency.value, reported.keys.value, reported.key_ids) == (0.004, 2, ("<script>", "k1"))
    assert (reported.checked.value, reported.keys_read.value, reported.version) == (NOW - 5, NOW - 5, "v2.37.0")


@pytest.mark.parametrize("step", ["discovery", "issuer", "health"])
def test_a_failing_step_is_named_and_degrades_while_keys_are_served(step: str) -> None:
    reported = dex(failing(step), NOW)
    assert (reported.word, reported.status, reported.failed_step) == ("DEGRADED", Status.DEGRADED, step)
    assert reported.reason == f"{step.capitalize()} failed: connection refused. Keys are still served"


def test_telemetry_alone_changes_nothing() -> None:
    reported = dex(failing("telemetry"), NOW)
    assert (reported.word, reported.reason) == ("CONNECTED", "Its telemetry cannot be read: connection refused")


def test_discovery_gone_is_not_connected_though_this_check_once_read_keys() -> None:
    nobody = {"dex_error": True, "keys_read": NOW - 245, "refreshed": ((0.0, 0.0),)}
    reported = dex(failing("discovery", "keys", **nobody), NOW)
    assert (reported.word, reported.status) == ("NOT CONNECTED", Status.UNHEALTHY)
    assert reported.reason == (
        "Discovery failed for 2m: connection refused. Nobody can sign in; keys were last served 4m before"
    )
    assert reported.latency.reading is Reading.ERROR, "how long it took to be refused is no latency"
    assert reported.keys.reading is Reading.NOT_REPORTED


def test_keys_that_are_not_served_make_it_not_connected_whatever_its_health_page_says() -> None:
    held = failing("keys", dex_error=True, keys_read=NOW - 245, refreshed=((0.0, 0.0),))
    assert (dex(held, NOW).word, dex(held, NOW).failed_step) == ("NOT CONNECTED", "keys")
    assert security(held, NOW).status is Status.UNHEALTHY


def test_keys_that_a_proxy_holds_still_check_tokens_and_this_checks_own_do_not() -> None:
    reported = dex(failing("discovery", "keys", keys_read=None), NOW)
    assert (reported.word, "Tokens are checked with keys that the proxy read 14m" in reported.reason) == (
        "DEGRADED",
        True,
    )


@pytest.mark.parametrize("keys_read", [None, NOW - 90_000])
def test_without_any_keys_of_the_last_day_it_is_not_connected(keys_read: float | None) -> None:
    reported = dex(failing("discovery", "keys", keys_read=keys_read, refreshed=((0.0, 0.0),)), NOW)
    assert (reported.word, reported.status) == ("NOT CONNECTED", Status.UNHEALTHY)
    assert reported.reason.endswith("No keys are known to check tokens with")


def test_nobody_reported_is_unknown_and_says_what_would_fill_it() -> None:
    absent = dex(AuthScenario(without=("dex",)).snapshot(), NOW)
    assert (absent.word, absent.status) == ("UNKNOWN", Status.UNKNOWN)
    assert "DEX_ISSUER_URL" in absent.latency.note
    never = dex(AuthScenario(never=("dex",)).snapshot(), NOW)
    assert (never.word, never.reason) == ("UNKNOWN", "down, connection refused")


def test_an_old_check_keeps_its_word_and_says_its_age() -> None:
    later = NOW + 120
    reported = dex(AuthScenario().snapshot(), later)
    assert reported.word == "CONNECTED"
    assert reported.age is not None
    assert reported.age.value == 125
    assert reported.latency.reading is Reading.STALE


# ---- lines, and the whole ------------------------------------------------------------------------------------------


def test_lines_are_failures_per_minute_by_reason() -> None:
    lines = auth_series(AuthScenario().snapshot(), NOW, 300.0, 20.0)
    reported = dict(lines.failures)
    assert list(reported) == ["token_expired", "invalid_signature"]
    assert [round(one or 0, 6) for one in reported["token_expired"]] == [90.0] * len(lines.times)
    assert len(lines.times) == 15


def test_many_reasons_end_in_one_line_and_nothing_read_is_a_gap() -> None:
    many = {("failure", f"r{n}"): float(10 - n) for n in range(9)} | {("success", ""): 1.0}
    lines = auth_series(AuthScenario(checks=many, seconds=120).snapshot(), NOW, 300.0, 20.0)
    names = [name for name, _ in lines.failures]
    assert names == ["r0", "r1", "r2", "r3", "r4", OTHERS]
    assert dict(lines.failures)[OTHERS][-1] == pytest.approx(60 * (5 + 4 + 3 + 2))
    assert lines.failures[0][1][0] is None
    assert auth_series(Snapshot(), NOW, 300.0, 20.0).failures == ()


def test_the_whole_is_as_bad_as_its_worst_part() -> None:
    assert security(AuthScenario().snapshot(), NOW).status is Status.HEALTHY
    assert security(failing("issuer"), NOW).status is Status.DEGRADED
    locked = AuthScenario(checks={("success", ""): 1.0, ("failure", "invalid_signature"): 9.0})
    assert security(locked.snapshot(), NOW).status is Status.UNHEALTHY
    assert security(Snapshot(), NOW).status is Status.UNKNOWN
