"""The pages of all namespaces and of one: what each panel says with its sources there, silent, old and gone."""

from __future__ import annotations

import json
from typing import Any

import dash
import pytest

import app
from aggregators.alerts.alerts import alerts
from components import ids
from components.charts.palette import HUES, OTHERS
from components.charts.pie import INK, Slice, pie
from components.lists.table import namespace_href, page_name
from model.measure import Measure
from model.series import Event, Severity, Unit, labels_of
from model.status import Reading
from pages.namespace_detail import page as namespace_detail
from pages.namespaces import page as namespaces
from pages.shared import alert_text
from store.snapshot import Snapshot
from tests.aggregators.tenants import BUCKET, NOW, REQUESTS, Tenant, world
from tests.pages.conftest import places_of
from tests.pages.trees import said
from web.api.json_answer import plain
from web.hub_payload import encode

assert app.server, "importing the application registers its pages"

SHOP = Tenant("shop", 100.0, failures=0.02)
FLOWS = (
    SHOP,
    Tenant("search", 60.0, seconds=0.0015),
    Tenant("stray", 40.0, pattern="nats", operation="PubSub.Publish"),
)
CONFIG: dict[str, dict[str, object]] = {
    "shop": {"owner": "team-shop@example.com", "status": "active", "patterns": "redis", "backends": "redis",
             "limit": 400, "reads": 120, "created": 1_760_000_000},
    "search": {}, "attic": {},
}  # fmt: skip
HOSTILE = ("redis", "a/b c", "🦄", "..", "100%25", "x" * 300, "<script>alert(1)</script>", "quo\"te's", "%{label}")


def reported(props: Any, name: str) -> str:
    return said(props[name]["children"])


def cells(props: Any, name: str) -> dict[str, Any]:
    rows = props["ns-rows-data"]["data"]["rows"]
    found: dict[str, Any] = next(row for row in rows if row["id"] == name)
    return found


def test_a_row_reports_the_rfcs_columns_and_leads_to_its_page() -> None:
    shop = cells(namespaces.update(world(FLOWS, CONFIG), NOW), "shop")
    assert (shop["rps"]["n"], shop["rps"]["u"], shop["errors"]["n"], shop["p99"]["n"]) == ("100", "/s", "0.02", "< 1")
    assert (shop["patterns"]["n"], shop["status"]["n"], shop["use"]["n"]) == ("redis", "HEALTHY", "25.0")
    assert shop["use"]["b"] == pytest.approx(0.25)
    assert shop["name"]["h"] == "/namespaces/shop"


def test_totals_report_the_idle_and_the_unlisted_apart() -> None:
    props = namespaces.update(world(FLOWS, CONFIG), NOW)
    assert [reported(props, name) for name, _ in namespaces.TOTALS] == ["3", "3", "1", "1", "200   /s"]
    assert cells(props, "attic")["says"]["n"] == "idle: no request in the last 5 min"
    assert cells(props, "stray")["says"]["n"] == "not in the Admin API"
    assert reported(props, "ns-note") == "4 namespaces"


def test_the_worst_is_the_first_row_and_has_its_colour() -> None:
    rows = namespaces.update(world([*FLOWS, Tenant("bad", 10, failures=2)], CONFIG), NOW)["ns-rows-data"]["data"][
        "rows"
    ]
    assert (rows[0]["id"], rows[0]["look"], rows[0]["says"]["n"]) == ("bad", "row-unhealthy", "20 % of requests fail")


def test_a_noisy_neighbour_is_named_with_its_share() -> None:
    props = namespaces.update(world([Tenant("analytics", 831), Tenant("shop", 169)]), NOW)
    assert reported(props, "ns-noisy").strip() == "analytics makes 83.1 % of all requests: a noisy neighbour"
    assert "is-noisy" in props["ns-noisy"]["className"]
    calm = namespaces.update(world(FLOWS, CONFIG), NOW)
    assert reported(calm, "ns-noisy") == "Nobody makes over 80 % of all requests"
    assert "is-noisy" not in calm["ns-noisy"]["className"]


def test_the_pie_and_its_table_report_the_same_shares() -> None:
    props = namespaces.update(world([Tenant(f"t{at:02d}", 10 + at) for at in range(12)]), NOW)
    (trace,) = props["ns-pie"]["figure"]["data"]
    assert len(trace["values"]) == len(props["ns-shares"]["children"]) == 11
    assert sum(trace["values"]) == pytest.approx(1)
    assert trace["text"][0] == "t11<br>11.2 %"
    first, rest = said(props["ns-shares"]["children"][0]), said(props["ns-shares"]["children"][-1])
    assert first.split() == ["t11", "11.2", "%"]
    assert rest.split() == ["2", "others", "11.2", "%"]


def test_a_slice_of_nothing_is_not_drawn_and_an_empty_pie_says_so() -> None:
    props = namespaces.update(world([], CONFIG), NOW)
    figure = props["ns-pie"]["figure"]
    assert figure["data"] == []
    assert figure["layout"]["annotations"][0]["text"] == "Not known who asks"
    quiet = namespaces.update(world([Tenant("shop", 0.0)], CONFIG), NOW)
    assert quiet["ns-pie"]["figure"]["layout"]["annotations"][0]["text"] == "No requests in the last 15 s"
    assert reported(quiet, "ns-total").split() == ["0", "/s"]


def test_show_all_is_in_the_address_and_on_one_page() -> None:
    snapshot = world([Tenant(f"t{at:04d}", 1) for at in range(1000)], seconds=5)
    paged, whole = namespaces.update(snapshot, NOW), namespaces.update(snapshot, NOW, all="1")
    assert [len(props["ns-rows-data"]["data"]["rows"]) for props in (paged, whole)] == [1000, 1000]
    assert (paged["ns-rows-data"]["data"]["whole"], whole["ns-rows-data"]["data"]["whole"]) == (False, True)
    page: Any = namespaces.tree("1")
    assert json.loads(page.to_plotly_json()["props"]["data-selection"]) == {"all": "1"}
    assert "/namespaces?all=1" in str(namespaces.tree("")) and "Page by page" in said(namespaces.tree("1"))


def test_without_the_admin_api_limits_are_unknown_and_nobody_is_called_idle() -> None:
    props = namespaces.update(world(FLOWS, CONFIG, never=("admin",)), NOW)
    assert reported(props, "ns-note").startswith("Configuration: admin@a:1: down")
    assert (cells(props, "shop")["use"]["n"], cells(props, "shop")["rps"]["n"]) == ("down", "100")
    assert {row["id"] for row in props["ns-rows-data"]["data"]["rows"]} == {"shop", "search", "stray"}
    for place in ("ns-idle", "ns-unlisted"):
        assert "is-error" in props[place]["className"]


def test_without_the_proxy_the_configuration_stands_and_no_figure_is_made_up() -> None:
    props = namespaces.update(world([], CONFIG, never=("proxy",)), NOW)
    assert reported(props, "ns-note").startswith("Requests: proxy@p:1: down")
    assert reported(props, "ns-noisy").startswith("Whether somebody makes over 80 % of all requests is not known")
    for row in props["ns-rows-data"]["data"]["rows"]:
        for key in ("rps", "p99", "errors", "use"):
            assert "v" not in row[key], key
        assert row["status"]["n"] == "UNKNOWN"
    for place in ("ns-total", "ns-traffic", "ns-idle"):
        assert "is-error" in props[place]["className"]


def test_old_figures_say_their_age_and_have_no_colour() -> None:
    props = namespaces.update(world([Tenant("bad", 10, failures=5), SHOP], CONFIG, lost=("proxy",)), NOW)
    bad = cells(props, "bad")
    assert (bad["rps"]["c"], bad["rps"]["s"], bad["status"]["k"]) == ("is-stale", "14 s old", "stale")
    assert not bad.get("look")
    assert props["ns-table-hint"] == {"children": "14 s old", "className": "hint is-stale"}
    assert reported(props, "ns-noisy").endswith("(14 s old)")


@pytest.mark.parametrize("leave_out", [("namespace",), (REQUESTS, BUCKET)])
def test_a_proxy_that_does_not_count_by_namespace_leaves_dashes(leave_out: tuple[str, ...]) -> None:
    props = namespaces.update(world(FLOWS, CONFIG, leave_out=leave_out), NOW)
    assert reported(props, "ns-note").startswith("Requests: ")
    for row in props["ns-rows-data"]["data"]["rows"]:
        assert {row[key]["n"] for key in ("rps", "p99", "errors", "use")} == {"–"}


def test_a_page_of_one_reports_configuration_use_and_operations() -> None:
    props = namespace_detail.update(world(FLOWS, CONFIG), NOW, name="shop")
    assert reported(props, "nd-rps").split() == ["100", "/s"]
    assert reported(props, "nd-success").split() == ["99.98", "%"]
    assert reported(props, "nd-max").split() == ["400", "/s", "(current:", "25.0", "%", ")"]
    assert reported(props, "nd-reads").split() == ["120", "/s", "(current:", "83.3", "%", ")"]
    assert (props["nd-reads-row"], props["nd-writes-row"]) == ({"hidden": False}, {"hidden": True})
    assert reported(props, "nd-created").startswith("2025-10-09")
    assert reported(props, "nd-owner") == "team-shop@example.com"
    assert reported(props, "nd-patterns") == "redis KeyValue · backend redis"
    assert reported(props, "nd-operations").split()[:6] == ["KeyValue.Get", "redis", "100", "/s", "100", "%"]
    assert reported(props, "nd-reason") == "Its requests fare well"


def test_a_page_of_one_has_its_charts_over_the_window_of_the_address() -> None:
    snapshot = world(FLOWS, CONFIG, seconds=130)
    for wanted, points in (("", 60), ("5m", 60), ("nonsense", 60), ("24h", 120)):
        props = namespace_detail.update(snapshot, NOW, name="shop", range=wanted)
        assert len(props["nd-lat-chart"]["figure"]["data"][0]["x"]) == points
    drawn = namespace_detail.update(snapshot, NOW, name="shop")
    assert drawn["nd-thr-chart"]["figure"]["data"][0]["y"][-1] == pytest.approx(100)
    assert drawn["nd-err-chart"]["figure"]["data"][0]["y"][-1] == pytest.approx(0.02)
    assert drawn["nd-lat-chart"]["figure"]["data"][1]["name"] == "P99"


def test_its_alerts_are_its_own_and_alerts_of_a_namespace_lead_to_its_page() -> None:
    def firing(component: str) -> Event:
        labels = {"id": component, "rule": "error_ratio", "component": component, "state": "firing", "page": "/"}
        return Event(NOW - 60, "alert", Severity.WARNING, labels_of(labels), f"requests of {component} fail")

    snapshot = world(FLOWS, CONFIG, events=[firing("namespace shop"), firing("shop"), firing("namespace search")])
    view = namespace_detail.view_model(snapshot, NOW, "shop")
    assert [(one.words, one.href) for one in view.alerts] == [("requests of namespace shop fail", "")]
    other = namespace_detail.view_model(snapshot, NOW, "search").alerts[0]
    assert other.words == "requests of namespace search fail"
    found = alerts(snapshot, NOW)
    assert {alert_text.alert_line(one, "/").href for one in found} >= {"/namespaces/shop", "/namespaces/search"}


@pytest.mark.parametrize("source", ["proxy", "admin"])
def test_a_page_of_one_with_a_source_gone_says_which_panel_lacks_what(source: str) -> None:
    props = namespace_detail.update(world(FLOWS, CONFIG, never=(source,)), NOW, name="shop")
    if source == "admin":
        assert "down" in reported(props, "nd-config-hint")
        assert "down" in reported(props, "nd-owner")
        assert "is-error" in props["nd-use"]["className"]
        assert reported(props, "nd-rps").split() == ["100", "/s"]
    else:
        assert reported(props, "nd-operations").startswith("Not known: proxy@p:1: down")
        assert reported(props, "nd-max").split()[:2] == ["400", "/s"]
        for place in ("nd-rps", "nd-success", "nd-p99", "nd-share"):
            assert "is-error" in props[place]["className"]


def test_a_lost_proxy_leaves_a_page_of_one_with_ages() -> None:
    props = namespace_detail.update(world(FLOWS, CONFIG, lost=("proxy",)), NOW, name="shop")
    assert props["nd-banner"]["className"] == "banner banner-stale"
    assert props["nd-top-hint"]["children"] == "14 s old"
    assert reported(props, "nd-rps-note") == "14 s old"
    assert reported(props, "nd-reason") == "14 s old: its requests fare well"


def test_a_name_that_nobody_reports_of_is_a_designed_page() -> None:
    props = namespace_detail.update(world(FLOWS, CONFIG), NOW, name="no such")
    assert (props["nd-known"], props["nd-unknown"]) == ({"hidden": True}, {"hidden": False})
    assert "no such" in said(namespace_detail.tree("no such"))


@pytest.mark.parametrize("name", HOSTILE)
def test_the_address_of_a_namespace_leads_to_its_page(name: str) -> None:
    quoted = namespace_href(name).removeprefix("/namespaces/")
    tree: Any = namespace_detail.tree(page_name(quoted))
    assert json.loads(tree.to_plotly_json()["props"]["data-selection"])["name"] == name
    snapshot = world([Tenant(name, 50.0), Tenant("other", 1)], {name: {"owner": name, "patterns": "a"}})
    props = namespace_detail.update(snapshot, NOW, name=name)
    assert props["nd-known"] == {"hidden": False}
    assert encode(dict(props))
    listed = namespaces.update(snapshot, NOW)
    assert cells(listed, name)["name"]["h"] == namespace_href(name)
    assert "<script" not in json.dumps(listed["ns-pie"])
    assert encode(dict(listed))


def test_everything_said_has_a_place() -> None:
    snapshot = world(FLOWS, CONFIG)
    for page, props, prefix in (
        (namespaces.tree(), namespaces.update(snapshot, NOW), "ns-"),
        (namespace_detail.tree("shop"), namespace_detail.update(snapshot, NOW, name="shop"), "nd-"),
    ):
        places = set(places_of(page)) - {ids.PAGE}
        assert {name for name in props if name.startswith(prefix)} == set(props) <= places
        silent = {
            one for one in places - set(props) if not one.endswith(("-title", "-hint", "-row", "-ranges", "ns-rows"))
        }
        assert silent == set()


def test_pages_and_answers_are_registered() -> None:
    pages = {page.get("view"): page for page in dash.page_registry.values()}
    assert (pages["namespaces"]["path"], pages["namespaces"]["refresh_seconds"]) == ("/namespaces", 10.0)
    assert pages["namespace"]["path_template"] == "/namespaces/<name>"
    answer = plain(pages["namespaces"]["answer"](world(FLOWS, CONFIG), NOW))
    assert (answer["active_count"], answer["rows"][0]["per_second"]) == (3, pytest.approx(100))
    assert not pages["namespace"]["answer"](world(FLOWS, CONFIG), NOW, "no such").known


def test_one_that_is_not_listed_says_so_on_its_page() -> None:
    props = namespace_detail.update(world(FLOWS, CONFIG), NOW, name="stray")
    assert reported(props, "nd-reason") == "Its requests fare well, but it is not in the Admin API"
    assert reported(props, "nd-config-hint") == "the Admin API does not list this namespace"


def test_an_empty_store_is_a_page_too() -> None:
    props = namespaces.update(Snapshot(), NOW)
    assert props["ns-rows-data"]["data"]["rows"] == []
    assert "is-unreported" in props["ns-total"]["className"]
    assert (
        namespace_detail.view_model(Snapshot(), NOW, "shop").reported.namespace.per_second.reading
        is Reading.NOT_REPORTED
    )


def test_slices_of_the_same_name_stay_apart() -> None:
    half = Measure.of(0.5, Unit.RATIO)
    (trace,) = pie([Slice("a", half), Slice("a", half)], "nobody")["data"]
    assert (trace["labels"], trace["values"]) == (["0", "1"], [0.5, 0.5])


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("hue", [*HUES, OTHERS])
def test_the_words_on_a_slice_can_be_read(hue: str) -> None:
    assert (luminance(hue) + 0.05) / (luminance(INK) + 0.05) >= 4.5
