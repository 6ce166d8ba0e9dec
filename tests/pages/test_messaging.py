"""Messaging Flow says what a snapshot holds, panel by panel, whoever is silent, and draws what it says."""

from __future__ import annotations

from typing import Any

import pytest

from aggregators.messaging.messaging import messaging as answer
from components import format as fmt
from components import ids
from components.props import apply
from model.status import Reading
from pages.messaging import page as messaging
from pages.messaging.flow import MOST_TOPICS
from pages.messaging.text import STATS
from store.snapshot import Snapshot
from tests.aggregators.messages import NOW, Topic, people, prism
from tests.pages.conftest import places_of
from tests.pages.trees import said
from web.api.json_answer import plain
from web.hub_payload import encode

FAMILIES = "prism_pubsub_"
NASTY = ("<script>alert(1)</script>", "🦄 emoji", "quo\"te's `x`", "x" * 300, "a/b", "\u202eevil", "%%{init}%%", "")


def rfc(**how: Any) -> Snapshot:
    """The RFC's topics."""
    topics = [
        Topic("events.user", 142, people(3), drops=how.pop("drops", 0)),
        Topic("events.system", 87, people(5)),
        Topic("logs.application", 523, {"sub-logger": 0.125}),
        Topic("alerts.critical", 2, people(12), seconds=0.05),
    ]
    return prism(topics, publishers=[("shop", 700), ("audit", 54)], **how)


def cells(view: messaging.MessagingView, key: str) -> list[Any]:
    return [row.cells[key].get("n") for row in view.topics]


def test_the_figures_are_those_of_the_snapshot() -> None:
    view = messaging.view_model(rfc(), NOW)
    words = [fmt.words(one.measure, one.style) for one in view.stats]
    assert words == ["30.2k", "56.3k", "0", "0", "1.87 ×", "47.2 ms"]
    assert [one.note for one in view.stats] == ["last 5 min", "last 5 min", "0 % of due", "now", "1.87× expected",
                                                "above 10 ms"]  # fmt: skip
    assert view.stats[-1].worse


def test_dropped_messages_have_their_shares() -> None:
    props = messaging.update(rfc(drops=2), NOW)
    assert said(props["ms-dropped"]["children"]) == "80"
    assert props["ms-dropped-note"]["children"] == "0.15 % of due"
    assert "0.27 % of the messages published" in props["ms-dropped-note"]["title"]


def test_the_delivery_ratio_is_judged_against_the_subscribers() -> None:
    reported = messaging.update(prism([Topic("t", 10, people(3))]), NOW)
    assert said(reported["ms-fanout"]["children"]) == "3.00×, 3.00 expected: fanout working"

    def stop(second: int, topics: list[Topic]) -> None:
        topics[0].stopped = second > 32

    short = messaging.update(prism([Topic("t", 10, people(3))], step=stop), NOW)
    assert said(short["ms-fanout"]["children"]) == "2.40×, 3.00 expected: 20.0 % short"
    assert short["ms-fanout"]["className"] == "row-unhealthy"
    assert said(short["ms-balance"]["children"]).startswith("Every delivery is accounted for")


def test_deliveries_that_vanish_are_reported_with_their_topic() -> None:
    def lose(second: int, topics: list[Topic]) -> None:
        topics[0].delivered -= 20 if second == 20 else 0

    props = messaging.update(prism([Topic("t", 100, people(3), delivered=500)], step=lose), NOW)
    assert said(props["ms-balance"]["children"]).startswith("20 deliveries unaccounted for on t:")
    assert props["ms-balance"]["className"] == "row-degraded"


def test_topics_come_worst_first_with_the_rfcs_columns() -> None:
    view = messaging.view_model(rfc(), NOW)
    assert cells(view, "topic") == ["alerts.critical", "logs.application", "events.system", "events.user"]
    first = {key: one.get("n") for key, one in view.topics[0].cells.items()}
    assert first == {"topic": "alerts.critical", "subs": "12", "pub": "2.00", "del": "24.0", "p99": "99.1",
                     "dropped": "0", "pending": "0", "status": "DEGRADED"}  # fmt: skip


def test_a_subscriber_that_lags_is_first_and_marked_by_shape_and_words() -> None:
    row = messaging.view_model(rfc(), NOW).subscribers[0]
    assert row.cells["name"]["n"] == "sub-logger"
    assert (row.cells["lag"]["n"], row.cells["lag"]["u"], row.cells["lag"]["k"]) == ("125", "ms", "degraded")
    assert row.cells["lag"]["s"] == "slow: more than 100 ms behind"
    assert "k" not in messaging.view_model(rfc(), NOW).subscribers[1].cells["lag"]


def test_the_timeline_shows_the_window_of_the_address() -> None:
    five, hour = (messaging.view_model(rfc(), NOW, chosen) for chosen in ("", "1h"))
    assert [trace["name"] for trace in five.timeline["data"]] == ["delivered", "published", "dropped"]
    assert (five.window, hour.window) == ("last 5 min", "last 1 h")
    assert len(hour.timeline["data"][0]["x"]) == 60


def test_the_flow_is_drawn_and_reported_in_words() -> None:
    view = messaging.view_model(rfc(), NOW)
    lines = [tuple(one) for one in view.diagram["wide"]["lines"].values()]
    assert ("shop", "700 /s") in lines
    assert ("PubSub", "754 /s") in lines
    assert ("alerts.critical", "2.00 → 24.0 /s", "▲ DEGRADED") in lines
    assert ("sub-logger", "▲ 125 ms behind") in lines
    assert ("10 more",) in lines
    assert "class " in view.diagram["wide"]["text"]
    assert (
        view.reported[0] == "Publishers: shop 700 /s and audit 54.0 /s. On which topic each publishes is not reported."
    )
    assert view.reported[1].startswith(
        "alerts.critical DEGRADED: 2.00 /s published, 24.0 /s delivered to 12 subscribers."
    )


def test_of_a_hundred_topics_the_worst_and_busiest_are_drawn_and_the_rest_is_one_box() -> None:
    topics = [Topic(f"topic.{number:03d}", 1 + number % 7, people(2)) for number in range(99)]
    view = messaging.view_model(prism([*topics, Topic("bad", 10, people(2), drops=9)], seconds=20), NOW)
    lines = list(view.diagram["wide"]["lines"].values())
    assert len(view.topics) == 100
    assert lines[2][0] == "bad"
    assert [one[0] for one in lines if one[0].endswith("more topics")] == ["90 more topics"]
    assert ["180 subscribers"] in lines
    assert len(lines) == 2 + 2 * (MOST_TOPICS + 1)


@pytest.mark.parametrize("name", NASTY)
def test_untrusted_names_are_carried_as_text_and_never_into_the_diagram(name: str) -> None:
    view = messaging.view_model(prism([Topic(name, 5, {name: 0.3})], publishers=[(name, 5)]), NOW)
    assert view.topics[0].cells["topic"]["n"] == (name or "(no topic label)")
    for size in ("wide", "narrow"):
        text = view.diagram[size]["text"]
        assert not set("<>{}%`$&;#|'") & set(text.replace("<br/>", "").replace("-->", ""))
        assert all(len(line) < 80 for line in text.split("\n"))
    assert encode(dict(messaging.render(view)))


def test_what_is_not_reported_is_neither_zero_nor_drawn() -> None:
    view = messaging.view_model(rfc(absent=[FAMILIES]), NOW)
    assert {one.measure.reading for one in view.stats} == {Reading.NOT_REPORTED}
    assert (view.topics, view.subscribers) == ((), ())
    assert view.diagram["empty"].startswith("The message flow is not reported: not reported by this version; prism_")
    props = messaging.render(view)
    assert "prism_pubsub_published_total by topic would fill it" in props["ms-topics-note"]["children"]
    assert "would fill it" in props["ms-subscribers-note"]["children"]
    assert said(props["ms-fanout"]["children"]) == "Delivery ratio: not reported"
    assert props["ms-health-hint"]["children"] == "not reported"


@pytest.mark.parametrize(
    ("family", "place"),
    [
        ("prism_pubsub_published_total", "ms-published"),
        ("prism_pubsub_delivered_total", "ms-delivered"),
        ("prism_pubsub_dropped_total", "ms-dropped"),
        ("prism_pubsub_pending", "ms-pending"),
        ("prism_pubsub_delivery_duration_seconds", "ms-p99"),
    ],
)
def test_a_family_that_is_missing_takes_its_own_figure_only(family: str, place: str) -> None:
    props = messaging.update(rfc(absent=[family]), NOW)
    rests = {"ms-published": {"ms-published", "ms-ratio"}, "ms-delivered": {"ms-delivered", "ms-ratio"}}
    silent = {name for name, _ in STATS if "is-unreported" in props[name]["className"]}
    assert silent == rests.get(place, {place})


def test_without_subscriber_counts_nothing_is_expected_and_nothing_balanced() -> None:
    props = messaging.update(rfc(absent=["prism_pubsub_subscribers"]), NOW)
    assert said(props["ms-fanout"]["children"]).startswith("1.87×; how much it should be is not reported:")
    assert said(props["ms-balance"]["children"]).startswith(
        "Not reported whether every delivery is accounted for: not rep"
    )


def test_a_lost_proxy_leaves_old_figures_that_say_their_age() -> None:
    props = messaging.update(rfc(lost=True), NOW)
    for hint in ("ms-health-hint", "ms-topic-hint", "ms-people-hint", "ms-flows-hint", "ms-timeline-hint"):
        assert props[hint] == {"children": "14 s old", "className": "hint is-stale"}, hint
    assert props["ms-flow"]["className"] == "diagram is-stale"
    assert props["ms-status"]["className"] == "status status-stale"
    assert {
        one["c"] for row in props["ms-topics-data"]["data"]["rows"] for key, one in row.items() if key == "pub"
    } == {"is-stale"}


def test_an_empty_store_is_a_page_too() -> None:
    view = messaging.view_model(Snapshot(), NOW)
    assert {one.measure.reading for one in view.stats} == {Reading.NOT_REPORTED}
    assert "no proxy source is configured" in view.diagram["empty"]
    assert encode(dict(messaging.render(view)))


def test_nothing_published_is_no_traffic_and_no_ratio() -> None:
    view = messaging.view_model(prism([Topic("t", 0, people(2))]), NOW)
    assert view.stats[4].measure.reading is Reading.NO_TRAFFIC
    assert fmt.words(view.stats[0].measure) == "0"
    assert messaging.render(view)["ms-status"]["className"] == "status status-unknown"


def test_what_nats_counts_is_labelled_as_such() -> None:
    counted = prism([], details={"in_msgs": 42000, "out_msgs": 18000, "in_bytes": 8808038.0, "subscriptions": 127})
    assert messaging.update(counted, NOW)["ms-nats"]["children"] == (
        "nats itself counts, since its client connected: 42.0k messages in (8.40 MiB), 18.0k messages out, "
        "127 subscriptions"
    )
    assert "no pattern's health details count" in messaging.update(prism([]), NOW)["ms-nats"]["children"]


def test_everything_said_has_a_place_and_every_place_is_filled() -> None:
    props = messaging.update(rfc(), NOW)
    titles = {f"{one}-title" for one in ("ms-health", "ms-topic", "ms-people", "ms-flows", "ms-timeline")}
    assert set(props) == places_of(messaging.tree()) - titles - {"ms-ranges", "ms-topics", "ms-subscribers", ids.PAGE}


def test_the_first_paint_holds_the_figures_and_neither_chart_nor_diagram() -> None:
    page = apply(messaging.tree(), messaging.update(rfc(), NOW))
    assert "1.87×, 1.87 expected" in said(page)
    assert not any(word in encode(page) for word in (b'"figure":', b'"data":', b"flowchart"))


def test_the_answer_is_plain_json_with_its_units() -> None:
    reported = plain(answer(rfc(), NOW))
    assert reported["published_count"] == 30160
    assert reported["topics"][0]["delivered_per_second"] == pytest.approx(24)
    assert reported["fanout"]["expected"] == pytest.approx(reported["fanout"]["ratio"])
    assert reported["subscribers"]["rows"][0]["lag_seconds"] == 0.125
