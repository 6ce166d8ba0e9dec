"""Token checks and sign-in."""

from __future__ import annotations

from aggregators.alerts.rules.rule import FACT, RATE, WARNING, Blamed, Rule
from model.series import Unit

SECURITY: tuple[Rule, ...] = (
    Rule(
        "auth_success", "Token checks fail", "auth_success",
        "prism_auth_requests_total; refused over all of the last 5 s",
        ("proxy",), "auth", WARNING, 5.0, 0.010, 0.005, RATE, 3.0,
        "99 %: expired tokens alone make about 0.2 %; critical at 20 %, when clients are locked out",
        "{percent} of token checks fail", "/security", 0.20,
        unit=Unit.RATIO, blames=Blamed.SIGN_IN,
    ),
    Rule(
        "sign_in", "Sign-in in trouble", "sign_in",
        "dex_step_ok: discovery, issuer, keys and health of Dex",
        (), "sign-in", WARNING, 0.0, 1.0, 0.0, FACT, 3.0,
        "without Dex nobody signs in: critical when no keys are served and no proxy says that it holds some",
        "Dex: {reason}", "/security",
        blames=Blamed.SIGN_IN,
    ),
)  # fmt: skip
