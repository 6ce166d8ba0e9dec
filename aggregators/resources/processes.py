"""What each process uses of its host: the proxies and their patterns' processes, as the proxies report it (view 8).

Limits that are not reported, or are reported as none (0), give no share.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from aggregators.alerts.rules import BY_ID
from aggregators.patterns.health import PatternHealth
from aggregators.series.availability import TWO_READS, Availability, availability_of, base_family
from aggregators.series.cpu_cores import cores_in_use
from aggregators.series.sources import of_kind, reach, read_until
from aggregators.series.window import Window
from model.catalogue import BY_NAME
from model.measure import Bytes, Cores, Count, Measure, Ratio, Seconds
from model.series import Unit
from model.status import Reading, Status
from store.frames import Readable
from store.snapshot import Snapshot

CPU_SECONDS = 60.0
"""CPU use is the mean of so many seconds: shorter ones jump."""
NEAR_RATIO, FULL_RATIO = BY_ID["process_memory"].raise_at, BY_ID["process_memory"].critical_at
PROBE = "prism_proxy_probe_duration_seconds"
MEMORY, CPU = "prism_pattern_resident_memory_bytes", "prism_pattern_cpu_seconds_total"
GOROUTINES = "prism_pattern_goroutines"
NOT_PRISMS = "its metrics hold nothing of Prism: it may be another program"
ANYBODYS = ("process_", "hud_")
NO_LIMIT = "no limit is reported; {family} would fill it"
_ORDER = (Status.UNHEALTHY, Status.DEGRADED, Status.UNKNOWN, Status.HEALTHY)


@dataclass(frozen=True, slots=True)
class ProxyProcess:
    """One proxy's process. Shares are of its own limits; `cpu_share` is of `cpu_limit`, not reported without one."""

    instance: str
    status: Status
    reason: str
    memory: Bytes
    memory_limit: Bytes
    memory_share: Ratio
    cpu: Cores
    cpu_limit: Cores
    cpu_share: Ratio
    threads: Count
    descriptors: Count
    descriptors_limit: Count
    descriptors_share: Ratio
    uptime: Seconds


@dataclass(frozen=True, slots=True)
class PatternProcess:
    """One pattern's process, as the proxy `instance` reports it ('' when none does)."""

    pattern: str
    instance: str
    status: Status
    memory: Bytes
    cpu: Cores
    goroutines: Count
    uptime: Seconds


class Source:
    """One proxy's own figures: other sources have families of the same names."""

    def __init__(self, snapshot: Snapshot, now: float, key: str) -> None:
        self.instance = snapshot.sources[key].instance
        self.now = now
        self.snapshot = of_source(snapshot, key)
        self.at = read_until(self.snapshot, now, "proxy")

    @property
    def is_prisms(self) -> bool:
        """Whether the last reads held anything that a proxy has and not any process."""
        start = self.at - reach(self.snapshot, "proxy")
        names = {name for one in self.snapshot.load(start, self.at, self.at) for name in one.table.names}
        known = (BY_NAME.get(base_family(name)) for name in names if not name.startswith(ANYBODYS))
        return any(one is not None and one.source == "proxy" for one in known)

    def gauge(self, family: str, unit: Unit, limit: bool = False) -> Measure:
        """The last value of a family without labels. A `limit` that says there is none is not reported."""
        window = Window.newest(self.snapshot, self.now, family, "proxy")
        value = next((one.value for one in window.last()), None) if window.reports else None
        if limit and value is not None and value <= 0:
            return Measure.not_reported(unit, "no limit is set")
        return window.measure(unit, value, Measure.not_reported(unit, window.availability.note))

    def cpu(self, family: str, by: str = "") -> tuple[Availability, dict[str, float]]:
        """Cores in use over the last minute by a label's values; without those of which there are not two reads."""
        window = Window.of(self.snapshot, self.now, family, CPU_SECONDS)
        return window.availability, cores_in_use(window.frame, window.start, window.at, by)

    def by_pattern(self, family: str) -> tuple[Availability, dict[str, float]]:
        """The last values of a family by pattern."""
        window = Window.newest(self.snapshot, self.now, family, "proxy")
        return window.availability, {one.label("pattern"): one.value for one in window.last()}


def of_source(snapshot: Snapshot, key: str) -> Snapshot:
    """`snapshot` with the reads of one source only."""

    def load(start: float, end: float, fine: float) -> Iterable[Readable]:
        return (one for one in snapshot.load(start, end, fine) if one.source == key)

    return replace(snapshot, load=load, sources={key: snapshot.sources[key]})


def proxy_processes(snapshot: Snapshot, now: float) -> tuple[ProxyProcess, ...]:
    """Every proxy, the one nearest to a limit first."""
    found = [_proxy(Source(snapshot, now, state.key)) for state in of_kind(snapshot, "proxy")]
    return tuple(sorted(found, key=lambda one: (_ORDER.index(one.status), -_nearest(one), one.instance)))


def _nearest(one: ProxyProcess) -> float:
    return max(share.value or 0.0 for share in (one.memory_share, one.descriptors_share))


def _proxy(source: Source) -> ProxyProcess:
    memory = source.gauge("process_resident_memory_bytes", Unit.BYTES)
    memory_limit = source.gauge("process_memory_limit_bytes", Unit.BYTES, limit=True)
    availability, used = source.cpu("process_cpu_seconds_total")
    cores = availability.measure(
        Unit.CORES,
        used.get(""),
        Measure.not_reported(Unit.CORES, TWO_READS if availability.reports else availability.note),
    )
    cpu_limit = source.gauge("process_cpu_limit_cores", Unit.CORES, limit=True)
    descriptors = source.gauge("process_open_fds", Unit.COUNT)
    most = source.gauge("process_max_fds", Unit.COUNT, limit=True)
    shares = share(memory, memory_limit), share(descriptors, most)
    status, reason = _probed(source) or _judged(memory, *shares)
    if status is Status.HEALTHY and not (source.is_prisms or _probed(source)):
        status, reason = Status.UNKNOWN, NOT_PRISMS
    return ProxyProcess(
        source.instance,
        status,
        reason,
        memory,
        memory_limit,
        shares[0],
        cores,
        cpu_limit,
        share(cores, cpu_limit),
        source.gauge("process_threads", Unit.COUNT),
        descriptors,
        most,
        shares[1],
        _uptime(source),
    )


def _probed(source: Source) -> tuple[Status, str] | None:
    """Of a proxy without metrics: that it answers gRPC is all that is known of it."""
    took = source.gauge(PROBE, Unit.SECONDS)
    if took.reading is not Reading.VALUE or took.value is None:
        return None
    return Status.HEALTHY, f"up, answers gRPC in {1000 * took.value:.1f} ms, no metrics"


def share(used: Measure, limit: Measure) -> Measure:
    """`used` of `limit`, as old as the older of them; not reported where either is not."""
    if used.value is None:
        return replace(used, unit=Unit.RATIO)
    if not limit.value:
        return Measure.not_reported(Unit.RATIO, limit.note)
    found = replace(Measure.of(used.value / limit.value, Unit.RATIO), note=used.note)
    return found if used.age_seconds is None else found.stale(used.age_seconds, used.note)


def _judged(memory: Measure, memory_share: Measure, descriptors_share: Measure) -> tuple[Status, str]:
    if memory.value is None or memory.age_seconds is not None:
        return Status.UNKNOWN, memory.note
    for full, what in ((memory_share.value, "memory"), (descriptors_share.value, "file descriptors")):
        if full is not None and full >= NEAR_RATIO:
            status = Status.UNHEALTHY if full >= FULL_RATIO else Status.DEGRADED
            return status, f"{what} {'at' if full >= FULL_RATIO else 'near'} the limit"
    return Status.HEALTHY, ""


def _uptime(source: Source) -> Measure:
    started = source.gauge("process_start_time_seconds", Unit.SECONDS)
    if started.value is None:
        return started
    if not 0 < started.value <= source.at + CPU_SECONDS:
        return Measure.not_reported(Unit.SECONDS, "its start time is no time")
    return replace(started, value=max(0.0, source.at - started.value))


def pattern_processes(snapshot: Snapshot, now: float, patterns: Sequence[PatternHealth]) -> tuple[PatternProcess, ...]:
    """Every pattern's process, those in trouble first, then the largest. `patterns` as their health is known."""
    health = {one.name: one for one in patterns}
    found: list[PatternProcess] = []
    sources = [Source(snapshot, now, state.key) for state in of_kind(snapshot, "proxy")]
    for source in sources:
        found += _of_proxy(source, health)
    reported = {one.pattern for one in found}
    nobody = sources[0] if sources else None
    found += [_unreported(one, snapshot, now, nobody) for one in patterns if one.name not in reported]
    return tuple(
        sorted(found, key=lambda one: (_ORDER.index(one.status), -(one.memory.value or 0.0), one.pattern, one.instance))
    )


def _of_proxy(source: Source, health: dict[str, PatternHealth]) -> Iterable[PatternProcess]:
    memory, cpu, goroutines = source.by_pattern(MEMORY), source.cpu(CPU, "pattern"), source.by_pattern(GOROUTINES)
    running = set(source.by_pattern(CPU)[1])
    for pattern in sorted({*memory[1], *running, *goroutines[1]}):
        one = health.get(pattern)
        busy = cpu[1].get(pattern) if pattern in running else None
        yield PatternProcess(
            pattern,
            source.instance,
            one.status if one else Status.UNKNOWN,
            _reported(memory[0], Unit.BYTES, memory[1].get(pattern), MEMORY),
            _reported(cpu[0], Unit.CORES, busy, CPU),
            _reported(goroutines[0], Unit.COUNT, goroutines[1].get(pattern), GOROUTINES),
            one.uptime if one else Measure.not_reported(Unit.SECONDS, "nothing reports when it started"),
        )


def _reported(availability: Availability, unit: Unit, value: float | None, family: str) -> Measure:
    return availability.measure(unit, value, Measure.not_reported(unit, f"not reported of it; {family} would fill it"))


def _unreported(one: PatternHealth, snapshot: Snapshot, now: float, source: Source | None) -> PatternProcess:
    """A pattern of whose process no proxy says anything: it is down, or none reports such families."""

    def nothing(family: str, unit: Unit) -> Measure:
        availability = (
            source.by_pattern(family)[0] if source else availability_of(snapshot, now, snapshot.frame(family, now, now))
        )
        return _reported(availability, unit, None, family)

    return PatternProcess(
        one.name,
        "",
        one.status,
        nothing(MEMORY, Unit.BYTES),
        nothing(CPU, Unit.CORES),
        nothing(GOROUTINES, Unit.COUNT),
        one.uptime,
    )
