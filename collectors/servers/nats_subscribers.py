"""Who subscribes to what on a NATS server, what each was given and what waits for it, from /connz?subs=detail."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from collectors.core.amounts import amount, figure
from collectors.servers.server_scrape import Reported, identity, plain

MAX_SUBSCRIBERS = 1000
"""Rows reported, those of the clients that connected first; more than these no table shows."""
INTERNAL = ("_", "$")
"""How subjects begin that clients and the server make up for one answer or for themselves: nobody's topics."""
_UNIQUE = re.compile(r"[0-9A-Za-z]{22}")
_TURNS = re.compile(r"[a-z]+|[A-Z]+|[0-9]+")
MANY_TURNS, FEW_TURNS = 8, 4
SUBSCRIBERS = "subscribers"
Connection = Mapping[str, Any]


class Place(NamedTuple):
    """One subscriber of one subject; `queue` is the group that shares its messages, '' for none."""

    subject: str
    subscriber: str
    queue: str


def add_subscribers(reported: Reported, connections: Sequence[Connection]) -> None:
    """The bytes that wait for all clients, and each subscriber's messages and waiting bytes."""
    waiting = [amount(one.get("pending_bytes")) for one in connections]
    known = [pending for pending in waiting if pending is not None]
    reported.gauge("nats_server_pending_bytes", sum(known) if known or not connections else None)
    messages: dict[Place, float] = {}
    behind: dict[Place, float | None] = {}
    left_out = False
    for client, pending in zip(connections, waiting, strict=True):
        name = _name(client)
        for subscription in _subscriptions(client):
            count = amount(subscription.get("msgs"))
            place = Place(identity(subscription.get("subject")), name, identity(subscription.get("qgroup")))
            if count is None or not place.subject or is_private(place.subject):
                continue
            if place not in messages and len(messages) >= MAX_SUBSCRIBERS:
                left_out = True
                continue
            messages[place] = messages.get(place, 0.0) + count
            behind[place] = pending
    if left_out:
        reported.cut(SUBSCRIBERS, f"the first {MAX_SUBSCRIBERS:,} subscriptions")
    for place, count in messages.items():
        reported.counter("nats_server_subscriber_messages_total", count, **place._asdict())
        reported.gauge("nats_server_subscriber_pending_bytes", behind[place], **place._asdict())


def is_private(subject: str) -> bool:
    """True for an inbox, whatever its prefix: clients make one of a name of theirs and 22 random letters and digits.

    `_INBOX.<unique>.*` is the usual one, and any prefix may be asked for. One made by a word's rules is no such name:
    what is random changes between capitals, small letters and digits again and again.
    """
    return subject.startswith(INTERNAL) or any(map(_is_unique, subject.split(".")[1:]))


def _is_unique(token: str) -> bool:
    if not _UNIQUE.fullmatch(token):
        return False
    turns = len(_TURNS.findall(token))
    capitals = token == token.upper()  # some clients use no small letters
    return turns >= (FEW_TURNS if capitals else MANY_TURNS)


def _name(one: Connection) -> str:
    """A client's own name with its connection's number: names are shared, and a number stays while it is connected."""
    return f"{plain(one.get('name')) or 'client'} #{_number(one)}"


def _number(one: Connection) -> str:
    cid = figure(one.get("cid"))
    return "?" if cid is None else f"{cid:.0f}"


def _subscriptions(client: Connection) -> list[Mapping[str, Any]]:
    found = client.get("subscriptions_list_detail")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
