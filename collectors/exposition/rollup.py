"""Sums of a proxy's counters over its namespaces, as further series of the same scrape (model/rollup.py).

A sum of counters is none: it falls when one of them goes. So each series' increase is added to its group's total, by
the rules that hold for counters everywhere: a value that fell counts whole, a gap repeats the last known value.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from itertools import islice
from typing import Any, cast
from zlib import crc32

import numpy as np
import numpy.typing as npt

from model.process_tracker import (
    CLOCK_SLACK_SECONDS,
    LEAST_FALL,
    MOST_PROCESSES,
    SAME_START_SECONDS,
    ProcessTracker,
    Read,
)
from model.rollup import EDGES_LABEL, ROLL_UPS, RollUp
from model.series import Kind, Scrape, Series, labels_of
from store.frames import Block, Frame
from store.series_table import carried, emptied
from store.snapshot import Snapshot
from store.window_reads import START_FAMILIES

Floats = npt.NDArray[np.float64]
GONE_AT_LEAST, GONE_FACTOR = 10_000, 2
"""Series that are not exposed any more may come back. So many are remembered, or so many times what was exposed at
most; the oldest are forgotten first.
"""


class RollUps:
    """Every roll-up of one proxy."""

    def __init__(self, rules: Sequence[RollUp] = ROLL_UPS) -> None:
        self._rules = [_Running(rule) for rule in rules]
        self._seen: list[Series] = []
        self._extended: list[Series] = []
        self._started = -1

    def restore(self, before: Snapshot, source: str) -> None:
        """Go on where an earlier run stopped: what was counted then is not counted again. `source` is the key."""
        state = before.sources.get(source)
        if state is None or state.last_success == 0.0:
            return
        at = state.last_success
        for one in self._rules:
            one.restore(before.frame(one.rule.whole, at, at), before.frame(one.rule.summed, at, at), source)

    def add(self, scrape: Scrape) -> None:
        """Append the sums to `scrape`. Its list of series is replaced, since it may be the parser's own."""
        values = np.array(scrape.values)
        if scrape.series is not self._seen and scrape.series != self._seen:
            for one in self._rules:
                one.lay_out(scrape.series, scrape.instance)
            self._extended = [*scrape.series, *(name for one in self._rules for name in one.groups)]
            at = [i for i, one in enumerate(self._extended) if one.name in START_FAMILIES]
            self._started = at[0] if at else -1
        self._seen, scrape.series = scrape.series, self._extended
        started = float(values[self._started]) if self._started >= 0 else float("nan")
        if not 0.0 < started <= scrape.time + CLOCK_SLACK_SECONDS:
            started = float("nan")
        for one in self._rules:
            scrape.values.extend(one.totals(values, scrape.time, started).tolist())


class _Kept:
    """The last value of each series: of those that are exposed in their order, of those that are not by name."""

    def __init__(self, gone: dict[Series, float], series: Sequence[Series] = (), last: Floats | None = None) -> None:
        self._series, self.gone = series, gone
        self.last = np.empty(0) if last is None else last
        self.absent = sum(gone.values())
        """What series that are not exposed now had counted: their absence is no fall."""

    def laid_out(self, series: Sequence[Series], most: int) -> _Kept:
        """Over to another list of series. Of those not exposed `most` are remembered."""
        gone = self.gone | dict(zip(self._series, self.last.tolist(), strict=True))
        last = np.array([gone.pop(one, 0.0) for one in series])
        for name in list(islice(gone, max(0, len(gone) - most))):
            del gone[name]
        return _Kept(gone, series, last)

    def emptied(self, absent: npt.NDArray[np.bool_]) -> _Kept:
        """Without what is absent from a read."""
        return _Kept({}, self._series, np.where(absent, 0.0, self.last))

    def now(self, last: Floats) -> _Kept:
        """With these as the last values."""
        kept = copy(self)
        kept.last = last
        return kept


class _Running:
    """One roll-up: the last value of each series of the whole, and the totals so far.

    `_seen` is what was last seen at the address, `_own` what the process had that answered last: the same while there
    is but one.
    """

    def __init__(self, rule: RollUp) -> None:
        self.rule = rule
        self.groups: list[Series] = []
        self._series: list[Series] = []
        self._positions = np.empty(0, dtype=np.intp)
        self._codes = np.empty(0, dtype=np.intp)
        self._totals: Floats = np.empty(0)
        self._ended: dict[Series, float] = {}
        self._most = GONE_AT_LEAST
        self._tracker = ProcessTracker()
        self._process = 0
        self._seen = self._own = _Kept({})
        self._others: dict[int, _Kept] = {}
        self._starts: dict[int, float] = {}

    def restore(self, whole: Frame, summed: Frame, source: str) -> None:
        """The last known values of `source`, up to the last row that has sums."""
        reported = {one.source: one for one in whole.blocks}.get(source)
        sums = {one.source: one for one in summed.blocks}.get(source)
        if reported is None or sums is None:
            return
        at = cast(float | None, sums.values.last_valid_index())
        self._ended = _last(sums, at)
        self._seen = self._own = _Kept(_last(reported, at))
        if at is not None:
            self._tracker.take(at, self._seen.absent, float("nan"))

    def lay_out(self, series: Sequence[Series], instance: str) -> None:
        """Go over to another list of series."""
        self._ended |= dict(zip(self.groups, self._totals.tolist(), strict=True))
        positions = [at for at, one in enumerate(series) if one.name == self.rule.whole]
        self._series = [series[at] for at in positions]
        codes: dict[Series, int] = {}
        targets = _targets(self._series, self.rule, instance)
        self._codes = np.array([codes.setdefault(one, len(codes)) for one in targets], dtype=np.intp)
        self._positions, self.groups = np.array(positions, dtype=np.intp), list(codes)
        self._most = max(self._most, GONE_FACTOR * len(self._series))
        alone = self._own is self._seen
        self._seen = self._seen.laid_out(self._series, self._most)
        self._own = self._seen if alone else self._own.laid_out(self._series, self._most)
        self._totals = np.array([self._ended.pop(one, 0.0) for one in self.groups])
        for name in list(islice(self._ended, max(0, len(self._ended) - self._most))):
            del self._ended[name]

    def totals(self, values: Floats, time: float, started: float) -> Floats:
        """The totals after a scrape's values, in the order of `groups`. `started`: its process', NaN when not known."""
        exposed, before = values[self._positions], self._seen
        absent, fell = np.isnan(exposed), bool((exposed < before.last).any())
        reset = fell and started != started
        seen = before.emptied(absent) if reset else before
        held = seen if reset else self._held(started)
        level = float(np.where(absent, held.last, exposed).sum()) + held.absent
        process, read = self._tracker.take(time, level, started)
        if process != self._process and read is not Read.FIRST:
            self._change_to(process)
        self._process = process
        if started == started:
            self._starts[process] = started
        own, alone = self._own, self._own is before
        reported = np.where(absent, 0.0 if reset else own.last, exposed)
        last = reported if read is Read.BASELINE else own.last
        down = reported < last
        fallen = down.any() or (reset and own.absent > 0.0 and read is Read.SAME)
        together = started != started and fallen and reported.sum() <= LEAST_FALL
        grown = np.where(down | together, reported, reported - last)
        self._seen = seen.now(np.where(absent, seen.last, exposed))
        self._own = self._seen if alone else (own.emptied(absent) if reset else own).now(reported)
        self._totals = self._totals + np.bincount(self._codes, weights=grown, minlength=len(self.groups))
        return self._totals

    def _held(self, started: float) -> _Kept:
        """What the process of this start had: another one may never have had what is absent."""
        if started != started or self._process not in self._starts:
            return self._seen
        alike = [one for one, at in self._starts.items() if abs(at - started) < SAME_START_SECONDS]
        if len(alike) > 1:
            return self._seen
        if alike == [self._process]:
            return self._own
        known = self._others.get(alike[0]) if alike else None
        return (known or _Kept({})).laid_out(self._series, self._most)

    def _change_to(self, process: int) -> None:
        """Go on from the last values of another process; a new one has none."""
        self._others[self._process] = self._own
        self._own = self._others.pop(process, _Kept({})).laid_out(self._series, self._most)
        while len(self._others) > MOST_PROCESSES:
            gone = next(iter(self._others))
            del self._others[gone]
            self._starts.pop(gone, None)


def _last(block: Block, at: Any) -> dict[Series, float]:
    """What each series last said up to the row `at`; None for no row at all."""
    if at is None:
        return {}
    rows, started = int(block.times.searchsorted(at, "right")), block.started()
    values = emptied(block.times[:rows], block.samples[:rows], None if started is None else started[:rows])
    last = carried(values)[-1].tolist()
    return {one: value for one, value in zip(block.series, last, strict=True) if value == value}


def _targets(series: Sequence[Series], rule: RollUp, instance: str) -> list[Series]:
    """The summed series of each series of the whole."""
    kind = Kind.HISTOGRAM if rule.edges else Kind.COUNTER
    edges: dict[tuple[tuple[str, str], ...], list[str]] = {}
    apart = []
    for one in series:
        identity = tuple(pair for pair in one.labels if pair[0] != "le") if rule.edges else ()
        edge = one.label("le") or "" if rule.edges else ""
        edges.setdefault(identity, []).append(edge)
        apart.append((dict(one.labels), identity, edge))
    shapes = {identity: f"{crc32(' '.join(sorted(found)).encode()):08x}" for identity, found in edges.items()}
    known: dict[tuple[str, ...], Series] = {}
    targets = []
    for labels, identity, edge in apart:
        key = (*(labels.get(name, "") for name in rule.by), edge, shapes[identity])
        if key not in known:
            reported = {name: labels[name] for name in rule.by if name in labels} | {"instance": instance}
            reported |= {"le": edge, EDGES_LABEL: shapes[identity]} if rule.edges else {}
            known[key] = Series(rule.summed, labels_of(reported), kind)
        targets.append(known[key])
    return targets
