"""What sources reported, second by second, as one snapshot: a function per source fills each of its reads."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable

from aggregators.alerts.rules import BY_ID, Rule
from aggregators.detection.condition import Condition
from aggregators.detection.detections import evaluate
from model.series import Scrape
from model.sources import SourceState
from store.snapshot import Snapshot, snapshot_of

NOW = 1_790_000_000.0
Fill = Callable[[int, Scrape], None]
"""Fills the read of a second; the last one is 0, those before it are negative."""


def reads_of(seconds: int, unread: Container[int] = (), /, **sources: Fill) -> Snapshot:
    """Reads of the last `seconds`, without `unread` ones. A source is its kind, a number after it parts several."""
    scrapes: list[Scrape] = []
    states = []
    for name, fill in sources.items():
        kind, instance = name.rstrip("0123456789"), f"{name}:1"
        for second in range(-seconds, 1):
            scrape = Scrape(kind, instance, NOW + second)
            fill(second, scrape)
            if second not in unread:
                scrapes.append(scrape)
        states.append(SourceState(f"{kind}@{instance}", kind, instance, instance, 1.0).succeeded(NOW, 0.01, 9))
    return snapshot_of(scrapes, sources=states, meta={"collector_alive_at": NOW})


def judged(rule: str, world: Snapshot) -> dict[str, Condition]:
    """What a rule says of each component at the last second."""
    return {one.component: one for one in evaluate(BY_ID[rule], world, NOW)}


def raised(rules: Iterable[Rule], world: Snapshot) -> dict[tuple[str, str], str]:
    """Everything that is bad at the last second: its words by rule and component."""
    return {(rule.id, one.component): one.words for rule in rules for one in evaluate(rule, world, NOW) if one.bad}
