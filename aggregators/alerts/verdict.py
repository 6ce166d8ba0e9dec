"""How each view stands, judged once: its page, the rail, the banner and /api word the same verdict.

A view is as bad as the worst of what its own figures say and of the alerts that lead to it. It is UNKNOWN while nothing
of it is read, and while the collector is silent, whatever was read before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

from aggregators.alerts.alerts import Alert, AlertState, alerts
from aggregators.alerts.rules import LOUDNESS
from aggregators.patterns.health import PatternHealth, pattern_health, worst_status
from aggregators.series.source_rows import SourceRow, source_table
from aggregators.series.sources import Collector, collector_state
from model.number_text import lasting
from model.series import Severity
from model.status import Status
from store.snapshot import Snapshot

OF_SEVERITY = {Severity.CRITICAL: Status.UNHEALTHY, Severity.WARNING: Status.DEGRADED, Severity.INFO: Status.HEALTHY}
"""How bad a firing alert makes the whole, and the view that it leads to."""
NOTHING_READ = "nothing of it is read"

Part = tuple[Status, str]
"""One of the things that a view is judged by, and the reason in words, '' when it is well."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A view's status, and why it is so in words; '' when all is well."""

    status: Status
    reason: str = ""


class Look:
    """One snapshot at one instant, with what several verdicts need worked out when it is first asked for."""

    def __init__(self, snapshot: Snapshot, now: float) -> None:
        self.snapshot, self.now = snapshot, now

    @cached_property
    def patterns(self) -> tuple[PatternHealth, ...]:
        """Every pattern's health."""
        return pattern_health(self.snapshot, self.now)

    @cached_property
    def alerts(self) -> tuple[Alert, ...]:
        """Every alert of the last 24 hours."""
        return alerts(self.snapshot, self.now)

    @cached_property
    def firing(self) -> tuple[Alert, ...]:
        """The alerts that bear on the whole: first what likeliest names a cause, of those the oldest."""
        return tuple(sorted(filter(counts, self.alerts), key=_likeliest))

    @cached_property
    def collector(self) -> Collector:
        """The process that reads the sources."""
        return collector_state(self.snapshot, self.now)

    @cached_property
    def sources(self) -> tuple[SourceRow, ...]:
        """How reading each source goes."""
        return source_table(self.snapshot, self.now)

    @property
    def silence(self) -> str:
        """That the collector is silent, in words; '' while it is heard, and where nobody knows why it never was."""
        silent = self.collector.silent_seconds
        if silent is None:
            return f"{self.collector.trouble}: nothing is read" if self.collector.trouble else ""
        if self.collector.alive:
            return ""
        if self.collector.away:
            return f"{self.collector.trouble}, for {lasting(silent)}: nothing is known"
        return f"the collector has been silent for {lasting(silent)}: nothing is read"


Judge = Callable[[Look], Verdict]
"""What a view declares with its page."""


def counts(alert: Alert) -> bool:
    """Whether an alert bears on the whole: it fires. Ours, once resolved, is over whatever a longer window says."""
    return alert.state is AlertState.FIRING and alert.severity is not Severity.INFO


def _likeliest(alert: Alert) -> tuple[int, float, str]:
    return LOUDNESS.get(alert.rule, len(LOUDNESS)), alert.started, alert.id


def leads_to(*pages: str) -> Callable[[Alert], bool]:
    """The alerts about Prism that lead to one of these pages; one that ends in a slash stands for all below it."""
    below = tuple(page for page in pages if page.endswith("/") and page != "/")
    return lambda alert: alert.in_prism and (alert.page in pages or alert.page.startswith(below))


def judged(
    look: Look, parts: Iterable[Part], concerns: Callable[[Alert], bool], nothing: str = NOTHING_READ
) -> Verdict:
    """The verdict over what a view's figures say and the alerts that concern it. `nothing`: why there are no parts.

    What an alert is raised about is usually seen in the figures, too: `more` counts the longer of the two lists, since
    in both together one trouble would be two.
    """
    if look.silence:
        return Verdict(Status.UNKNOWN, look.silence)
    figures, raised = list(parts), [(OF_SEVERITY[one.severity], one.words) for one in look.firing if concerns(one)]
    if not figures and not raised:
        return Verdict(Status.UNKNOWN, nothing)
    status = worst_status(one for one, _ in (*figures, *raised))
    alike = [[reason for one, reason in found if one is status] for found in (figures, raised)]
    others = max(map(len, alike)) - 1
    more = f", and {others} more" if others and status is not Status.HEALTHY else ""
    reason = next(filter(None, (*alike[0], *alike[1])), "")
    return Verdict(status, f"{reason}{more}" if reason else "")
