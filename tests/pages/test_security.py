"""Security says what a snapshot holds, each panel for itself when a source is absent, empty, old or broken."""

from __future__ import annotations

from typing import Any

import dash
import pytest

import app
from components import ids
from components.props import Props, apply
from model.series import Event
from pages.security import page as security
from store.snapshot import Snapshot
from tests.aggregators.auth_scenario import NOW, STEPS, AuthScenario, login
from tests.pages.conftest import places_of
from tests.pages.trees import said, text
from web.hub_payload import encode

assert app.server, "importing the application registers its pages"
NASTY = ("<script>alert(1)</script>", "🦄 emoji", "quo\"te's", "x" * 300, "a/b", "‮evil", "=cmd()")
FIGURES = ("se-success", "se-unexpired", "se-refreshes", "se-failed", "se-authz-total", "se-authz-allowed",
           "se-authz-denied", "se-jwks-hits", "se-jwks-misses", "se-jwks-last", "se-jwks-next")  # fmt: skip


def page(selection: dict[str, str] | None = None, **reported: Any) -> Props:
    return security.update(AuthScenario(**reported).snapshot(), NOW, **(selection or {}))


def look(props: Props, name: str) -> str:
    return str(props[name]["className"])


def rows(props: Props) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = props["se-attempts-data"]["data"]["rows"]
    return found


def flood(count: int) -> list[Event]:
    return [login(NOW - 100 - n / 100, "invalid_signature", "10.0.2.12", "root", f"{n}") for n in range(count)]


def test_the_screen_says_what_the_rfc_shows() -> None:
    events = [
        login(NOW - 3600, "token_expired", "10.0.1.45", "alice@"),
        login(NOW - 60, "missing_token", "10.0.3.88", ""),
    ]
    props = page(events=events, counts={("24h", "reason", "x"): (2.0, 0.0)})
    assert [text(props, name) for name in FIGURES[:4]] == ["99.80 %", "99.94 %", "360", "7,200"]
    assert text(props, "se-verdict") == "Above the wanted 99 % without expired tokens"
    assert (text(props, "se-dex-status"), text(props, "se-dex-reason")) == (
        "CONNECTED", "Every step succeeded · Dex v2.37.0",
    )  # fmt: skip
    assert (text(props, "se-dex-latency"), text(props, "se-dex-keys"), text(props, "se-dex-checked")) == (
        "4.00 ms", "2", "5 s ago",
    )  # fmt: skip
    assert [[cell["n"] for key, cell in row.items() if key not in ("id", "look")] for row in rows(props)] == [
        ["14:12:50 UTC", "Missing token", "10.0.3.88", "unknown"],
        ["13:13:50 UTC", "Token expired", "10.0.1.45", "alice@"],
    ]
    assert text(props, "se-shown") == "All 2 of the last 24 hours"
    assert [text(props, name) for name in FIGURES[4:7]] == ["3.60M", "3.60M", "1,440"]
    assert (text(props, "se-authz-allowed-also"), text(props, "se-authz-denied-also")) == ("99.96 %", "0.04 %")
    assert text(props, "se-authz-reasons") == (
        "Namespace access denied 1,080 Rate limit exceeded 360 Invalid operation 0"
    )
    assert (text(props, "se-jwks-hits-also"), text(props, "se-jwks-misses-also")) == ("99.99 %", "0.01 %")
    assert text(props, "se-jwks-last").endswith("UTC 15m ago")
    assert text(props, "se-jwks-next").endswith("UTC in 15m 0s")
    assert props["se-auth-hint"]["children"] == "last 1 h"


def test_an_hour_that_was_watched_in_part_says_so() -> None:
    assert page(seconds=120)["se-auth-hint"]["children"] == "last 2m 0s so far"


def test_below_what_is_wanted_is_said_in_words_and_shape() -> None:
    props = page(checks={("success", ""): 97.0, ("failure", "invalid_issuer"): 3.0})
    assert text(props, "se-verdict") == "Not above the wanted 99 % without expired tokens"
    assert "mark-degraded" in props["se-verdict"]["children"][0].className


def test_a_list_that_is_cut_says_how_far_back_it_reaches_and_leads_to_the_rest() -> None:
    props = page(events=flood(3_000))
    assert len(rows(props)) == 1_000
    assert text(props, "se-shown") == (
        "The newest 1,000 of 61,204 in the last 24 hours, back to 14:12:00 UTC (1m 49s) . Show all 3,000 that are kept"
    )
    whole = page({"all": "1"}, events=flood(3_000))
    assert len(rows(whole)) == 3_000
    assert "Show all" not in text(whole, "se-shown")
    assert text(whole, "se-shown").startswith("The newest 3,000 of 61,204")


def test_the_link_to_all_keeps_the_range() -> None:
    props = page({"range": "6h"}, events=flood(1_500))
    assert props["se-shown"]["children"][-1].href == "?range=6h&all=1"
    assert props["se-why-hint"]["children"] == "last 6 h"


def test_five_thousand_failures_are_one_small_message_that_does_not_change_by_itself() -> None:
    events = flood(5_000)
    snapshot = AuthScenario(seconds=60, events=events).snapshot()
    first, later = (security.update(snapshot, NOW + wait)["se-attempts-data"] for wait in (0, 9))
    assert first == later, "rows that nothing happened to are not sent again"
    assert len(encode(first)) < 400_000
    assert len(encode(security.update(snapshot, NOW, all="1")["se-attempts-data"])) < 2_000_000


def test_repeats_are_pointed_out_in_words_above_the_table() -> None:
    events = [login(NOW - 5, "invalid_signature", "10.0.2.12", "root")]
    items = [said(item) for item in page(events=events)["se-repeats"]["children"]]
    assert " ".join(items[0].split()) == "10.0.2.12 : 212 failures in 10 min, 3 users, mostly invalid signature"
    assert any("root : 90 failures in 10 min, 2 addresses" in item for item in items)
    assert any("10.0.7.7 : 130 failures in 24 h" in item for item in items)


@pytest.mark.parametrize("reason", ["invalid_signature", "token_expired"])
def test_a_repeat_has_the_one_mark_of_the_rfc_whatever_its_alert_is(reason: str) -> None:
    counts = {("10m", "source_ip", "10.0.2.12"): (2120.0, 1.0)}
    items = page(events=[login(NOW - 5, reason, "10.0.2.12", "root")], counts=counts)["se-repeats"]["children"]
    assert "mark-degraded" in items[0].children[0].className


@pytest.mark.parametrize(
    ("family", "places"),
    [
        ("prism_auth_requests_total", ("se-success", "se-unexpired", "se-failed")),
        ("prism_auth_token_refreshes_total", ("se-refreshes",)),
        ("prism_authz_decisions_total", ("se-authz-total", "se-authz-allowed", "se-authz-denied")),
        ("prism_jwks_cache_hits_total", ("se-jwks-hits",)),
        ("prism_jwks_cache_misses_total", ("se-jwks-misses",)),
        ("prism_jwks_last_refresh_timestamp_seconds", ("se-jwks-last",)),
        ("prism_jwks_next_refresh_timestamp_seconds", ("se-jwks-next",)),
    ],
)
def test_a_family_that_is_not_there_is_not_reported_and_neither_0_nor_100_percent(
    family: str, places: tuple[str, ...]
) -> None:
    props = page(absent=(family,), without=("dex",))
    for place in FIGURES:
        assert ("is-unreported" in look(props, place)) is (place in places), place
    for place in places:
        assert text(props, place).startswith("– not reported"), place
        assert family in props[place]["title"], place


def test_reasons_that_nobody_reports_are_not_an_empty_list() -> None:
    props = page(absent=("prism_authz_decisions_total",))
    assert text(props, "se-authz-reasons").startswith("Not reported: ")
    assert text(page(decisions={("allowed", ""): 5.0}), "se-authz-reasons") == "The proxy names no reasons"


def test_a_lost_proxy_leaves_its_figures_old_and_everything_else_fresh() -> None:
    props = page(lost=("proxy",), events=[login(NOW - 5)])
    assert all("is-stale" in look(props, name) for name in FIGURES)
    assert props["se-auth-hint"] == {"children": "40 s old", "className": "hint is-stale"}
    assert "mark-stale" in props["se-verdict"]["children"][0].className
    assert props["se-refreshes-note"]["children"] == "", "its age stands in the hint, and no line moves"
    assert text(props, "se-dex-status") == "CONNECTED"
    assert len(rows(props)) == 1
    assert props["se-fail-hint"]["children"] == "last 24 h, newest first"


def test_a_proxy_that_never_answered_says_why() -> None:
    props = page(never=("proxy",))
    assert all("is-error" in look(props, name) for name in FIGURES)
    assert "connection refused" in props["se-success"]["title"]
    assert "connection refused" in text(props, "se-verdict")


@pytest.mark.parametrize(
    ("reported", "words"),
    [
        ({"without": ("signoz",)}, "No span of a failed token check is read: no signoz source is configured"),
        ({"never": ("signoz",)}, "Signoz@s:8080: down, connection refused"),
        ({"states": {"failed logins": ("failed", "timed out: x")}}, "SigNoz did not report them: timed out: x"),
        ({"states": {"failed logins": ("not offered", "HTML")}}, "Not offered by this SigNoz version: HTML"),
        ({"counts": {("24h", "user", "x"): (0.0, 0.0)}}, "No failed attempt in the last 24 hours"),
        ({}, "SigNoz counts 61,204 in the last 24 hours; none was reported one by one yet"),
    ],
)
def test_an_empty_table_says_why(reported: dict[str, Any], words: str) -> None:
    props = page(**reported)
    assert text(props, "se-shown") == words
    assert rows(props) == []
    assert text(props, "se-success") == "99.80 %", "the proxy's figures do not care"


def test_a_lost_signoz_leaves_the_list_and_its_age() -> None:
    props = page(lost=("signoz",), events=[login(NOW - 100)])
    assert len(rows(props)) == 1
    assert props["se-fail-hint"] == {"children": "40 s old", "className": "hint is-stale"}


def test_dex_says_which_step_failed_and_what_that_touches() -> None:
    steps = {name: name not in ("discovery", "keys") for name in STEPS}
    props = page(steps=steps, dex_error=True, keys_read=NOW - 245)
    assert text(props, "se-dex-status") == "DEGRADED"
    assert "status-degraded" in look(props, "se-dex-status")
    assert text(props, "se-dex-reason").startswith("Discovery failed for 2m: connection refused. Tokens are checked")
    assert text(props, "se-dex-steps") == "discovery : failed issuer : ok keys : failed health : ok telemetry : ok"
    assert "is-error" in look(props, "se-dex-latency")
    down = page(steps=steps, keys_read=None, refreshed=((0.0, 0.0),))
    assert (text(down, "se-dex-status"), "status-unhealthy" in look(down, "se-dex-status")) == ("NOT CONNECTED", True)


def test_without_dex_its_panel_says_what_would_fill_it() -> None:
    props = page(without=("dex",))
    assert (text(props, "se-dex-status"), text(props, "se-dex-reason")) == ("UNKNOWN", "no dex source is configured")
    assert "DEX_ISSUER_URL" in props["se-dex-latency"]["title"]
    assert text(props, "se-dex-steps").count("not tried") == len(STEPS)


def test_an_overdue_refresh_is_reported() -> None:
    props = page(refreshed=((NOW - 2000, NOW - 200),))
    assert text(props, "se-jwks-next").endswith("UTC 3m ago")
    assert text(props, "se-jwks-next-note") == "overdue by 3m 20s"


@pytest.mark.parametrize("name", NASTY)
def test_untrusted_names_are_carried_as_text(name: str) -> None:
    counts = {("10m", "source_ip", name): (300.0, 2.0)}
    props = page(
        events=[login(NOW - 5, name, name, name, "1")], counts=counts,
        checks={("success", ""): 1.0, ("failure", name): 1.0}, decisions={("allowed", ""): 1.0, ("denied", name): 1.0},
    )  # fmt: skip
    (row,) = rows(props)
    assert (row["source_ip"]["v"], row["user"]["v"]) == (name, name)
    assert props["se-repeats"]["children"][0].children[1].children[0].children == name
    figure = props["se-why-chart"]["figure"]
    drawn = [note["text"] for note in figure["layout"]["annotations"]]
    drawn += [trace["hovertemplate"] for trace in figure["data"]]
    assert not any("<script>" in words for words in drawn)
    assert encode(dict(props))


def test_everything_said_has_a_place_and_every_place_is_filled() -> None:
    props = page()
    titles = {f"se-{card}-title" for card in ("auth", "why", "dex", "fail", "authz", "jwks")}
    notes = {name for name in places_of(security.tree()) if name.endswith(("-note", "-row"))}
    places = places_of(security.tree()) - titles - {ids.PAGE, "se-ranges", "se-attempts"}
    assert places - notes <= set(props)
    assert set(props) <= places | notes


def test_the_first_paint_holds_the_figures_and_no_chart() -> None:
    painted = apply(security.tree(), page(events=[login(NOW - 5)]))
    assert "99.80" in said(painted)
    assert "CONNECTED" in said(painted)
    assert b'"figure"' not in encode(painted)


def test_an_empty_store_shows_no_number_that_nobody_gave() -> None:
    props = security.update(Snapshot(), NOW)
    assert all(text(props, name).startswith("– not reported") for name in FIGURES)
    assert text(props, "se-dex-status") == "UNKNOWN"
    assert (props["se-repeats"]["children"], rows(props)) == ([], [])
    assert encode(dict(props))


def test_it_is_a_page_with_a_view_of_its_own() -> None:
    found = next(one for one in dash.page_registry.values() if one.get("view") == "security")
    assert (found["path"], found["order"], found["refresh_seconds"]) == ("/security", 6, 10.0)
