"""Backends' own servers as the page words them: a panel each, with the lines of its kind."""

from __future__ import annotations

from collections.abc import Iterable

from aggregators.backends.nats_server import NatsServer
from aggregators.backends.postgres_server import PostgresServer
from aggregators.backends.redis_server import RedisServer
from aggregators.backends.server import ITSELF, Server
from aggregators.backends.servers import Servers
from components import format as fmt
from components.lists.backend_panels import Line
from components.lists.server_panels import ServerPanel
from components.status import TROUBLE, StatusWord
from model.catalogue.source_kinds import SERVERS
from model.measure import Measure
from model.status import Reading, Status

CONNECTIONS = "Server connections (all clients)"
NEARLY_FULL = 0.9


def server_panels(found: Servers) -> list[ServerPanel]:
    """Every server, worst first."""
    panels = [_panel(one.server, _redis(one)) for one in found.redis]
    panels += [_panel(one.server, _nats(one)) for one in found.nats]
    panels += [_panel(one.server, _postgres(one)) for one in found.postgres]
    return sorted(panels, key=lambda one: (TROUBLE.index(one.status.status), one.name, one.about))


def _panel(one: Server, lines: Iterable[Line]) -> ServerPanel:
    age = one.connections.age_seconds if one.status is not Status.UNHEALTHY else None
    reported = "" if one.reported_by == ITSELF else f"reported by {one.reported_by}"
    what = " ".join(filter(None, (one.product or SERVERS[one.kind], one.version, one.role)))
    return ServerPanel(
        name=one.name,
        about=" · ".join(filter(None, (what, one.address.partition("://")[2], reported))),
        href="",
        status=StatusWord(one.status, age if one.status is Status.UNKNOWN else None),
        reason=one.reason,
        lines=(_connections(one), Line("Turned away", ((one.rejected, "in 5 min"),)), *lines, _uptime(one)),
    )


def _connections(one: Server) -> Line:
    kind = "degraded" if (one.connections_ratio.value or 0.0) > NEARLY_FULL else ""
    figures = ((one.connections, "in use"), (one.most_connections, "max"))
    return Line(CONNECTIONS, figures, "", one.connections_ratio, kind)


def _uptime(one: Server) -> Line:
    if one.uptime.value is None:
        return Line("Up for", ((one.uptime, ""),))
    return Line("Up for", words=fmt.duration(one.uptime.value), age_seconds=one.uptime.age_seconds)


def _redis(one: RedisServer) -> list[Line]:
    return [
        Line("Memory", ((one.memory_used, "used"), (one.memory_max, "max")), "", one.memory_ratio),
        Line("Commands", ((one.commands, ""), (one.command_mean, "avg"))),
        Line(
            f"P99 of {one.command} since its start" if one.command else "P99 since its start", ((one.command_p99, ""),)
        ),
        Line("Look-ups found", ((one.hits_ratio, ""),)),
        Line("In 5 min", ((one.failed, "failed"), (one.evicted, "evicted"))),
        *_some(one.blocked, "Waiting in a blocking command", "clients"),
    ]


def _nats(one: NatsServer) -> list[Line]:
    lines = [
        Line("Messages in", ((one.in_messages, ""), (one.in_bytes, "in 5 min"))),
        Line("Messages out", ((one.out_messages, ""), (one.out_bytes, "in 5 min"))),
        Line("Waiting for clients", ((one.pending, ""),)),
        Line("Slow consumers cut off", ((one.slow_consumers, "in 5 min"),)),
        Line("Subscriptions", ((one.subscriptions, "with its own"),)),
        Line("Memory", ((one.memory, ""), (one.cpu, "using"))),
    ]
    if one.streams.reading is not Reading.NOT_REPORTED:
        reported = ((one.stream_pending, "pending"), (one.stream_unacknowledged, "unacknowledged"))
        lines.append(Line("JetStream", ((one.streams, "streams"), *reported)))
    return lines


def _postgres(one: PostgresServer) -> list[Line]:
    return [
        Line(
            "By state", ((one.active, "active"), (one.idle, "idle"), (one.idle_in_transaction, "idle in transaction"))
        ),
        Line("Transactions", ((one.transactions, ""), (one.rollback_ratio, "rolled back"))),
        Line("Longest transaction", ((one.longest_transaction, ""),)),
        Line("Query duration", ((one.query_mean, "avg"),)),
        Line("Deadlocks", ((one.deadlocks, "in 5 min"),)),
        *_some(one.lock_waits, "Waiting for a lock", "queries"),
    ]


def _some(measure: Measure, title: str, noun: str) -> list[Line]:
    """A line that is only there when there is something to say."""
    return [Line(title, ((measure, noun),))] if measure.value else []
