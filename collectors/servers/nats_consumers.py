"""How far behind each JetStream consumer is, from /jsz. A stream's name is its account's own: others may have it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from collectors.core.amounts import amount
from collectors.servers.server_scrape import Reported, identity

MAX_CONSUMERS = 300
"""So many are reported one by one, always the same ones; the others together, so that sums are whole."""
OTHERS = "all others"
_FAMILIES = {
    "num_pending": "nats_server_consumer_pending",
    "num_ack_pending": "nats_server_consumer_ack_pending",
    "num_redelivered": "nats_server_consumer_redelivered",
}


class Place(NamedTuple):
    """One consumer."""

    account: str
    stream: str
    consumer: str


def add_consumers(reported: Reported, pages: Iterable[Mapping[str, Any]]) -> None:
    """Every consumer of all accounts."""
    rows: dict[Place, dict[str, float]] = {}
    for place, detail in _consumers(pages):
        rows[place] = {
            family: value for field, family in _FAMILIES.items() if (value := amount(detail.get(field))) is not None
        }
    ordered = sorted(rows)
    for place in ordered[:MAX_CONSUMERS]:
        for family, value in rows[place].items():
            reported.gauge(family, value, **place._asdict())
    rest = ordered[MAX_CONSUMERS:]
    for family in _FAMILIES.values():
        values = [rows[place][family] for place in rest if family in rows[place]]
        if values:
            reported.gauge(family, sum(values), **Place("", OTHERS, OTHERS)._asdict())


def objects(holder: Mapping[str, Any], field: str) -> list[Mapping[str, Any]]:
    """The objects of a list; none where it is none."""
    found = holder.get(field)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _consumers(pages: Iterable[Mapping[str, Any]]) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    for page in pages:
        for account in objects(page, "account_details"):
            for stream in objects(account, "stream_detail"):
                for consumer in objects(stream, "consumer_detail"):
                    names = (account.get("id") or account.get("name"), stream.get("name"), consumer.get("name"))
                    yield Place(*map(identity, names)), consumer
