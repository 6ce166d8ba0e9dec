"""Messages: dropped, lost, late, waiting; subscribers that are behind or hear nothing."""

from __future__ import annotations

from aggregators.alerts.rules.rule import CRITICAL, RATE, WARNING, Blamed, Rule
from model.series import Unit

_PAGE = "/messaging"
MESSAGING: tuple[Rule, ...] = (
    Rule(
        "topic_stopped", "Deliveries stopped", "topic_stopped",
        "prism_pubsub_delivered_total; messages published to subscribers while none was delivered, in 3 s (rare: 15 s)",
        ("proxy",), "messaging", CRITICAL, 3.0, 5.0, 1.0, (2, 3), 2.0,
        "of fewer than five messages nothing is concluded; a pause of a second is none",
        "{topic}: nothing was delivered in {span}, and {count} messages were published",
        _PAGE, unit=Unit.COUNT, blames=Blamed.TOPIC,
    ),
    Rule(
        "topic_silent", "Nobody publishes any more", "topic_silent",
        "prism_pubsub_published_total of the last 3 s (few: 5 s, 15 s, 30 s) over its own median of the last minute",
        ("proxy",), "messaging", WARNING, 5.0, 0.1, 0.5, RATE, 3.0,
        "it falls by and by at night; of fewer than 15 expected, or of what never was steady, nothing is concluded",
        "{topic}: {now} messages a second are published, usually {usual}",
        _PAGE, unit=Unit.RATIO, blames=Blamed.TOPIC, longest_seconds=900.0,
    ),
    Rule(
        "topic_dropping", "Deliveries are dropped", "topic_dropping",
        "prism_pubsub_dropped_total over it and _delivered_total; of the last 5 s (rare: 60 s)",
        ("proxy",), "messaging", WARNING, 5.0, 0.001, 0.001, (2, 3), 5.0,
        "RFC view 4: near zero. Of fewer than five nothing is concluded; critical above 1 %",
        "{topic}: {percent} of its deliveries are dropped",
        _PAGE, 0.01, unit=Unit.RATIO, blames=Blamed.TOPIC,
    ),
    Rule(
        "topic_short", "Deliveries are missing", "topic_short",
        "published × subscribers - delivered - dropped - pending, over what was due in 15 s (few: 60 s)",
        ("proxy",), "messaging", WARNING, 15.0, 0.0, 0.0, (2, 3), 5.0,
        "every delivery is accounted for; two, or a tenth of a second's, may lie between two counters of one read",
        "{topic}: {missing} in {span}",
        _PAGE, 0.1, unit=Unit.RATIO, blames=Blamed.TOPIC, every_seconds=2.0,
    ),
    Rule(
        "subscriber_silent", "Subscriber hears nothing", "subscriber_silent",
        "prism_pubsub_subscriber_received_total; messages of its topic in 6 s (rare: 30 s) of which it received none",
        ("proxy",), "messaging", WARNING, 6.0, 5.0, 1.0, (2, 3), 2.0,
        "the others received theirs: of fewer than five messages nothing is concluded",
        "{subscriber} received nothing in {span}, while {count} messages were published",
        _PAGE, unit=Unit.COUNT, blames=Blamed.SUBSCRIBER,
    ),
    Rule(
        "subscriber_lag", "Subscriber is behind", "subscriber_lag",
        "prism_pubsub_subscriber_lag_seconds; else the bytes that wait for it in NATS, in MiB",
        (), "messaging", WARNING, 0.0, 0.1, 0.08, RATE, 3.0,
        "RFC view 4: 100 ms; critical at 10 s, when it does not catch up any more",
        "{subscriber} is {behind} behind",
        _PAGE, 10.0, unit=Unit.SECONDS, blames=Blamed.SUBSCRIBER, every_seconds=0.5,
        any_of=("proxy", "nats"),
    ),
    Rule(
        "topic_backlog", "Deliveries wait", "topic_backlog",
        "prism_pubsub_pending over published × subscribers; seconds' worth of deliveries that wait",
        ("proxy",), "messaging", WARNING, 15.0, 1.0, 0.5, RATE, 3.0,
        "a second's deliveries; a quarter of them when it has grown for 15 s and goes on",
        "{topic}: {count} deliveries wait{how}",
        _PAGE, 10.0, unit=Unit.SECONDS, blames=Blamed.TOPIC, every_seconds=0.5,
    ),
    Rule(
        "delivery_slow", "Deliveries are slow", "delivery_slow",
        "prism_pubsub_delivery_duration_seconds; P99 of the last 5 s (few: 15 s, 60 s) in seconds",
        ("proxy",), "messaging", WARNING, 5.0, 0.010, 0.010, RATE, 3.0,
        "the RFC's limit for requests, or 5 times the own P99 of 5 minutes where that is more (5 times the limit "
        "before two minutes are known); of fewer than 20 in a minute half must be slower; over when fewer than 1 in "
        "200 is; critical at 1 s",
        "{topic}: delivery P99 is {latency}",
        _PAGE, 1.0, unit=Unit.SECONDS, blames=Blamed.TOPIC,
    ),
)  # fmt: skip
