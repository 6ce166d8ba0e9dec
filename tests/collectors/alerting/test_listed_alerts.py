"""A long list of open alerts: nothing in it is over, each is one, and what is not followed is counted."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.alerting.listed_alerts import MOST_OF_A_SEVERITY, listed
from collectors.alerting.open_alerts import MAX_LABELS, MAX_VALUE, fingerprint_of, severity_of, useful
from collectors.core.redact import REMOVED
from collectors.signoz.alerts import OWN_LABELS
from model.series import Severity


def row(number: int = 0, severity: str = "warning", **labels: str) -> dict[str, Any]:
    return {
        "labels": {"alertname": "TargetDown", "severity": severity, "instance": f"h{number}:9100", **labels},
        "startsAt": f"2026-01-01T{number // 3600:02d}:{number // 60 % 60:02d}:{number % 60:02d}Z",
    }


def test_of_a_severity_so_many_are_followed_and_the_others_are_counted() -> None:
    found = listed([row(at) for at in range(MOST_OF_A_SEVERITY + 5)], ())
    assert len(found.alerts) == MOST_OF_A_SEVERITY
    assert len(found.beyond) == 5
    assert found.counts == {Severity.WARNING: MOST_OF_A_SEVERITY + 5}
    assert dict(found.alerts[0].useful)["exported_instance"] == f"h{MOST_OF_A_SEVERITY + 4}:9100", "the newest"


def test_what_was_followed_stays_followed_however_many_come_after_it() -> None:
    first = listed([row(0)], ())
    known = {alert.fingerprint for alert in first.alerts}
    found = listed([row(at) for at in range(3 * MOST_OF_A_SEVERITY)], known)
    assert known <= {alert.fingerprint for alert in found.alerts}


def test_thousands_that_inform_hide_none_that_is_critical() -> None:
    many = [row(at, "info") for at in range(2 * MOST_OF_A_SEVERITY)]
    names = {alert.fingerprint for alert in listed(many, ()).alerts}
    found = listed([*many, row(1, "critical")], names)
    assert [alert.severity for alert in found.alerts].count("critical") == 1


MANY = {f"a{at}": "x" for at in range(MAX_LABELS)}
DIFFERENCES = (
    ({"api_key": "one"}, {"api_key": "two"}),
    (
        {"z": "1"} | {f"a{at}": "x" for at in range(MAX_LABELS)},
        {"z": "2"} | {f"a{at}": "x" for at in range(MAX_LABELS)},
    ),
    ({"path": "x" * 5000 + "1"}, {"path": "x" * 5000 + "2"}),
    ({"n" * 100: "1"}, {"n" * 99 + "m": "1"}),
    ({"url": "http://a:b@h/"}, {"url": "http://a:c@h/"}),
    ({"state": "running"}, {"state": "stopped"}),
    ({"status": "500"}, {"status": "503"}),
    ({"ruleId": "1"}, {"ruleId": "2"}),
    ({"zone": "a"}, {"zone": "A"}),
    ({"zone": "a\u200b"}, {"zone": "a"}),
)


@pytest.mark.parametrize(("one", "other"), DIFFERENCES)
@pytest.mark.parametrize("ignored", [frozenset[str](), OWN_LABELS])
def test_alerts_that_differ_only_in_what_is_not_shown_are_two(
    one: dict[str, str], other: dict[str, str], ignored: frozenset[str]
) -> None:
    found = listed([row() | {"labels": one}, row() | {"labels": other}], (), ignored)
    assert len(found.alerts) == len({alert.fingerprint for alert in found.alerts}) == 2


LABELS = st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=5)


@given(LABELS, LABELS)
def test_a_fingerprint_is_of_the_labels_that_have_a_value_and_of_nothing_else(
    one: dict[str, str], other: dict[str, str]
) -> None:
    same = {k: v for k, v in one.items() if v} == {k: v for k, v in other.items() if v}
    assert (fingerprint_of(one) == fingerprint_of(other)) == same
    assert fingerprint_of(dict(reversed(one.items()))) == fingerprint_of(one)


def test_the_labels_that_name_an_alert_are_shown_before_all_others_and_no_secret_is() -> None:
    shown = dict(useful({f"a{at}": "x" for at in range(30)} | {"pattern": "redis", "password": "opensesame"}))
    assert shown["pattern"] == "redis"
    assert len(shown) == MAX_LABELS
    assert dict(useful({"password": "opensesame", "long": "y" * 999})) == {
        "password": REMOVED, "long": "y" * (MAX_VALUE - 1) + "…",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["fingerprint", "state", "alert_state", "how", "starts_at", "instance"])
def test_a_label_named_as_one_of_ours_is_kept_under_another_name(name: str) -> None:
    assert dict(useful({name: "theirs"})) == {f"exported_{name}": "theirs"}


@pytest.mark.parametrize("other", ["a:1", "z:1"])
def test_of_instance_and_exported_instance_the_first_says_whom_an_alert_is_about(other: str) -> None:
    shown = useful({"instance": "redis:6379", "exported_instance": other})
    assert shown == (("exported_exported_instance", other), ("exported_instance", "redis:6379"))
    assert useful({"exported_instance": other}) == (("exported_instance", other),)


@pytest.mark.parametrize(("word", "severity"), [
    ("critical", Severity.CRITICAL), ("P1", Severity.CRITICAL), ("SEV-1", Severity.CRITICAL),
    ("sev 0", Severity.CRITICAL), ("emerg", Severity.CRITICAL), ("P2", Severity.WARNING), ("sev-2", Severity.WARNING),
    ("major", Severity.WARNING), ("", Severity.WARNING), ("Notice", Severity.INFO), ("none", Severity.INFO),
])  # fmt: skip
def test_how_bad_an_alert_is_in_the_words_of_many_tools(word: str, severity: Severity) -> None:
    assert severity_of(word) is severity
