"""Authentication and authorization of every request that the books hold.

The ledger: attempts = requests + denied + failures; allowed decisions = requests; key lookups = attempts.
"""

from __future__ import annotations

import numpy as np

from simulator.traffic.effects import AuthEffect
from simulator.traffic.scenario import (
    AUTH_FAILURE_RATIO,
    AUTH_FAILURE_REASONS,
    AUTHZ_DENIED_RATIO,
    AUTHZ_DENIED_REASONS,
    JWKS_MISS_RATIO,
    JWKS_PERIOD_SECONDS,
    RESTS_PER_SECOND,
)

USUAL = AuthEffect()
ATTACK_REASON = "invalid_signature"


class Auth:
    """Counters of the RFC's view 6, all since the proxy started."""

    def __init__(self, now: float) -> None:
        self.started = now
        self.failures = dict.fromkeys(AUTH_FAILURE_REASONS, 0)
        self.allowed = 0
        self.denied = dict.fromkeys(AUTHZ_DENIED_REASONS, 0)
        self.refreshes = 0
        self.misses = 0

    @property
    def successes(self) -> int:
        """Tokens found valid."""
        return self.allowed + sum(self.denied.values())

    @property
    def attempts(self) -> int:
        """Tokens looked at."""
        return self.successes + sum(self.failures.values())

    @property
    def hits(self) -> int:
        """Key lookups answered from the cache."""
        return self.attempts - self.misses

    def draw(
        self,
        rng: np.random.Generator,
        requests: int,
        seconds: float,
        failure_ratio: float | None,
        effect: AuthEffect = USUAL,
    ) -> None:
        """Book one step's `requests` and what did not become one."""
        ratio = AUTH_FAILURE_RATIO if failure_ratio is None else failure_ratio
        denied_ratio = AUTHZ_DENIED_RATIO if effect.denied_ratio is None else effect.denied_ratio
        denied = int(rng.poisson(requests * denied_ratio))
        passed = requests + denied
        failed = int(rng.poisson(passed * ratio / (1.0 - ratio))) if ratio < 1.0 else 0
        self.allowed += requests
        _spread(rng, denied, AUTHZ_DENIED_REASONS, self.denied)
        more = max(0, failed - int(passed * AUTH_FAILURE_RATIO)) if effect.reason else 0
        _spread(rng, failed - more, AUTH_FAILURE_REASONS, self.failures)
        if more:
            self.failures[effect.reason] += more
        self.misses += int(rng.binomial(passed + failed, JWKS_MISS_RATIO))
        self.refreshes += int(rng.poisson(RESTS_PER_SECOND["token refreshes"] * seconds))

    def refuse(self, rng: np.random.Generator, count: int) -> None:
        """Book `count` tokens that were found invalid, with nothing else."""
        _spread(rng, count, AUTH_FAILURE_REASONS, self.failures)

    def attacked(self, rng: np.random.Generator, seconds: float, rate: float) -> int:
        """Book the tokens that one address makes up, `rate` a second; how many these were."""
        count = int(rng.poisson(rate * seconds)) if rate else 0
        self.failures[ATTACK_REASON] += count
        return count

    def jwks_refreshed(self, now: float, age: float | None = None) -> float:
        """When the keys were last fetched: every half hour, half an hour's half before the start for the first time.

        With an `age` it is that long ago, since they could not be fetched again.
        """
        if age is not None:
            return now - age
        first = self.started - JWKS_PERIOD_SECONDS / 2
        return first + JWKS_PERIOD_SECONDS * ((now - first) // JWKS_PERIOD_SECONDS)


def _spread(rng: np.random.Generator, count: int, shares: dict[str, float], into: dict[str, int]) -> None:
    for reason, drawn in zip(shares, rng.multinomial(count, list(shares.values())), strict=True):
        into[reason] += int(drawn)
