"""Can Dex be reached, and if not, at which step does it end? (RFC view 6; contracts external C2)"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aggregators.security.jwks import LAST
from aggregators.series.last_reads import Last, last_reads
from aggregators.series.sources import of_kind, reach
from aggregators.series.window import Window
from model.measure import Count, Measure, Seconds, Timestamp
from model.number_text import lasting
from model.series import Unit
from model.status import Status
from store.snapshot import Snapshot

STEPS = ("discovery", "issuer", "keys", "health", "telemetry")
KEYS, TELEMETRY = "keys", "telemetry"
CACHED_SECONDS = 86400.0
"""ID tokens live for a day: for so long the keys that were read last check every token that is out."""
CONNECTED, DEGRADED, NOT_CONNECTED, UNKNOWN = "CONNECTED", "DEGRADED", "NOT CONNECTED", "UNKNOWN"
FILL = "DEX_ISSUER_URL would fill it"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the check: `ok` is None when it was not tried or is not offered."""

    name: str
    ok: bool | None
    duration: Seconds
    error: str
    detail: str


@dataclass(frozen=True, slots=True)
class Dex:
    """`word` is CONNECTED, DEGRADED, NOT CONNECTED or UNKNOWN; `reason` says which step failed and what it touches.

    `latency` is how long discovery took, `checked` when the steps were last tried. `age` is set when that is long ago,
    and `failing_seconds` while it fails.
    """

    status: Status
    word: str
    reason: str
    steps: tuple[Step, ...]
    failed_step: str
    latency: Seconds
    keys: Count
    key_ids: tuple[str, ...]
    keys_read: Timestamp
    checked: Timestamp
    age: Seconds | None
    version: str
    issuer: str
    failing_seconds: float = 0.0


def dex(snapshot: Snapshot, now: float) -> Dex:
    """The last check that was made up to `now`."""
    states = of_kind(snapshot, "dex")
    if not states:
        return _unknown("no dex source is configured", f"no dex source is configured; {FILL}")
    state = max(states, key=lambda one: one.last_attempt)
    at = min(now, state.last_attempt)
    reported = _reported(snapshot, at, "dex_step_ok") if at else []
    if not reported:
        why = f"{state.error.value}, {state.detail}" if state.error else "not read yet"
        return _unknown(why, f"{state.key}: {why}", state.address)
    steps = _steps(snapshot, at, {one.label("step"): one.value > 0 for one in reported})
    checked = max(one.read_at for one in reported)
    age = now - checked if now - checked > state.stale_after_seconds else None
    keys_read = max((one.value for one in _reported(snapshot, at, "dex_keys_read_timestamp_seconds")), default=None)
    failing = max(0.0, now - state.since) if state.error is not None and state.since else 0.0
    since_when = f" for {lasting(failing)}" if failing else ""
    status, word, reason = _judged(steps, checked, _cached_since(snapshot, now), keys_read, since_when)
    return Dex(
        status=status,
        word=word,
        reason=reason,
        steps=steps,
        failed_step=next((step.name for step in steps if step.ok is False), ""),
        latency=_aged(_latency(steps[0]), age),
        keys=_aged(_one(snapshot, at, "dex_keys", Unit.COUNT, "no JWKS was read"), age),
        key_ids=tuple(sorted({one.label("kid") for one in _reported(snapshot, at, "dex_key_info")})),
        keys_read=_instant(keys_read),
        checked=Measure.of(checked, Unit.TIMESTAMP),
        age=None if age is None else Measure.of(age, Unit.SECONDS),
        version=next((one.label("version") for one in _reported(snapshot, at, "dex_build_info")), ""),
        issuer=state.address,
        failing_seconds=failing,
    )


def _judged(
    steps: Sequence[Step], checked: float, cached: float | None, read: float | None, since_when: str
) -> tuple[Status, str, str]:
    """Keys are what tokens are checked with: while they are served, a failing step degrades and does no more.

    Once they are not, nobody signs in; tokens that are out still pass where a proxy says that it holds keys (`cached`).
    That this check has read some (`read`) helps nobody.
    """
    bad = [step for step in steps if step.ok is False]
    weighty = [step for step in bad if step.name != TELEMETRY]
    has_keys = any(step.name == KEYS and step.ok for step in steps)
    if not weighty:
        note = f"Its telemetry cannot be read: {bad[0].detail or bad[0].error}" if bad else "Every step succeeded"
        return Status.HEALTHY, CONNECTED, note
    first = weighty[0]
    failed = f"{first.name.capitalize()} failed{since_when}: {first.detail or first.error}"
    if has_keys:
        return Status.DEGRADED, DEGRADED, f"{failed}. Keys are still served"
    if cached is not None and checked - cached <= CACHED_SECONDS:
        since = lasting(max(0.0, checked - cached))
        return Status.DEGRADED, DEGRADED, f"{failed}. Tokens are checked with keys that the proxy read {since} before"
    if read is not None and checked - read <= CACHED_SECONDS:
        since = lasting(max(0.0, checked - read))
        return Status.UNHEALTHY, NOT_CONNECTED, f"{failed}. Nobody can sign in; keys were last served {since} before"
    return Status.UNHEALTHY, NOT_CONNECTED, f"{failed}. Nobody can sign in. No keys are known to check tokens with"


def _cached_since(snapshot: Snapshot, now: float) -> float | None:
    """When a proxy last read keys into its cache, as it reports; None while no proxy is there to check anything."""
    if all(state.is_stale(now) for state in of_kind(snapshot, "proxy")):
        return None
    proxies = Window.newest(snapshot, now, LAST)
    return max((one.value for one in proxies.last() if one.value > 0), default=None)


def _reported(snapshot: Snapshot, at: float, family: str) -> list[Last]:
    """What the last check said; also one that failed in part, which leaves the source unread."""
    window = reach(snapshot, "dex")
    found = last_reads(snapshot, family, at, window)
    return [one for one in found if one.read_from.startswith("dex@")]


def _steps(snapshot: Snapshot, at: float, ok: dict[str, bool]) -> tuple[Step, ...]:
    took = {one.label("step"): one.value for one in _reported(snapshot, at, "dex_step_duration_seconds")}
    why = {one.label("step"): one for one in _reported(snapshot, at, "dex_step_failure_info")}
    return tuple(
        Step(
            name,
            ok.get(name),
            Measure.of(took[name], Unit.SECONDS) if name in took else _none(Unit.SECONDS, "this step was not timed"),
            why[name].label("error") if name in why else "",
            why[name].label("detail") if name in why else "",
        )
        for name in STEPS
    )


def _one(snapshot: Snapshot, at: float, family: str, unit: Unit, nothing: str) -> Measure:
    found = _reported(snapshot, at, family)
    return Measure.of(found[0].value, unit) if found else _none(unit, nothing)


def _latency(discovery: Step) -> Measure:
    """How long it took to be refused is no latency."""
    if discovery.ok is False:
        return Measure.error(Unit.SECONDS, f"{discovery.error}: {discovery.detail}")
    return discovery.duration


def _instant(value: float | None) -> Measure:
    return _none(Unit.TIMESTAMP, "no JWKS was read") if value is None else Measure.of(value, Unit.TIMESTAMP)


def _aged(measure: Measure, age: float | None) -> Measure:
    return measure if age is None else measure.stale(age)


def _none(unit: Unit, why: str) -> Measure:
    return Measure.not_reported(unit, why)


def _unknown(reason: str, note: str, issuer: str = "") -> Dex:
    """Nobody says, which is neither well nor ill."""
    steps = tuple(Step(name, None, _none(Unit.SECONDS, note), "", "") for name in STEPS)
    count, instant = _none(Unit.COUNT, note), _none(Unit.TIMESTAMP, note)
    latency = _none(Unit.SECONDS, note)
    return Dex(Status.UNKNOWN, UNKNOWN, reason, steps, "", latency, count, (), instant, instant, None, "", issuer)
