"""The PromQL that gives a figure, filled in: to what the page is narrowed, and over which window."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from aggregators.requests.labels import REQUESTS
from aggregators.requests.operations import READ, WRITE, operation_class
from aggregators.series.sources import of_kind
from aggregators.series.window import newest_reads
from model.figures.parts import FIGURES
from model.figures.promql import filled, matcher
from model.needs import Need
from model.slo import slo_of
from store.snapshot import Snapshot

_WINDOW = re.compile(r"\[(\d+)(ms|s|m|h)\]")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
SHORTEST_SECONDS = 60.0
SHORT = "a Prometheus that scrapes less often than twice in its {window} gives nothing: a longer window then, as [1m]"
NOTHING_BEFORE = "increase() stretches what it saw to the whole window: right once it has watched for so long"
EDGE = "exact where the histogram has an edge there; the page goes linearly between two edges"


@dataclass(frozen=True, slots=True)
class Question:
    """A query for a Prometheus. `figure` is what it gives, `note` what to know of it, `window_seconds` how far it looks
    back, 0 for the newest values alone.
    """

    figure: str
    promql: str
    note: str
    window_seconds: float


def questions(
    snapshot: Snapshot, now: float, need: Need, proxy: str, only: Mapping[str, str], step_seconds: float
) -> tuple[Question, ...]:
    """The figure's own, and that of the share beside it."""
    wanted = [one for one in (need, FIGURES.get(f"{need.element}-also")) if one is not None and one.promql]
    if not wanted:
        return ()
    given = _given(snapshot, now, proxy, only, step_seconds)
    return tuple(_question(one, filled(one.promql, given)) for one in wanted)


def _question(need: Need, promql: str) -> Question:
    found = [(float(count) * _SECONDS[unit], f"{count}{unit}") for count, unit in _WINDOW.findall(promql)]
    seconds, window = max(found, default=(0.0, ""))
    notes = [SHORT.format(window=window)] if 0.0 < seconds < SHORTEST_SECONDS else []
    notes += [NOTHING_BEFORE] if "increase(" in promql else []
    notes += [EDGE] if "$fast" in need.promql else []
    return Question(need.widget, promql, "; ".join(notes), seconds)


def _given(
    snapshot: Snapshot, now: float, proxy: str, only: Mapping[str, str], step_seconds: float
) -> Mapping[str, str]:
    own = matcher("instance", proxy) if proxy else ""
    narrowed = ",".join(filter(None, (own, *(matcher(label, value) for label, value in only.items()))))
    slo = slo_of(snapshot.meta)
    return {
        "only": narrowed,
        "all": own,
        "proxies": _instances(snapshot, "proxy"),
        "admin": _instances(snapshot, "admin_metrics"),
        "step": f"{max(1, round(step_seconds))}s",
        "fast": f"{slo.threshold_seconds:g}",
        "budget": f"{slo.budget_ratio:.6g}",
        "reads": _operations(snapshot, now, READ),
        "writes": _operations(snapshot, now, WRITE),
    }


def _instances(snapshot: Snapshot, kind: str) -> str:
    """Any process has some of these families: only those that are read as this kind are meant."""
    return matcher("instance", *sorted(state.instance for state in of_kind(snapshot, kind)))


def _operations(snapshot: Snapshot, now: float, kind: str) -> str:
    """The operations of a kind that were asked for lately: no metric says which they are."""
    known = {one.label("operation") for one in newest_reads(snapshot, now, REQUESTS)}
    return matcher("operation", *sorted(one for one in known if operation_class(one) == kind))
