"""The message flow as a diagram and as words: who publishes, over which topics, to whom (view 4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from aggregators.messaging.messaging import Messaging
from aggregators.messaging.publishers import Publisher
from aggregators.messaging.subscribers import SubscriberRow
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
from pages.messaging.text import topic_name

MOST_TOPICS, MOST_TOPICS_NARROW = 10, 6
MOST_PUBLISHERS = 4
WORDS_COLUMNS = 60
NAMED, NAMED_UP_TO_TOPICS = 3, 4
"""So many subscribers have a box of their own, while there are at most so many topics."""
RATE_ROOM, BOTH_ROOM, LAG_ROOM = "00.00k /s", "000.0 → 00.00k /s", "▲ 00.0 ms"
BEHIND = " behind"
SIGNS = {Status.DEGRADED: "▲ DEGRADED", Status.UNHEALTHY: "⬣ UNHEALTHY"}
LOOKS = {Status.DEGRADED: "degraded", Status.UNHEALTHY: "unhealthy", Status.UNKNOWN: "idle"}


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
    sources = [sheet.add(box) for box in _publisher_boxes(found.publishers, found.publishers_note)]
    middle = sheet.add(hub)
    sheet.arrows += [Arrow(one, middle) for one in sources]
    shown, rest = chosen(found.topics, most)
    named = NAMED if len(found.topics) <= NAMED_UP_TO_TOPICS else 1
    for row in shown:
        topic = sheet.add(_topic_box(row, narrow), middle)
        for box in _subscriber_boxes(row, found.subscribers.of(row.name), named, narrow):
            sheet.add(box, topic, broken=row.status is Status.UNHEALTHY)
    if rest:
        many = sum(int(row.subscribers.value or 0) for row in rest)
        worst = _worst(row.status for row in rest)
        more = sheet.add(_rest_box(rest, worst), middle)
        sheet.add(
            Box(_many(many, "subscriber"), looks=("subscriber", "more"), ours=True), more, worst is Status.UNHEALTHY
        )
    return flowchart(sheet.boxes, sheet.arrows, NARROW_COLUMNS if narrow else WIDE_COLUMNS)


def chosen(topics: Sequence[TopicRow], most: int) -> tuple[list[TopicRow], list[TopicRow]]:
    """The worst and busiest, and the rest. Among those alike the order is by name, so that boxes keep their places."""
    shown = sorted(topics[:most], key=lambda row: (TROUBLE.index(row.status), row.name))
    return shown, list(topics[most:])


def _rate(availability: Measure, value: float) -> str:
    return fmt.rate(value).text if availability.value is not None else fmt.reading_words(availability)


def _publisher_boxes(publishers: Sequence[Publisher], note: str) -> list[Box]:
    """The busiest namespaces that publish; which of the topics they publish on is reported by nobody."""
    if not publishers:
        return [
            Box(
                "Publishers",
                "not reported" if note else "nobody asks",
                RATE_ROOM,
                looks=("publisher", "idle"),
                ours=True,
            )
        ]
    most = MOST_PUBLISHERS if len(publishers) <= MOST_PUBLISHERS else MOST_PUBLISHERS - 1
    shown = sorted(publishers[:most], key=lambda one: one.namespace)
    boxes = [Box(one.namespace, fmt.parts(one.per_second).text, RATE_ROOM, looks=("publisher",)) for one in shown]
    rest = publishers[most:]
    if rest:
        total = fmt.rate(sum(one.per_second.value or 0.0 for one in rest)).text
        boxes.append(Box(f"{len(rest)} more", total, RATE_ROOM, looks=("publisher", "more"), ours=True))
    return boxes


def _topic_box(row: TopicRow, narrow: bool) -> Box:
    looks = ("topic", *([LOOKS[row.status]] if row.status in LOOKS else []))
    return Box(
        topic_name(row.name),
        _flow(row, not narrow),
        RATE_ROOM if narrow else BOTH_ROOM,
        SIGNS.get(row.status, ""),
        looks,
    )


def _flow(row: TopicRow, both: bool) -> str:
    """'142 → 426 /s', '142 /s' without what is delivered, 'idle'."""
    if row.published_per_second.value is None:
        return fmt.reading_words(row.published_per_second)
    if row.status is Status.UNKNOWN:
        return "idle"
    reported = fmt.parts(row.published_per_second)
    if not both or row.delivered_per_second.value is None:
        return reported.text
    return f"{reported.text.removesuffix(' /s')} → {fmt.parts(row.delivered_per_second).text}"


def _subscriber_boxes(row: TopicRow, reported: Sequence[SubscriberRow], named: int, narrow: bool) -> list[Box]:
    """The slowest by name, the others as one; one box for all when there is no room."""
    total = len(reported) if row.subscribers.value is None else max(int(row.subscribers.value), len(reported))
    if row.subscribers.value is None and not reported:
        return [Box("Subscribers", "not reported", looks=("subscriber", "idle"), ours=True)]
    if total == 0:
        return [Box("nobody subscribes", looks=("subscriber", "idle"), ours=True)]
    reported = sorted(reported, key=lambda one: (one.status is not Status.DEGRADED, one.name))
    keep = total if total <= named and len(reported) == total else named - 1
    boxes = [_subscriber_box(one.name, [one], narrow) for one in reported[:keep]]
    if total > keep:
        words = _many(total, "subscriber") if keep == 0 else f"{total - keep:,} more"
        boxes.append(_subscriber_box(words, reported[keep:], narrow, "more"))
    return boxes


def _subscriber_box(name: str, reported: Sequence[SubscriberRow], narrow: bool, *looks: str) -> Box:
    """One subscriber or several, with the lag of the slowest when that is over the limit."""
    slowest = max(reported, key=lambda one: one.lag.value or 0.0, default=None)
    if slowest is None or slowest.status is not Status.DEGRADED or slowest.lag.value is None:
        return Box(name, looks=("subscriber", *looks), ours=bool(looks))
    behind = "" if narrow else BEHIND
    lag = f"▲ {fmt.latency(slowest.lag.value).text}{behind}"
    return Box(name, lag, LAG_ROOM + behind, looks=("subscriber", *looks, "degraded"), ours=bool(looks))


def _rest_box(rest: Sequence[TopicRow], worst: Status) -> Box:
    total = fmt.rate(sum(row.published_per_second.value or 0.0 for row in rest)).text
    looks = [LOOKS[worst]] if worst in SIGNS else []
    return Box(f"{len(rest):,} more topics", total, RATE_ROOM, SIGNS.get(worst, ""), ("topic", "more", *looks), True)


def _worst(statuses: Iterable[Status]) -> Status:
    return min(statuses, key=TROUBLE.index)


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


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
        "subscribers not reported" if row.subscribers.value is None else _many(int(row.subscribers.value), "subscriber")
    )
    trouble = f" {row.reason[:1].upper()}{row.reason[1:]}." if row.reason else ""
    rates = f"{fmt.words(row.published_per_second)} published, {fmt.words(row.delivered_per_second)} delivered"
    return f"{cut(topic_name(row.name), WORDS_COLUMNS)} {row.status.value}: {rates} to {ears}.{trouble}"
