"""What is told of the members: limits, configuration, versions, starts, phases, and who can be read."""

from __future__ import annotations

from collections.abc import Iterator

from aggregators.changes.ledger import Fact, Key, Told
from aggregators.patterns.health import pattern_health
from aggregators.requests.attribution import NAMESPACE
from aggregators.series.last_reads import Last
from aggregators.series.replicas import processes_in_turn
from aggregators.series.sources import is_lost
from aggregators.series.window import Window
from model.catalogue import BY_NAME, CATALOGUE
from model.catalogue.servers import OF_SERVERS
from model.catalogue.source_kinds import SERVERS, shown
from model.number_text import cores, count, rate, size
from model.process_tracker import SAME_START_SECONDS
from model.series import Unit
from model.status import Reading
from store.snapshot import Snapshot

LIMITS = tuple(one for one in CATALOGUE if one.limit)
CALLED = {
    "prism_namespace_max_rps": "requests", "prism_namespace_max_read_rps": "reads",
    "prism_namespace_max_write_rps": "writes", "prism_admin_process_max_fds": "open files",
    "otelcol_exporter_queue_capacity": "batches in the queue", "prism_pool_connections_max": "connections",
    "process_memory_limit_bytes": "memory", "process_cpu_limit_cores": "CPU", "process_max_fds": "open files",
    "redis_server_memory_max_bytes": "memory", "backend_connections_max": "connections",
}  # fmt: skip
"""What each limit is a limit of."""
CONFIGURED = (("owner", "owner"), ("status", "Admin status"), ("patterns", "patterns"), ("backends", "backends"))
VERSIONS = ("backend_info", "dex_build_info")
STARTS = ("process_start_time_seconds", "prism_admin_process_start_time_seconds")
NO_READ = "no good read"


def limits(snapshot: Snapshot, now: float) -> Told | None:
    """Every configured limit, in the catalogue's units; 0 is none."""
    found: dict[Key, Fact] = {}
    for family in LIMITS:
        for one in _last(snapshot, now, family.name):
            component, page = _whose(one)
            name = f"limit of {CALLED.get(family.name, family.name)} of {component}"
            words = _limit_words(one.value, family.unit)
            found[family.name, one.read_from, *_place(one)] = Fact(component, name, page, one.value, words)
    return Told(found, frozenset({"limits"}))


def configuration(snapshot: Snapshot, now: float) -> Told | None:
    """What the Admin API says of every namespace."""
    found: dict[Key, Fact] = {}
    for one in _last(snapshot, now, "prism_namespace_info"):
        namespace = one.label("namespace")
        for label, called in CONFIGURED:
            value = one.label(label)
            name = f"{called} of {NAMESPACE}{namespace}"
            words = value.replace(",", ", ") or "none"
            found[namespace, label] = Fact(NAMESPACE + namespace, name, "/namespaces", value, words)
    return Told(found, frozenset({"admin"}))


def versions(snapshot: Snapshot, now: float) -> Told | None:
    """Versions and roles of whoever reports theirs."""
    found: dict[Key, Fact] = {}
    for family in VERSIONS:
        for one in _last(snapshot, now, family):
            component, page = _whose(one)
            for label in ("version", "role"):
                if value := one.label(label):
                    name = f"{label} of {component}"
                    found[family, one.read_from, one.label("backend"), label] = Fact(
                        component, name, page, value, value
                    )
    return Told(found, frozenset({"versions"}))


def starts(snapshot: Snapshot, now: float) -> Told | None:
    """When the processes that say so were started; of several that answer in turn none can be told from another."""
    several = processes_in_turn(snapshot, now)
    found: dict[Key, Fact] = {}
    for family in STARTS:
        for one in _last(snapshot, now, family):
            if one.read_from not in several and 0 < one.value <= now + 60:
                component, page = _whose(one)
                found[family, one.read_from] = Fact(component, component, page, one.value, at=one.value)
    return Told(found, frozenset({"starts"}))


def started_again(before: Fact, after: Fact) -> bool:
    """Whether it is another process than before, which began later."""
    return float(after.value) > float(before.value) + SAME_START_SECONDS


def phases(snapshot: Snapshot, now: float) -> Told | None:
    """The phase of every pattern that reports one."""
    found: dict[Key, Fact] = {}
    for one in pattern_health(snapshot, now):
        if one.phase is not None:
            word = one.phase.value
            found[(one.name,)] = Fact(one.name, f"phase of {one.name}", f"/patterns/{one.name}", word, word)
    return Told(found, frozenset({"phases"}))


def sources(snapshot: Snapshot, now: float) -> Told | None:
    """Whether each source can be read; one that never answered, or was not asked since the start, is not lost."""
    started = float(snapshot.meta.get("started_at") or 0.0)
    found: dict[Key, Fact] = {}
    for state in snapshot.sources.values():
        if state.source != "hud" and state.last_success > 0.0 and state.last_attempt >= started:
            lost = is_lost(state, now)
            why = (state.error.value if state.error else NO_READ) if lost else ""
            name = f"{shown(state.source)} at {state.instance}"
            at = state.since or state.last_success
            found[(state.key,)] = Fact(
                state.key, name, "/settings", float(lost), why, at if lost else state.last_success
            )
    return Told(found, frozenset({"sources"}))


def _last(snapshot: Snapshot, now: float, family: str) -> Iterator[Last]:
    """The newest reads of a family, of the sources that can be read."""
    kind = BY_NAME[family].source
    for source in SERVERS if kind == OF_SERVERS else (kind,):
        window = Window.newest(snapshot, now, family, source)
        if window.availability.reading is Reading.VALUE:
            yield from (one for one in window.last() if one.read_from.startswith(f"{source}@"))


def _place(one: Last) -> tuple[str, ...]:
    return tuple(one.label(name) for name in ("namespace", "backend", "pattern", "exporter", "data_type"))


def _whose(one: Last) -> tuple[str, str]:
    """The component that a sample is about, as alerts name it, and the page that shows it."""
    if namespace := one.label("namespace"):
        return NAMESPACE + namespace, "/namespaces"
    kind = one.read_from.partition("@")[0]
    if kind == "proxy" and one.label("backend"):
        return one.label("pattern") or one.label("backend"), "/backends"
    pages = {"proxy": "/resources", "otel": "/observability", "dex": "/security"}
    component = f"proxy {one.label('instance')}" if kind == "proxy" else one.read_from
    return component, pages.get(kind, "/backends" if kind in SERVERS else "/resources")


def _limit_words(value: float, unit: Unit) -> str:
    if value <= 0:
        return "none"
    wording = {Unit.PER_SECOND: rate, Unit.BYTES: size, Unit.CORES: cores}.get(unit, count)
    return wording(value).text
