"""The subscriber table of Messaging where only NATS reports subscribers."""

from __future__ import annotations

from aggregators.messaging.messaging import messaging
from aggregators.messaging.subscribers import BEHIND_BYTES
from model.status import Reading
from pages.messaging import page
from tests.aggregators.servers import NOW, Reads, snapshot


def nats(waiting: float) -> Reads:
    """One subscriber for whom so many bytes wait."""
    reads = Reads("nats")
    for ago in (10.0, 0.5):
        reported = reads.at(ago)
        place = {"subject": "orders", "subscriber": "billing #1", "queue": ""}
        reported.counter("nats_server_subscriber_messages_total", 5.0, **place)
        reported.gauge("nats_server_subscriber_pending_bytes", waiting, **place)
    return reads


def test_the_page_says_who_reports_and_in_what() -> None:
    props = page.update(snapshot([nats(2.0 * BEHIND_BYTES)]), NOW)
    assert (
        props["ms-subscribers-note"]["children"] == "1 subscriber, reported by NATS: 1 slow; bytes that wait, not time"
    )
    (row,) = page.view_model(snapshot([nats(2.0 * BEHIND_BYTES)]), NOW).subscribers
    lag = row.cells["lag"]
    assert (lag["v"], lag["u"], lag["k"]) == (2.0 * BEHIND_BYTES, "MiB", "degraded")
    assert messaging(snapshot([nats(0.0)]), NOW).published.reading is Reading.NOT_REPORTED
