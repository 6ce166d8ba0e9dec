"""Each rule on traffic: against its own last minute, against its peers, against its share and its limit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

import pytest

from aggregators.alerts.rules import BY_ID
from aggregators.alerts.rules.traffic import TRAFFIC
from aggregators.detection.condition import Condition
from aggregators.detection.detections import evaluate
from model.series import Kind, Scrape, Severity
from tests.aggregators.detection.reads import NOW, Fill, judged, raised, reads_of

Rate = Callable[[int, str, str], float]
"""Requests per second of a pattern by a namespace, at a second up to 0."""
PATTERNS, NAMESPACES = ("redis", "nats"), ("payments", "search", "batch")


def steady(second: int, pattern: str, namespace: str) -> float:
    return 30.0


def proxy(rate: Rate = steady, failed: Rate = lambda *of: 0.0, slow: Rate = lambda *of: 0.0, stuck: int = 1) -> Fill:
    """A proxy's counters; `failed` and `slow` are shares, and from second `stuck` on everything stands still."""
    counts: dict[tuple[str, ...], float] = defaultdict(float)

    def fill(second: int, scrape: Scrape) -> None:
        for pattern in PATTERNS:
            for namespace in NAMESPACES:
                of = (second, pattern, namespace)
                asked = rate(*of) if second < stuck else 0.0
                counts[pattern, namespace, "success"] += asked * (1 - failed(*of))
                counts[pattern, namespace, "error"] += asked * failed(*of)
                counts[pattern, namespace, "0.005"] += asked * (1 - slow(*of))
                counts[pattern, namespace, "+Inf"] += asked
        for (pattern, namespace, what), value in counts.items():
            if what in ("success", "error"):
                scrape.add(
                    "prism_requests_total", value, Kind.COUNTER, pattern=pattern, namespace=namespace, status=what
                )
            else:
                scrape.add("prism_request_duration_seconds_bucket", value, Kind.HISTOGRAM, pattern=pattern,
                           namespace=namespace, operation="Get", le=what)  # fmt: skip
        scrape.add("process_cpu_seconds_total", 0.3 * min(second, stuck), Kind.COUNTER)

    return fill


def since(second: int, low: float, **where: str) -> Rate:
    """30 a second, and `low` from a second on, of one pattern or namespace or of everybody."""

    def rate(at: int, pattern: str, namespace: str) -> float:
        mine = where.get("pattern", pattern) == pattern and where.get("namespace", namespace) == namespace
        return low if at > second and mine else 30.0

    return rate


ADMIN: Fill = lambda second, scrape: scrape.add("prism_namespace_max_rps", 64, namespace="search")  # noqa: E731
FAULTS: dict[str, tuple[str, str, str, dict[str, Fill]]] = {
    "all traffic stops": (
        "traffic_stopped", "all", "all requests fell to 0 a second, usually 180", {"proxy": proxy(since(-6, 0))}),
    "all traffic collapses": ("traffic_stopped", "all", "all requests fell to 24", {"proxy": proxy(since(-6, 4))}),
    "a proxy gets nothing": (
        "traffic_stopped", "proxy proxy1:1", "usually 180", {"proxy1": proxy(since(-6, 0)), "proxy2": proxy()}),
    "a pattern is not asked any more": (
        "traffic_stopped", "redis", "requests to redis fell to 0", {"proxy": proxy(since(-6, 0, pattern="redis"))}),
    "a namespace stops": (
        "namespace_silent", "namespace search", "requests of search fell to 0 a second, usually 60",
        {"proxy": proxy(since(-6, 0, namespace="search"))}),
    "a noisy neighbour": (
        "namespace_noisy", "namespace batch", "batch makes", {"proxy": proxy(since(-16, 600, namespace="batch"))}),
    "a namespace near its limit": (
        "namespace_quota", "namespace search", "search asks 60 a second, 93.7 % of its limit",
        {"proxy": proxy(), "admin": ADMIN}),
    "a proxy whose requests fail": (
        "proxy_odd", "proxy proxy1:1", "10 % of the requests to proxy proxy1:1 fail, of its peers' 0",
        {"proxy1": proxy(failed=lambda at, *_: 0.1 if at > -6 else 0), "proxy2": proxy(), "proxy3": proxy()}),
    "a slow proxy": (
        "proxy_odd", "proxy proxy1:1", "take over 10 ms",
        {"proxy1": proxy(slow=lambda at, *_: 0.5 if at > -6 else 0), "proxy2": proxy()}),
    "an exporter that stands still": (
        "proxy_frozen", "proxy proxy:1", "have stood still for 9 s", {"proxy": proxy(stuck=-8)}),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_of_traffic_is_found(name: str) -> None:
    rule, component, words, sources = FAULTS[name]
    found = judged(rule, reads_of(80, **sources))
    assert [one.component for one in found.values() if one.bad] == [component]
    assert words in found[component].words


@pytest.mark.parametrize("rule", ["traffic_stopped", "namespace_silent"])
def test_what_comes_back_is_good_against_what_was_usual_before(rule: str) -> None:
    component = "all" if rule == "traffic_stopped" else "namespace search"
    back = reads_of(80, proxy=proxy(lambda at, *_: 0.0 if -60 < at < -6 else 30.0))
    found = {one.component: one for one in evaluate(BY_ID[rule], back, NOW, {component: 60.0})}
    assert found[component].good and not found[component].bad
    gone = reads_of(80, proxy=proxy(lambda at, *_: 0.0 if at > -70 else 30.0))
    still = {one.component: one for one in evaluate(BY_ID[rule], gone, NOW, {component: 60.0})}
    assert still[component].bad


BENIGN: dict[str, Rate] = {
    "nothing special": steady,
    "twice the load": lambda at, *_: 60.0 if at > -20 else 30.0,
    "a slow night": lambda at, *_: 30.0 * 0.98 ** (at + 80),
    "hardly anything": lambda at, *_: 0.05,
    "a second without an answer": lambda at, *_: 0.0 if at == -1 else 30.0,
    "a batch that ends": lambda at, pattern, namespace: 30.0 if namespace != "batch" or -40 < at < -10 else 0.0,
    "twice the load of one": lambda at, pattern, namespace: 60.0 if namespace == "batch" and at > -20 else 30.0,
}


@pytest.mark.parametrize("name", BENIGN)
def test_benign_traffic_raises_nothing(name: str) -> None:
    assert raised(TRAFFIC, reads_of(80, proxy1=proxy(BENIGN[name]), proxy2=proxy(BENIGN[name]))) == {}


def test_what_was_asked_over_a_gap_is_not_asked_within_seconds() -> None:
    found = judged("namespace_quota", reads_of(80, range(-18, -3), proxy=proxy(), admin=ADMIN))
    assert "asks 60 a second, 93.7 % of its limit" in found["namespace search"].words


def absent(until: int) -> Fill:
    """A proxy that left its requests out of its answers for 40 s until a second."""
    whole = proxy()

    def fill(second: int, scrape: Scrape) -> None:
        said = Scrape("proxy", "p", 0.0)
        whole(second, said)
        for series, value in zip(said.series, said.values, strict=True):
            if not (until - 40 <= second < until and series.name == "prism_requests_total"):
                scrape.add(series.name, value, series.kind, **dict(series.labels))

    return fill


@pytest.mark.parametrize("until", [1, 0, -1, -3, -10])
def test_requests_that_are_not_reported_have_not_stopped_nor_come_all_at_once_afterwards(until: int) -> None:
    limits: Fill = lambda second, scrape: scrape.add("prism_namespace_max_rps", 90, namespace="search")  # noqa: E731
    assert raised(TRAFFIC, reads_of(100, proxy=absent(until), admin=limits)) == {}


def jumps(until: int) -> Fill:
    """A proxy whose exporter stood still for half a minute until a second, and then says all that it had counted."""
    whole, kept = proxy(), Scrape("proxy", "p", 0.0)

    def fill(second: int, scrape: Scrape) -> None:
        said = Scrape("proxy", "p", 0.0)
        whole(second, said)
        if not until - 30 < second < until:
            kept.series, kept.values = said.series, said.values
        for series, value in zip(kept.series, kept.values, strict=True):
            scrape.add(series.name, value, series.kind, **dict(series.labels))

    return fill


@pytest.mark.parametrize("until", [-4, 0, 1], ids=["goes on for some seconds", "goes on", "stands still"])
def test_of_counters_that_stand_still_nothing_is_said_but_that(until: int) -> None:
    said = raised(TRAFFIC, reads_of(80, proxy=jumps(until)))
    frozen = {("proxy_frozen", "proxy proxy:1")} if until == 1 else set()
    assert set(said) == frozen


def test_reads_that_are_late_are_no_collapse() -> None:
    world = reads_of(80, proxy=proxy())
    assert not [one for rule in TRAFFIC for one in evaluate(rule, world, NOW + 3.0) if one.bad]


def failing(per_minute: int, of: int) -> dict[str, Condition]:
    """What is said when so many of so few requests of one namespace failed within the last minute."""

    def rate(at: int, pattern: str, namespace: str) -> float:
        busy = pattern == "redis" and namespace == "payments" and at > -60 and at % (60 // of) == 0
        return 1.0 if busy else 0.0

    share = per_minute / of
    return judged("error_ratio", reads_of(80, proxy=proxy(rate, failed=lambda *_: share)))


def test_three_failures_of_ten_requests_beat_chance_and_call_nobody_at_night() -> None:
    (one,) = (one for one in failing(3, 10).values() if one.bad)
    assert one.severity in (None, Severity.WARNING)
    assert not any(one.bad for one in failing(1, 10).values())


@pytest.mark.parametrize(("rule", "kind"), [("latency_p99", "slow"), ("error_ratio", "failed")])
def test_a_pause_of_a_second_is_over_before_anybody_is_called(rule: str, kind: str) -> None:
    paused = reads_of(80, proxy=proxy(**{kind: lambda at, *_: 1.0 if at == -1 else 0.0}))  # type: ignore[arg-type]
    assert not any(one.bad for one in judged(rule, paused).values())
    lasting = reads_of(80, proxy=proxy(**{kind: lambda at, *_: 1.0 if at >= -1 else 0.0}))  # type: ignore[arg-type]
    assert any(one.bad for one in judged(rule, lasting).values())


def test_a_batch_of_a_minute_that_ends_is_no_collapse() -> None:
    def rate(at: int, pattern: str, namespace: str) -> float:
        return 900.0 if -80 < at < -15 and namespace == "batch" else 3.0

    said = raised(TRAFFIC, reads_of(300, proxy=proxy(rate)))
    assert not [key for key in said if key[0] == "traffic_stopped"]


def test_a_pattern_that_one_namespace_has_left_is_not_to_blame() -> None:
    def rate(at: int, pattern: str, namespace: str) -> float:
        if pattern == "redis" and namespace == "search":
            return 0.0 if at > -6 else 200.0
        return 20.0

    found = raised(TRAFFIC, reads_of(80, proxy=proxy(rate)))
    assert ("traffic_stopped", "redis") not in found

    def wholly(at: int, pattern: str, namespace: str) -> float:
        return 0.0 if at > -6 and namespace == "search" else rate(at, pattern, namespace)

    assert set(raised(TRAFFIC, reads_of(80, proxy=proxy(wholly)))) == {("namespace_silent", "namespace search")}


def test_who_is_surely_above_the_limit_is_near_it_before_a_quarter_of_a_minute_is_over() -> None:
    limits: Fill = lambda second, scrape: scrape.add("prism_namespace_max_rps", 100, namespace="search")  # noqa: E731
    found = judged("namespace_quota", reads_of(80, proxy=proxy(since(-6, 75, namespace="search")), admin=limits))
    assert found["namespace search"].bad
    found = judged("namespace_quota", reads_of(80, proxy=proxy(since(-6, 46, namespace="search")), admin=limits))
    assert not found["namespace search"].bad
