"""The dashboard itself: its sources and its store."""

from __future__ import annotations

from aggregators.alerts.rules.rule import FACT, INFO, WARNING, Blamed, Rule
from model.series import Unit

DASHBOARD: tuple[Rule, ...] = (
    Rule(
        "source_lost", "Source lost", "source_lost",
        "the state of each source that has been read before",
        (), "source", WARNING, 0.0, 1.0, 0.0, FACT, 2.0,
        "two failed reads, one of a source read rarely, or three intervals of silence",
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
        "metrics_gone",
        "Metrics no longer reported",
        "metrics_gone",
        "whether the families of requests, latency and token checks are still in what the proxy reports",
        ("proxy",),
        "source",
        INFO,
        60.0,
        1.0,
        0.0,
        FACT,
        2.0,
        "they were there a minute ago and the source answers: another version, or a part of it that stopped counting",
        "the proxy no longer reports {families}: what is worked out from them is unknown",
        "/settings",
        blames=Blamed.PROXY, every_seconds=2.0,
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
