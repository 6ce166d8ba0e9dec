"""Where a figure comes from: its families with what stands in them now, the sources that report them, the PromQL that
gives the same figure.

What is a figure's is written in `model.needs`; nothing of it is written again here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from math import isfinite
from typing import Any

from aggregators.follow.question import Question, questions
from aggregators.follow.spans import SpanLink, span_links
from aggregators.requests.proxies import proxies
from aggregators.series.last_reads import Last, last_reads
from aggregators.series.source_rows import SourceRow, source_table
from aggregators.series.sources import of_kind, reach, read_until
from model.catalogue import BY_NAME
from model.catalogue.servers import OF_SERVERS
from model.catalogue.source_kinds import BY_KIND
from model.figures.parts import FIGURES
from model.figures.promql import matcher
from model.figures.windows import step_seconds, window_seconds
from model.needs import Need
from model.series import Kind
from store.snapshot import Snapshot

MOST_SERIES, MOST_LINES, MOST_TEXT = 50, 40, 300
"""Of a family, of a family and source, and characters of a label's value."""
WHOLE = ""
"""What stands for the family where a source's whole answer is meant."""
PEOPLE = ("user", "source_ip")
"""Labels that are not for everybody."""
HIDDEN = "hidden"
NO_TEXT = "it is of the dashboard itself: no source answers with it"
NOT_SHOWN = "not shown: a whole answer may name people"
NOT_KEPT = "not kept: lines are of the last scrape alone"
NOT_YET = "none: the next scrapes' are kept for 5 minutes after somebody opened the figure's page"


@dataclass(frozen=True, slots=True)
class FollowedSeries:
    """One series of a family as it was read last: `age_seconds` ago, from the source of that key. Without a finite
    value it is null.
    """

    labels: Mapping[str, str]
    value: float | None
    age_seconds: float
    source: str


@dataclass(frozen=True, slots=True)
class FollowedFamily:
    """A family of which the figure is made, as docs/metrics.md describes it. Of a histogram `newest` are its counts.

    `asked` is how a source of that kind is asked for it. `newest` holds at most 50 series of `series`.
    """

    name: str
    kind: str
    unit: str
    means: str
    source: str
    asked: str
    series: int
    newest: tuple[FollowedSeries, ...]


@dataclass(frozen=True, slots=True)
class FollowedLines:
    """The lines of a family as a source's last scrape had them, credentials removed; there were `left_out` more.

    `family` is '' for the whole answers of a source that does not answer in lines of metrics.
    """

    source: str
    family: str
    age_seconds: float
    lines: tuple[str, ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class Followed:
    """Where a figure comes from. `figure` is the id of its element, `title` what it is called on `page`.

    `sources` are those that report its families; where none does, those that could. `questions` are empty where no
    metric gives the figure. `lines` are kept for a while after somebody opened the figure's page; without them the
    note says why. `spans` lead into SigNoz, where its address is set.
    """

    figure: str
    known: bool
    title: str
    page: str
    families: tuple[FollowedFamily, ...]
    sources: tuple[SourceRow, ...]
    questions: tuple[Question, ...]
    lines: tuple[FollowedLines, ...]
    lines_note: str
    spans: tuple[SpanLink, ...]


def follow(snapshot: Snapshot, now: float, figure: str, name: str = "", range: str = "", hide: str = "") -> Followed:
    """Where the figure called so comes from: its families and series, who reports them, the PromQL that gives the same.

    `name` is of the namespace or the pattern that its page is about, `range` the window of its chart; `hide` leaves the
    names of people out.
    """
    need = FIGURES.get(figure)
    if need is None:
        return Followed(figure, False, "", "", (), (), (), (), "", ())
    only = {need.label: name} if need.label and name else {}
    families = tuple(_family(snapshot, now, one, only, bool(hide)) for one in need.families)
    keys = {one.source for family in families for one in family.newest}
    kinds = {kind for one in families for kind in _kinds(BY_NAME[one.name].source)}
    rows = [row for row in source_table(snapshot, now) if (row.key in keys if keys else row.source in kinds)]
    alone = proxies(snapshot, now)[0:1] if snapshot.left_out else ()
    window = window_seconds(range)
    asked = questions(snapshot, now, need, "".join(alone), only, step_seconds(window))
    seconds = window if "$step" in need.promql else max((one.window_seconds for one in asked), default=0.0)
    spans = span_links(snapshot, now, need, only, seconds)
    lines = () if snapshot.is_past else tuple(_lines(snapshot, now, need, only, {one.key for one in rows}))
    shown = tuple(one for one in lines if one.family != WHOLE or not hide)
    note = "" if shown else NOT_SHOWN if lines else _no_lines(snapshot, need)
    return Followed(figure, True, need.widget, need.page, families, tuple(rows), asked, shown, note, spans)


def _lines(
    snapshot: Snapshot, now: float, need: Need, only: Mapping[str, str], keys: Set[str]
) -> Iterator[FollowedLines]:
    kept: Mapping[str, Any] = snapshot.meta.get("lines") or {}
    names = [matcher("", one) for one in only.values()]  # as an exposition writes a value, too
    for key, entry in sorted(kept.items()):
        for family in need.families if key in keys else ():
            said = [line for line in entry["lines"].get(family, ()) if all(name in line for name in names)]
            if said:
                left = len(said[MOST_LINES:]) + entry["left_out"].get(family, 0)
                yield FollowedLines(key, family, max(0.0, now - entry["time"]), tuple(said[:MOST_LINES]), left)
        whole = entry["lines"].get(WHOLE) if key in keys else None
        if whole:
            yield FollowedLines(key, WHOLE, max(0.0, now - entry["time"]), tuple(whole), 0)


def _no_lines(snapshot: Snapshot, need: Need) -> str:
    kinds = {kind for one in need.families for kind in _kinds(BY_NAME[one].source)}
    if not kinds & BY_KIND.keys():
        return NO_TEXT
    return NOT_KEPT if snapshot.is_past else NOT_YET


def _kinds(source: str) -> tuple[str, ...]:
    """The kinds of source that could report a family."""
    return tuple(one.name for one in BY_KIND.values() if one.server) if source == OF_SERVERS else (source,)


def _family(snapshot: Snapshot, now: float, name: str, only: Mapping[str, str], hide: bool) -> FollowedFamily:
    known = BY_NAME[name]
    found = [one for one in _newest(snapshot, now, name) if _is_meant(one, only)]
    found.sort(key=lambda one: (one.read_from, sorted(one.labels.items())))
    kind = BY_KIND.get(known.source)
    return FollowedFamily(
        name=name,
        kind=known.kind.value,
        unit=known.unit.value,
        means=known.help,
        source=known.source,
        asked=kind.asked if kind else "",
        series=len(found),
        newest=tuple(_series(one, now, hide) for one in found[:MOST_SERIES]),
    )


def _newest(snapshot: Snapshot, now: float, name: str) -> Iterator[Last]:
    """What the last reads of each kind of source that could report a family said of it."""
    sample = f"{name}_count" if BY_NAME[name].kind is Kind.HISTOGRAM else name
    for kind in _kinds(BY_NAME[name].source):
        if of_kind(snapshot, kind):
            at, seconds = read_until(snapshot, now, kind), reach(snapshot, kind)
            found = last_reads(snapshot, sample, at, seconds)
            yield from (one for one in found if one.read_from.startswith(f"{kind}@"))


def _is_meant(one: Last, only: Mapping[str, str]) -> bool:
    return all(label not in one.labels or one.labels[label] == value for label, value in only.items())


def _series(one: Last, now: float, hide: bool) -> FollowedSeries:
    labels = {
        label: HIDDEN if hide and label in PEOPLE else value[:MOST_TEXT] for label, value in sorted(one.labels.items())
    }
    value = one.value if isfinite(one.value) else None
    return FollowedSeries(labels, value, max(0.0, now - one.read_at), one.read_from)
