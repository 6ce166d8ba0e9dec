"""What a Prometheus beside Prism scraped before the start: every target's series at any of its scrapes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.past.families import Build, Labels, Rows, Values
from simulator.past.instants import Instants
from simulator.past.past import Floats, Past
from simulator.sockets.exposition import WHOLE, Share

SCRAPE_SECONDS, LOOK_BACK_SECONDS = 1.0, 300.0
UP, DURATION, NAME = "up", "scrape_duration_seconds", "__name__"
TOOK_SECONDS = 0.004
MOST_SAMPLES, MOST_CELLS = 8_000_000, 8_000_000


class TooManyError(Exception):
    """The answer would hold more samples than are worked out at once."""


class Target(NamedTuple):
    """`builds` make its series; `share` is a proxy's of what all proxies have together."""

    job: str
    instance: str
    builds: Sequence[Build]
    share: Share = WHOLE


class Matcher(NamedTuple):
    """A label, one of = != =~ !~, and what it is compared with; an expression that is none raises re.error."""

    label: str
    test: str
    value: str

    def lets(self, labels: Mapping[str, str]) -> bool:
        """Whether a series with these labels passes."""
        own = labels.get(self.label, "")
        same = bool(_compiled(self.value).fullmatch(own)) if self.test.endswith("~") else own == self.value
        return same is not self.test.startswith("!")


class Vector(NamedTuple):
    """Series over the steps of a query: `values[n]` is the (T,) of `labels[n]`, NaN where it has none.

    `stamps`: (T,) when the scrapes were that a selector's values are of.
    """

    labels: list[Labels]
    values: list[Values]
    stamps: Floats


class Scrapes:
    """`targets` are asked for when a query comes: where they listen is known only then."""

    def __init__(self, past: Past, targets: Callable[[], Sequence[Target]]) -> None:
        self._past, self._targets = past, targets
        self._now = Instants(past, np.array([past.start]))
        self._known: dict[tuple[str, str, Build], list[Labels]] = {}

    def stamps(self, times: Floats) -> Floats:
        """(T,) when the scrape was that a step at each time sees, NaN where none is recent enough."""
        behind = np.ceil(np.maximum(self._past.start - times, 0.0) / SCRAPE_SECONDS) * SCRAPE_SECONDS
        found = self._past.start - behind
        return np.where((found < self._past.begin) | (times - found >= LOOK_BACK_SECONDS), np.nan, found)

    def names(self) -> list[str]:
        """Of every series, once each."""
        return sorted(
            {labels[NAME] for target in self._targets() for build in _all(target) for labels in self._of(target, build)}
        )

    def select(self, matchers: Sequence[Matcher], times: Floats) -> Vector:
        """The series that pass. Raises TooManyError."""
        wanted = [
            (target, build, chosen)
            for target in self._targets()
            for build in _all(target)
            if any(chosen := [all(one.lets(labels) for one in matchers) for labels in self._of(target, build)])
        ]
        samples = len(times) * sum(sum(chosen) for _, _, chosen in wanted)
        if samples > MOST_SAMPLES or len(times) * self._past.cells > MOST_CELLS:
            raise TooManyError
        stamps = self.stamps(times)
        known = ~np.isnan(stamps)
        books, found = Instants(self._past, stamps[known]), Vector([], [], stamps)
        for target, build, chosen in wanted:
            rows = zip(self._of(target, build), build(books, target.share), chosen, strict=True)
            for labels, (_, _, values), taken in rows:
                if taken:
                    found.labels.append(labels)
                    found.values.append(_at(values, known))
        return found

    def _of(self, target: Target, build: Build) -> list[Labels]:
        """The labels of all that it builds, which never change."""
        key = target.job, target.instance, build
        if key not in self._known:
            self._known[key] = [_labels(name, own, target) for name, own, _ in build(self._now, target.share)]
        return self._known[key]


def _all(target: Target) -> tuple[Build, ...]:
    return (*target.builds, _scraping)


def _scraping(books: Instants, share: Share) -> Rows:
    yield UP, {}, np.ones(len(books.times), dtype=np.int64)
    yield DURATION, {}, np.full(len(books.times), TOOK_SECONDS)


def _labels(name: str, own: Labels, target: Target) -> Labels:
    """Empty ones are none; a target's own name for what the server gives it goes by another."""
    return {
        NAME: name,
        **{key: value for key, value in own.items() if value},
        "job": target.job,
        "instance": target.instance,
    }


def _at(values: Values, known: NDArray[np.bool_]) -> Values:
    """The values at the steps that see a scrape, NaN at the others."""
    if known.all():
        return values
    found = np.full(len(known), np.nan)
    found[known] = values
    return found


@cache
def _compiled(text: str) -> re.Pattern[str]:
    return re.compile(text)
