"""Answers of the aggregators as the lines that the screen shows; shared by the pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from aggregators.backends.pools import Pool
from aggregators.backends.server import Server
from aggregators.backends.servers import Servers
from aggregators.overview.overall import Overall
from aggregators.patterns.health import PatternHealth
from aggregators.patterns.restarts import DayCount
from components import format as fmt
from components.banner import Stat
from components.lists.rows import PatternLine, PoolLine
from components.status import TROUBLE as WORST_FIRST
from components.status import StatusWord
from model.measure import Measure
from model.sources import ErrorKind
from model.status import Reading, Status
from pages.shared.source_text import NOT_KEPT

NO_PHASE = "not reported: prism_pattern_phase by pattern would fill it"
MOST_UNSEEN = 2
"""So many sentences of what is not seen have room in the banner."""


def pattern_line(one: PatternHealth) -> PatternLine:
    """A row of the pattern grid."""
    return PatternLine(
        name=one.name,
        status=StatusWord(one.status),
        says=one.reason or one.message,
        phase=one.phase.value if one.phase else "",
        phase_note="" if one.phase else NO_PHASE,
        uptime=one.uptime,
        restarts=restarts_measure(one.restarts),
        restarts_origin=origin(one.restarts),
    )


def restarts_measure(restarts: DayCount) -> Measure:
    """The count, with how it is known on hover."""
    return replace(restarts.count, note=restarts.count.note or restarts.how)


def origin(restarts: DayCount) -> str:
    """'reported' or 'inferred': the first word of how it is known."""
    return restarts.how.split(":")[0].split(" ")[0]


def pool_line(pool: Pool, alike: bool = False) -> PoolLine:
    """A row of the pool list, with its proxy where others are `alike`. What is no pool says how its connection is."""
    place = pool.instance if alike else ""
    return PoolLine(
        name=" · ".join(filter(None, (_pool_name(pool), place))),
        status=StatusWord(pool.status, pool.active.age_seconds if pool.is_pool else None),
        used=pool.active,
        most=pool.maximum,
        share=pool.utilization_ratio.value if pool.is_pool else None,
        words="" if pool.is_pool else pool.connection.capitalize(),
        note=". ".join(filter(None, (pool.note, f"from {pool.reported_by}", pool.instance and f"at {pool.instance}"))),
    )


def _pool_name(pool: Pool) -> str:
    same = not pool.pattern or pool.pattern.lower() == pool.backend.lower()
    return pool.backend if same else f"{pool.backend} · {pool.pattern}"


def pool_lines(found: Sequence[Pool], servers: Servers) -> tuple[PoolLine, ...]:
    """Pools and, distinguished from them, the backends' own servers: worst first."""
    named = Counter(map(_pool_name, found))
    pools = [pool_line(one, alike=named[_pool_name(one)] > 1) for one in found]
    lines = [*pools, *(_server_line(one) for one in servers.all)]
    return tuple(sorted(lines, key=lambda one: WORST_FIRST.index(one.status.status)))


def _server_line(one: Server) -> PoolLine:
    """A server's connections are those of all its clients: never a pool's use."""
    return PoolLine(
        name=f"{one.name} server",
        status=StatusWord(one.status, one.connections.age_seconds if one.status is Status.UNKNOWN else None),
        used=one.connections,
        most=one.most_connections,
        share=one.connections_ratio.value,
        words="" if one.connections.value is not None else one.status.value.capitalize(),
        note=". ".join(filter(None, (one.reason, f"server connections (all clients), from {one.reported_by}"))),
    )


def stat(measure: Measure, note: str, noun: str = "") -> Stat:
    """A banner figure; when it is not a plain value, the line below says so instead of `note`."""
    if measure.reading is Reading.NOT_REPORTED:
        note = NOT_KEPT if measure.note.startswith(ErrorKind.NOT_KEPT.value) else "not reported"
    elif measure.reading is Reading.NO_TRAFFIC:
        note = "in this window"
    elif measure.reading is Reading.ERROR:
        note = measure.note
    elif measure.age_seconds is not None:
        note = fmt.age(measure.age_seconds)
    return Stat(measure, note, noun=noun)


def sentence(whole: Overall, now: float) -> str:
    """Why the whole is as it is: the worst trouble and how long it lasts, or that all is well; and what is not seen."""
    more = f" (and {len(whole.unseen) - MOST_UNSEEN} more)" if len(whole.unseen) > MOST_UNSEEN else ""
    return " · ".join(filter(None, (_trouble(whole, now), *whole.unseen[:MOST_UNSEEN]))) + more


def _trouble(whole: Overall, now: float) -> str:
    if not whole.reason:
        known = whole.known_patterns
        if whole.unseen or not known:
            return "" if whole.unseen else "All that is read is well"
        return "The only pattern is healthy" if known == 1 else f"All {known} patterns are healthy"
    said = whole.reason[:1].upper() + whole.reason[1:] if whole.reason.startswith(("no ", "the ")) else whole.reason
    lasts = whole.since is not None and " for " not in said and now - whole.since >= 1
    symptoms = f" ({fmt.many(whole.symptoms, 'symptom')})" if whole.symptoms else ""
    return (f"{said}, for {fmt.lasting(now - (whole.since or now))}" if lasts else said) + symptoms


def announcement(whole: Overall, patterns: Sequence[PatternHealth]) -> str:
    """For screen readers; it changes only when a status does. `patterns` are the worst first."""
    heard = [f"{one.name} {one.status.value}" for one in patterns if one.status is not Status.HEALTHY]
    return f"System {whole.status.value}" + (f": {fmt.listed(heard, 5)}" if heard else "")
