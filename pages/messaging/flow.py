"""The message flow as a diagram and as words: who publishes, over which topics, to whom (view 4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from aggregators.messaging.messaging import Messaging
from aggregators.messaging.topics import TopicRow
from components import format as fmt
from components.charts.mermaid_text import (
    NARROW_COLUMNS,
    WIDE_COLUMNS,
    Arrow,
    Box,
    Diagram,
    cut,
    diagram_value,
    flowchart,
)
from components.status import TROUBLE
from model.measure import Measure
from model.status import Status
from pages.messaging.flow_boxes import (
    MOST_PUBLISHERS,
    RATE_ROOM,
    publisher_boxes,
    rest_box,
    subscriber_boxes,
    topic_box,
)
from pages.messaging.rows_text import topic_name

MOST_TOPICS, MOST_TOPICS_NARROW = 10, 6
WORDS_COLUMNS = 60
NAMED, NAMED_UP_TO_TOPICS = 3, 4
"""So many subscribers have a box of their own, while there are at most so many topics."""


def diagram(found: Messaging) -> dict[str, Any]:
    """The diagram for wide and for narrow screens; words where no topic is known."""
    if not found.topics:
        return diagram_value(Diagram("", {}), Diagram("", {}), _nothing(found))
    wide, narrow = (_drawn(found, most, narrow) for most, narrow in ((MOST_TOPICS, False), (MOST_TOPICS_NARROW, True)))
    return diagram_value(wide, narrow)


def _nothing(found: Messaging) -> str:
    if found.published.value is None:
        return f"The message flow is {fmt.reading_words(found.published)}: {found.published.note}"
    return "No topic is known yet: nothing was ever published."


class _Sheet:
    """Boxes and arrows as they are laid down."""

    def __init__(self) -> None:
        self.boxes: list[Box] = []
        self.arrows: list[Arrow] = []

    def add(self, box: Box, start: int | None = None, broken: bool = False) -> int:
        self.boxes.append(box)
        at = len(self.boxes) - 1
        if start is not None:
            self.arrows.append(Arrow(start, at, broken))
        return at


def _drawn(found: Messaging, most: int, narrow: bool) -> Diagram:
    """A narrow one has shorter names, and leaves out what is delivered, for want of room."""
    sheet = _Sheet()
    total = sum(row.published_per_second.value or 0.0 for row in found.topics)
    hub = Box("PubSub", _rate(found.published, total), RATE_ROOM, looks=("hub",))
    sources = [sheet.add(box) for box in publisher_boxes(found.publishers, found.publishers_note)]
    middle = sheet.add(hub)
    sheet.arrows += [Arrow(one, middle) for one in sources]
    shown, rest = chosen(found.topics, most)
    named = NAMED if len(found.topics) <= NAMED_UP_TO_TOPICS else 1
    for row in shown:
        topic = sheet.add(topic_box(row, narrow), middle)
        for box in subscriber_boxes(row, found.subscribers.of(row.name), named, narrow):
            sheet.add(box, topic, broken=row.status is Status.UNHEALTHY)
    if rest:
        ears = sum(int(row.subscribers.value or 0) for row in rest)
        worst = _worst(row.status for row in rest)
        more = sheet.add(rest_box(rest, worst), middle)
        sheet.add(
            Box(fmt.many(ears, "subscriber"), looks=("subscriber", "more"), ours=True), more, worst is Status.UNHEALTHY
        )
    return flowchart(sheet.boxes, sheet.arrows, NARROW_COLUMNS if narrow else WIDE_COLUMNS)


def chosen(topics: Sequence[TopicRow], most: int) -> tuple[list[TopicRow], list[TopicRow]]:
    """The worst and busiest, and the rest. Among those alike the order is by name, so that boxes keep their places."""
    shown = sorted(topics[:most], key=lambda row: (TROUBLE.index(row.status), row.name))
    return shown, list(topics[most:])


def _rate(availability: Measure, value: float) -> str:
    return fmt.rate(value).text if availability.value is not None else fmt.reading_words(availability)


def _worst(statuses: Iterable[Status]) -> Status:
    return min(statuses, key=TROUBLE.index)


def sentences(found: Messaging) -> list[str]:
    """The same in words: who publishes, and each topic that is drawn with its rates and its trouble."""
    if not found.topics:
        return [_nothing(found)]
    shown, rest = chosen(found.topics, MOST_TOPICS)
    said = [_publishing(found), *map(_topic_words, shown)]
    if rest:
        total = fmt.rate(sum(row.published_per_second.value or 0.0 for row in rest)).text
        said.append(f"{len(rest):,} more topics, none worse than these: {total} published on them together.")
    return said


def _publishing(found: Messaging) -> str:
    if not found.publishers:
        why = f"not reported: {found.publishers_note}" if found.publishers_note else "nobody asks to publish"
        return f"Publishers: {why}."
    named = [f"{cut(one.namespace, WORDS_COLUMNS)} {fmt.words(one.per_second)}" for one in found.publishers]
    return f"Publishers: {fmt.listed(named, MOST_PUBLISHERS)}. On which topic each publishes is not reported."


def _topic_words(row: TopicRow) -> str:
    ears = (
        "subscribers not reported"
        if row.subscribers.value is None
        else fmt.many(int(row.subscribers.value), "subscriber")
    )
    trouble = f" {row.reason[:1].upper()}{row.reason[1:]}." if row.reason else ""
    rates = f"{fmt.words(row.published_per_second)} published, {fmt.words(row.delivered_per_second)} delivered"
    return f"{cut(topic_name(row.name), WORDS_COLUMNS)} {row.status.value}: {rates} to {ears}.{trouble}"
