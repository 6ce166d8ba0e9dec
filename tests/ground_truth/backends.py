"""Every figure of Backend Health (RFC view 3)."""

from __future__ import annotations

from collections.abc import Callable

from tests.ground_truth import sums
from tests.ground_truth.figure_rows import INSTANT, MINUTES_5, Line, Pick, Table, among, field
from tests.ground_truth.messaging import STEP
from tests.ground_truth.model_readings import Of
from tests.ground_truth.parse_text import STATUSES, Reported, after, status

POOLED = ("redis", "postgresql")
REASONS = ("refused", "timeout", "reset")
NOISE = 0.001
KEYS_A_READ = 3.0
"""By how many keys a memstore's slow wave moves within a reading and a redraw."""


def _of(pattern: str, what: str) -> sums.Part:
    return lambda model: model["pools"][pattern][what]


def _errors(pattern: str, reason: str) -> sums.Part:
    return lambda model: model["pools"][pattern]["errors"][reason]


def _nats(what: str) -> sums.Part:
    return lambda model: model["nats"][what]


def _memstore(what: str) -> sums.Part:
    return lambda model: model["memstore"][what]


def _use(pattern: str) -> Of:
    return lambda window: window[1]["pools"][pattern]["active"] / window[1]["pools"][pattern]["max"]


def _status(pattern: str) -> sums.Part:
    return lambda model: STATUSES.index(model["patterns"][pattern]["status"])


def _sum(what: str) -> sums.Part:
    return lambda model: sum(model["pools"][pattern][what] for pattern in POOLED)


def _panel(name: str, *path: str) -> Pick:
    def pick(answer: object) -> object:
        reported = among("backends", name=name)(path[0])(answer)
        return field(*path[1:])(reported)

    return pick


def _pool(name: str, what: str) -> Pick:
    def pick(answer: object) -> object:
        return among("pools", pattern=name)(what)({"pools": [row["pool"] for row in field("rows")(answer)]})

    return pick


def behind(*words: str) -> Callable[[str], Reported | None]:
    """The first number behind the last of these words, each of them behind the one before; "msgs" are no "ms"."""

    def spelled(text: str) -> Reported | None:
        for word in words[:-1]:
            text = text.partition(word)[2]
        return after(words[-1])(text.replace("msgs", "of them"))

    return spelled


def _row(name: str) -> tuple[Line, ...]:
    shown = f"bk-pools-table/{name}"
    return (
        Line(f"{name} active", sums.now(_of(name, "active")), INSTANT, f"{shown}/active", _pool(name, "active_count")),
        Line(f"{name} idle", sums.now(_of(name, "idle")), INSTANT, f"{shown}/idle", _pool(name, "idle_count")),
        Line(f"{name} max", sums.now(_of(name, "max")), INSTANT, f"{shown}/max", _pool(name, "maximum_count")),
        Line(f"{name} waiting", sums.now(_of(name, "waiting")), INSTANT, served=_pool(name, "waiting_count")),
        Line(f"{name} status", sums.now(_status(name)), INSTANT, f"{shown}/status", spelled=status),
    )


def _used(name: str) -> tuple[Line, ...]:
    return (
        Line(f"{name} use", _use(name), INSTANT, f"bk-pools-table/{name}/use", _pool(name, "utilization_ratio")),
        Line(f"{name} capacity", _use(name), INSTANT, f"bk-{name}", spelled=after("Pool capacity ")),
        Line(f"{name} connections", sums.now(_of(name, "active")), INSTANT, f"bk-{name}",
             spelled=after("Connections ")),
    )  # fmt: skip


def _timed(name: str, what: str, title: str, count: str, seconds: str, buckets: str) -> tuple[Line, ...]:
    """The mean and the P99 of what was timed in five minutes."""
    return (
        Line(f"{name} {title} avg", sums.ratio(_of(name, seconds), _of(name, count)), MINUTES_5, f"bk-{name}",
             _panel(name, what, "mean_seconds"), relative=NOISE, spelled=after(f"{title} avg ")),
        Line(f"{name} {title} P99", sums.quantile(0.99, _of(name, buckets)), MINUTES_5, f"bk-{name}",
             _panel(name, what, "p99_seconds"), relative=NOISE, spelled=behind(f"{title} avg ", "P99 ")),
    )  # fmt: skip


def _acquired(name: str, title: str) -> tuple[Line, ...]:
    return _timed(name, "acquire", title, "acquisitions", "acquire_seconds", "acquire_histogram")


def _failed(name: str) -> tuple[Line, ...]:
    said = dict(zip(REASONS, ("Errors ", "refused ", "timeout "), strict=True))
    return tuple(
        Line(f"{name} {reason}", sums.increase(_errors(name, reason)), MINUTES_5, f"bk-{name}",
             _panel(name, "errors", f"{reason}_count"), spelled=behind("Errors", said[reason].replace("Errors", "")))
        for reason in REASONS
    )  # fmt: skip


NATS = (
    Line("reconnects", sums.now(lambda model: model["patterns"]["nats"]["restarts"]), INSTANT, "bk-nats",
         _panel("nats", "reconnects_count"), spelled=after("ING ")),
    Line("subscriptions", sums.now(_nats("subscriptions")), INSTANT, "bk-nats",
         _panel("nats", "subscriptions_count"), spelled=after("Subscriptions ")),
    Line("in", sums.now(_nats("in_messages")), INSTANT, "bk-nats", _panel("nats", "in_messages_count"),
         spelled=behind("Subscriptions", "In ")),
    Line("in, bytes", sums.now(_nats("in_bytes")), INSTANT, "bk-nats", _panel("nats", "in_bytes"),
         spelled=behind("Subscriptions", "In ", "of them ")),
    Line("out", sums.now(_nats("out_messages")), INSTANT, "bk-nats", _panel("nats", "out_messages_count"),
         spelled=behind("Out ")),
    Line("out, bytes", sums.now(_nats("out_bytes")), INSTANT, "bk-nats", _panel("nats", "out_bytes"),
         spelled=behind("Out ", "of them ")),
    Line("pending", sums.now(_nats("pending")), INSTANT, "bk-nats", _panel("nats", "pending_count"),
         slack=STEP, spelled=after("Pending ")),
)  # fmt: skip

BACKENDS = Table(
    "Backend Health", "/backends", "/api/backends", 5.0,
    (
        *(line for name in (*POOLED, "nats") for line in (*_row(name), *_failed(name))),
        *(line for name in POOLED for line in _used(name)),
        *_acquired("redis", "Acquisition time"),
        *_acquired("postgresql", "Pool wait"),
        *_timed("postgresql", "query", "Query duration", "queries", "query_seconds", "query_histogram"),
        Line("active queries", sums.now(_of("postgresql", "active")), INSTANT, "bk-postgresql",
             _panel("postgresql", "active_queries_count"), spelled=after("Active queries ")),
        *NATS,
        Line("sum of active", sums.now(_sum("active")), INSTANT, "bk-pools-table/Sum of 2 pools/active",
             field("active_count")),
        Line("sum of idle", sums.now(_sum("idle")), INSTANT, "bk-pools-table/Sum of 2 pools/idle", field("idle_count")),
        Line("sum of max", sums.now(_sum("max")), INSTANT, "bk-pools-table/Sum of 2 pools/max", field("maximum_count")),
        Line("keys", sums.now(_memstore("keys")), INSTANT, "bk-memstore", _panel("memstore", "stored_count"),
             slack=KEYS_A_READ, spelled=after("Keys ")),
        Line("most keys", sums.now(_memstore("max_keys")), INSTANT, "bk-memstore",
             _panel("memstore", "most_stored_count"), spelled=after("stored ")),
    ),
)  # fmt: skip
