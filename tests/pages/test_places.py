"""What can be gone to by its name: everything that the pages name, under the addresses that they know it by."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

import app
from aggregators.alerts.alerts import alerts
from aggregators.incidents.incidents import known_incidents
from aggregators.namespaces.namespaces import namespaces
from aggregators.places import places as known
from aggregators.places.places import Place, PlaceKind
from components.lists.table import page_name
from components.props import components_of
from model.series import Event, Scrape, Severity, labels_of
from model.status import Status
from pages.messaging import page as messaging
from pages.settings import page as settings
from pages.shared.places import ROWS, place_links, row_href
from store.snapshot import Snapshot, snapshot_of
from tests.aggregators.messages import Topic
from tests.aggregators.tenants import NOW, Tenant, world
from tests.pages.conftest import Build

assert app.server, "importing the application registers its pages"
HOSTILE = ("redis", "a/b c", "🦄", "..", "100%25", "x" * 300, "<script>alert(1)</script>", "quo\"te's", "back\\slash")


def of_kind(snapshot: Snapshot, kind: PlaceKind, now: float = NOW) -> list[Place]:
    return [one for one in place_links(snapshot, now).places if one.kind is kind]


def test_every_namespace_is_named_in_the_order_of_its_page_with_its_status() -> None:
    snapshot = world([Tenant("shop", 100.0, failures=20.0), Tenant("search", 60.0)], {"attic": {}})
    found = of_kind(snapshot, PlaceKind.NAMESPACE)
    assert [(one.name, one.status) for one in found] == [
        (row.name, row.status) for row in namespaces(snapshot, NOW).rows
    ]
    assert [one.name for one in found] == ["shop", "search", "attic"]
    assert found[0].status is Status.UNHEALTHY


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_of_any_kind_leads_to_its_own_page(name: str) -> None:
    (found,) = of_kind(world([Tenant(name, 10.0)]), PlaceKind.NAMESPACE)
    head, _, quoted = found.href.rpartition("/")
    assert (head, page_name(quoted), found.name) == ("/namespaces", name, name)


def test_patterns_incidents_and_alerts_are_named_while_they_are_there(prism: Build, now: float) -> None:
    labels = {"id": "a", "rule": "pattern_down", "component": "nats", "state": "firing", "page": "/patterns/nats"}
    fired = Event(now - 5.0, "alert", Severity.CRITICAL, labels_of(labels), "nats is down")
    snapshot = prism(events=[fired])
    patterns = of_kind(snapshot, PlaceKind.PATTERN, now)
    assert (patterns[0].name, patterns[0].href) == ("nats", "/patterns/nats")
    assert {one.name for one in patterns} == {"nats", "redis", "memstore"}
    (alert,) = of_kind(snapshot, PlaceKind.ALERT, now)
    assert (alert.name, alert.href, alert.says) == (alerts(snapshot, now)[0].words, "/patterns/nats", "firing")
    (incident,) = of_kind(snapshot, PlaceKind.INCIDENT, now)
    assert incident.href == known_incidents(snapshot, now)[0].path


def tables(path: str) -> Mapping[str, Any]:
    """What each table of the page at `path` is told, by its id."""
    found = components_of({"/messaging": messaging.tree, "/settings": settings.tree}[path]())
    return {name: json.loads(spec) for name, one in found.items() if (spec := getattr(one, "data-grid", None))}


@pytest.mark.parametrize("kind", sorted(ROWS))
def test_what_has_no_page_leads_to_a_table_that_has_a_column_for_it(kind: PlaceKind) -> None:
    page = "/messaging" if kind in (PlaceKind.TOPIC, PlaceKind.SUBSCRIBER) else "/settings"
    assert kind in [re.sub(r"\W", "", column["title"].lower()) for column in tables(page)[ROWS[kind]]["columns"]]
    address = urlsplit(row_href(Place(kind, 'a "b" \\c', page, None, "")))
    assert address.path == page
    assert parse_qs(address.query) == {f"{ROWS[kind]}.q": [f'{kind}="a \\"b\\" \\\\c"']}


def test_topics_subscribers_settings_and_detections_are_found_too() -> None:
    topic = Topic("orders", 10, {"billing": 0.01})
    snapshot = world([Tenant("shop", 1.0)], extra=passed_on(topic), meta={"settings": []})
    assert [(one.name, one.says) for one in of_kind(snapshot, PlaceKind.SUBSCRIBER)] == [("billing", "of orders")]
    assert [one.name for one in of_kind(snapshot, PlaceKind.TOPIC)] == ["orders"]
    assert {"cache_dir", "port"} <= {one.name for one in of_kind(snapshot, PlaceKind.SETTING)}
    assert len(of_kind(snapshot, PlaceKind.DETECTION)) > 40


def passed_on(topic: Topic) -> list[Scrape]:
    """A proxy's reads while the topic passes messages on."""
    scrapes = []
    for second in range(41):
        scrape = Scrape("proxy", "p:1", NOW - 40 + second)
        topic.step()
        topic.report(scrape)
        scrapes.append(scrape)
    return scrapes


def test_of_a_kind_there_are_no_more_than_a_browser_can_take(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "MOST_PLACES", 3)
    found = place_links(world([Tenant(f"team-{at}", 1.0) for at in range(10)]), NOW)
    assert sum(one.kind is PlaceKind.NAMESPACE for one in found.places) == 3
    assert found.left_out >= 7


def test_nothing_is_known_before_anything_is_written() -> None:
    found = {one.kind for one in place_links(snapshot_of([]), NOW).places}
    assert found == {PlaceKind.DETECTION}
