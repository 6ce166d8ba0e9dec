"""How the whole stands, and what is said of it around every page: the banner, the top bar and the lists of both."""

from __future__ import annotations

from dataclasses import dataclass

from aggregators.incidents.incidents import known_incidents
from aggregators.incidents.notices import Notice, notices
from aggregators.overview.overall import Judgement, Overall, overall
from aggregators.patterns.health import PatternHealth, by_trouble, pattern_health
from aggregators.requests.proxies import proxies
from aggregators.series.source_rows import SourceRow, source_table
from store.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Summary:
    """The whole, every pattern worst first, every source; `simulated` when no real Prism is read.

    `calling` are the incidents that somebody who looks elsewhere is called for, `proxies` the names of all proxies.
    """

    whole: Overall
    patterns: tuple[PatternHealth, ...]
    sources: tuple[SourceRow, ...]
    simulated: bool
    calling: tuple[Notice, ...]
    proxies: tuple[str, ...]


def summary(snapshot: Snapshot, now: float, judged: Judgement | None = None) -> Summary:
    """The answer at `now`; `judged` when the whole is judged already, with all views."""
    patterns = pattern_health(snapshot, now)
    return Summary(
        whole=judged.whole if judged else overall(snapshot, now),
        patterns=by_trouble(patterns),
        sources=source_table(snapshot, now),
        simulated=bool(snapshot.meta.get("simulated")),
        calling=notices(known_incidents(snapshot, now)),
        proxies=proxies(snapshot, now),
    )
