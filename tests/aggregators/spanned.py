"""A proxy that is lost at an instant, and a SigNoz that goes on counting spans of its requests, second by second."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from collectors.signoz.request_spans import EDGES, SETTLE_SECONDS
from model.series import Kind, Scrape
from model.sources import CollectError, ErrorKind, SourceState
from store.snapshot import Snapshot, snapshot_of

START = 1_700_000_000.0
"""A whole step of spans begins here."""
PROXY_EDGES = ("0.0005", "0.001", "0.002", "0.003", "0.005", "0.01", "0.025", "0.1", "+Inf")
Flow = tuple[str, str]
"""A pattern and a namespace."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Of one flow a second: requests, the share that fails, and how long each takes in seconds."""

    requests: float = 200.0
    failing: float = 0.0
    seconds: float = 0.0007

    def under(self, edge: float) -> float:
        """How many took no longer: one in two hundred takes ten times as long."""
        return self.requests * (1.0 if edge >= 10 * self.seconds else 0.995 if edge >= self.seconds else 0.0)


FLOWS = (("redis", "payments"), ("redis", "search"), ("postgresql", "payments"), ("postgresql", "checkout"))
At = Callable[[int, Flow], Pace]
"""How a flow goes in a second, counted from START."""


@dataclass
class Spanned:
    """`at`: how flows go; `refused`: tokens of each second by reason. `lost`: from when to when no proxy answers;
    `kept`: the shares of successes and of failures that leave a span; `sent_until`: up to when spans come.
    """

    at: At
    seconds: int
    lost: tuple[int, int]
    kept: tuple[float, float] = (1.0, 1.0)
    sent_until: float = float("inf")
    refused: Callable[[int], Mapping[str, float]] = lambda _: {}
    whole: Snapshot = field(init=False)

    def __post_init__(self) -> None:
        proxy: dict[Flow, list[float]] = {flow: [0.0] * (2 + len(PROXY_EDGES)) for flow in FLOWS}
        spans: dict[Flow, list[float]] = {flow: [0.0] * (2 + len(EDGES) + 1) for flow in FLOWS}
        sums = [{flow: list(values) for flow, values in spans.items()}]
        refused: list[dict[str, float]] = [{}]
        scrapes = []
        for second in range(1, self.seconds + 1):
            for flow in FLOWS:
                pace = self.at(second, flow)
                self._count(proxy[flow], pace, PROXY_EDGES, (1.0, 1.0))
                self._count(spans[flow], pace, (*map(str, EDGES), "+Inf"), self._kept(second))
            sums.append({flow: list(values) for flow, values in spans.items()})
            before = refused[-1]
            refused.append({why: before.get(why, 0.0) + more for why, more in self.refused(second).items()})
            if not self.lost[0] <= second < self.lost[1]:
                scrapes.append(_scrape("proxy", second, "prism_requests_total", PROXY_EDGES, proxy))
            if second % 2 == 0 and second > SETTLE_SECONDS:
                counted = int(second - SETTLE_SECONDS) // 5 * 5
                edges = (*map(str, EDGES), "+Inf")
                scrape = _scrape("signoz", second, "signoz_requests_total", edges, sums[counted])
                scrape.add("signoz_requests_counted_timestamp_seconds", START + counted)
                for why, count in refused[counted].items():
                    scrape.add("signoz_auth_refusals_total", count, Kind.COUNTER, reason=why)
                scrapes.append(scrape)
        self.whole = snapshot_of(scrapes)

    def _kept(self, second: int) -> tuple[float, float]:
        return self.kept if second <= self.sent_until else (0.0, 0.0)

    @staticmethod
    def _count(sums: list[float], pace: Pace, edges: tuple[str, ...], kept: tuple[float, float]) -> None:
        good, bad = pace.requests * (1 - pace.failing) * kept[0], pace.requests * pace.failing * kept[1]
        share = (good + bad) / pace.requests if pace.requests else 0.0
        added = [good, bad, *(share * pace.under(float(edge)) for edge in edges)]
        sums[:] = [one + more for one, more in zip(sums, added, strict=True)]

    def snapshot(self, second: float) -> Snapshot:
        """What is known at a second."""
        read = second if second < self.lost[0] or second >= self.lost[1] else self.lost[0] - 1
        proxy = SourceState("proxy@p:1", "proxy", "p:1", "http://p:1", 1.0).succeeded(START + read, 0.01, 9)
        if read != second:
            for _ in range(int(second - read)):
                proxy = proxy.failed(START + second, 0.01, CollectError(ErrorKind.DOWN, "refused"))
        signoz = SourceState("signoz@s:1", "signoz", "s:1", "http://s:1", 2.0).succeeded(START + second, 0.01, 9)
        sources: Mapping[str, SourceState] = {one.key: one for one in (proxy, signoz)}
        meta = {"collector_alive_at": START + second, "started_at": START}
        return replace(self.whole, sources=sources, meta=meta, written_at=START + second)


def _scrape(source: str, second: int, name: str, edges: tuple[str, ...], sums: Mapping[Flow, list[float]]) -> Scrape:
    scrape = Scrape(source, f"{source[0]}:1", START + second)
    buckets = name.replace("requests_total", "request_duration_seconds_bucket")
    for (pattern, namespace), (good, bad, *under) in sums.items():
        labels = {"pattern": pattern, "namespace": namespace, "operation": "KeyValue.Get"}
        scrape.add(name, good, Kind.COUNTER, **labels, status="success")
        scrape.add(name, bad, Kind.COUNTER, **labels, status="error")
        for edge, count in zip(edges, under, strict=True):
            scrape.add(buckets, count, Kind.HISTOGRAM, **labels, le=edge)
    return scrape
