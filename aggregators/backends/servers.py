"""What the backends' own servers report, of all their clients: server connections, never Prism's pools (view 3)."""

from __future__ import annotations

from dataclasses import dataclass

from aggregators.backends.nats_server import NatsServer, nats_server
from aggregators.backends.postgres_server import PostgresServer, postgres_server
from aggregators.backends.redis_server import RedisServer, redis_server
from aggregators.backends.server import Server, by_trouble
from aggregators.backends.server_reads import ServerReads
from aggregators.backends.server_status import is_server, server_status
from model.catalogue.source_kinds import SERVERS
from model.sources import SourceState
from model.status import Status
from store.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Servers:
    """Every configured server by kind, worst first."""

    redis: tuple[RedisServer, ...] = ()
    nats: tuple[NatsServer, ...] = ()
    postgres: tuple[PostgresServer, ...] = ()

    @property
    def all(self) -> tuple[Server, ...]:
        """What they have in common, worst first."""
        found = [one.server for one in self.redis]
        found += [one.server for one in self.nats]
        found += [one.server for one in self.postgres]
        return tuple(sorted(found, key=by_trouble))


def backend_servers(snapshot: Snapshot, now: float) -> Servers:
    """Every server that the settings name, and what it says of itself."""
    found = [ServerReads(snapshot, now, state) for state in snapshot.sources.values() if is_server(state)]
    by_kind = {kind: [one for one in found if one.state.source == kind] for kind in SERVERS}
    return Servers(
        tuple(sorted(map(redis_server, by_kind["redis"]), key=lambda one: by_trouble(one.server))),
        tuple(sorted(map(nats_server, by_kind["nats"]), key=lambda one: by_trouble(one.server))),
        tuple(sorted(map(postgres_server, by_kind["postgres"]), key=lambda one: by_trouble(one.server))),
    )


def server_states(snapshot: Snapshot, now: float) -> list[tuple[SourceState, Status, str]]:
    """Each server's source with its status and the reason, without its figures."""
    found = [ServerReads(snapshot, now, state) for state in snapshot.sources.values() if is_server(state)]
    return [(one.state, *server_status(one)) for one in found]
