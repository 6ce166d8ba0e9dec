"""The boxes of the message flow: publishers, topics, subscribers."""

from __future__ import annotations

from collections.abc import Sequence

from aggregators.messaging.publishers import Publisher
from aggregators.messaging.subscribers import SubscriberRow
from aggregators.messaging.topics import TopicRow
from components import format as fmt
from components.charts.mermaid_text import (
    Box,
)
from model.status import Status
from pages.messaging.rows_text import topic_name

MOST_PUBLISHERS = 4
RATE_ROOM, BOTH_ROOM, LAG_ROOM = "00.00k /s", "000.0 → 00.00k /s", "▲ 00.0 ms"
BEHIND = " behind"
SIGNS = {Status.DEGRADED: "▲ DEGRADED", Status.UNHEALTHY: "⬣ UNHEALTHY"}
LOOKS = {Status.DEGRADED: "degraded", Status.UNHEALTHY: "unhealthy", Status.UNKNOWN: "idle"}


def publisher_boxes(publishers: Sequence[Publisher], note: str) -> list[Box]:
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


def topic_box(row: TopicRow, narrow: bool) -> Box:
    """A topic with its rates, and its status where that is trouble."""
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


def subscriber_boxes(row: TopicRow, reported: Sequence[SubscriberRow], named: int, narrow: bool) -> list[Box]:
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
        words = fmt.many(total, "subscriber") if keep == 0 else f"{total - keep:,} more"
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


def rest_box(rest: Sequence[TopicRow], worst: Status) -> Box:
    """All topics that have no box of their own."""
    total = fmt.rate(sum(row.published_per_second.value or 0.0 for row in rest)).text
    looks = [LOOKS[worst]] if worst in SIGNS else []
    return Box(f"{len(rest):,} more topics", total, RATE_ROOM, SIGNS.get(worst, ""), ("topic", "more", *looks), True)
