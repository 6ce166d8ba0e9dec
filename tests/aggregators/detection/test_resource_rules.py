"""Each rule on processes: what raises it, in which words, when it is good again, and what raises none of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from aggregators.alerts.rules import BY_ID
from aggregators.alerts.rules.resources import RESOURCES
from model.series import Kind, Scrape
from tests.aggregators.detection.reads import NOW, Fill, judged, raised, reads_of

MIB = 2.0**20
Course = Callable[[int], float]
CALM: dict[str, Course] = {
    "process_resident_memory_bytes": lambda second: 200 * MIB + second % 3 * MIB,
    "process_memory_limit_bytes": lambda second: 500 * MIB,
    "process_open_fds": lambda second: 150 + second % 5,
    "process_max_fds": lambda second: 1024,
    "process_cpu_seconds_total": lambda second: 0.5 * (second + 500),
    "process_cpu_limit_cores": lambda second: 4,
    "process_start_time_seconds": lambda second: NOW - 9000,
    "prism_pattern_resident_memory_bytes": lambda second: 60 * MIB,
    "prism_pattern_goroutines": lambda second: 80,
    "prism_pattern_cpu_seconds_total": lambda second: 0.1 * (second + 500),
}


def proxy(**changed: Course) -> Fill:
    def fill(second: int, scrape: Scrape) -> None:
        for family, course in (CALM | changed).items():
            labels = {"pattern": "redis"} if family.startswith("prism_pattern") else {}
            kind = Kind.COUNTER if family.endswith("_total") else Kind.UNKNOWN
            scrape.add(family, course(second), kind, **labels)

    return fill


def after(second: int, then: Course, family: str) -> Course:
    return lambda at: then(at) if at >= second else CALM[family](at)


def rising(family: str, first: float, per_second: float, since: int = -45) -> dict[str, Course]:
    return {family: lambda at: first + per_second * max(0, at - since)}


MEMORY, DESCRIPTORS, GOROUTINES = "process_resident_memory_bytes", "process_open_fds", "prism_pattern_goroutines"
FAULTS: dict[str, tuple[str, str, str, dict[str, Course]]] = {
    "memory near its limit": (
        "process_memory", "proxy proxy:1", "takes 95 % of its memory limit", {MEMORY: lambda at: 475 * MIB}),
    "descriptors near their limit": (
        "process_descriptors", "proxy proxy:1", "has 99.02 % of its file descriptors open",
        {DESCRIPTORS: lambda at: 1014}),
    "all cores busy": (
        "process_cpu", "proxy proxy:1", "uses 97.5 % of the cores",
        {"process_cpu_seconds_total": lambda at: 0.5 * (at + 500) + 3.4 * max(0, at + 30)}),
    "memory that leaks towards its limit": (
        "process_filling", "proxy proxy:1", "reaches its memory limit in 1m", rising(MEMORY, 280 * MIB, 2 * MIB)),
    "memory that rises as it never did": (
        "process_filling", "proxy proxy:1", "reaches its memory limit in 1m", rising(MEMORY, 222 * MIB, 4 * MIB, -8)),
    "descriptors that rise fast, below half of their limit": (
        "process_filling", "proxy proxy:1", "reaches its descriptor limit in 46 s", rising(DESCRIPTORS, 150, 16, -8)),
    "goroutines that rise as they never did": (
        "process_grown", "redis", "redis takes 2.4 times its usual goroutines", rising(GOROUTINES, 80, 14, -8)),
    "descriptors that leak": (
        "process_filling", "proxy proxy:1", "reaches its descriptor limit", rising(DESCRIPTORS, 500, 5)),
    "goroutines that leak": (
        "process_grown", "redis", "redis takes 5 times its usual goroutines", rising(GOROUTINES, 80, 8, -40)),
    "a pattern's memory that leaks": (
        "process_grown", "redis", "times its usual memory",
        rising("prism_pattern_resident_memory_bytes", 60 * MIB, 4 * MIB, -40)),
    "a proxy that starts again and again": (
        "proxy_restarts", "proxy proxy:1", "proxy proxy:1 started twice in 4 min",
        {"process_start_time_seconds": lambda at: NOW - (20 if at > -20 else 50 if at > -50 else 9000)}),
    "a proxy that started anew": (
        "proxy_restarted", "proxy proxy:1", "proxy proxy:1 restarted",
        {"process_start_time_seconds": lambda at: NOW - (9000 if at < -5 else 6)}),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_of_a_process_is_found(name: str) -> None:
    rule, component, words, changed = FAULTS[name]
    found = judged(rule, reads_of(90, proxy=proxy(**changed)))
    assert [one.component for one in found.values() if one.bad] == [component]
    assert words in found[component].words


@pytest.mark.parametrize("name", FAULTS)
def test_a_process_that_is_well_again_is_good(name: str) -> None:
    rule, component, _, _ = FAULTS[name]
    found = judged(rule, reads_of(90, proxy=proxy()))
    assert found[component].good and not found[component].bad


BENIGN: dict[str, dict[str, Course]] = {
    "calm": {},
    "twice of everything": {
        MEMORY: after(-30, lambda at: 240 * MIB, MEMORY),
        GOROUTINES: after(-30, lambda at: 160 + at % 7, GOROUTINES),
        "process_cpu_seconds_total": lambda at: 0.5 * (at + 500) + 0.5 * max(0, at + 30),
    },
    "memory that breathes at half of its limit": rising(MEMORY, 255 * MIB, 0.9 * MIB),
    "descriptors of a crowd that comes at once": {DESCRIPTORS: after(-3, lambda at: 480, DESCRIPTORS)},
    "descriptors that grow below half of their limit": rising(DESCRIPTORS, 150, 3, -20),
    "memory that comes and goes": {MEMORY: lambda at: 200 * MIB + (at % 9) * 20 * MIB},
}


@pytest.mark.parametrize("name", BENIGN)
def test_benign_processes_raise_nothing(name: str) -> None:
    assert raised(RESOURCES, reads_of(90, proxy=proxy(**BENIGN[name]))) == {}


def test_what_is_not_reported_raises_nothing() -> None:
    def bare(second: int, scrape: Scrape) -> None:
        scrape.add("process_threads", 8)

    assert raised(RESOURCES, reads_of(90, proxy=bare)) == {}
    assert raised(RESOURCES, reads_of(90, proxy=lambda second, scrape: scrape.add("process_open_fds", 9999))) == {}


def test_an_election_that_goes_on_is_reported() -> None:
    def plane(second: int, scrape: Scrape) -> None:
        scrape.add("prism_admin_raft_state", 1 if second > -5 else 2)

    (one,) = judged("control_plane", reads_of(20, admin_metrics=plane)).values()
    assert one.bad and "nobody leads yet" in one.words
    assert BY_ID["control_plane"].culprit(one.component) == ("control plane", "control plane")


def test_processes_are_blamed_as_what_they_are() -> None:
    assert BY_ID["process_grown"].culprit("proxy p:1") == ("proxy", "p:1")
    assert BY_ID["process_grown"].culprit("redis") == ("pattern", "redis")
    assert BY_ID["source_lost"].culprit("otel@c:8888") == ("collector", "c:8888")
