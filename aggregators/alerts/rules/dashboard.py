"""The dashboard itself: its sources and its store."""

from __future__ import annotations

from aggregators.alerts.rules.rule import FACT, INFO, RATE, WARNING, Blamed, Rule
from model.series import Unit

DASHBOARD: tuple[Rule, ...] = (
    Rule(
        "source_lost", "Source lost", "source_lost",
        "the state of each source that has been read before",
        (), "source", WARNING, 0.0, 1.0, 0.0, FACT, 2.0,
        "two failed reads in a row, the second about a second after the first, or three intervals of silence",
        "{what} is lost: {error}", "/settings",
        blames=Blamed.SOURCE,
    ),
    Rule(
        "source_unreached", "Source never reached", "source_unreached",
        "the state of each source that has never been read; seconds since its first failure",
        (), "source", WARNING, 0.0, 15.0, 0.0, FACT, 2.0,
        "somebody named it, so somebody waits for it; what starts at the same time has this long to come up",
        "{what} was never reached: {error}", "/settings",
        unit=Unit.SECONDS, blames=Blamed.SOURCE,
    ),
    Rule(
        "source_slow", "Source slow", "source_slow",
        "how long each source took to answer, in seconds",
        (), "source", INFO, 0.0, 0.5, 0.4, (2, 3), 2.0,
        "half a second late is half a second older on the screen; sources read rarely may take half their interval",
        "{what} takes {latency} to answer", "/settings",
        unit=Unit.SECONDS, blames=Blamed.SOURCE,
    ),
    Rule(
        "metrics_gone", "Metrics no longer reported", "metrics_gone",
        "which of the families that each proxy and each OTel Collector reported are left out of their last reads",
        ("proxy",), "source", WARNING, 60.0, 1.0, 0.0, FACT, 2.0,
        "they were there in the last minute, and the same process still answers: a part of it stopped to count",
        "{who} no longer reports {families}: what is worked out from them is unknown", "/settings",
        blames=Blamed.PROXY, every_seconds=1.0,
    ),
    Rule(
        "clocks_apart", "Clocks are apart", "clocks_apart",
        "times that sources report of what has been, such as starts and refreshed keys; seconds ahead of our clock",
        (), "source", WARNING, 0.0, 5.0, 2.0, (2, 3), 5.0,
        "what has happened cannot be yet to come; two seconds are a clock that was just set, or a slow answer",
        "the clock of {what} is {ahead} ahead of the dashboard's: {figure} lies in the future", "/settings",
        unit=Unit.SECONDS, blames=Blamed.SOURCE, every_seconds=2.0,
    ),
    Rule(
        "sources_contradict", "Two sources contradict each other", "sources_contradict",
        "prism_pattern_status HEALTHY, and prism_requests_total of the same pattern of the last 15 s that failed",
        ("proxy", "patterns"), "source", INFO, 15.0, 0.5, 0.1, (3, 4), 5.0,
        "a pattern that fails half of what it is asked is not well, whatever it says: one of the two is wrong",
        "{component} reports HEALTHY, and the proxy counts {percent} of its requests as failed", "/settings",
        unit=Unit.RATIO, every_seconds=1.0,
    ),
    Rule(
        "hud_memory", "The dashboard takes much memory", "hud_memory",
        "hud_resident_memory_bytes of the collector process over its own median of the last 5 min, and rising",
        (), "dashboard", WARNING, 300.0, 2.0, 1.5, RATE, 10.0,
        "what it keeps is bounded: who doubles, and by 200 MiB at least, has found something that is not",
        "the dashboard's collector takes {value}, {times} times as much as usual", "/settings",
        unit=Unit.COUNT, blames=Blamed.DASHBOARD, every_seconds=5.0,
    ),
    Rule(
        "hud_late", "The dashboard is late", "hud_late",
        "hud_commit_delay_seconds: from the end of a read to its being stored, the slowest of the last 10 s",
        (), "dashboard", WARNING, 10.0, 2.0, 1.0, (3, 4), 10.0,
        "what was read should be pushed within a second; a machine that stalls once for a moment says nothing",
        "what is read is stored {late} late: the dashboard's machine is too slow, or its disk is", "/settings",
        unit=Unit.SECONDS, blames=Blamed.DASHBOARD, every_seconds=2.0,
    ),
    Rule(
        "promise_missed", "A promise of the dashboard is missed", "promise_missed",
        "what it promises (RFC's success and technical metrics) beside what was measured in the last hour",
        (), "dashboard", INFO, 3600.0, 1.0, 1.0, (3, 3), 30.0,
        "whoever relies on what is seen here must know when it comes late, or costs more than was said",
        "the dashboard misses what it promises: {name} {figure}, promised {target}", "/settings/hud",
        unit=Unit.COUNT, blames=Blamed.DASHBOARD, every_seconds=10.0,
    ),
    Rule(
        "disk_full", "The store's disk is nearly full", "disk_full",
        "hud_disk_free_bytes of the disk that holds the store, in MiB",
        (), "dashboard", WARNING, 0.0, 200.0, 300.0, FACT, 10.0,
        "the store needs room to write its next minute anew before it drops an old one; critical below 50 MiB",
        "the disk of the dashboard's store has {free} left", "/settings", 50.0,
        unit=Unit.COUNT, blames=Blamed.DASHBOARD, every_seconds=5.0,
    ),
    Rule(
        "store_trouble", "Store in trouble", "store_trouble",
        "the collector's own status page",
        (), "collector", WARNING, 0.0, 1.0, 0.0, FACT, 3.0,
        "what is not written is lost to history",
        "the dashboard's store is in trouble: {message}", "/settings",
        blames=Blamed.DASHBOARD,
    ),
)  # fmt: skip
