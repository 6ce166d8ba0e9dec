"""The service map: the declared lines with names on them, each component as its own view judges it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from aggregators.alerts.verdict import Look
from aggregators.incidents.dependencies import Kind
from aggregators.incidents.incidents import known_incidents
from aggregators.namespaces.namespaces import known_namespaces
from aggregators.overview.map_parts import Part, parts_of
from aggregators.overview.overall import Judgement, overall, whole_of
from aggregators.overview.service_map import (
    MapEdge,
    MapNode,
    ServiceMap,
    in_trouble,
    service_map,
    service_map_verdict,
)
from aggregators.patterns.health import pattern_health
from components.props import ids_of
from model.series import Event, Severity, labels_of
from model.status import Status
from pages.service_map import drawing, page
from pages.shared import map_text
from pages.shared.judges import PARTS_SECONDS, Judges
from pages.system_health import page as system_health
from store.snapshot import Snapshot
from tests.aggregators.telemetry import NOW as TELEMETRY_NOW
from tests.aggregators.telemetry import Telemetry
from tests.pages.conftest import places_of
from tests.pages.test_incident_detail import events, fired
from tests.pages.trees import said
from web.hub_payload import encode

Build = Callable[..., Snapshot]


def by_id(found: ServiceMap) -> dict[str, MapNode]:
    return {one.id: one for one in found.nodes}


def lines(found: ServiceMap) -> set[tuple[str, str]]:
    return {(one.of, one.on) for one in found.edges}


def boxes(value: dict[str, Any]) -> list[list[str]]:
    return list(value["wide"]["lines"].values())


def test_every_component_is_as_its_own_view_judges_it(prism: Build, now: float) -> None:
    snapshot = prism()
    nodes = by_id(service_map(snapshot, now))
    for one in pattern_health(snapshot, now):
        assert nodes[f"pattern {one.name}"].status is one.status
    assert (nodes["pattern nats"].reason, nodes["pattern nats"].page) == (
        "reconnecting to its server",
        "/patterns/nats",
    )
    assert nodes["proxy p:8980"].status is Status.HEALTHY
    rows = {one.name: one.status for one in known_namespaces(snapshot, now).rows}
    assert (nodes["namespaces"].members, nodes["namespaces"].status) == (2, rows["shop"])


def test_the_lines_are_the_declared_ones_between_what_is_there(prism: Build, now: float) -> None:
    found = service_map(prism(), now)
    asked = {("proxy p:8980", f"pattern {name}") for name in ("memstore", "redis", "nats")}
    assert asked | {("namespaces", "proxy p:8980"), ("pattern redis", "pool redis")} <= lines(found)
    (edge,) = (one for one in found.edges if (one.of, one.on) == ("namespaces", "pattern redis"))
    assert (edge.members, edge.troubled, edge.why) == (1, 1, "its requests are answered there"), "search asks nobody"
    known = set(by_id(found))
    assert all(start in known and end in known for start, end in lines(found))


def test_what_nobody_set_up_is_not_on_the_map(prism: Build, now: float) -> None:
    kinds = {one.kind for one in service_map(prism(), now).nodes}
    assert not kinds & {Kind.DEX, Kind.COLLECTOR, Kind.SIGNOZ, Kind.SERVICE, Kind.SERVER}


def test_telemetry_of_all_goes_through_the_collector_to_signoz() -> None:
    found = service_map(Telemetry().snapshot(), TELEMETRY_NOW)
    assert {("telemetry", "OTel Collector"), ("OTel Collector", "SigNoz")} <= lines(found)


def test_an_alert_makes_its_component_no_better_and_the_likely_cause_broke_first(prism: Build, now: float) -> None:
    snapshot = prism(patterns={"memstore": "HEALTHY", "redis": "HEALTHY"}, events=events(now))
    (incident,) = known_incidents(snapshot, now)
    nodes = by_id(service_map(snapshot, now))
    assert (nodes["pattern redis"].status, nodes["pattern redis"].reason) == (
        Status.UNHEALTHY, "P99 of requests to redis is 90 ms",
    )  # fmt: skip
    assert nodes["pool redis"].incident == incident.id
    assert [one.id for one in nodes.values() if one.broke_first] == ["pool redis"]
    assert nodes["pattern memstore"].status is Status.HEALTHY


def test_the_worst_of_many_is_named_and_they_are_counted(prism: Build, now: float) -> None:
    trouble = fired(now - 20, "error_ratio", "namespace shop", "9 % of requests fail in shop", Severity.CRITICAL)
    found = service_map(prism(events=[trouble]), now)
    node = by_id(found)["namespaces"]
    assert (node.status, node.troubled, node.members, node.worst) == (Status.UNHEALTHY, 1, 2, "namespace shop")
    assert (node.reason, node.page) == ("9 % of requests fail in shop", "/namespaces/shop")
    edge = next(one for one in found.edges if (one.of, one.on) == ("namespaces", "pattern redis"))
    assert (edge.troubled, edge.worst) == (1, "namespace shop")


def test_of_many_of_a_kind_that_each_broke_first_one_node_is_left(prism: Build, now: float) -> None:
    refused = [fired(now - 20 + at, "auth_repeated", f"address 10.0.0.{at}", "failed 90 times") for at in range(3)]
    found = service_map(prism(events=refused), now)
    clients = [one for one in found.nodes if one.kind is Kind.CLIENT]
    assert [(one.id, one.members, one.broke_first) for one in clients] == [("clients", 3, True)]


def test_what_only_an_alert_names_is_on_the_map_too(prism: Build, now: float) -> None:
    gone = fired(now - 20, "pattern_down", "kafka", "kafka is down")
    nodes = by_id(service_map(prism(events=[gone]), now))
    assert (nodes["pattern kafka"].status, nodes["pattern kafka"].reason) == (Status.DEGRADED, "kafka is down")


def test_the_only_one_of_its_kind_is_meant_whatever_an_incident_calls_it(prism: Build, now: float) -> None:
    everybody = fired(now - 20, "error_ratio", "all", "9 % of all requests fail")
    found = service_map(prism(events=[everybody]), now)
    assert [one.id for one in found.nodes if one.broke_first] == ["proxy p:8980"]
    assert by_id(found)["proxy p:8980"].status is Status.DEGRADED


def test_what_is_well_is_not_in_trouble_though_an_incident_names_it(prism: Build, now: float) -> None:
    snapshot = prism(events=events(now))
    look = Look(snapshot, now)
    well = tuple(replace(one, status=Status.HEALTHY) for one in parts_of(look))
    assert in_trouble(snapshot, now, Judgement(whole_of(look), (), lambda: well)) == ()
    assert in_trouble(snapshot, now)[0].id == "pool redis"


def test_what_is_not_known_to_be_a_part_of_this_prism_is_not_on_the_map(prism: Build, now: float) -> None:
    labels = {
        "alertname": "TargetDown",
        "fingerprint": "a",
        "state": "firing",
        "job": "node",
        "starts_at": f"{now - 9}",
    }
    stranger = Event(now - 9, "alertmanager_alert", Severity.CRITICAL, labels_of(labels), "a host is down")
    snapshot = prism(events=[stranger])
    assert len(known_incidents(snapshot, now)) == 1
    assert service_map(snapshot, now).nodes == service_map(prism(), now).nodes


def test_the_map_stands_as_the_whole_does(prism: Build, now: float) -> None:
    for snapshot in (prism(), prism(patterns={"a": "HEALTHY"}), prism(events=events(now)), Snapshot()):
        whole, verdict = overall(snapshot, now), service_map_verdict(Look(snapshot, now))
        found = service_map(snapshot, now)
        assert (found.status, found.reason) == (verdict.status, verdict.reason) == (whole.status, whole.reason)


def test_the_screen_draws_boxes_that_are_links_and_says_the_same_in_rows(prism: Build, now: float) -> None:
    props = page.update(prism(events=events(now)), now)
    value = props["sm-drawing-data"]["data"]
    assert ["pool redis", "▲ DEGRADED", "broke first"] in boxes(value)
    assert ["redis", "⬣ UNHEALTHY"] in boxes(value)
    links = dict(value["wide"]["links"].values())
    assert links["/patterns/redis"] == "redis, UNHEALTHY, P99 of requests to redis is 90 ms"
    rows = [" ".join(said(one).split()) for one in props["sm-rows"]["children"]]
    assert rows[0].startswith("pool redis broke first DEGRADED")
    assert len(rows) == len(service_map(prism(events=events(now)), now).nodes)
    assert "pool redis broke first: its incident" in " ".join(said(props["sm-causes"]["children"]).split())


def test_a_way_over_another_box_is_drawn_once() -> None:
    nodes = tuple(MapNode(one, Kind.PATTERN, one, Status.HEALTHY, "", "/") for one in "abc")
    found = ServiceMap(Status.HEALTHY, "", nodes, (MapEdge("a", "b", ""), MapEdge("b", "c", ""), MapEdge("a", "c", "")))
    text = drawing.drawing(found)["wide"]["text"]
    assert [line for line in text.splitlines() if "-->" in line] == ["n0 --> n1", "n1 --> n2"]


def test_of_many_patterns_the_worst_have_boxes_and_the_rest_share_one() -> None:
    nodes = [MapNode(f"p{at:02}", Kind.PATTERN, f"p{at:02}", Status.HEALTHY, "", "/") for at in range(30)]
    nodes[17] = MapNode("p17", Kind.PATTERN, "p17", Status.UNHEALTHY, "gone", "/")
    said = boxes(drawing.drawing(ServiceMap(Status.UNHEALTHY, "", tuple(nodes), ())))
    assert len(said) == drawing.MOST_PATTERNS
    assert ["p17", "⬣ UNHEALTHY"] in said
    assert said[-1] == ["23 more patterns", "● HEALTHY"]


def test_system_health_shows_what_is_in_trouble_and_nothing_while_all_is_well(prism: Build, now: float) -> None:
    trouble = system_health.update(prism(events=events(now)), now)
    assert trouble["sh-map-box"] == {"hidden": False}
    items = [" ".join(said(one).split()) for one in trouble["sh-map-strip"]["children"]]
    assert items[0] == "pool redis DEGRADED broke first"
    assert "redis UNHEALTHY" in items
    well = system_health.update(prism(patterns={"a": "HEALTHY", "b": "HEALTHY"}), now)
    assert well["sh-map-box"] == {"hidden": True}
    assert well["sh-map-strip"] == {"children": []}


def test_of_many_in_trouble_the_strip_shows_the_first_and_counts_the_others() -> None:
    nodes = tuple(
        MapNode(f"p{at}", Kind.PATTERN, f"p{at}", Status.DEGRADED, "", f"/patterns/p{at}") for at in range(13)
    )
    items = map_text.strip(nodes)
    assert len(items) == map_text.MOST_IN_STRIP + 1
    assert (items[-1].words, items[-1].href) == (f"{13 - map_text.MOST_IN_STRIP} more components", "/map")


def test_hostile_names_stay_text_and_their_addresses_are_quoted(prism: Build, now: float) -> None:
    name = "../<b>&"
    gone: Event = fired(now - 20, "pattern_down", name, "gone")
    props = page.update(prism(events=[gone]), now)
    links = [href for href, _ in props["sm-drawing-data"]["data"]["wide"]["links"].values()]
    assert "/patterns/..%2F%3Cb%3E%26" in links
    assert name not in props["sm-drawing-data"]["data"]["wide"]["text"]
    json.dumps(props["sm-drawing-data"])


def test_with_nothing_read_nothing_is_drawn_and_it_says_so(now: float) -> None:
    props = page.update(Snapshot(), now)
    assert props["sm-drawing-data"]["data"] == {"empty": drawing.EMPTY}


def test_every_figure_has_a_place_and_goes_over_the_wire(prism: Build, now: float) -> None:
    props = page.update(prism(events=events(now)), now)
    assert set(props) <= ids_of(page.tree())
    assert places_of(page.tree()) - set(props) <= {
        "page",
        "sm-map-title",
        "sm-map-hint",
        "sm-list-title",
        "sm-list-hint",
    }
    assert encode(props)


def test_components_are_judged_at_the_maps_beat_and_at_once_when_a_pattern_turns(prism: Build, now: float) -> None:
    held = Judges()

    def parts(snapshot: Snapshot, at: float) -> tuple[Part, ...]:
        found = held.judgement(snapshot, at).parts
        assert found is not None
        return found()

    first = parts(prism(), now)
    assert parts(prism(version=2), now + 0.5) is first
    turned = parts(prism(patterns={"redis": "HEALTHY"}, version=3), now + 0.6)
    assert turned is not first
    assert parts(prism(patterns={"redis": "HEALTHY"}, version=4), now + 0.6 + PARTS_SECONDS) is not turned
