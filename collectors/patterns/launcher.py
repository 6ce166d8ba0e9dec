"""Reads the pattern launcher: which processes it tracks, and what it says of them (contracts 5.3).

Only `Health` is called, which changes nothing. Today's launcher reports constants (RUNNING, healthy, 0 restarts), so
a restart is seen by our own watch: another pid, or an uptime that fell back while no pid is reported.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from collectors.core.configured import Configured
from collectors.core.contract import Clock, Collector
from collectors.core.grpc_calls import GrpcCalls
from collectors.core.redact import identity, place_of_target, redact
from model.catalogue.launcher import BY_COUNT, BY_PID, BY_UPTIME
from model.series import Event, Kind, Scrape, Severity, labels_of
from model.settings import Aliases, Settings, SourceOptions
from model.sources import CollectError
from proto import launcher_pb2

SERVICE = "prism.launcher.PatternLauncher"
NO_ALIASES = Aliases()
SLACK_SECONDS = 2.0
"""Uptimes are whole seconds, and reading takes time: a start that seems to move by less has not moved."""
MAX_PROCESSES = 2_000
MOST_PIDS = 16
MAX_NAME = 200
STATES = ("starting", "running", "terminating", "terminated", "failed", "finished", "unknown")
_STATE = {
    launcher_pb2.STATE_STARTING: "starting",
    launcher_pb2.STATE_RUNNING: "running",
    launcher_pb2.STATE_TERMINATING: "terminating",
    launcher_pb2.STATE_TERMINATED: "terminated",
    launcher_pb2.STATE_FAILED: "failed",
    launcher_pb2.STATE_FINISHED: "finished",
}
_ENDED = (launcher_pb2.STATE_TERMINATED, launcher_pb2.STATE_FAILED, launcher_pb2.STATE_FINISHED)


def _liveliness(one: launcher_pb2.PatternInfo) -> tuple[bool, int]:
    """Orders rows of one process: what runs before what has ended, the youngest first."""
    return one.state in _ENDED, one.uptime_seconds


def _is_well(one: launcher_pb2.PatternInfo) -> bool:
    """What is not is shown before all others."""
    return one.healthy and one.state == launcher_pb2.STATE_RUNNING


class Seen(NamedTuple):
    """A process as it was read last: pid 0 is unknown; times in seconds since 1970, 0 is unknown.

    `replaced_at` is when it was last seen to be another process than before.
    """

    pid: int
    started: float
    restarts: int = 0
    read_at: float = 0.0
    replaced_at: float = 0.0
    uptime: float = 0.0
    others: tuple[int, ...] = ()
    """The pids that it had before."""


class LauncherCollector(Configured):
    """One launcher."""

    source = "launcher"

    def __init__(self, target: str, options: SourceOptions, aliases: Aliases = NO_ALIASES) -> None:
        super().__init__(target, options, instance=place_of_target(target), address=target)
        self._calls = GrpcCalls(target, options.timeout_seconds, options)
        self._names = self._services = aliases.of_service(SERVICE)
        self._seen: dict[tuple[str, str], Seen] = {}
        self._note = ""

    @property
    def note(self) -> str:
        """That not all processes are shown, where it is so."""
        return self._note

    def collect(self, now: Clock) -> Scrape:
        """Every process that it tracks, and the restarts seen since the last read. Raises CollectError."""
        self._calls.begin()
        answer = launcher_pb2.HealthResponse()
        request = launcher_pb2.HealthRequest(include_processes=True).SerializeToString()
        try:
            self._services = (self._calls.call_first(self._services, "Health", request, answer),)
        except CollectError:
            self._services = self._names  # whoever comes back may be another build
            raise
        scrape = Scrape(self.source, self.instance, now())
        scrape.add("launcher_uptime_seconds", float(answer.uptime_seconds))
        for state, count in (
            ("total", answer.total_processes),
            ("running", answer.running_processes),
            ("terminating", answer.terminating_processes),
            ("failed", answer.failed_processes),
        ):
            scrape.add("launcher_processes", float(count), state=state)
        self._add_processes(scrape, answer.processes)
        return scrape

    def close(self) -> None:
        """Close the connection."""
        self._calls.close()

    def _add_processes(self, scrape: Scrape, processes: Iterable[launcher_pb2.PatternInfo]) -> None:
        """Rows come in random order and may come twice (contracts 12.15): of each the one that lives counts."""
        found: dict[tuple[str, str], launcher_pb2.PatternInfo] = {}
        for one in sorted(processes, key=_liveliness):
            process = identity(one.process_id, MAX_NAME)
            place = identity(one.pattern_name, MAX_NAME) or process, process
            found.setdefault(place, one)
        shown = sorted(found, key=lambda place: (_is_well(found[place]), place))[:MAX_PROCESSES]
        for place in sorted(shown):
            self._add(scrape, place, found[place])
        self._note = f"{len(shown):,} of {len(found):,} processes are shown" if len(shown) < len(found) else ""
        self._seen = {place: seen for place, seen in self._seen.items() if place in found}

    def _add(self, scrape: Scrape, place: tuple[str, str], one: launcher_pb2.PatternInfo) -> None:
        pattern, process = place
        reported = _STATE.get(one.state, "unknown")
        for state in STATES:
            scrape.add(
                "launcher_process_state",
                float(state == reported),
                Kind.STATESET,
                pattern=pattern,
                process=process,
                state=state,
            )
        scrape.add("launcher_process_healthy", float(one.healthy), pattern=pattern, process=process)
        started = self._started(scrape, place, one)
        if started:
            scrape.add("launcher_process_started_timestamp_seconds", started, pattern=pattern, process=process)
        reported_of = {
            "namespace": one.namespace,
            "session": one.session_id,
            "address": one.address,
            "error": one.last_error,
        }
        words = {name: redact(text, MAX_NAME) for name, text in reported_of.items()} | {"pid": str(one.pid or "")}
        scrape.add("launcher_process_info", 1.0, Kind.INFO, pattern=pattern, process=process, **words)

    def _started(self, scrape: Scrape, place: tuple[str, str], one: launcher_pb2.PatternInfo) -> float:
        """When the process started; the same number while it is the same process. Books a restart if it is another."""
        before = self._seen.get(place)
        started = scrape.time - one.uptime_seconds if one.uptime_seconds > 0 else 0.0
        seen = Seen(one.pid, started, max(0, one.restart_count), scrape.time, uptime=float(one.uptime_seconds))
        how = restarted(before, seen)
        if how:
            count = seen.restarts - before.restarts if before is not None and how == BY_COUNT else 1
            labels = labels_of({"pattern": place[0], "process": place[1], "how": how, "count": str(count)})
            scrape.events.append(Event(scrape.time, "restart", Severity.INFO, labels, f"{place[0]} restarted"))
        after = continued(before, seen, how)
        if before is not None and before.pid:
            others = dict.fromkeys((before.pid, *before.others))
            after = after._replace(others=tuple(others)[:MOST_PIDS])
        self._seen[place] = after
        return after.started


def continued(before: Seen | None, after: Seen, how: str) -> Seen:
    """What is known of a process now; `how` it is another than before, '' when it is not.

    Today's launcher reports the time since it first launched a process, whatever became of it: a start from before the
    last change that was seen is not this process' own, and then the change is the best that is known.
    """
    if before is None:
        return after
    if how:
        started = after.started if after.started > before.read_at - SLACK_SECONDS else after.read_at
        return after._replace(started=started, replaced_at=after.read_at)
    same = before.started and abs(after.started - before.started) <= SLACK_SECONDS
    earlier = before.replaced_at and after.started < before.started
    started = before.started if same or earlier else after.started
    return after._replace(pid=after.pid or before.pid, started=started, replaced_at=before.replaced_at)


def configured(settings: Settings, _: Iterable[Event] = ()) -> Iterator[Collector]:
    """One per named launcher."""
    for target in settings.launcher_targets:
        yield LauncherCollector(target, settings.sources.launcher, settings.aliases)


def restarted(before: Seen | None, after: Seen) -> str:
    """By what a process is another one than before; '' when nothing shows that.

    A count of restarts that grows needs nothing else. A pid decides where one is reported both times: an uptime alone
    also falls back when somebody asks the launcher for a process that runs already (contracts 5.3). A start that moved
    while the uptime grew is our clock, which was set, or a machine that slept.
    """
    if before is None:
        return ""
    if after.restarts > before.restarts:
        return BY_COUNT
    if before.pid and after.pid:  # a pid that comes back is that of a launcher that answers in turn with another
        return BY_PID if after.pid not in (before.pid, *before.others) else ""
    moved = before.started and after.started and after.started > before.started + SLACK_SECONDS
    if moved and after.uptime < before.uptime:
        return BY_UPTIME
    return ""
