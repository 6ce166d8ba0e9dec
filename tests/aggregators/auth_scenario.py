"""An hour at Prism's door, as the collectors would have read it: token checks, decisions, keys, Dex, failed logins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from model.series import Event, Kind, Scrape, Severity, labels_of
from model.sources import CollectError, ErrorKind, SourceState
from store.snapshot import Snapshot, snapshot_of

NOW = 1_790_000_030.0
STEP = 10.0
DAY_COUNTED = NOW - 60.0
CHECKS = {("success", ""): 998.0, ("failure", "token_expired"): 1.5, ("failure", "invalid_signature"): 0.5}
"""Per second, by (result, reason)."""
DECISIONS = {
    ("allowed", ""): 1000.0, ("denied", "namespace_access_denied"): 0.3, ("denied", "rate_limit_exceeded"): 0.1,
    ("denied", "invalid_operation"): 0.0,
}  # fmt: skip
STEPS = {"discovery": True, "issuer": True, "keys": True, "health": True, "telemetry": True}
COUNTS = {
    ("10m", "source_ip", "10.0.2.12"): (212.0, 3.0), ("10m", "source_ip", "10.0.1.45"): (19.0, 1.0),
    ("10m", "user", "root"): (90.0, 2.0), ("10m", "user", "alice"): (19.0, 1.0),
    ("24h", "source_ip", "10.0.2.12"): (900.0, 4.0), ("24h", "source_ip", "10.0.7.7"): (130.0, 0.0),
    ("24h", "reason", "invalid_signature"): (61_000.0, 0.0), ("24h", "reason", "token_expired"): (204.0, 0.0),
}  # fmt: skip
"""What SigNoz counts: (window, what, who) → (failures, distinct others)."""
_FAMILIES = {
    "source_ip": ("signoz_auth_failures_by_address", "signoz_auth_failure_users"),
    "user": ("signoz_auth_failures_by_user", "signoz_auth_failure_addresses"),
    "reason": ("signoz_auth_failures", ""),
}


def login(
    time: float, reason: str = "token_expired", ip: str = "10.0.1.45", user: str = "alice", id: str = ""
) -> Event:
    """A failed attempt as the collector reports it."""
    reported = {"reason": reason, "source_ip": ip, "user": user, "span_id": id or f"{time:.3f}", "instance": "s:8080"}
    return Event(
        time, "auth_failure", Severity.INFO, labels_of({name: text for name, text in reported.items() if text}), reason
    )


@dataclass(frozen=True)
class AuthScenario:
    """What is reported. `seconds` is how long was watched; `absent` families are left out; `lost` kinds went 40 s ago.

    `never` kinds are configured and never answered; `without` kinds are not configured.
    """

    seconds: float = 3700.0
    checks: Mapping[tuple[str, str], float] = field(default_factory=lambda: CHECKS)
    decisions: Mapping[tuple[str, str], float] = field(default_factory=lambda: DECISIONS)
    hits_misses: tuple[float, float] = (999.9, 0.1)
    refreshed: Sequence[tuple[float, float]] = ((NOW - 900, NOW + 900),)
    steps: Mapping[str, bool] = field(default_factory=lambda: STEPS)
    keys_read: float | None = NOW - 5
    dex_error: bool = False
    counts: Mapping[tuple[str, str, str], tuple[float, float]] = field(default_factory=lambda: COUNTS)
    states: Mapping[str, tuple[str, str]] = field(default_factory=lambda: {"failed logins": ("answered", "")})
    events: Sequence[Event] = ()
    absent: Sequence[str] = ()
    lost: Sequence[str] = ()
    never: Sequence[str] = ()
    without: Sequence[str] = ()
    reset_at: float = -1.0

    def snapshot(self) -> Snapshot:
        """All of it."""
        made: list[Scrape] = []
        steps = int(self.seconds / STEP)
        for number in range(steps + 1):
            elapsed = number * STEP
            at = NOW - steps * STEP + elapsed
            made += self._proxies(at, elapsed)
        made += [self._dex(NOW - 15), self._dex(NOW - 5), self._signoz(NOW - 1)]
        chosen = [one for one in made if one.source not in (*self.never, *self.without)]
        chosen = [one for one in chosen if one.source not in self.lost or one.time <= NOW - 40]
        if "dex" in self.lost:
            chosen.append(self._dex(NOW - 40))
        if "signoz" in self.lost:
            chosen.append(self._signoz(NOW - 40))
        states = [one for one in self._sources(made) if one.source not in self.without]
        reported = [self._without_absent(one) for one in chosen]
        return snapshot_of(reported, sources=states, events=sorted(self.events, key=lambda one: one.time))

    def _proxies(self, at: float, elapsed: float) -> Iterable[Scrape]:
        since = elapsed if elapsed < self.reset_at or self.reset_at < 0 else elapsed - self.reset_at
        for number, (last, following) in enumerate(self.refreshed):
            scrape = Scrape("proxy", f"p{number}:8980", at)
            for (result, reason), per_second in self.checks.items():
                scrape.add("prism_auth_requests_total", since * per_second, Kind.COUNTER, result=result, reason=reason)
            for (decision, reason), per_second in self.decisions.items():
                scrape.add(
                    "prism_authz_decisions_total", since * per_second, Kind.COUNTER, decision=decision, reason=reason
                )
            scrape.add("prism_auth_token_refreshes_total", since * 0.1, Kind.COUNTER)
            scrape.add("prism_jwks_cache_hits_total", since * self.hits_misses[0], Kind.COUNTER)
            scrape.add("prism_jwks_cache_misses_total", since * self.hits_misses[1], Kind.COUNTER)
            scrape.add("prism_jwks_last_refresh_timestamp_seconds", last)
            scrape.add("prism_jwks_next_refresh_timestamp_seconds", following)
            yield scrape

    def _dex(self, at: float) -> Scrape:
        scrape = Scrape("dex", "d:5556", at)
        for step, ok in self.steps.items():
            scrape.add("dex_step_ok", float(ok), step=step)
            scrape.add("dex_step_duration_seconds", 0.004, step=step)
            if not ok:
                scrape.add("dex_step_failure_info", 1, Kind.INFO, step=step, error="down", detail="connection refused")
        if self.steps.get("keys"):
            scrape.add("dex_keys", 2)
            for kid in ("k1", "<script>"):
                scrape.add("dex_key_info", 1, Kind.INFO, kid=kid, alg="RS256")
        if self.keys_read is not None:
            scrape.add("dex_keys_read_timestamp_seconds", self.keys_read)
        scrape.add("dex_build_info", 1, Kind.INFO, version="v2.37.0")
        scrape.add("dex_http_requests_total", at - NOW + 100, Kind.COUNTER, handler="/token", code="200", method="post")
        return scrape

    def _signoz(self, at: float) -> Scrape:
        scrape = Scrape("signoz", "s:8080", at)
        for (window, what, who), (failures, others) in self.counts.items():
            family, distinct = _FAMILIES[what]
            scrape.add(family, failures, window=window, **{what: who})
            if distinct:
                scrape.add(distinct, others, window=window, **{what: who})
        for window in {window for window, _, _ in self.counts}:
            scrape.add("signoz_auth_failures_counted_timestamp_seconds", DAY_COUNTED, window=window)
        for question, (state, detail) in self.states.items():
            scrape.add("signoz_question_info", 1, Kind.INFO, question=question, state=state, detail=detail)
        return scrape

    def _without_absent(self, scrape: Scrape) -> Scrape:
        reported = Scrape(scrape.source, scrape.instance, scrape.time)
        for one, value in zip(scrape.series, scrape.values, strict=True):
            if one.name not in self.absent:
                reported.series.append(one)
                reported.values.append(value)
        return reported

    def _sources(self, made: Sequence[Scrape]) -> Iterable[SourceState]:
        intervals = {"proxy": STEP, "dex": 10.0, "signoz": 2.0}
        down = CollectError(ErrorKind.DOWN, "connection refused")
        for scrape in {f"{one.source}@{one.instance}": one for one in made}.values():
            key = f"{scrape.source}@{scrape.instance}"
            fresh = SourceState(
                key, scrape.source, scrape.instance, f"http://{scrape.instance}", intervals[scrape.source]
            )
            state = fresh.succeeded(scrape.time, 0.01, 5)
            if scrape.source in self.never:
                state = fresh.failed(NOW - 1, 0.01, down)
            elif scrape.source in self.lost:
                gone = replace(state, last_success=NOW - 40, last_attempt=NOW - 40)
                state = gone.failed(NOW - 20, 0.01, down).failed(NOW - 1, 0.01, down)
            elif scrape.source == "dex" and self.dex_error:
                state = replace(state, last_success=NOW - 300).failed(NOW - 125, 0.01, down)
                state = state.failed(scrape.time, 0.01, down)
            yield state
