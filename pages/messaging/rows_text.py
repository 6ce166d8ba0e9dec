"""Rows of topics and of subscribers, and what is said above their tables."""

from __future__ import annotations

from typing import Any

from aggregators.messaging.messaging import Messaging
from aggregators.messaging.subscribers import LAG_SECONDS, NATS, SubscriberRow
from aggregators.messaging.topics import TopicRow
from components import format as fmt
from components.lists.grid import GridColumn, GridRow, cell, grid, status_cell, text_cell
from components.status import MARKS, StatusWord
from model.status import Reading, Status

TOPICS = (
    GridColumn("topic", "Topic", flex=9),
    GridColumn("subs", "Subs", "number", flex=3, minor=True),
    GridColumn("pub", "Pub/s", "number", flex=4, minor=True),
    GridColumn("del", "Del/s", "number", flex=4),
    GridColumn("p99", "P99", "number", flex=4, minor=True),
    GridColumn("dropped", "Dropped", "number", flex=5, minor=True),
    GridColumn("pending", "Pending", "number", flex=5, minor=True),
    GridColumn("status", "Status", "status", flex=7),
)
SUBSCRIBERS = (
    GridColumn("name", "Subscriber", flex=6),
    GridColumn("topic", "Topic", flex=6),
    GridColumn("received", "Recv", "number", flex=4),
    GridColumn("lag", "Lag", "number", flex=5),
)
UNTOLD_TOPIC = "(no topic label)"
BEHIND = "slow: more than 1 MiB waits to be read"


def topics(name: str) -> list[Any]:
    """The table of topics, whose id is `name`."""
    empty = "No topic is reported."
    return grid(name, "topics, the worst first", TOPICS, rows=7, csv="topics", empty=empty)


def subscribers(name: str) -> list[Any]:
    """The table of subscribers, whose id is `name`."""
    empty = "No subscriber is reported."
    return grid(name, "subscribers, the slowest first", SUBSCRIBERS, rows=9, csv="subscribers", empty=empty)


def topic_name(name: str) -> str:
    """A topic's name; what is reported without one has none."""
    return name or UNTOLD_TOPIC


def topic_row(one: TopicRow, age_seconds: float | None) -> GridRow:
    """A row of the topic table; why its status is what it is stands on hover, and in the words of the flow."""
    return GridRow(
        f"t:{one.name}",
        {
            "topic": text_cell(topic_name(one.name)),
            "subs": cell(one.subscribers),
            "pub": cell(one.published_per_second),
            "del": cell(one.delivered_per_second),
            "p99": cell(one.p99),
            "dropped": cell(one.dropped),
            "pending": cell(one.pending),
            "status": status_cell(StatusWord(one.status, age_seconds), one.reason),
        },
        look=_look(one.status, age_seconds),
    )


def subscriber_row(one: SubscriberRow) -> GridRow:
    """A row of the subscriber table."""
    lag = cell(one.lag if one.behind.value is None else one.behind)
    if one.status is Status.DEGRADED and one.behind.value is not None:
        lag |= {"k": MARKS[one.status], "t": BEHIND, "s": lag.get("s") or BEHIND}
    elif one.status is Status.DEGRADED:
        over = f"slow: more than {fmt.round_latency(LAG_SECONDS)} behind"
        lag |= {"k": MARKS[one.status], "t": over, "s": lag.get("s") or over}
    return GridRow(
        f"s:{one.topic}\n{one.name}",
        {
            "name": text_cell(one.name),
            "topic": text_cell(topic_name(one.topic)),
            "received": cell(one.received),
            "lag": lag,
        },
        look=_look(one.status, one.lag.age_seconds or one.behind.age_seconds),
    )


def _look(status: Status, age_seconds: float | None) -> str:
    return "" if age_seconds is not None else f"row-{MARKS.get(status, 'unknown')}"


def topics_note(found: Messaging) -> str:
    """Why there is no table, or what is the matter with the worst of it."""
    if found.published.reading in (Reading.NOT_REPORTED, Reading.ERROR):
        return f"Topics {fmt.reading_words(found.published)}: {found.published.note}"
    idle = sum(row.status is Status.UNKNOWN for row in found.topics)
    many = len(found.topics)
    return f"{many:,} {'topic' if many == 1 else 'topics'}" + (f", {idle:,} idle" if idle else "")


def subscribers_note(found: Messaging) -> str:
    """Why there is no table, or how many are slow."""
    reported = found.subscribers
    many = len(reported.rows)
    if reported.note and reported.reported_by != NATS:
        return f"Subscribers not reported: {reported.note}"
    if reported.reported_by == NATS:
        slow = f"{reported.slow.value:,.0f} slow" if reported.slow.value else "none far behind"
        least, why = ("at least ", f"; {reported.note}") if reported.note else ("", "")
        who = f"{least}{many:,} {'subscriber' if many == 1 else 'subscribers'}"
        return f"{who}, reported by NATS: {slow}; bytes that wait, not time{why}"
    slow = f"{reported.slow.value:,.0f} over {fmt.round_latency(LAG_SECONDS)}" if reported.slow.value else "none behind"
    return f"{many:,} {'subscriber' if many == 1 else 'subscribers'}, {slow}"
