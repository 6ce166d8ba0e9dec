"""Requests by SigNoz' spans, for as long as no proxy can be read: what still says how they go.

The one place where that is decided. Pages, /api and rules ask for requests here (`requests_window`, `summed_window`)
and are given the proxies' own counters, or spans under the same names and labels. What comes from spans says so in its
note, and is of some seconds ago: spans are sent in batches, and counted once they have come.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from aggregators.requests.attribution import too_many
from aggregators.requests.labels import LATENCY, REQUESTS, failed_and_total
from aggregators.series.availability import Availability
from aggregators.series.counters import Counter
from aggregators.series.grouping import Floats
from aggregators.series.rollups import rolled_up
from aggregators.series.sources import STALE, is_lost, of_kind
from aggregators.series.window import Window, newest_reads
from model.catalogue.signoz import REQUESTS_COUNTED, REQUESTS_STEP_SECONDS
from model.measure import Measure
from model.number_text import lasting
from model.rollup import RollUp
from model.series import Unit
from model.sources import ErrorKind, SourceState
from model.status import Reading
from store.frames import Block, Frame
from store.snapshot import FINE_SECONDS, Snapshot

REFUSED = "prism_auth_requests_total"
SPANS = {
    REQUESTS: "signoz_requests_total",
    LATENCY: "signoz_request_duration_seconds_bucket",
    REFUSED: "signoz_auth_refusals_total",
}
"""Of token checks only the refused ones are counted."""
FRESH_SECONDS = 25.0
"""Two counts that came late: of the older ones nothing is concluded for now."""
OVERLAP_SECONDS, ENOUGH = 300.0, 1000.0
"""How long before the loss spans and requests are compared, and of how many at least."""
WHOLE = (0.9, 1.1)
"""A share of spans between these is that of all requests: both are counted at slightly different instants."""
SURELY_MORE = 2.0
UNKNOWN_SHARE = "no proxy can be read, and of how many requests SigNoz holds a span is not known"


@dataclass(frozen=True, slots=True)
class Spans:
    """`at`: up to when they are counted; `lost_at`: when a proxy was last read, 0 if never; `note`: whose figures."""

    snapshot: Snapshot
    at: float
    lost_at: float
    note: str

    @property
    def availability(self) -> Availability:
        """What is worked out from them is a value, and says whose."""
        return Availability(Reading.VALUE, self.at, self.note)

    def window(self, name: str, seconds: float) -> Window:
        """The `seconds` before `at` of one of SPANS, a row for each count."""
        frame = Frame(name, tuple(_blocks(self.snapshot, SPANS[name], self.at, seconds)))
        return Window(frame, self.availability, self.at, seconds)


@dataclass(frozen=True, slots=True)
class Relation:
    """What the spans are of the requests, as both were counted before the loss.

    `share`: spans over requests. `failures`: how many times as often spans failed, where surely more than twice as
    often: a sampler that keeps every failure and one success in a hundred.
    """

    share: float
    failures: float

    @property
    def is_whole(self) -> bool:
        """Whether there is a span for each request, so that their number is that of requests."""
        return WHOLE[0] <= self.share <= WHOLE[1]


AS_THEY_ARE = Relation(1.0, 1.0)


def requests_window(snapshot: Snapshot, now: float, seconds: float) -> Window:
    """Requests of the last `seconds`: the proxies', else those that SigNoz holds spans of."""
    spans = stand_in(snapshot, now)
    return spans.window(REQUESTS, seconds) if spans else Window.of(snapshot, now, REQUESTS, seconds)


def summed_window(snapshot: Snapshot, now: float, rule: RollUp, seconds: float, fine: float = FINE_SECONDS) -> Window:
    """A sum over the proxies' series, else the spans' series of which it would be one."""
    spans = stand_in(snapshot, now)
    return spans.window(rule.whole, seconds) if spans else rolled_up(snapshot, now, rule, seconds, fine)


def requests_a_span(snapshot: Snapshot, now: float) -> float | None:
    """For how many requests each of what `requests_window` counts stands; None where nobody knows."""
    spans = stand_in(snapshot, now)
    if spans is None:
        return 1.0
    known = relation(spans)
    if known is None or not known.share:
        return None
    return 1.0 if known.is_whole else 1.0 / known.share


def all_spans(snapshot: Snapshot, now: float) -> Spans | None:
    """`stand_in`, where there is a span for each request."""
    spans = stand_in(snapshot, now)
    return spans if spans and requests_a_span(snapshot, now) == 1.0 else None


def of_all(window: Window, unit: Unit, value: float | None, requests: float | None) -> Measure:
    """A number of requests, or a rate, where what was counted stands for so many `requests` each."""
    if requests is None:
        return window.measure(unit, None, Measure.not_reported(unit, UNKNOWN_SHARE))
    return window.counted(unit, None if value is None else value * requests)


def stand_in(snapshot: Snapshot, now: float) -> Spans | None:
    """The spans, while no proxy can be read and SigNoz counts some; None while one is. Spans do not say which proxy was
    asked: of what is narrowed to one there are none.
    """
    return snapshot.once((stand_in, now), lambda: _stand_in(snapshot, now))


def _stand_in(snapshot: Snapshot, now: float) -> Spans | None:
    proxies = of_kind(snapshot, "proxy")
    if snapshot.left_out or not proxies or not all(_unread(one, now) for one in proxies):
        return None
    counted = [last.value for last in newest_reads(snapshot, now, REQUESTS_COUNTED)]
    at = max(counted, default=0.0)
    if not now - FRESH_SECONDS <= at <= now:
        return None
    last = max(proxies, key=lambda one: one.last_success)
    why = last.error.value if last.error else STALE
    note = f"by SigNoz' spans up to {lasting(now - at)} ago, as far as it holds them: {last.key} is {why}"
    spans = Spans(snapshot, at, last.last_success, note)
    return spans if _came(spans) else None


def _unread(one: SourceState, now: float) -> bool:
    never = one.last_success == 0.0 and one.error not in (None, ErrorKind.NOT_KEPT)
    return never or is_lost(one, now)


def _came(spans: Spans) -> bool:
    """Whether the newest count holds any: where none comes nobody can tell silence from telemetry that is lost."""
    return bool(spans.window(REQUESTS, REQUESTS_STEP_SECONDS).total())


def relation(spans: Spans) -> Relation | None:
    """How spans and requests compare; None where too few were counted by both."""
    return spans.snapshot.once((relation, spans.lost_at), lambda: _relation(spans))


def _relation(spans: Spans) -> Relation | None:
    before = Window.of(spans.snapshot, spans.lost_at, REQUESTS, OVERLAP_SECONDS, coarse=True, fine=0.0)
    held = tuple(_counters(spans.snapshot, REQUESTS, spans.lost_at, OVERLAP_SECONDS))
    both = _both(before.counters, held)
    if len(both) < 2:
        return None
    (failed, total), (bad, found) = (failed_and_total(one, both[0], both[-1]) for one in (before.counters, held))
    if failed is None or bad is None or not total or not found or min(total, found) < ENOUGH:
        return None
    usual = failed / total
    more = usual > 0 and bool(too_many(np.array(bad), np.array(found), SURELY_MORE * usual, usual))
    return Relation(found / total, bad / found / usual if more else 1.0)


def _both(requests: Sequence[Counter], spans: Sequence[Counter]) -> Floats:
    """When the requests were read (minute by minute, where that is long ago) while spans were counted, too."""
    known = [one.times for one in (*requests, *spans) if len(one.times)]
    if not requests or not spans or len(known) < len(requests) + len(spans):
        return np.empty(0)
    times = requests[0].times
    begun, ended = max(float(one[0]) for one in known), min(float(one[-1]) for one in known)
    return np.asarray(times[(times >= begun) & (times <= ended)], dtype=np.float64)


def _counters(snapshot: Snapshot, name: str, at: float, seconds: float) -> Iterator[Counter]:
    window = Frame(name, tuple(_blocks(snapshot, SPANS[name], at, seconds)))
    yield from Window(window, Availability(Reading.VALUE, at), at, seconds).counters


def _blocks(snapshot: Snapshot, name: str, at: float, seconds: float) -> Iterator[Block]:
    """A row for each count, at the time up to which it was counted."""
    start, end = at - seconds - REQUESTS_STEP_SECONDS, at + FRESH_SECONDS
    until = {block.source: block for block in snapshot.frame(REQUESTS_COUNTED, start, end).blocks}
    for block in snapshot.frame(name, start, end).blocks:
        counted = until.get(block.source)
        rows, times = _counts(block, counted) if counted is not None else (np.empty(0, dtype=np.intp), np.empty(0))
        rows, times = rows[times <= at], times[times <= at]
        if len(rows):
            samples = block.samples[rows]
            since = _since(samples)
            started = partial(np.zeros, len(rows) - since)
            yield replace(block, times=times[since:], samples=samples[since:], started=started)


def _counts(block: Block, counted: Block) -> tuple[np.ndarray[tuple[int], np.dtype[np.intp]], Floats]:
    """The first row that holds each count, and up to when it counts, in that order."""
    known = dict(zip(counted.times.tolist(), counted.samples[:, 0].tolist(), strict=True))
    until = np.array([known.get(time, np.nan) for time in block.times.tolist()])
    until[np.isnan(block.samples).all(axis=1)] = np.nan
    times, rows = np.unique(until, return_index=True)
    there = ~np.isnan(times)
    return rows[there], times[there]


def _since(samples: Floats) -> int:
    """The row from which on it only grows: what was counted before another beginning is left out."""
    fell = np.flatnonzero((np.diff(samples, axis=0) < 0).any(axis=1))
    return int(fell[-1]) + 1 if len(fell) else 0
