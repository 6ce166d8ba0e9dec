"""Which operations read and which write: a declared set of names, since no metric says so (contracts 4.7)."""

from __future__ import annotations

import re

READ, WRITE, OTHER = "read", "write", "other"
READS = frozenset(
    {
        "get", "mget", "exists", "has", "scan", "list", "keys", "read", "query", "search", "find", "count", "peek",
        "subscribe", "receive", "dequeue", "poll", "consume", "pull", "fetch", "pop", "head", "stat", "describe",
        "watch", "range",
    }
)  # fmt: skip
WRITES = frozenset(
    {
        "set", "mset", "put", "delete", "del", "remove", "publish", "enqueue", "push", "write", "insert", "update",
        "upsert", "create", "append", "incr", "increment", "decr", "decrement", "expire", "touch", "ack", "nack",
        "commit", "send", "produce", "store", "add", "register", "unregister",
    }
)  # fmt: skip
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")


def operation_class(operation: str) -> str:
    """read, write or other: by the last part of a name such as `KeyValue.Get`, else by its first known word."""
    last = re.split(r"[./:]", operation)[-1]
    for word in [last.lower(), *(part.lower() for part in _WORD.findall(last))]:
        if word in READS:
            return READ
        if word in WRITES:
            return WRITE
    return OTHER
