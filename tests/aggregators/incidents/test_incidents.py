"""Alerts grouped by cause: what broke first, what it explains, and what it does not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregators.alerts.rows import Alert, AlertState
from aggregators.alerts.rules import BY_ID, BY_SPANS
from aggregators.incidents.departures import Departure
from aggregators.incidents.dependencies import ANY, Component, Kind, Trouble
from aggregators.incidents.incident import Incident, Sureness
from aggregators.incidents.incidents import incident_named, incidents_of
from aggregators.incidents.topology import Topology, Way
from model.series import Severity

NOW = 1_700_000_000.0
KNOWN = Topology(
    {
        (Kind.NAMESPACE, Kind.PATTERN): {"payments": frozenset({"redis"}), "search": frozenset({"nats"})},
        (Kind.PATTERN, Kind.POOL): {"redis": frozenset({"redis"})},
        (Kind.PATTERN, Kind.SERVER): {"redis": frozenset({"redis@r:6379"}), "nats": frozenset({"nats@n:8222"}),
                                      "cache": frozenset({"redis@r:6379"})},
        (Kind.POOL, Kind.SERVER): {"redis": frozenset({"redis@r:6379"})},
        (Kind.TOPIC, Kind.PATTERN): {ANY: frozenset({"nats"})},
    }
)  # fmt: skip


def alert(rule: str, component: str, ago: float, over: float | None = None, **more: object) -> Alert:
    known = BY_ID[rule]
    made = Alert(
        id=f"{rule}:{component}:{ago}", rule=rule, title=known.title, family=known.family, severity=known.severity,
        component=component, state=AlertState.FIRING if over is None else AlertState.RESOLVED, started=NOW - ago,
        resolved_at=None if over is None else NOW - over, duration_seconds=ago - (over or 0.0),
        words=f"{component}: {known.title}", page=known.page.format(component=component), sources=("HUD",),
        open_in=("HUD",),
    )  # fmt: skip
    return replace(made, **more)  # type: ignore[arg-type]


def causes(found: tuple[Incident, ...]) -> list[tuple[str, int]]:
    return sorted((one.cause.component, len(one.alerts)) for one in found)


SERVER = alert("backend_server", "redis@r:6379", 60, severity=Severity.CRITICAL)
POOL = alert("pool_use", "redis", 57)
SLOW = alert("latency_p99", "redis", 55)
FAILS = alert("error_ratio", "namespace payments", 48)
HANG = alert("pattern_hang", "nats", 50)
SEARCH = alert("error_ratio", "namespace search", 46)


def test_a_full_pool_and_all_that_suffers_from_it_is_one_incident_in_order_of_time() -> None:
    (one,) = incidents_of([FAILS, SLOW, POOL], NOW, KNOWN)
    assert (one.headline, one.cause.kind, one.cause.sureness) == (POOL.words, Kind.POOL, Sureness.LIKELY)
    assert [(step.component, step.time) for step in one.steps] == [
        ("pool redis", NOW - 57), ("redis", NOW - 55), ("namespace payments", NOW - 48),
    ]  # fmt: skip
    assert "redis and namespace payments depend on it, and it was first by 2" in one.cause.why
    assert one.started == NOW - 57


@pytest.mark.parametrize(
    ("rule", "component"),
    [("promise_missed", "dashboard/backend"), ("hud_memory", "collector"), ("hud_late", "collector"),
     ("store_trouble", "store"), ("disk_full", "store")],
)  # fmt: skip
def test_what_ails_the_dashboard_is_no_reason_why_requests_fail(rule: str, component: str) -> None:
    everybody = alert("budget_burn", "all", 44)
    found = incidents_of([alert(rule, component, 50), everybody, SLOW], NOW, KNOWN)
    assert {one.cause.kind: len(one.alerts) for one in found} == {Kind.DASHBOARD: 1, Kind.PATTERN: 2}


def test_a_server_that_fails_is_the_cause_of_its_pool_its_pattern_and_their_callers() -> None:
    (one,) = incidents_of([FAILS, SLOW, POOL, SERVER], NOW, KNOWN)
    assert (one.cause.kind, one.cause.sureness, one.severity) == (Kind.SERVER, Sureness.SURE, Severity.CRITICAL)
    assert one.steps[-1].through[-1] == "backend server redis@r:6379"


def test_two_independent_faults_are_two_incidents_whatever_they_share() -> None:
    everybody = alert("error_ratio", "all", 44)
    found = incidents_of([SERVER, POOL, SLOW, FAILS, HANG, SEARCH, everybody], NOW, KNOWN)
    assert len(found) == 2
    assert {one.cause.component for one in found} == {"nats", "backend server redis@r:6379"}
    by_cause = {one.cause.component: {each.component for each in one.alerts} for one in found}
    assert "namespace search" in by_cause["nats"]
    assert {"redis", "namespace payments"} <= by_cause["backend server redis@r:6379"]


def test_a_symptom_seen_before_its_cause_is_still_its_symptom_and_says_so() -> None:
    (one,) = incidents_of([replace(SLOW, started=NOW - 66), SERVER], NOW, KNOWN)
    assert (one.cause.kind, one.cause.sureness) == (Kind.SERVER, Sureness.LIKELY)
    assert one.cause.why == "redis depends on it, though it was seen 6 s later"
    assert one.steps[0].component == "redis"


def test_all_requests_are_many() -> None:
    (one,) = incidents_of([SERVER, alert("error_ratio", "all", 44)], NOW, KNOWN)
    assert one.cause.why.startswith("all requests depend on it")


def test_a_cause_that_began_long_after_explains_nothing() -> None:
    found = incidents_of([replace(SLOW, started=NOW - 300), replace(SERVER, started=NOW - 60)], NOW, KNOWN)
    assert len(found) == 2


def test_what_has_been_so_for_long_explains_nothing_that_begins_only_now_until_it_gets_worse() -> None:
    standing = alert("pattern_degraded", "nats", 7200)
    assert len(incidents_of([standing, SEARCH], NOW, KNOWN)) == 2
    assert causes(incidents_of([standing, HANG, SEARCH], NOW, KNOWN)) == [("nats", 3)]


def test_a_cause_that_was_long_over_explains_nothing() -> None:
    over = alert("backend_server", "redis@r:6379", 900, 600)
    assert len(incidents_of([over, SLOW], NOW, KNOWN)) == 2


def test_patterns_that_suffer_together_with_all_requests_point_to_the_proxy() -> None:
    found = [alert("latency_p99", name, 50 - at) for at, name in enumerate(("redis", "nats", "memstore"))]
    (one,) = incidents_of([*found, alert("latency_p99", "all", 48)], NOW, KNOWN)
    assert (one.cause.kind, one.cause.sureness) == (Kind.PROXY, Sureness.POSSIBLE)


def test_patterns_with_one_server_that_suffer_together_point_to_it() -> None:
    found = [alert("latency_p99", name, ago) for name, ago in (("redis", 50), ("cache", 49))]
    (one,) = incidents_of(found, NOW, KNOWN)
    assert one.cause.component == "backend server redis@r:6379"
    assert one.cause.why == "redis and cache left their normal range together, and all depend on " + one.cause.component


def test_patterns_without_a_server_in_common_stay_apart() -> None:
    assert len(incidents_of([alert("latency_p99", "redis", 50), alert("latency_p99", "nats", 49)], NOW, KNOWN)) == 2


def test_sources_that_all_go_at_once_are_one_incident_of_the_network() -> None:
    gone = [alert("source_lost", key, 30 + at) for at, key in enumerate(("proxy@p:1", "signoz@s:1", "dex@d:1"))]
    (one,) = incidents_of(gone, NOW, KNOWN)
    assert one.cause.kind is Kind.NETWORK
    assert "several sources went silent at once" in one.headline


def test_an_exporter_suffers_from_signoz_and_a_pattern_does_not() -> None:
    exporter = alert("telemetry_exporter", "exporter otlp of c:8888", 40)
    signoz = alert("source_lost", "signoz@s:8080", 42, words="signoz lost")
    found = incidents_of([exporter, signoz, HANG], NOW, KNOWN)
    assert causes(found) == [("SigNoz s:8080", 2), ("nats", 1)]


def test_token_checks_that_fail_because_of_dex_are_its_symptom() -> None:
    (one,) = incidents_of([alert("auth_success", "auth", 30), alert("sign_in", "Dex", 36)], NOW, KNOWN)
    assert (one.cause.component, len(one.alerts)) == ("Dex", 2)


def test_a_figure_that_left_its_range_before_any_alert_is_named_as_the_possible_cause() -> None:
    early = Departure(Component(Kind.POOL, "redis"), NOW - 60, "pool redis: requests waiting rose from 0 to 12")
    (one,) = incidents_of([SLOW, FAILS], NOW, KNOWN, [early])
    assert (one.cause.component, one.cause.sureness) == ("pool redis", Sureness.POSSIBLE)
    assert one.steps[0].words == early.words
    assert one.headline == SLOW.words


def test_a_departure_of_something_else_or_of_long_ago_is_no_evidence() -> None:
    other = Departure(Component(Kind.POOL, "postgres"), NOW - 60, "elsewhere")
    old = Departure(Component(Kind.POOL, "redis"), NOW - 600, "long ago")
    (one,) = incidents_of([SLOW], NOW, KNOWN, [other, old])
    assert one.cause.component == "redis"


def test_an_alert_of_something_else_than_prism_stands_alone() -> None:
    foreign = replace(SLOW, id="x", rule="disk", component="redis", in_prism=False)
    assert len(incidents_of([SLOW, foreign], NOW, KNOWN)) == 2


def test_what_comes_back_soon_is_the_same_incident_and_what_comes_back_late_is_another() -> None:
    first, soon, late = (alert("pattern_hang", "nats", ago, over) for ago, over in ((900, 880), (840, 830), (400, 390)))
    assert sorted(len(one.alerts) for one in incidents_of([first, soon, late], NOW)) == [1, 2]


def test_the_name_of_an_incident_stays_while_symptoms_and_the_cause_come() -> None:
    (before,) = incidents_of([SLOW], NOW, KNOWN)
    after = incidents_of([SLOW, SERVER], NOW, KNOWN)
    assert incident_named(after, before.id) is after[0]


def test_without_a_topology_the_kinds_decide() -> None:
    (one,) = incidents_of([HANG, alert("error_ratio", "namespace payments", 40)], NOW)
    assert one.cause.component == "nats"


@pytest.mark.parametrize("order", list(permutations([SERVER, POOL, SLOW, FAILS]))[::5])
def test_the_order_in_which_alerts_are_given_changes_nothing(order: tuple[Alert, ...]) -> None:
    assert incidents_of(order, NOW, KNOWN) == incidents_of([SERVER, POOL, SLOW, FAILS], NOW, KNOWN)


RULES = ("pattern_down", "latency_p99", "error_ratio", "pool_use", "backend_server", "source_lost", "auth_success")
COMPONENTS = ("redis", "nats", "all", "namespace payments", "auth", "Dex", "redis@r:6379", "proxy@p:1", "topic orders")


@given(
    st.lists(
        st.builds(
            lambda rule, component, ago, lasts: alert(
                rule, component, ago, None if lasts is None else max(0.0, ago - lasts)
            ),
            st.sampled_from(RULES),
            st.sampled_from(COMPONENTS),
            st.floats(0, 80000),
            st.none() | st.floats(0, 500),
        ),
        max_size=25,
        unique_by=lambda one: one.id,
    )
)
def test_every_alert_is_in_exactly_one_incident_whose_steps_are_in_order(found: list[Alert]) -> None:
    made = incidents_of(found, NOW, KNOWN)
    assert sorted(one.id for each in made for one in each.alerts) == sorted(one.id for one in found)
    assert len({one.id for one in made}) == len(made)
    for one in made:
        times = [step.time for step in one.steps]
        assert times == sorted(times)
        assert one.started == min(each.started for each in one.alerts)
        assert one.is_active == any(each.is_active for each in one.alerts)


def test_a_burst_of_errors_everywhere_is_not_laid_on_a_pattern_that_has_been_degraded_for_hours() -> None:
    standing = alert("pattern_degraded", "nats", 7200)
    burst = [alert("error_ratio", name, 40) for name in ("nats", "redis", "cache", "all")]
    found = incidents_of([standing, *burst], NOW, KNOWN)
    assert [one.alerts for one in found if standing in one.alerts] == [(standing,)]
    assert all(one.headline != standing.words for one in found if standing not in one.alerts)


def test_a_cause_that_is_over_is_not_the_headline_of_what_lasts() -> None:
    lost = alert("source_lost", "proxy@p:9090", 60, over=20)
    (one,) = incidents_of([lost, replace(FAILS, started=NOW - 50)], NOW, KNOWN)
    assert (one.headline, one.cause.words) == (FAILS.words, lost.words)
    assert one.is_active


def test_a_pattern_that_is_down_is_not_explained_by_a_proxy_that_could_not_be_read() -> None:
    lost, down = alert("source_lost", "proxy@p:9090", 60, over=20), alert("pattern_unhealthy", "redis", 15)
    assert len(incidents_of([lost, down, alert("error_ratio", "redis", 10)], NOW, KNOWN)) == 2


def test_a_proxy_that_cannot_be_read_is_no_cause_of_requests_of_which_there_are_spans() -> None:
    lost, began = alert("source_lost", "proxy@p:9090", 60), replace(FAILS, words=FAILS.words + BY_SPANS)
    assert len(incidents_of([lost, began], NOW, KNOWN)) == 2
    by_the_proxy_again = replace(FAILS, began_as=began.words)
    assert len(incidents_of([lost, by_the_proxy_again], NOW, KNOWN)) == 2
    restarted = alert("proxy_restarts", "proxy p:9090", 58)
    assert len(incidents_of([lost, restarted, began], NOW, KNOWN)) == 1, "more is wrong with it than that"


@pytest.mark.parametrize("named", ["", "job prism", "job prism-proxy", "job monitoring/prism-proxy"])
def test_another_tools_alert_about_requests_that_names_nobody_or_the_proxys_job_is_a_symptom(named: str) -> None:
    theirs = replace(alert("error_ratio", named, 40), id="signoz:1", rule="Error ratio high", title="Error ratio high",
                     family="errors", in_prism=False, sources=("SigNoz",), open_in=("SigNoz",))  # fmt: skip
    (one,) = incidents_of([POOL, SLOW, theirs], NOW, KNOWN)
    assert one.cause.kind is Kind.POOL
    for other in ("job checkout", "job prism-admin", "job prism-hud", "host prism"):
        assert len(incidents_of([POOL, SLOW, replace(theirs, component=other)], NOW, KNOWN)) == 2
    down = replace(theirs, rule="TargetDown", title="TargetDown", family="down", component=named)
    assert len(incidents_of([POOL, SLOW, down], NOW, KNOWN)) == 2


def test_what_is_only_said_again_late_makes_no_cause_of_what_has_been_so_for_hours() -> None:
    theirs = replace(
        alert("pattern_degraded", "nats", 7200), id="signoz:9", rule="Pattern degraded", sources=("SigNoz",)
    )
    again, everybody = alert("pattern_degraded", "nats", 60), alert("error_ratio", "all", 40)
    assert len(incidents_of([theirs, again, everybody], NOW, KNOWN)) == 2
    graver = replace(again, severity=Severity.CRITICAL)
    assert len(incidents_of([theirs, graver, everybody], NOW, KNOWN)) == 1


@pytest.mark.parametrize("lost", [alert("source_lost", "signoz@s:8080", 50), alert("source_lost", "otel@o:8888", 50)])
def test_lost_telemetry_makes_nothing_suffer_but_telemetry(lost: Alert) -> None:
    exports = alert("telemetry_exporter", "exporter traces of o:8888", 45)
    for rule, component in (("topic_dropping", "topic t"), ("error_ratio", "all"), ("error_ratio", "redis"),
                            ("subscriber_lag", "subscriber s of t"), ("pattern_degraded", "nats")):  # fmt: skip
        found = incidents_of([lost, exports, alert(rule, component, 48)], NOW, KNOWN)
        assert sorted(len(one.alerts) for one in found) == [1, 2]


class Counting(Topology):
    """It counts how often ways are searched for on it."""

    searched: list[Component] = []  # noqa: RUF012

    def _search(self, of: Component, felt: Trouble) -> Iterator[Way]:
        self.searched.append(of)
        return super()._search(of, felt)


def test_of_hundreds_of_namespaces_in_trouble_ways_are_searched_for_a_few_times() -> None:
    Counting.searched.clear()
    names = [f"tenant-{at}" for at in range(300)]
    asks = {name: frozenset({("redis", "nats")[at % 2]}) for at, name in enumerate(names)}
    known = Counting({**KNOWN.pairs, (Kind.NAMESPACE, Kind.PATTERN): asks})
    failing = [alert("error_ratio", f"namespace {name}", 40) for name in names]
    found = incidents_of([SERVER, HANG, *failing], NOW, known)
    assert causes(found) == [("backend server redis@r:6379", 151), ("nats", 151)]
    assert len(Counting.searched) < 10


def test_what_lasts_is_listed_as_likely_causes_come_and_what_is_over_the_latest_first() -> None:
    pool, hang = replace(POOL, severity=Severity.CRITICAL), replace(HANG, severity=Severity.CRITICAL)
    foreign = replace(hang, id="am:1", rule="LatencyHigh", component="job prism", started=NOW - 70)
    over, ended_last = alert("pool_use", "postgresql", 900, 300), alert("pool_use", "memstore", 800, 200)
    found = incidents_of([foreign, hang, over, pool, ended_last], NOW, KNOWN)
    assert [one.alerts[0].id for one in found] == [hang.id, pool.id, "am:1", ended_last.id, over.id]
