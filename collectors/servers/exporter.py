"""Reads the Prometheus exporter of a Redis or a PostgreSQL server (contracts external F).

An exporter answers 200 when its server is dead: its `…_up` is believed, and with 0 none of its other figures. With
words of the server beside it the server is up and refuses.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping

from collectors.core.amounts import LARGEST
from collectors.core.configured import Configured
from collectors.core.contract import Clock
from collectors.core.recognise import somebody_elses
from collectors.core.redact import fingerprint
from collectors.exposition.naming import Naming
from collectors.exposition.own_times import as_of
from collectors.exposition.parser import ExpositionCache
from collectors.http.fetch import fetcher_of
from collectors.proxy.metrics import ACCEPT, exposed
from collectors.servers.exporter_names import MAXIMA, QUANTILES, Exporter, Spelling
from collectors.servers.redis_info import ONLINE, state_said
from collectors.servers.server_scrape import EXPORTER, REFUSING, RefusalError, Reported, ServerWords, identity, plain
from collectors.servers.statement_totals import Statement, StatementTotals
from model.catalogue import BY_NAME
from model.catalogue.servers import PARTS
from model.series import Labels, Scrape, Series
from model.settings import Aliases, SourceOptions
from model.sources import CollectError, ErrorKind
from model.targets import Target

MAX_GROUPS = 2000
_ANSWERED = re.compile(r"[A-Z]{3,} |tls: |x509: ")
"""How an error reply of Redis begins, or one about the encryption that it offers, and nothing that the network says."""
Rows = Iterable[tuple[Series, float]]
Sums = dict[tuple[str, Labels], float]


class BackendExporterCollector(Configured):
    """One exporter of one server."""

    def __init__(self, exporter: Exporter, target: Target, options: SourceOptions) -> None:
        self.source = exporter.source
        self._exporter = exporter
        self._words = ServerWords(self.source, target, EXPORTER)
        super().__init__(target.url, options, instance=self._words.instance, address=self._words.address)
        self._fetcher = fetcher_of(target.url, options, ACCEPT)
        self._totals = StatementTotals(whole=False)
        self._cache = ExpositionCache(Naming(self.instance, Aliases()))
        self._cache.families = {name: one.family for name, one in exporter.spellings.items()} | dict(MAXIMA)

    def collect(self, now: Clock) -> Scrape:
        """What it reports, in the words of the catalogue. Raises CollectError."""
        self._fetcher.begin()
        asked_at = now()
        series, values, time = as_of(exposed(self._fetcher, self._cache), asked_at, self.interval_seconds)
        return self.reported(list(zip(series, values, strict=True)), lambda: time)

    def reported(self, rows: list[tuple[Series, float]], now: Clock) -> Scrape:
        """The scrape that these samples make. Raises CollectError when they are not this exporter's."""
        by_name: dict[str, list[tuple[Series, float]]] = {}
        for series, value in rows:
            by_name.setdefault(series.name, []).append((series, value))
        ups = by_name.get(self._exporter.up)
        if not ups:
            raise somebody_elses(by_name, f"reports no {self._exporter.up}: not the exporter meant")
        known = [value for _, value in ups if value in (0.0, 1.0)]
        if not known:
            raise CollectError(ErrorKind.MALFORMED, f"its {self._exporter.up} is neither 0 nor 1")
        up = all(known)
        if not up and (refusal := self._refusal(by_name)):
            return self._words.refused(now, refusal)
        reported = self._words.scrape(now, up=up)
        self._introduce(reported, by_name)
        if up:
            self._started(reported, by_name)
            _report(reported, _sums(self._exporter.spellings, by_name))
            self._statements(reported, by_name)
        return reported.scrape

    def close(self) -> None:
        """Close the connection."""
        self._fetcher.close()

    def _refusal(self, by_name: Mapping[str, Rows]) -> RefusalError | None:
        """What the server answered the exporter, where that is known to be its words."""
        family, label = self._exporter.said
        said = _label(by_name.get(family, ()), label)
        return RefusalError(state_said(said) or REFUSING, said) if _ANSWERED.match(said) else None

    def _statements(self, reported: Reported, by_name: Mapping[str, Rows]) -> None:
        """Calls and time of the statements that it reports: what they grew by."""
        calls, seconds = (
            {
                fingerprint(repr(series.labels)): value
                for series, value in by_name.get(name, ())
                if 0.0 <= value < LARGEST
            }
            for name in self._exporter.statements
        )
        if calls:
            self._totals.add(Statement(key, count, seconds.get(key, 0.0)) for key, count in calls.items())
            reported.counter("postgres_server_query_calls_total", self._totals.calls)
            reported.counter("postgres_server_query_duration_seconds_total", self._totals.seconds)

    def _introduce(self, reported: Reported, by_name: Mapping[str, Rows]) -> None:
        version = next(
            filter(None, (_label(by_name.get(name, ()), label) for name, label in self._exporter.version)), ""
        )
        family, label = self._exporter.role
        self._words.introduce(reported, version, _label(by_name.get(family, ()), label))

    def _started(self, reported: Reported, by_name: Mapping[str, Rows]) -> None:
        started = next((value for _, value in by_name.get(self._exporter.started, ())), None)
        uptime = next((value for _, value in by_name.get(self._exporter.uptime, ())), None)
        if started is None:
            self._words.up_for(reported, uptime)
        else:
            self._words.started(reported, started)


def _label(rows: Rows, label: str) -> str:
    return next((plain(series.label(label)) for series, _ in rows), "")


def _sums(spellings: Mapping[str, Spelling], by_name: Mapping[str, Rows]) -> Sums:
    """Each family by our labels; what the exporter adds to them differs by version, and is summed over."""
    sums: Sums = {}
    taken: dict[str, str] = {}
    for name, one in spellings.items():
        if name not in by_name or taken.setdefault(_slot(one), name) != name:
            continue
        for series, value in by_name[name]:
            if _is_amount(one.family, value):
                place = one.family, _labels(series, one)
                sums[place] = sums.get(place, 0.0) + value * one.factor
    for name, family in MAXIMA.items():
        rows = ((one, value) for one, value in by_name.get(name, ()) if _is_amount(family, value))
        values = [value for one, value in rows if one.label("slave_state") in (None, ONLINE)]
        if values:
            sums[family, ()] = max(values)
    return sums


def _is_amount(family: str, value: float) -> bool:
    """Judged before anything is added to it or its unit is converted: a limit may say that there is none."""
    return math.isfinite(value) and (BY_NAME[family].limit or 0.0 <= value < LARGEST)


def _slot(one: Spelling) -> str:
    """Rival spellings of one thing share it; a limit is reported twice, failures are two things that add up."""
    return one.family if one.family == "backend_connections_max" else f"{id(one)}"


def _labels(series: Series, one: Spelling) -> Labels:
    named = {ours: identity(series.label(theirs) or "") for theirs, ours in one.labels.items()}
    if "quantile" in named:
        named["quantile"] = QUANTILES.get(named["quantile"], named["quantile"])
    return tuple(sorted({**named, **one.fixed}.items()))


def _report(reported: Reported, sums: Sums) -> None:
    """Families of more rows than can be kept are not reported: a part of them is no sum."""
    counts = Counter(family for family, _ in sums)
    for family in sorted(family for family, count in counts.items() if count > MAX_GROUPS):
        reported.unread(PARTS.get(family, family), CollectError(ErrorKind.TOO_LARGE, f"{counts[family]:,} rows"))
    for (family, labels), value in sorted(sums.items()):
        if counts[family] <= MAX_GROUPS:
            add = reported.counter if BY_NAME[family].kind.accumulates else reported.gauge
            add(family, value, **dict(labels))
