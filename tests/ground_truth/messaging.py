"""Every figure of Messaging Flow (RFC view 4)."""

from __future__ import annotations

from simulator.traffic.scenario import TopicSpec, default_scenario
from tests.ground_truth import sums
from tests.ground_truth.figure_rows import INSTANT, MINUTES_5, Line, Table, among, field
from tests.ground_truth.model_readings import TrafficModel, Window

TOPICS = default_scenario().topics
RATE_SECONDS = 15.0
STEP = 45.0
"""Messages that wait for a slow subscriber are drawn anew several times a second, around 65: within five deviations."""
LAG_STEP = STEP / 520.0
"""The same as the time that so many messages take to be published, in seconds."""
NOISE = 0.05


def _of(topic: str, what: str) -> sums.Part:
    return lambda model: model["topics"][topic][what]


def _all(what: str) -> sums.Part:
    return sums.remembered(lambda model: sum(topic[what] for topic in model["topics"].values()))


def _deliveries(model: TrafficModel) -> list[int]:
    histograms = [topic["delivery_histogram"] for topic in model["topics"].values()]
    return [sum(column) for column in zip(*histograms, strict=True)]


def _due(model: TrafficModel) -> int:
    return int(_all("delivered")(model)) + int(_all("dropped")(model))


def _expected(window: Window) -> float:
    """Subscribers of a message on average: what each publish should be delivered to."""
    due = sum(sums.grown(window, _of(topic.name, "published")) * len(topic.subscribers) for topic in TOPICS)
    return due / max(1.0, sums.grown(window, _all("published")))


def _topic(topic: TopicSpec) -> tuple[Line, ...]:
    name, one, shown = topic.name, among("topics", name=topic.name), f"ms-topics-table/{topic.name}"
    rare = 3.0 / RATE_SECONDS
    return (
        Line(f"{name} subscribers", sums.now(_of(name, "subscribers")), INSTANT, f"{shown}/subs",
             one("subscribers_count")),
        Line(f"{name} published", sums.per_second(_of(name, "published")), RATE_SECONDS, f"{shown}/pub",
             one("published_per_second"), slack=rare, relative=NOISE),
        Line(f"{name} delivered", sums.per_second(_of(name, "delivered")), RATE_SECONDS, f"{shown}/del",
             one("delivered_per_second"), slack=rare * len(topic.subscribers), relative=NOISE),
        Line(f"{name} P99", sums.quantile(0.99, _of(name, "delivery_histogram")), MINUTES_5, f"{shown}/p99",
             one("p99_seconds")),
        Line(f"{name} dropped", sums.increase(_of(name, "dropped")), MINUTES_5, f"{shown}/dropped",
             one("dropped_count")),
        Line(f"{name} pending", sums.now(_of(name, "pending")), INSTANT, f"{shown}/pending", one("pending_count"),
             slack=STEP if any(lag for _, lag in topic.subscribers) else 0.0),
    )  # fmt: skip


def _subscriber(topic: str, name: str, lags: bool) -> tuple[Line, ...]:
    place = [one for one, _ in next(spec for spec in TOPICS if spec.name == topic).subscribers].index(name)

    def rows(column: str) -> Line:
        inner = among("rows", name=name)(column)
        if column == "lag_seconds":
            return Line(f"{name} lag", sums.now(lambda model: model["topics"][topic]["lag_seconds"][place]), INSTANT,
                        f"ms-subscribers-table/{name}/lag", lambda answer: inner(answer["subscribers"]),
                        slack=LAG_STEP if lags else 0.0)  # fmt: skip
        received = sums.increase(lambda model: model["topics"][topic]["received"][name])
        return Line(f"{name} received", received, MINUTES_5,
                    f"ms-subscribers-table/{name}/received", lambda answer: inner(answer["subscribers"]))  # fmt: skip

    return rows("received_count"), rows("lag_seconds")


MESSAGING = Table(
    "Messaging Flow", "/messaging", "/api/messaging", 5.0,
    (
        Line("published", sums.increase(_all("published")), MINUTES_5, "ms-published", field("published_count")),
        Line("delivered", sums.increase(_all("delivered")), MINUTES_5, "ms-delivered", field("delivered_count")),
        Line("dropped", sums.increase(_all("dropped")), MINUTES_5, "ms-dropped", field("dropped_count")),
        Line("share dropped", sums.share(_all("dropped"), _due), MINUTES_5, "ms-dropped-note", field("dropped_ratio")),
        Line("pending", sums.now(_all("pending")), INSTANT, "ms-pending", field("pending_count"), slack=STEP),
        Line("delivery ratio", sums.ratio(_all("delivered"), _all("published")), MINUTES_5, "ms-ratio",
             field("fanout", "ratio"), relative=0.002),
        Line("expected ratio", _expected, MINUTES_5, "ms-ratio-note", field("fanout", "expected"), relative=0.001),
        Line("delivery P99", sums.quantile(0.99, sums.remembered(_deliveries)), MINUTES_5, "ms-p99",
             field("p99_seconds")),
        *(line for topic in TOPICS for line in _topic(topic)),
        *(line for topic in TOPICS for name, lag in topic.subscribers
          for line in _subscriber(topic.name, name, lag > 0)),
    ),
)  # fmt: skip
