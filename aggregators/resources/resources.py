"""How much of the host is used, by what, and how near to its limits? RFC view 8, in one answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from aggregators.alerts.verdict import Look, Verdict, judged, leads_to
from aggregators.resources.control_plane import ControlPlane, control_plane
from aggregators.resources.processes import PatternProcess, ProxyProcess, pattern_processes, proxy_processes
from aggregators.series.sources import of_kind
from model.measure import Bytes, Cores, Count, Measure
from model.number_text import listed
from model.series import Unit
from model.status import Reading, Status
from store.snapshot import Snapshot

_RUNS = (Status.HEALTHY, Status.DEGRADED)
Part = tuple[str, Measure]


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over the proxies and their patterns' processes; each figure's note says which part is missing from it."""

    memory: Bytes
    cpu: Cores
    processes: Count


@dataclass(frozen=True, slots=True)
class Resources:
    """`proxy` is the only proxy, or the sum over several, which has no shares.

    `status` is the worst of the proxies, of the control plane, and of patterns whose process is not well.
    """

    status: Status
    reason: str
    proxy: ProxyProcess
    proxies: tuple[ProxyProcess, ...]
    patterns: tuple[PatternProcess, ...]
    totals: Totals
    control_plane: ControlPlane


def resources(snapshot: Snapshot, now: float) -> Resources:
    """Every process at `now`, memory in bytes and CPU in cores, their sums, and the control plane."""
    look, proxies, plane = Look(snapshot, now), proxy_processes(snapshot, now), control_plane(snapshot, now)
    patterns = pattern_processes(snapshot, now, look.patterns)
    verdict = _verdict(look, proxies, plane)
    return Resources(
        status=verdict.status,
        reason=verdict.reason,
        proxy=proxies[0] if len(proxies) == 1 else _sum_of(proxies),
        proxies=proxies,
        patterns=patterns,
        totals=_totals(proxies, patterns),
        control_plane=plane,
    )


def resources_verdict(look: Look) -> Verdict:
    """As bad as the worst process."""
    return _verdict(look, proxy_processes(look.snapshot, look.now), control_plane(look.snapshot, look.now))


def _verdict(look: Look, proxies: Sequence[ProxyProcess], plane: ControlPlane) -> Verdict:
    alone = len(proxies) == 1
    parts: list[tuple[Status, str]] = [
        (one.status, one.reason if alone else f"{_name(one)}: {one.reason}".removesuffix(": ")) for one in proxies
    ]
    if of_kind(look.snapshot, "admin_metrics"):
        parts.append((plane.status, f"control plane: {plane.reason}".removesuffix(": ")))
    gone = [one for one in look.patterns if one.status is Status.UNHEALTHY]
    parts += [(one.status, f"{one.name}: {one.reason or one.message}") for one in gone]
    return judged(look, parts, leads_to("/resources"), "no process reports what it uses")


def _totals(proxies: Sequence[ProxyProcess], patterns: Sequence[PatternProcess]) -> Totals:
    memory = [(_name(one), one.memory) for one in proxies] + [(one.pattern, one.memory) for one in patterns]
    cpu = [(_name(one), one.cpu) for one in proxies] + [(one.pattern, one.cpu) for one in patterns]
    return Totals(added(memory, Unit.BYTES), added(cpu, Unit.CORES), _processes(proxies, patterns))


def _name(proxy: ProxyProcess) -> str:
    return f"proxy {proxy.instance}"


def added(parts: Sequence[Part], unit: Unit) -> Measure:
    """The sum of what is known now; old figures only where there is nothing else. Its note says what is missing."""
    now = [(name, one) for name, one in parts if one.value is not None and one.age_seconds is None]
    old = [(name, one) for name, one in parts if one.value is not None and one.age_seconds is not None]
    reported = now or old
    if not reported:
        return _nothing([one for _, one in parts], unit)
    missing = [name for name, _ in parts if name not in {name for name, _ in reported}]
    note = f"without {listed(missing, 4)}" if missing else f"sum of {len(reported)} processes"
    found = Measure(unit, Reading.VALUE, sum(one.value or 0.0 for _, one in reported), note)
    return found if now else found.stale(max(one.age_seconds or 0.0 for _, one in old), note)


def _nothing(parts: Sequence[Measure], unit: Unit) -> Measure:
    """Why there is nothing to add: the first part that says so, an error before what is not reported."""
    for reading in (Reading.ERROR, Reading.NOT_REPORTED):
        found = next((one for one in parts if one.reading is reading), None)
        if found is not None:
            return replace(found, unit=unit)
    return Measure.not_reported(unit, "no proxy source is configured")


def _processes(proxies: Sequence[ProxyProcess], patterns: Sequence[PatternProcess]) -> Measure:
    """Proxies that answer and patterns that run. The others are named: they may be down, or only not seen."""
    answering = [one for one in proxies if one.uptime.reading is Reading.VALUE or one.memory.reading is Reading.VALUE]
    running = {(one.pattern, one.instance) for one in patterns if one.status in _RUNS}
    rest = [_name(one) for one in proxies if one not in answering]
    rest += [one.pattern for one in patterns if one.status not in _RUNS]
    if not answering and not running:
        return Measure.not_reported(Unit.COUNT, "no process was seen to run")
    note = f"without {listed(rest, 4)}, not seen to run" if rest else "all that are known"
    return Measure(Unit.COUNT, Reading.VALUE, float(len(answering) + len(running)), note)


def _sum_of(proxies: Sequence[ProxyProcess]) -> ProxyProcess:
    """Several proxies as one: sums, without shares and without an uptime, which would be nobody's."""

    def add(field: str, unit: Unit) -> Measure:
        return added([(one.instance, getattr(one, field)) for one in proxies], unit)

    def none(unit: Unit) -> Measure:
        return Measure.not_reported(unit, "each proxy has its own" if proxies else "no proxy source is configured")

    return ProxyProcess(
        instance=f"sum of {len(proxies)} proxies" if proxies else "",
        status=proxies[0].status if proxies else Status.UNKNOWN,
        reason=proxies[0].reason if proxies else "no proxy source is configured",
        memory=add("memory", Unit.BYTES),
        memory_limit=none(Unit.BYTES),
        memory_share=none(Unit.RATIO),
        cpu=add("cpu", Unit.CORES),
        cpu_limit=none(Unit.CORES),
        cpu_share=none(Unit.RATIO),
        threads=add("threads", Unit.COUNT),
        descriptors=add("descriptors", Unit.COUNT),
        descriptors_limit=none(Unit.COUNT),
        descriptors_share=none(Unit.RATIO),
        uptime=none(Unit.SECONDS),
    )
