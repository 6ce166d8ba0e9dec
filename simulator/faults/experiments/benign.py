"""What happens every day and is no fault: nothing louder than a note may be said of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from simulator.faults.experiments.experiment import fault
from simulator.traffic.effects import Mode, Transport


@dataclass(frozen=True, slots=True)
class Disturbance:
    """Something benign that is watched for `seconds`.

    `faults`: as `POST /faults` takes them. `blips`: how sources treat one single read. `asleep`, `clock_step`: for how
    many seconds the dashboard's machine is suspended, and by how many its clock jumps. `load`: as in an Experiment.
    """

    id: str
    does: str
    faults: tuple[Mapping[str, Any], ...] = ()
    blips: tuple[tuple[str, Transport], ...] = ()
    asleep: float = 0.0
    clock_step: float = 0.0
    seconds: float = 40.0
    load: float = 1.0


def _brief(name: str, target: str = "", *, lasting: float, **params: Any) -> Mapping[str, Any]:
    return fault(name, target, duration_seconds=lasting, **params)


_SLOW, _REFUSED, _SILENT = Transport(Mode.SLOW, seconds=0.8), Transport(Mode.DOWN), Transport(Mode.HANG)
_ERROR_500 = Transport(Mode.GARBAGE, "http500")

_LOAD = (
    Disturbance(
        "doubling-in-a-minute", "twice as much is asked within a minute",
        (fault("traffic_surge", factor=2.0, ramp_seconds=60.0),), seconds=120.0,
    ),
    Disturbance(
        "evening", "within five minutes a sixth of the day's requests is left",
        (fault("traffic_surge", factor=0.15, ramp_seconds=300.0),), seconds=360.0,
    ),
    Disturbance(
        "morning", "within five minutes the night becomes day",
        (fault("traffic_surge", factor=6.0, ramp_seconds=300.0),), seconds=340.0, load=0.15,
    ),
    Disturbance(
        "batch-job", "one namespace asks twice as much for two minutes, within its limit",
        (_brief("traffic_surge", "namespace:analytics", lasting=120.0, factor=2.0, ramp_seconds=20.0),), seconds=150.0,
    ),
    Disturbance(
        "more-messages", "twice as many messages of one topic", (fault("publishes", "events.user", factor=2.0),)
    ),
)  # fmt: skip
_DEPLOYS = (
    Disturbance("deploy-of-redis", "a pattern is replaced, no request fails", (fault("pattern_restart", "redis"),)),
    Disturbance(
        "deploy-of-all", "every pattern is replaced at once, no request fails",
        tuple(fault("pattern_restart", name) for name in ("memstore", "redis", "nats", "postgresql")),
    ),
    Disturbance("deploy-of-the-proxy", "the proxy begins anew, with its counters at 0", (fault("proxy_restart"),)),
    Disturbance("namespace-added", "the Admin API lists one namespace more", (fault("namespace_count", value=16),)),
)  # fmt: skip
_BLIPS = (
    Disturbance("one-slow-scrape", "one scrape of the proxy takes 0.8 s", blips=(("proxy", _SLOW),)),
    Disturbance("one-failed-scrape", "one scrape of the proxy is refused", blips=(("proxy", _REFUSED),)),
    Disturbance("one-refused-check", "one health check is refused", blips=(("pattern:redis", _REFUSED),)),
    Disturbance("one-silent-check", "one health check is not answered", blips=(("pattern:postgresql", _SILENT),)),
    Disturbance("one-error-of-signoz", "one answer of SigNoz is HTTP 500", blips=(("signoz", _ERROR_500),)),
    Disturbance("one-silence-of-admin", "one read of the Admin API hangs", blips=(("admin", _SILENT),)),
    Disturbance("one-refusal-of-dex", "one check of Dex is refused", blips=(("dex", _REFUSED),)),
)
_PAUSES = (
    Disturbance(
        "gc-pause-of-the-proxy", "for a second every answer takes a tenth of one, and so does the scrape",
        (_brief("latency", lasting=1.0, factor=250.0),), (("proxy", _SLOW),),
    ),
    Disturbance(
        "gc-pause-of-redis", "for half a second one pattern answers slowly",
        (_brief("latency", "redis", lasting=0.5, factor=100.0),),
    ),
    Disturbance(
        "error-blip", "for half a second one request in a hundred fails",
        (_brief("error_burst", lasting=0.5, ratio=0.01),),
    ),
    Disturbance(
        "a-little-slower", "answers take 15 % longer for a minute", (_brief("latency", lasting=60.0, factor=1.15),),
        seconds=80.0,
    ),
    Disturbance(
        "pool-breathes", "8 of 10 connections are in use", (_brief("pool_active", "redis", lasting=20.0, value=8),)
    ),
    Disturbance(
        "subscriber-pauses", "a subscriber takes nothing for two seconds, then all",
        (_brief("subscriber_takes", "events.user/sub-worker-1", lasting=2.0, takes=0.0),),
    ),
    Disturbance(
        "exporter-pauses", "metrics wait three seconds in the queue",
        (_brief("exporter_waits", "metric_points", lasting=3.0, ratio=1.0),),
    ),
    Disturbance(
        "tokens-run-out", "twice as many tokens as usual are refused, since more have expired",
        (_brief("auth_failures", lasting=30.0, ratio=0.004, reason="token_expired"),),
    ),
    Disturbance(
        "memory-breathes", "the proxy uses 50 MiB more for a while",
        (fault("proxy_memory", mebibytes=50.0, ramp_seconds=60.0),), seconds=80.0,
    ),
)  # fmt: skip
_MACHINE = (
    Disturbance("clock-set-ahead", "the dashboard's clock jumps 2 s ahead", clock_step=2.0),
    Disturbance("clock-set-back", "the dashboard's clock jumps 2 s back", clock_step=-2.0),
    Disturbance("laptop-sleeps", "the dashboard's machine sleeps for ten minutes", asleep=600.0),
)

DISTURBANCES = {one.id: one for one in (*_LOAD, *_DEPLOYS, *_BLIPS, *_PAUSES, *_MACHINE)}
