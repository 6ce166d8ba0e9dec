"""Token checks and sign-in."""

from __future__ import annotations

from aggregators.alerts.rules.rule import FACT, INFO, RATE, WARNING, Blamed, Rule
from model.series import Unit

SECURITY: tuple[Rule, ...] = (
    Rule(
        "auth_success", "Token checks fail", "auth_success",
        "prism_auth_requests_total; refused over all of the last 5 s (many: 1 s)",
        ("proxy",), "auth", WARNING, 5.0, 0.010, 0.005, RATE, 3.0,
        "99 %: expired tokens alone make about 0.2 %; critical at 20 %, when clients are locked out",
        "{percent} of token checks fail", "/security", 0.20,
        unit=Unit.RATIO, blames=Blamed.SIGN_IN,
    ),
    Rule(
        "sign_in", "Sign-in in trouble", "sign_in",
        "dex_step_ok: discovery, issuer, keys and health of Dex",
        ("dex",), "sign-in", WARNING, 0.0, 1.0, 0.0, (2, 3), 3.0,
        "one check that fails is chance, a second that follows at once is not; without Dex nobody signs in: critical "
        "when no keys are served and no proxy says that it holds some",
        "Dex: {reason}", "/security",
        blames=Blamed.SIGN_IN,
    ),
    Rule(
        "auth_burst", "A burst of refused tokens", "auth_burst",
        "prism_auth_requests_total by reason; refused in 5 s over what the last minute makes of them",
        ("proxy",), "auth", WARNING, 5.0, 3.0, 1.5, RATE, 3.0,
        "ten at least, and more than chance makes of the usual: one reason that grows threefold has a cause; tokens "
        "expire in flocks, and are news from four times on",
        "{count} tokens were refused in {span} because of {reason}, usually {usual}", "/security",
        unit=Unit.COUNT, blames=Blamed.SIGN_IN, longest_seconds=900.0, by_spans=True,
    ),
    Rule(
        "authz_denied", "A burst of denials", "authz_denied",
        "prism_authz_decisions_total by reason; denied in 5 s over what the last minute makes of them",
        ("proxy",), "auth", WARNING, 5.0, 3.0, 1.5, RATE, 3.0,
        "a policy that changed, or somebody who tries doors",
        "{count} requests were denied in {span} because of {reason}, usually {usual}", "/security",
        unit=Unit.COUNT, blames=Blamed.SIGN_IN, longest_seconds=900.0,
    ),
    Rule(
        "keys_overdue", "Keys are not renewed", "keys_overdue",
        "prism_jwks_next_refresh_timestamp_seconds; the proxy should have fetched the keys by now",
        ("proxy",), "sign-in", WARNING, 0.0, 1.0, 0.0, FACT, 3.0,
        "with old keys tokens of a new key are refused, all of them once Dex has changed its keys",
        "the keys that tokens are checked with should have been renewed {late} ago{where}", "/security",
        blames=Blamed.SIGN_IN, every_seconds=2.0,
    ),
    Rule(
        "guessing", "Somebody fails again and again", "guessing",
        "failed token checks by address and by user, as SigNoz reports them",
        ("signoz",), "auth", INFO, 600.0, 1.0, 0.0, FACT, 5.0,
        "20 in ten minutes or 100 in a day, as the Security page lists them, and three times what the rest of the day "
        "makes usual; one a second, and a quarter of all that fail, is a machine: a warning",
        "{kind} {name} failed {count} times in {span}{others}", "/security", 1.0,
        blames=Blamed.CLIENT, every_seconds=10.0,
    ),
)  # fmt: skip
