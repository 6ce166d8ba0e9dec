"""Who depends on whom by the names that alerts say."""

from __future__ import annotations

import pytest

from aggregators.alerts.verdict import Look
from aggregators.incidents.dependencies import ANY, Component, Kind
from aggregators.incidents.incidents import incidents_of
from aggregators.incidents.wiring import topology_of
from store.snapshot import Snapshot
from tests.aggregators import messages
from tests.aggregators.incidents.test_incidents import NOW, alert


def look(*components: str, snapshot: Snapshot | None = None) -> Look:
    made = Look(snapshot or Snapshot(), messages.NOW)
    made.__dict__["alerts"] = tuple(alert("topic_dropping", one, 10) for one in components)
    return made


def names(made: Look, of: Component, on: Kind) -> list[str]:
    return sorted(topology_of(made).names(of, on))


@pytest.mark.parametrize(
    ("topic", "wanted"),
    [("logs", ["a of b of logs", "b of logs"]), ("b of logs", ["a of b of logs"]), ("events", [])],
)
def test_a_topic_depends_on_its_own_subscribers(topic: str, wanted: list[str]) -> None:
    heard = ("subscriber b of logs", "subscriber a of b of logs", "topic logs", "topic b of logs", "topic events")
    assert names(look(*heard), Component(Kind.TOPIC, topic), Kind.SUBSCRIBER) == wanted


def test_an_operation_depends_on_its_own_pattern_where_that_is_known() -> None:
    made = look(
        "operation PubSub.Publish of nats",
        "operation Get of nobody",
        snapshot=messages.prism([], details={"in_msgs": 1}),
    )
    assert names(made, Component(Kind.OPERATION, "PubSub.Publish of nats"), Kind.PATTERN) == ["nats"]
    assert names(made, Component(Kind.OPERATION, "Get of nobody"), Kind.PATTERN) == [ANY]


def test_deliveries_that_are_dropped_are_not_for_the_sake_of_another_topics_subscriber() -> None:
    own, other = (alert("subscriber_lag", f"subscriber slow of {topic}", 40) for topic in ("events", "logs"))
    drops = alert("topic_dropping", "topic events", 10)
    for slow, incidents in ((own, 1), (other, 2)):
        known = topology_of(look(slow.component, drops.component))
        assert len(incidents_of([slow, drops], NOW, known)) == incidents
