"""What sources say of themselves: families that went away, clocks that differ, sources at odds; and the dashboard."""

from __future__ import annotations

from collections import defaultdict

import pytest

from aggregators.alerts.rules import BY_ID, RULES
from aggregators.detection.condition import Condition
from aggregators.detection.detections import evaluate
from model.series import Kind, Scrape
from store.snapshot import snapshot_of
from tests.aggregators.detection.reads import NOW, Fill, judged, raised, reads_of

MIB = 2.0**20
POOLS = "proxy proxy1:1 no longer reports prism_pool_connections_max"


def proxy(without: str = "", since: int = -3, until: int = 1, restarts: bool = False) -> Fill:
    """A proxy that leaves some families out from a second to another, perhaps because it was started anew."""

    def fill(second: int, scrape: Scrape) -> None:
        left_out = since <= second < until
        scrape.add("process_start_time_seconds", NOW - 3 if restarts and left_out else NOW - 9000)
        scrape.add("process_cpu_seconds_total", 900.0 + second, Kind.COUNTER)
        if not (left_out and without == "pools"):
            scrape.add("prism_pool_connections_max", 10, backend="redis", pattern="redis")

    return fill


def test_a_family_that_one_of_two_proxies_leaves_out_is_said_of_that_one() -> None:
    found = judged("metrics_gone", reads_of(40, proxy1=proxy("pools"), proxy2=proxy()))
    assert found["proxy proxy1:1"].bad and POOLS in found["proxy proxy1:1"].words
    assert found["proxy proxy2:1"].good
    assert BY_ID["metrics_gone"].culprit("proxy proxy1:1") == ("proxy", "proxy1:1")


@pytest.mark.parametrize("fill", [
    proxy(), proxy("pools", since=0), proxy("pools", restarts=True), proxy("pools", since=-40),
], ids=["all is there", "one read lacks it", "the process is another", "it never had it"])  # fmt: skip
def test_what_is_not_gone_for_good_raises_nothing(fill: Fill) -> None:
    assert not any(one.bad for one in judged("metrics_gone", reads_of(40, proxy1=fill)).values())


def test_an_alert_about_a_family_lasts_until_that_family_is_back() -> None:
    (raised_by,) = judged("metrics_gone", reads_of(40, proxy1=proxy("pools"))).values()
    for until, back in ((1, False), (-1, True)):
        world = reads_of(90, proxy1=proxy("pools", since=-88, until=until))
        (now,) = evaluate(BY_ID["metrics_gone"], world, NOW, {raised_by.component: raised_by.usual})
        assert (now.bad, now.good) == (not back, back)


@pytest.mark.parametrize(("ahead", "bad", "good"), [(-9000, False, True), (1.5, False, True), (4, False, False),
                                                    (5, True, False), (60, True, False)])  # fmt: skip
def test_a_start_that_lies_in_the_future_is_a_clock_that_is_ahead(ahead: float, bad: bool, good: bool) -> None:
    (one,) = judged(
        "clocks_apart", reads_of(20, proxy=lambda at, scrape: scrape.add("process_start_time_seconds", NOW + ahead))
    ).values()
    assert (one.bad, one.good) == (bad, good)
    if bad:
        assert "lies in the future" in one.words


def at_odds(failed: float, status: str = "HEALTHY") -> dict[str, Condition]:
    counts: dict[str, float] = defaultdict(float)

    def asked(second: int, scrape: Scrape) -> None:
        for word, share in (("success", 1 - failed), ("error", failed)):
            counts[word] += 10 * share
            scrape.add("prism_requests_total", counts[word], Kind.COUNTER, pattern="redis", namespace="a", status=word)

    def health(second: int, scrape: Scrape) -> None:
        scrape.add("prism_pattern_status", 1, Kind.STATESET, pattern="redis", status=status, service="lifecycle")

    return judged("sources_contradict", reads_of(40, proxy=asked, patterns=health))


def test_who_says_that_it_is_well_and_fails_contradicts_the_proxy() -> None:
    found = at_odds(0.6)["redis"]
    assert found.bad and "reports HEALTHY, and the proxy counts 60 % of its requests as failed" in found.words
    assert not at_odds(0.4)["redis"].bad
    assert at_odds(0.0)["redis"].good
    assert not any(one.bad for one in at_odds(1.0, "UNHEALTHY").values())


def own(**values: list[float]) -> dict[str, dict[str, Condition]]:
    """What the rules on the dashboard say when it wrote these of itself, second by second up to now."""
    scrapes = []
    for back in range(max(map(len, values.values()))):
        scrapes.append(Scrape("hud", "collector", NOW - back))
        for name, course in values.items():
            scrapes[-1].add(name, course[-1 - back])
    world = snapshot_of(scrapes, meta={"collector_alive_at": NOW})
    rules = ("hud_memory", "hud_late", "disk_full")
    return {rule: {one.component: one for one in evaluate(BY_ID[rule], world, NOW)} for rule in rules}


@pytest.mark.parametrize(("mebibytes", "bad"), [(150, False), (340, False), (420, True)])
def test_a_collector_that_doubles_its_memory_says_so(mebibytes: float, bad: bool) -> None:
    found = own(hud_resident_memory_bytes=[200 * MIB] * 200 + [mebibytes * MIB] * 30)["hud_memory"]
    assert found["collector"].bad is bad


@pytest.mark.parametrize(("late", "bad", "good"), [(0.02, False, True), (1.5, False, False), (2.0, True, False)])
def test_reads_that_wait_to_be_stored_are_said(late: float, bad: bool, good: bool) -> None:
    found = own(hud_commit_delay_seconds=[0.01] * 50 + [late] * 3)["hud_late"]["collector"]
    assert (found.bad, found.good) == (bad, good)


@pytest.mark.parametrize(("mebibytes", "severity"), [(301, None), (201, None), (200, "warning"), (50, "critical")])
def test_a_disk_that_is_nearly_full_is_said_before_it_is(mebibytes: float, severity: str | None) -> None:
    found = own(hud_disk_free_bytes=[mebibytes * MIB] * 3)["disk_full"]["store"]
    said = (found.severity or BY_ID["disk_full"].severity).value if found.bad else None
    assert said == severity


def test_what_nobody_reports_raises_nothing() -> None:
    bare: Fill = lambda second, scrape: scrape.add("process_threads", 8)  # noqa: E731
    assert raised(RULES, reads_of(40, proxy=bare, patterns=bare, otel=bare)) == {}
