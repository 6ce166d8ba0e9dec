"""The Alerts page: what fires, how each alert ended, filters in the address, and who reports."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from aggregators.alerts.alerts import alerts as all_alerts
from aggregators.alerts.history import alert_history
from aggregators.overview.overall import overall
from components import format as fmt
from components.lists.alerts import AlertLine
from components.lists.incidents import IncidentLine, incident_items
from components.props import apply, ids_of
from model.series import Event, Kind, Scrape, Severity, labels_of
from model.sources import SourceState
from model.status import Reading, Status
from pages.alerts import page as alerts
from pages.shared import page_shell as frame
from pages.system_health import page as system_health
from store.snapshot import Snapshot, snapshot_of
from tests.pages.trees import said
from web.hub_payload import encode

Build = Callable[..., Snapshot]
NAMES = ("<script>alert(1)</script>", "🦄 emoji", "quo\"te's", "x" * 300, "a/b", "\u202eevil", "..")


def ours(at: float, state: str, component: str, severity: Severity = Severity.WARNING, **more: str) -> Event:
    labels = {"id": f"pattern_down:{component}", "rule": "pattern_down", "component": component, "state": state,
              "page": f"/patterns/{component}", "refires": "0"} | more  # fmt: skip
    return Event(at, "alert", severity, labels_of(labels), f"{component} is down")


def every_source(at: float, state: str, component: str, **more: str) -> Event:
    labels = {"alertname": "DiskFull", "severity": "critical", "fingerprint": component, "state": state,
              "pattern": component} | more  # fmt: skip
    return Event(at, "alertmanager_alert", Severity.CRITICAL, labels_of(labels), "is full")


@pytest.fixture
def events(now: float) -> list[Event]:
    return [
        ours(now - 5000, "firing", "redis"),
        ours(now - 4748, "resolved", "redis"),
        every_source(now - 600, "firing", "nats"),
        every_source(now - 300, "silenced", "nats"),
        ours(now - 60, "firing", "memstore"),
        ours(now - 10, "pending", "postgres"),
    ]


def cells(view: alerts.AlertsView, key: str) -> list[Any]:
    return [row.cells[key].get("n") for row in view.rows]


def test_the_rows_report_state_what_whom_and_how_it_ended(prism: Build, now: float, events: list[Event]) -> None:
    view = alerts.view_model(prism(events=events), now)
    assert cells(view, "state") == ["Firing", "Silenced", "Pending", "Resolved"]
    assert cells(view, "component") == ["memstore", "nats", "postgres", "redis"]
    assert cells(view, "ended") == [
        "still firing", "silenced in Alertmanager", "to be confirmed", "cleared by itself after 4m 12s",
    ]  # fmt: skip
    assert cells(view, "lasted") == ["1m 0s", "10m 0s", "10 s", "4m 12s"]
    assert cells(view, "reported") == ["HUD", "Alertmanager", "HUD", "HUD"]
    assert [row.cells["what"]["h"] for row in view.rows] == [
        f"/patterns/{name}" for name in ("memstore", "nats", "postgres", "redis")
    ]


def test_the_counts_are_those_of_the_rows(prism: Build, now: float, events: list[Event]) -> None:
    view = alerts.view_model(prism(events=events), now)
    assert [fmt.words(one) for one in view.counts] == ["0", "1", "0", "1", "1", "1"]
    filtered = alerts.view_model(prism(events=events), now, state="resolved")
    assert filtered.counts == view.counts


def ends(prism: Build, now: float, *events: Event) -> list[str]:
    return cells(alerts.view_model(prism(events=events), now), "ended")


def test_every_way_to_end_has_its_words(prism: Build, now: float) -> None:
    begun = every_source(now - 60, "firing", "nats")
    assert ends(prism, now, begun, every_source(now - 9, "resolved", "nats")) == ["resolved in Alertmanager"]
    unseen = every_source(now - 9, "resolved", "nats", how="unseen")
    assert ends(prism, now, begun, unseen) == ["over; when, Alertmanager did not report"]
    assert ends(prism, now, begun, every_source(now - 9, "inhibited", "nats")) == [
        "inhibited in Alertmanager: another alert stands for it"
    ]
    mine = ours(now - 60, "firing", "nats")
    assert ends(prism, now, mine, ours(now - 9, "resolved", "nats", how="left")) == [
        "its component is not reported any more"
    ]
    again = ours(now - 5, "firing", "nats", refires="2")
    assert ends(prism, now, mine, ours(now - 9, "resolved", "nats"), again) == ["still firing; came back 2×"]
    same = every_source(now - 50, "firing", "nats", alertname="NatsDown")
    over = ours(now - 9, "resolved", "nats")
    assert ends(prism, now, mine, same, over) == ["still firing in Alertmanager; over in HUD; began as: nats is down"]


def test_an_alert_of_a_source_that_is_gone_says_so(prism: Build, now: float) -> None:
    event = Event(now - 60, "signoz_alert", Severity.WARNING, labels_of(
        {"alertname": "Slow", "fingerprint": "1", "state": "firing", "instance": "p:8980"}), "")  # fmt: skip
    snapshot = prism(events=[event], lost=("proxy",))
    states = {key: replace(one, source="signoz") for key, one in snapshot.sources.items() if one.source == "proxy"}
    view = alerts.view_model(replace(snapshot, sources=states), now)
    assert cells(view, "ended") == ["source gone: not known"]
    assert [line.words for line in view.origins if line.name == "SigNoz"] == ["down for 14 s"]


def test_the_address_filters_and_its_links_keep_the_other_filters(
    prism: Build, now: float, events: list[Event]
) -> None:
    view = alerts.view_model(prism(events=events), now, severity="warning", state="firing")
    assert cells(view, "component") == ["memstore"]
    state, severity, component = view.filters
    assert [one.name for one in state if one.chosen] == ["firing"]
    assert [one.name for one in severity if one.chosen] == ["warning"]
    assert [one.name for one in component if one.chosen] == [""]
    critical = next(one for one in severity if one.name == "critical")
    assert critical.href == "/alerts?severity=critical&state=firing"
    assert next(one for one in state if one.name == "").href == "/alerts?severity=warning"
    words = said(alerts.render(view)["al-shown"]["children"])
    assert words == "1 of 4 with severity warning and state firing.  Show all"


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"severity": "purple"}, "No alert of the last 24 hours has severity purple.  Show all"),
        ({"component": "oracle", "state": "firing"},
         "No alert of the last 24 hours has component oracle and state firing.  Show all"),
    ],
)  # fmt: skip
def test_a_filter_that_matches_nothing_says_so_and_offers_all(
    prism: Build, now: float, events: list[Event], wanted: dict[str, str], words: str
) -> None:
    view = alerts.view_model(prism(events=events), now, **wanted)
    assert view.rows == ()
    assert said(alerts.render(view)["al-shown"]["children"]) == words
    assert [one.name for found in view.filters for one in found if one.chosen and one.name] == sorted(
        wanted.values(), key=lambda name: name not in ("firing",)
    )


def test_a_day_without_alerts_says_so_and_its_counts_are_zero(prism: Build, now: float) -> None:
    view = alerts.view_model(prism(), now)
    assert {fmt.words(one) for one in view.counts} == {"0"}
    assert said(alerts.render(view)["al-shown"]["children"]) == "No alert in the last 24 hours."


def test_nobody_ever_looked_is_no_zero(now: float) -> None:
    view = alerts.view_model(Snapshot(), now)
    assert {one.reading for one in view.counts} == {Reading.NOT_REPORTED}
    assert [line.words for line in view.origins] == [
        "not run yet", "not configured: SIGNOZ_API_URL would name it", "not configured: ALERTMANAGER_URL would name it",
    ]  # fmt: skip
    assert [note["text"] for note in view.figure["layout"]["annotations"]][-1] == "Nothing was read in this window"
    assert encode(dict(alerts.render(view)))


def test_a_silent_collector_makes_the_counts_old(prism: Build, now: float, events: list[Event]) -> None:
    props = alerts.update(prism(events=events), now + 60)
    assert props["al-now-hint"]["children"] == "1m 0s old"
    assert "is-stale" in props["al-warning"]["className"]


@pytest.mark.parametrize("name", NAMES)
def test_hostile_names_are_carried_as_text_and_links_lead_back_to_them(prism: Build, now: float, name: str) -> None:
    snapshot = prism(events=[ours(now - 9, "firing", name), every_source(now - 9, "firing", name)])
    view = alerts.view_model(snapshot, now, component=name)
    assert set(cells(view, "component")) == {name}
    chosen = next(one for one in view.filters[2] if one.chosen)
    assert (chosen.name, len(chosen.words) <= 40) == (name, True)
    assert "<" not in chosen.href
    assert all(row.cells["what"]["h"].startswith("/patterns/") for row in view.rows)
    assert encode(dict(alerts.render(view)))


def test_many_components_are_counted_and_the_worst_named(prism: Build, now: float) -> None:
    reported = [ours(now - 50, "firing", f"p{at:02d}") for at in range(30)]
    reported += [ours(now - 40, "resolved", f"p{at:02d}") for at in range(29)]
    view = alerts.view_model(prism(events=reported), now)
    names = [one.name for one in view.filters[2]]
    assert names[:2] == ["", "p29"]
    assert said(alerts.render(view)["al-component"]["children"]).endswith("and 18 more: filter the table for them")


def test_everything_said_has_a_place_and_the_first_paint_holds_it(
    prism: Build, now: float, events: list[Event]
) -> None:
    props, tree = alerts.update(prism(events=events), now), alerts.tree()
    assert set(props) <= ids_of(tree)
    assert all(one.startswith("al-") for one in props)
    page = apply(tree, props)
    assert "nats" in said(page)
    assert b'"figure"' not in encode(page)


def test_the_page_shows_as_many_rows_as_the_answer_of_the_interface(
    prism: Build, now: float, events: list[Event]
) -> None:
    snapshot = prism(events=events)
    assert len(alerts.view_model(snapshot, now).rows) == len(all_alerts(snapshot, now, every_run=True)) == 4


def target_down(at: float, state: str = "firing") -> Event:
    labels = {"alertname": "TargetDown", "severity": "critical", "fingerprint": "t", "state": state,
              "exported_instance": "db-7:9100", "job": "node"}  # fmt: skip
    return Event(at, "alertmanager_alert", Severity.CRITICAL, labels_of(labels), "no answer for 5 minutes")


@pytest.mark.parametrize("ours_is_over", [False, True])
def test_a_strangers_alert_counts_for_the_whole_and_for_alerts_and_for_no_other_view(
    prism: Build, now: float, ours_is_over: bool
) -> None:
    mine = [ours(now - 40, "firing", "redis"), ours(now - 20, "resolved", "redis")] if ours_is_over else []
    snapshot = prism(events=[target_down(now - 60), *mine])
    marks = {view: status.status for view, status in frame.shell_view(snapshot, now).views}
    bad = {view for view, status in marks.items() if status is Status.UNHEALTHY}
    assert bad == {"system-health", "alerts"}
    whole = overall(snapshot, now)
    assert whole.status is Status.UNHEALTHY
    words = "TargetDown (instance db-7:9100): no answer for 5 minutes"
    assert whole.reason == words
    page = alerts.view_model(snapshot, now)
    assert cells(page, "what")[0] == words
    assert cells(page, "state") == ["Firing", "Resolved"][: 1 + ours_is_over]
    assert fmt.words(page.counts[0]) == "1"
    assert words in said(system_health.update(snapshot, now)["sh-alerts"]["children"])
    reported = [one for one in alert_history(snapshot, now).alerts if one.is_active]
    assert [(one.words, one.in_prism) for one in reported] == [(words, False)]


def test_a_list_that_was_cut_says_so_and_its_counts_are_at_least_so_many(now: float) -> None:
    scrape = Scrape("alertmanager", "a:9093", now)
    for severity, listed, followed in (("critical", 1, 1), ("warning", 5431, 1000)):
        scrape.add("alertmanager_alerts", listed, Kind.GAUGE, severity=severity, part="listed")
        scrape.add("alertmanager_alerts", followed, Kind.GAUGE, severity=severity, part="followed")
    state = SourceState("alertmanager@a:9093", "alertmanager", "a:9093", "", 2.0).succeeded(now, 0.1, 4)
    meta = {"collector_alive_at": now}
    snapshot = snapshot_of([scrape], sources=[state], events=[target_down(now - 9)], meta=meta)
    view = alerts.view_model(snapshot, now)
    assert [fmt.words(one) for one in view.counts] == ["1", "≥ 0", "0", "0", "≥ 0", "0"]
    (line,) = (line for line in view.origins if line.name == "Alertmanager")
    assert line.words == "read just now; the first 1,001 of 5,432 alerts"
    (teller,) = (one for one in alert_history(snapshot, now).origins if one.name == "Alertmanager")
    assert (teller.listed, teller.followed) == (5432, 1001)


def test_a_silenced_alert_is_reported_as_such_wherever_alerts_are_listed(
    prism: Build, now: float, events: list[Event]
) -> None:
    reported = said(system_health.update(prism(events=events), now)["sh-alerts"]["children"])
    assert "Silenced" in reported
    assert "Critical" not in reported


@pytest.mark.parametrize(
    ("lasting", "over", "words"),
    [(1, 0, "1 symptom"), (2, 3, "2 symptoms, 3 over"), (0, 2, "2 symptoms over"), (30, 0, "30 symptoms")],
)
def test_a_list_counts_the_symptoms_that_last_as_the_banner_does(
    lasting: int, over: int, words: str, now: float
) -> None:
    head = AlertLine(Severity.WARNING, "redis is slow", now - 60)
    symptoms = (head,) * min(lasting + over, 12)
    text = said(incident_items([IncidentLine(head, "surely redis first", symptoms, lasting, over)], now, ""))
    assert " ".join([words, "", "·", "surely redis first"]) in text
    assert ("and 18 more" in text) == (lasting + over > 12)


def test_a_page_lists_one_incident_with_its_symptoms_folded_under_its_headline(prism: Build, now: float) -> None:
    full = ours(now - 40, "firing", "redis", id="p", rule="pool_use")
    slow = ours(now - 30, "firing", "redis", id="l", rule="latency_p99")
    children = alerts.update(prism(events=[full, slow]), now)["al-incidents"]["children"]
    (item,) = children
    (fold,) = (one for one in item.children if type(one).__name__ == "Details")
    assert "1 symptom" in said([fold])
    assert said(children).count("redis") >= 2
    assert "firing" in item.className
