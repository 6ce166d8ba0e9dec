"""What is said of messages: figures with their judgement, rows of topics and subscribers, the timeline."""

from __future__ import annotations

from collections.abc import Sequence

from aggregators.messaging.message_series import MessageLines
from aggregators.messaging.messaging import Messaging
from aggregators.messaging.publishers import Client
from aggregators.messaging.topics import SLOW_SECONDS, unaccounted_words
from components import format as fmt
from components.banner import Stat
from components.charts import kinds as charts
from components.charts.kinds import Figure, Series, Span
from components.format import Style
from components.status import StatusWord
from model.measure import Measure
from model.status import Status
from pages.shared import answer_text

STATS = (
    ("ms-published", "Published"),
    ("ms-delivered", "Delivered"),
    ("ms-dropped", "Dropped"),
    ("ms-pending", "Pending"),
    ("ms-ratio", "Delivery ratio"),
    ("ms-p99", "Delivery P99"),
)
"""(id, name) of the figures that `stats` gives, in the RFC's order."""
SUM = "published × subscribers − delivered − dropped − pending = 0"
LINE_END_PIXELS = 64


def stats(found: Messaging) -> tuple[Stat, ...]:
    """Published, delivered, dropped, pending, delivery ratio and P99, in the RFC's order."""
    slow = found.p99.age_seconds is None and (found.p99.value or 0.0) > SLOW_SECONDS
    limit = fmt.round_latency(SLOW_SECONDS)
    expected = fmt.words(found.fanout.expected, Style.FACTOR)
    ratio = answer_text.stat(found.fanout.ratio, f"{expected} expected".replace(" ×", "×"))
    return (
        answer_text.stat(found.published, "last 5 min"),
        answer_text.stat(found.delivered, "last 5 min"),
        answer_text.stat(found.dropped, dropped_note(found)),
        answer_text.stat(found.pending, "now"),
        Stat(ratio.measure, ratio.note, found.fanout.status in (Status.DEGRADED, Status.UNHEALTHY), style=Style.FACTOR),
        Stat(found.p99, answer_text.stat(found.p99, f"above {limit}" if slow else "last 5 min").note, slow),
    )


def dropped_note(found: Messaging) -> str:
    """'0.01 % of due'."""
    return f"{fmt.parts(found.dropped_ratio).text} of due" if found.dropped_ratio.value is not None else "last 5 min"


def dropped_title(found: Messaging) -> str:
    """Both shares, since the RFC's is of the messages and ours of the deliveries."""
    if found.dropped_ratio.value is None or found.dropped_per_published_ratio.value is None:
        return found.dropped.note
    shares = (found.dropped_ratio, found.dropped_per_published_ratio)
    ended, published = (fmt.parts(one).text for one in shares)
    return f"{ended} of the deliveries that came to an end, {published} of the messages published"


def fanout(found: Messaging) -> tuple[str, StatusWord]:
    """'3.00×, 3.00 expected: fanout working', or how far it is off."""
    one = found.fanout
    word = StatusWord(one.status, one.ratio.age_seconds)
    if one.ratio.value is None:
        return f"Delivery ratio: {fmt.reading_words(one.ratio)}", word
    ratio = _number(one.ratio)
    if one.expected.value is None:
        return f"{ratio}×; how much it should be is {fmt.reading_words(one.expected)}: {one.expected.note}", word
    reported = f"{ratio}×, {_number(one.expected)} expected"
    if one.difference_ratio.value is None:
        return f"{reported}: nobody subscribes to what is published", word
    return f"{reported}: {_difference(one.difference_ratio.value, one.status)}", word


def _number(measure: Measure) -> str:
    return fmt.parts(measure, Style.FACTOR).number


def _difference(off: float, status: Status) -> str:
    if status is Status.HEALTHY:
        return "fanout working"
    share = fmt.percent(abs(off)).text
    return f"{share} short" if off < 0 else f"{share} more than expected, as when a backlog is delivered"


def balance(found: Messaging) -> tuple[str, StatusWord]:
    """Whether every delivery is accounted for, on which topics not, or why that cannot be known."""
    one = found.balance
    age = one.unaccounted.age_seconds
    if one.holds is None:
        why = f": {one.note}" if one.note != found.note else ""
        return f"Not reported whether every delivery is accounted for{why}", StatusWord(Status.UNKNOWN, age)
    if one.holds:
        return f"Every delivery is accounted for: {SUM}", StatusWord(Status.HEALTHY, age)
    words = unaccounted_words(one.unaccounted.value or 0.0)
    return f"{words} on {fmt.listed(list(one.topics))}: {SUM} does not hold", StatusWord(Status.DEGRADED, age)


def clients(found: Sequence[Client]) -> str:
    """What NATS' own clients count, which is not what topics count."""
    if not found:
        return "NATS: no pattern's health details count messages; in_msgs and out_msgs would be reported here"
    return "; ".join(map(_client, found))


def _client(one: Client) -> str:
    both = [
        f"{fmt.words(count)} messages {way}{_bytes(size)}"
        for way, count, size in (("in", one.received, one.received_bytes), ("out", one.sent, one.sent_bytes))
        if count.value is not None
    ]
    both += [f"{fmt.words(one.dropped)} dropped"] if one.dropped.value is not None else []
    both += [f"{fmt.words(one.subscriptions)} subscriptions"] if one.subscriptions.value is not None else []
    return f"{one.pattern} itself counts, since its client connected: {', '.join(both)}"


def _bytes(size: Measure) -> str:
    return f" ({fmt.parts(size).text})" if size.value is not None else ""


def timeline(lines: MessageLines, now: float, window: float) -> Figure:
    """Published, delivered and dropped, per second."""
    series = [
        Series("delivered", lines.delivered, charts.TEAL),
        Series("published", lines.published, charts.BLUE),
        Series("dropped", lines.dropped, charts.RED),
    ]
    figure = charts.lines(lines.times, series, charts.PER_SECOND, Span(now - window, now))
    figure["layout"]["margin"] |= {"r": LINE_END_PIXELS}
    return figure
