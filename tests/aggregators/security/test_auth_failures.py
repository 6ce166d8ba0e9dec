"""Failed attempts of a day: the newest, the count, how far back they reach, and who keeps trying."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregators.security.auth_failures import MOST_SHOWN, Attempts, attempts, failed_attempts
from aggregators.security.repeated_failures import DAY, MOST_REPEATS, REPEATED, SECONDS, SHORT, Repeat
from model.series import Event, Severity
from model.status import Reading
from store.snapshot import Snapshot
from tests.aggregators.auth_scenario import DAY_COUNTED, NOW, AuthScenario, login


def reported(door: AuthScenario, at: float = NOW) -> Attempts:
    snapshot = replace(door, seconds=20.0).snapshot()
    return attempts(snapshot, at, failed_attempts(snapshot, at))


def by_name(found: Attempts) -> dict[str, Repeat]:
    return {one.name: one for one in found.repeats}


def test_the_newest_come_first_and_only_those_of_the_day() -> None:
    events = [login(NOW - ago, reason, "10.0.0.1", "") for ago, reason in ((90_000, "old"), (50, "b"), (5, "c"))]
    events.append(Event(NOW - 10, "alert", Severity.WARNING, (), "another kind"))
    found = failed_attempts(AuthScenario(events=events).snapshot(), NOW)
    assert [(one.reason, one.user) for one in found] == [("c", ""), ("b", "")]
    assert failed_attempts(AuthScenario(events=events).snapshot(), NOW - 20) == found[1:], "the past is viewable"


def test_a_list_that_is_cut_says_how_far_back_it_reaches() -> None:
    found = reported(AuthScenario(events=[login(NOW - 100 - n) for n in range(40)]))
    assert (found.total.value, found.shown.value, found.is_cut) == (61_204, 40, True)
    assert (found.reaches_back.value, found.counted.value) == (NOW - 139, DAY_COUNTED)


def test_what_was_reported_since_the_count_is_added_to_it() -> None:
    found = reported(AuthScenario(events=[login(NOW - n) for n in range(40)]))
    assert found.total.value == 61_204 + 40


def test_a_list_that_is_whole_is_not_called_cut() -> None:
    counts = {(DAY, "reason", "token_expired"): (7.0, 0.0)}
    found = reported(AuthScenario(counts=counts, events=[login(NOW - 200 - n) for n in range(7)]))
    assert (found.total.value, found.shown.value, found.is_cut) == (7, 7, False)


def test_of_a_flood_the_newest_are_shown() -> None:
    found = failed_attempts(
        AuthScenario(events=[login(NOW - n / 100) for n in range(MOST_SHOWN + 300)]).snapshot(), NOW
    )
    assert len(found) == MOST_SHOWN
    assert found[0].time > found[-1].time


def test_nobody_failed_is_zero_and_not_unknown() -> None:
    counts = {(DAY, "user", "x"): (0.0, 0.0)}
    found = reported(AuthScenario(counts=counts))
    assert (found.reading, found.shown.value, found.total.value, found.is_cut) == (Reading.VALUE, 0, 0, False)
    assert found.repeats == ()


@pytest.mark.parametrize(
    ("door", "reading", "note"),
    [
        (AuthScenario(without=("signoz",)), Reading.NOT_REPORTED, "no signoz source is configured"),
        (AuthScenario(never=("signoz",)), Reading.ERROR, "connection refused"),
        (AuthScenario(lost=("signoz",)), Reading.STALE, "down"),
        (AuthScenario(states={}), Reading.NOT_REPORTED, "not asked for them yet"),
        (
            AuthScenario(states={"failed logins": ("failed", "timed out: x")}),
            Reading.ERROR,
            "did not report them: timed out: x",
        ),
        (
            AuthScenario(states={"failed logins": ("not offered", "HTML")}),
            Reading.NOT_REPORTED,
            "not offered by this SigNoz",
        ),
        (AuthScenario(states={"failed logins": ("no data", "key `name`")}), Reading.NOT_REPORTED, "holds no span"),
    ],
    ids=["not configured", "never read", "lost", "not asked", "failed", "not offered", "no data"],
)
def test_why_there_is_no_list_or_an_old_one(door: AuthScenario, reading: Reading, note: str) -> None:
    found = reported(door)
    assert found.reading is reading
    assert note in found.note
    assert found.shown.reading is reading
    if reading is not Reading.STALE:
        assert found.shown.value is None


def test_attempts_that_are_kept_stay_in_sight_when_signoz_is_lost() -> None:
    found = reported(AuthScenario(lost=("signoz",), events=[login(NOW - 100)]))
    assert (found.shown.value, found.shown.age_seconds) == (1, 40)


def test_without_a_count_of_the_day_the_total_is_not_made_up() -> None:
    found = reported(AuthScenario(counts={}, events=[login(NOW - 10)]))
    assert (found.total.reading, found.shown.value) == (Reading.NOT_REPORTED, 1)
    failed = {"failed logins": ("answered", ""), "failed logins of 24h": ("failed", "timed out: too dear")}
    found = reported(AuthScenario(counts={}, states=failed))
    assert (found.total.reading, found.total.note) == (Reading.ERROR, "timed out: too dear")


def test_repeats_are_those_that_signoz_counts_beyond_the_limit() -> None:
    found = by_name(reported(AuthScenario(events=[login(NOW - 5, "invalid_signature", "10.0.2.12", "root")])))
    forger = found["10.0.2.12"]
    assert (forger.failures, forger.others, forger.window_seconds, forger.mostly) == (212, 3, 600, "invalid_signature")
    assert found["root"].others == 2, "a user that is tried from two addresses"
    assert "10.0.1.45" not in found, "19 failures in ten minutes are not many"
    slow = found["10.0.7.7"]
    assert (slow.failures, slow.window_seconds) == (130, 86400)


def test_a_user_of_one_address_is_reported_with_that_address() -> None:
    counts = {(SHORT, "source_ip", "a"): (50.0, 1.0), (SHORT, "user", "u"): (50.0, 1.0)}
    assert list(by_name(reported(AuthScenario(counts=counts)))) == ["a"]
    assert list(by_name(reported(AuthScenario(counts={(SHORT, "user", "u"): (50.0, 1.0)})))) == ["u"]


def test_expired_tokens_come_after_forged_ones_however_many() -> None:
    counts = {(SHORT, "source_ip", "old client"): (900.0, 1.0), (SHORT, "source_ip", "forger"): (30.0, 1.0)}
    events = [login(NOW - 9, "token_expired", "old client"), login(NOW - 8, "invalid_signature", "forger")]
    assert list(by_name(reported(AuthScenario(counts=counts, events=events)))) == ["forger", "old client"]


def test_without_counts_repeats_come_from_the_list_and_a_cut_list_reports_a_part() -> None:
    events = [login(NOW - n, "invalid_issuer", "10.9.9.9", f"u{n % 4}", f"{n}") for n in range(25)]
    (one,) = reported(AuthScenario(counts={}, events=events)).repeats
    assert (one.name, one.failures, one.others, one.mostly, one.at_least) == (
        "10.9.9.9",
        25,
        4,
        "invalid_issuer",
        False,
    )
    flood = [login(NOW - n / 100, "x", "10.9.9.9", "", f"{n}") for n in range(MOST_SHOWN + 10)]
    (one,) = reported(AuthScenario(counts={}, events=flood)).repeats
    assert (one.failures, one.at_least) == (MOST_SHOWN, True)


def test_no_reason_is_called_the_most_frequent_when_none_stands_out() -> None:
    events = [login(NOW - n, f"r{n % 3}", "10.9.9.9", "", f"{n}") for n in range(30)]
    assert reported(AuthScenario(counts={}, events=events)).repeats[0].mostly == ""


def test_a_hundred_offenders_are_not_all_listed() -> None:
    counts = {(SHORT, "source_ip", f"10.0.0.{n}"): (100.0 + n, 1.0) for n in range(100)}
    found = reported(AuthScenario(counts=counts)).repeats
    assert [one.failures for one in found] == [199 - n for n in range(MOST_REPEATS)]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["", "u", "v"]), st.integers(0, 700)), max_size=90))
@settings(max_examples=40)
def test_repeats_from_a_list_count_as_one_would(seen: list[tuple[str, str, int]]) -> None:
    events = [login(NOW - ago, "r", ip, user, str(n)) for n, (ip, user, ago) in enumerate(seen)]
    found = by_name(reported(AuthScenario(counts={}, events=events, seconds=20)))
    recent = [one for one in seen if one[2] < SECONDS[SHORT]]
    counts = Counter(ip for ip, _, _ in recent)
    limit = REPEATED[SHORT]
    assert {name for name, one in found.items() if one.kind == "address"} == {
        n for n, c in counts.items() if c >= limit
    }
    for name, one in found.items():
        if one.kind == "address":
            assert one.failures == counts[name]
            assert one.others == len({user for ip, user, _ in recent if ip == name} - {""})


def test_an_empty_store_reports_nothing_and_breaks_nothing() -> None:
    found = attempts(Snapshot(), NOW, failed_attempts(Snapshot(), NOW))
    assert (found.reading, found.total.value, found.repeats) == (Reading.NOT_REPORTED, None, ())
