"""Alerts from edges, and SigNoz's beside them without doubles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregators.alerts.alerts import Alert, AlertState, Ending, alerts, recent
from aggregators.alerts.external_alerts import family_of
from aggregators.incidents.incidents import incidents_of
from model.series import Event, Kind, Scrape, Severity, labels_of
from model.sources import CollectError, ErrorKind, SourceState
from store.snapshot import Snapshot, snapshot_of

NOW = 1_700_000_000.0
PAGE = "/patterns/redis"


def ours(ago: float, state: str, rule: str = "pattern_down", component: str = "redis", **more: str) -> Event:
    labels = {"id": f"{rule}:{component}", "rule": rule, "component": component, "state": state, "page": PAGE} | more
    return Event(NOW - ago, "alert", Severity.CRITICAL, labels_of(labels), f"{component} is down")


def theirs(ago: float, state: str, name: str = "Pattern down", fingerprint: str = "f1", **labels: str) -> Event:
    reported = {"alertname": name, "severity": "critical", "fingerprint": fingerprint, "state": state} | labels
    return Event(NOW - ago, "signoz_alert", Severity.CRITICAL, labels_of(reported), "is not serving")


def every_source(ago: float, state: str, name: str = "PatternDown", fingerprint: str = "a1", **labels: str) -> Event:
    reported = {"alertname": name, "severity": "critical", "fingerprint": fingerprint, "state": state} | labels
    return Event(NOW - ago, "alertmanager_alert", Severity.CRITICAL, labels_of(reported), "is not serving")


def snapshot(*events: Event) -> Snapshot:
    return Snapshot(events=tuple(sorted(events, key=lambda event: event.time)))


def test_an_alert_that_fires_lasts_until_now() -> None:
    (one,) = alerts(snapshot(ours(60, "pending"), ours(57, "firing", since=f"{NOW - 60}")), NOW)
    assert (one.state, one.started, one.duration_seconds) == (AlertState.FIRING, NOW - 60, 60)
    assert (one.words, one.page, one.sources, one.title) == ("redis is down", PAGE, ("HUD",), "Pattern down")


def test_an_alert_that_is_over_reports_when_and_how_long_it_was() -> None:
    (one,) = alerts(snapshot(ours(60, "firing"), ours(20, "resolved")), NOW)
    assert (one.state, one.resolved_at, one.duration_seconds, one.is_active) == (
        AlertState.RESOLVED,
        NOW - 20,
        40,
        False,
    )


def test_what_came_back_is_one_row_that_counts() -> None:
    (one,) = alerts(snapshot(ours(60, "firing"), ours(40, "resolved"), ours(30, "firing", refires="1")), NOW)
    assert (one.state, one.refires) == (AlertState.FIRING, 1)


def test_what_was_only_pending_and_went_leaves_no_row() -> None:
    assert alerts(snapshot(ours(60, "pending"), ours(58, "resolved")), NOW) == ()


def test_the_past_is_answered_as_it_was() -> None:
    reported = snapshot(ours(60, "firing"), ours(20, "resolved"))
    assert alerts(reported, NOW - 30)[0].state is AlertState.FIRING
    assert alerts(reported, NOW - 90) == ()


def test_the_same_trouble_reported_by_both_is_one_row() -> None:
    (one,) = alerts(snapshot(ours(60, "firing"), theirs(55, "firing", pattern="redis")), NOW)
    assert (one.sources, one.open_in, one.words) == (("HUD", "SigNoz"), ("HUD", "SigNoz"), "redis is down")


def test_a_row_goes_on_firing_while_one_that_reports_of_it_says_so() -> None:
    reported = [ours(60, "firing"), ours(10, "resolved"), theirs(55, "firing", pattern="redis")]
    (one,) = alerts(snapshot(*reported), NOW)
    assert (one.state, one.sources, one.open_in) == (AlertState.FIRING, ("HUD", "SigNoz"), ("SigNoz",))
    assert (one.started, one.duration_seconds, one.words) == (NOW - 60, 60, "Pattern down (redis): is not serving")
    (over,) = alerts(snapshot(*reported, theirs(5, "resolved", pattern="redis")), NOW)
    assert (over.state, over.resolved_at, over.duration_seconds) == (AlertState.RESOLVED, NOW - 5, 55)
    assert over.words == "redis is down"


def test_a_row_is_as_bad_as_the_worse_of_those_that_fire() -> None:
    mild = replace(ours(60, "firing"), severity=Severity.WARNING)
    (one,) = alerts(snapshot(mild, every_source(50, "firing", pattern="redis")), NOW)
    assert one.severity is Severity.CRITICAL
    (one,) = alerts(
        snapshot(mild, every_source(50, "firing", pattern="redis"), every_source(20, "resolved", pattern="redis")), NOW
    )
    assert (one.severity, one.worst_severity) == (Severity.WARNING, Severity.CRITICAL)


FOREIGN: tuple[dict[str, str], ...] = (
    {}, {"job": "node"}, {"exported_instance": "db-7:9100", "job": "node"}, {"job": "redis"}, {"service": "redis"},
    {"component": "redis"}, {"host": "redis"}, {"namespace": "redis", "pod": "redis-0"}, {"pattern": "redis2"},
    {"exported_instance": "redis:6379"}, {"backend": "redis"},
)  # fmt: skip


@pytest.mark.parametrize("labels", FOREIGN)
@pytest.mark.parametrize("make", [theirs, every_source])
def test_a_firing_critical_alert_of_something_else_never_disappears_with_ours(
    labels: dict[str, str], make: Callable[..., Event]
) -> None:
    tool = "SigNoz" if make is theirs else "Alertmanager"
    reported = [ours(60, "firing"), make(55, "firing", name="TargetDown", **labels)]
    assert {one.sources for one in alerts(snapshot(*reported), NOW)} == {("HUD",), (tool,)}
    left, over = alerts(snapshot(*reported, ours(10, "resolved")), NOW)
    assert (left.state, left.severity, left.sources) == (AlertState.FIRING, Severity.CRITICAL, (tool,))
    assert (over.state, over.sources) == (AlertState.RESOLVED, ("HUD",))
    assert not left.in_prism


def test_of_two_alerts_of_a_tool_that_differ_in_a_label_one_joins_and_both_are_rows() -> None:
    reported = [ours(60, "firing")] + [every_source(50, "firing", fingerprint=name, pattern="redis") for name in "ab"]
    assert sorted(one.sources for one in alerts(snapshot(*reported), NOW)) == [
        ("Alertmanager",),
        ("HUD", "Alertmanager"),
    ]


def test_alerts_that_are_shown_alike_and_are_two_stay_two() -> None:
    reported = [every_source(50, "firing", fingerprint=name, exported_instance="db:1") for name in "ab"]
    one, other = alerts(snapshot(*reported), NOW)
    assert one.id != other.id
    assert one.words == other.words == "PatternDown (instance db:1): is not serving"


def test_the_alert_of_a_server_of_ours_joins_ours_by_its_address_and_kind() -> None:
    read = SourceState("redis@db:6379", "redis", "db:6379", "db:6379", 2.0).succeeded(NOW - 1, 0.1, 1)
    reported = ours(60, "firing", rule="backend_server", component=read.key)
    for name, labels, rows in (
        ("RedisDown", {"exported_instance": "redis://db:6379"}, 1), ("RedisDown", {"host": "db", "port": "6379"}, 1),
        ("RedisDown", {"exported_instance": "db:9121"}, 2), ("RedisSlow", {"exported_instance": "db:6379"}, 2),
        ("RedisDown", {"host": "db"}, 2),
    ):  # fmt: skip
        event = every_source(50, "firing", name=name, **labels)
        assert len(alerts(replace(snapshot(reported, event), sources={read.key: read}), NOW)) == rows, (name, labels)


@pytest.mark.parametrize(
    ("tool", "known"), [("127.0.0.1:9093", True), ("[::1]:9093", True), ("am.example:9093", False)]
)
def test_localhost_is_ours_only_where_the_tool_runs_beside_us(tool: str, known: bool) -> None:
    read = SourceState("redis@localhost:6379", "redis", "localhost:6379", "localhost:6379", 2.0).succeeded(NOW, 0.1, 1)
    desk_read = SourceState("a", "alertmanager", tool, "", 2.0).succeeded(NOW, 0.1, 1)
    event = every_source(50, "firing", name="RedisDown", exported_instance="127.0.0.1:6379", instance=tool)
    (one,) = alerts(replace(snapshot(event), sources={read.key: read, "a": desk_read}), NOW)
    assert one.in_prism == known
    assert one.component == (read.key if known else "instance 127.0.0.1:6379")


def said(ago: float, state: str, message: str, severity: Severity, **more: str) -> Event:
    return replace(ours(ago, state, **more), message=message, severity=severity)


def test_how_an_alert_began_and_its_worst_are_kept() -> None:
    edges = [
        said(60, "firing", "90 %", Severity.WARNING), said(50, "firing", "full", Severity.CRITICAL),
        said(40, "firing", "85 %", Severity.WARNING),
    ]  # fmt: skip
    (one,) = alerts(snapshot(*edges), NOW)
    assert (one.began_as, one.worst, one.words, one.severity) == ("90 %", "full", "85 %", Severity.WARNING)
    (one,) = alerts(snapshot(*edges, said(30, "resolved", "85 %", Severity.WARNING)), NOW)
    assert (one.began_as, one.words, one.severity) == ("90 %", "full", Severity.CRITICAL)
    reported = said(5, "firing", "81 %", Severity.WARNING, began="91 %", worst="full", worst_severity="critical")
    (one,) = alerts(snapshot(reported), NOW)
    assert (one.began_as, one.worst, one.worst_severity) == ("91 %", "full", Severity.CRITICAL)


@pytest.mark.parametrize(
    "other",
    [
        theirs(55, "firing", pattern="nats"),
        theirs(55, "firing", name="Pattern restart loop", pattern="redis"),
        theirs(4000, "firing", pattern="redis", fingerprint="old"),
    ],
)
def test_other_trouble_is_a_row_of_its_own(other: Event) -> None:
    reported = snapshot(ours(60, "firing"), other, theirs(3000, "resolved", fingerprint="old", pattern="redis"))
    assert len(alerts(reported, NOW)) == 2


def test_the_same_fingerprint_is_one_row_from_its_last_opening_on() -> None:
    reported = snapshot(theirs(5000, "firing"), theirs(4000, "resolved"), theirs(60, "firing"))
    (one,) = alerts(reported, NOW)
    assert (one.state, one.started, one.sources) == (AlertState.FIRING, NOW - 60, ("SigNoz",))


def test_an_end_reported_twice_is_still_the_end_of_what_began() -> None:
    reported = snapshot(theirs(1320, "firing"), theirs(900, "resolved"), theirs(899, "resolved"))
    (one,) = alerts(reported, NOW)
    assert one.started == NOW - 1320
    assert one.duration_seconds == pytest.approx(421)


def test_signoz_says_what_and_whom() -> None:
    (one,) = alerts(snapshot(theirs(60, "firing", pattern="redis")), NOW)
    assert (one.words, one.component) == ("Pattern down (redis): is not serving", "redis")


def test_active_ones_come_first_then_the_latest_resolved() -> None:
    reported = snapshot(
        *(ours(900 - at, "firing", component=f"p{at}", id=f"p{at}") for at in range(8)),
        *(ours(800 - at, "resolved", component=f"p{at}", id=f"p{at}") for at in range(1, 8)),
    )
    rows = recent(alerts(reported, NOW), 5)
    assert [one.component for one in rows] == ["p0", "p7", "p6", "p5", "p4"]


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("Redis pool >90 %", "pool"),
        ("PatternRestartLoop", "restart"),
        ("Error ratio high", "errors"),
        ("HighP99Latency", "latency"),
        ("auth_failures", "auth"),
        ("Pattern down", "down"),
        ("Disk full", "disk full"),
        ("LeaderChanged", "leader changed"),
        ("SpoolerBacklog", "spooler backlog"),
        ("DownloadsPending", "downloads pending"),
        ("FailoverHappened", "failover happened"),
        ("AuthorsMissing", "authors missing"),
        ("HTTPLatencyHigh", "latency"),
        ("UnauthorizedRequests", "auth"),
        ("JobHangs", "down"),
        ("redisdown", "down"),
        ("ScaleDownBlocked", "scale down blocked"),
        ("CoolDown", "cool down"),
        ("SiteBreakdown", "site breakdown"),
        ("DownlinkLow", "downlink low"),
        ("Downtime", "down"),
        ("port_tcp9090_down", "down"),
        ("CertificateAuthorityExpires", "certificate authority expires"),
        ("Authorization401", "auth"),
        ("HangarFull", "hangar full"),
    ],
)
def test_a_name_reports_the_kind_of_trouble(name: str, family: str) -> None:
    assert family_of(name) == family


def test_the_same_trouble_reported_by_all_three_is_one_row() -> None:
    reported = snapshot(
        ours(60, "firing"), theirs(55, "firing", pattern="redis"), every_source(50, "firing", pattern="redis")
    )
    (one,) = alerts(reported, NOW)
    assert one.sources == one.open_in == ("HUD", "SigNoz", "Alertmanager")


def test_two_tools_that_name_the_same_alert_are_one_row_and_as_open_as_either() -> None:
    signoz = (theirs(55, "firing", pattern="redis"), theirs(20, "resolved", pattern="redis"))
    (one,) = alerts(snapshot(*signoz, every_source(90, "firing", pattern="redis")), NOW)
    assert (one.state, one.started, one.duration_seconds) == (AlertState.FIRING, NOW - 90, 90)
    assert (one.sources, one.open_in) == (("SigNoz", "Alertmanager"), ("Alertmanager",))


@pytest.mark.parametrize(
    "other",
    [
        every_source(55, "firing", pattern="nats"),
        every_source(55, "firing", name="CertificateExpires", pattern="redis"),
        every_source(55, "firing", name="PatternRestarted", pattern="redis"),
    ],
)
def test_other_trouble_of_another_tool_is_a_row_of_its_own(other: Event) -> None:
    assert len(alerts(snapshot(theirs(60, "firing", pattern="redis"), other), NOW)) == 2


def test_alerts_of_one_tool_are_never_folded_into_each_other() -> None:
    reported = snapshot(*(every_source(60, "firing", fingerprint=name, pattern="redis") for name in "abc"))
    assert len(alerts(reported, NOW)) == 3


def test_what_several_tools_name_alike_pairs_up_name_by_name() -> None:
    names = ("Pattern restart loop", "Pattern restarted")
    reported = [theirs(60, "firing", name=name, fingerprint=name, pattern="nats") for name in names]
    reported += [
        every_source(50, "firing", name=name.title().replace(" ", ""), fingerprint=name, pattern="nats")
        for name in names
    ]
    rows = alerts(snapshot(*reported), NOW)
    assert sorted((one.title, one.sources) for one in rows) == [(name, ("SigNoz", "Alertmanager")) for name in names]


@pytest.mark.parametrize("state", ["silenced", "inhibited"])
def test_a_silenced_alert_lasts_and_is_reported_as_such(state: str) -> None:
    (one,) = alerts(
        snapshot(every_source(60, "firing", pattern="redis"), every_source(30, state, pattern="redis")), NOW
    )
    assert (one.state.value, one.is_active, one.muted_in, one.started) == (state, True, ("Alertmanager",), NOW - 60)


def test_silencing_elsewhere_does_not_silence_what_we_see_ourselves() -> None:
    (one,) = alerts(snapshot(ours(60, "firing"), every_source(50, "silenced", pattern="redis")), NOW)
    assert (one.state, one.muted_in) == (AlertState.FIRING, ("Alertmanager",))


def test_an_alert_open_for_days_began_when_it_began() -> None:
    (one,) = alerts(snapshot(theirs(3600, "firing", starts_at=f"{NOW - 200_000}")), NOW)
    assert (one.is_active, one.started, one.duration_seconds) == (True, NOW - 200_000, 200_000)


def ends(*reported: Event, **sources: SourceState) -> list[Ending]:
    return [one.ending for one in alerts(replace(snapshot(*reported), sources=sources), NOW)]


def test_how_an_alert_came_to_its_end() -> None:
    assert ends(ours(60, "firing")) == [Ending.OPEN]
    assert ends(ours(60, "firing"), ours(20, "resolved")) == [Ending.CLEARED]
    assert ends(ours(60, "firing"), ours(20, "resolved", how="left")) == [Ending.LEFT]
    assert ends(every_source(60, "firing"), every_source(20, "resolved")) == [Ending.ELSEWHERE]
    assert ends(every_source(60, "firing"), every_source(20, "resolved", how="unseen")) == [Ending.UNSEEN]


def test_of_what_is_open_in_a_tool_that_is_gone_nobody_knows() -> None:
    read = SourceState("alertmanager@a:1", "alertmanager", "a:1", "http://a:1", 2.0).succeeded(NOW - 1, 0.1, 1)
    gone = replace(read, last_success=NOW - 60).failed(NOW, 0.1, CollectError(ErrorKind.DOWN, "refused"))
    assert ends(every_source(60, "firing", instance="a:1"), here=read) == [Ending.OPEN]
    assert ends(every_source(60, "firing", instance="a:1"), here=gone) == [Ending.UNKNOWN]
    elsewhere = every_source(60, "firing", instance="b:1")
    assert ends(elsewhere, here=read) == []
    assert ends(elsewhere, every_source(20, "resolved", instance="b:1"), here=read) == [Ending.ELSEWHERE]


def test_every_run_of_a_day_is_a_row_where_the_history_is_wanted() -> None:
    reported = snapshot(every_source(5000, "firing"), every_source(4000, "resolved"), every_source(60, "firing"))
    assert len(alerts(reported, NOW)) == 1
    now, before = alerts(reported, NOW, every_run=True)
    assert (now.started, now.resolved_at, before.started, before.duration_seconds) == (NOW - 60, None, NOW - 5000, 1000)
    assert now.id != before.id


@pytest.mark.parametrize(
    ("name", "labels", "page"),
    [
        ("PatternDown", {"pattern": "redis"}, "/patterns/redis"),
        ("ErrorRatioHigh", {}, "/performance"),
        ("LoginsFail", {}, "/security"),
        ("RedisPoolFull", {"backend": "redis"}, "/backends"),
        ("DiskFull", {}, "/"),
    ],
)
def test_a_tools_alert_leads_to_where_its_trouble_shows(name: str, labels: dict[str, str], page: str) -> None:
    (one,) = alerts(snapshot(every_source(60, "firing", name=name, **labels)), NOW)
    assert one.page == page


STEPS = st.lists(
    st.tuples(
        st.integers(1, 3000), st.sampled_from(["firing", "resolved", "silenced", "pending", "odd"]),
        st.sampled_from(["alert", "signoz_alert", "alertmanager_alert"]), st.sampled_from(["redis", "", "nats"]),
    ),
    max_size=25,
)  # fmt: skip


@given(STEPS, st.booleans())
def test_whatever_is_reported_no_row_is_reported_twice_and_none_ends_before_it_begins(
    steps: list[tuple[int, str, str, str]], every: bool
) -> None:
    make = {"alert": ours, "signoz_alert": theirs, "alertmanager_alert": every_source}
    reported = [make[kind](float(ago), state, **_whom(kind, whom)) for ago, state, kind, whom in steps]
    rows: tuple[Alert, ...] = alerts(snapshot(*reported), NOW, every)
    assert len({one.id for one in rows}) == len(rows)
    for one in rows:
        assert one.duration_seconds >= 0
        assert one.is_active == (one.resolved_at is None)
        assert set(one.open_in) <= set(one.sources)
        assert one.started <= NOW
    assert [one.is_active for one in rows] == sorted((one.is_active for one in rows), reverse=True)


def _whom(kind: str, whom: str) -> dict[str, str]:
    return {"component": whom} if kind == "alert" else {"pattern": whom, "fingerprint": whom or "x"}


def test_of_several_that_may_be_the_same_the_one_that_began_with_it_is() -> None:
    reported = snapshot(
        ours(100, "firing", id="first"), ours(60, "resolved", id="first"), ours(10, "pending", id="second"),
        every_source(98, "firing", pattern="redis"),
    )  # fmt: skip
    assert {one.id: one.sources for one in alerts(reported, NOW)} == {
        "first": ("HUD", "Alertmanager"),
        "second": ("HUD",),
    }


def test_an_address_alone_names_a_proxy_perhaps_and_its_row_is_its_own() -> None:
    read = SourceState("proxy@p:8980", "proxy", "p:8980", "http://p:8980/metrics", 1.0).succeeded(NOW - 1, 0.1, 1)
    event = every_source(50, "firing", name="HighErrorRate", exported_instance="p:8980", job="prism")
    lost = ours(60, "firing", rule="source_lost", component=read.key)
    found = {one.title: one for one in alerts(replace(snapshot(lost, event), sources={read.key: read}), NOW)}
    theirs_only = found["HighErrorRate"]
    assert (theirs_only.component, theirs_only.in_prism) == ("proxy p:8980", True)
    assert theirs_only.words == "HighErrorRate (perhaps proxy p:8980): is not serving"
    assert theirs_only.sources == ("Alertmanager",), "errors are not the same kind of trouble as a source that is lost"


@pytest.mark.parametrize("label", ["pod", "deployment", "statefulset", "job_name", "persistentvolumeclaim", "zone"])
def test_a_namespace_of_a_cluster_is_none_of_prisms_though_it_has_its_name(label: str) -> None:
    scrape = Scrape("admin", "a:8090", NOW - 1)
    scrape.add("prism_namespace_info", 1.0, Kind.INFO, namespace="payments")
    event = every_source(50, "firing", name="Stuck", namespace="payments", **{label: "x"})
    (one,) = alerts(replace(snapshot_of([scrape]), events=(event,)), NOW)
    assert one.in_prism == (label == "zone")


def test_a_proxy_that_prometheus_reads_for_us_is_named_by_its_instance() -> None:
    scrape = Scrape("prometheus", "prom:9090", NOW - 1)
    scrape.add("prism_requests_total", 5.0, Kind.COUNTER, instance="10.0.0.5:8980", status="success")
    for address, component in (("10.0.0.5:8980", "proxy 10.0.0.5:8980"), ("10.0.0.6:8980", "instance 10.0.0.6:8980")):
        event = every_source(50, "firing", name="ProxySlow", exported_instance=address, job="prism-proxy")
        (one,) = alerts(replace(snapshot_of([scrape]), events=(event,)), NOW)
        assert (one.component, one.in_prism) == (component, component.startswith("proxy"))


@pytest.mark.parametrize(
    ("name", "address", "began", "count"),
    [
        ("RedisDown", "db:6379", 50, 1),
        ("RedisSlow", "db:6379", 50, 2),
        ("RedisDown", "db:9121", 50, 2),
        ("RedisDown", "db:6379", 1000, 2),
    ],
    ids=["component, kind and time agree", "another kind", "another address", "another time"],
)
def test_in_doubt_an_alert_with_job_and_instance_is_a_row_of_its_own(
    name: str, address: str, began: float, count: int
) -> None:
    read = SourceState("redis@db:6379", "redis", "db:6379", "db:6379", 2.0).succeeded(NOW - 1, 0.1, 1)
    reported = [ours(60, "firing", rule="backend_server", component=read.key)]
    reported.append(every_source(began, "firing", name=name, exported_instance=address, job="redis"))
    if began > 500:
        reported.append(every_source(900, "resolved", name=name, exported_instance=address, job="redis"))
    rows = alerts(replace(snapshot(*reported), sources={read.key: read}), NOW)
    assert len(rows) == count
    incidents = incidents_of(rows, NOW)
    strangers = [one for one in incidents if all("HUD" not in alert.sources for alert in one.alerts)]
    assert len(strangers) == (1 if address == "db:9121" or began > 500 else 0)
