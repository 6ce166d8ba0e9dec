"""Every figure of Security (RFC view 6) that is counted by the proxy."""

from __future__ import annotations

from typing import Any

from tests.ground_truth import sums
from tests.ground_truth.figure_rows import HOUR, Line, Table, among, field
from tests.ground_truth.model_readings import TrafficModel

REASONS = ("token_expired", "invalid_signature", "missing_token", "invalid_issuer")
DENIALS = ("namespace_access_denied", "pattern_not_allowed", "rate_limit_exceeded", "invalid_operation")


def _auth(name: str) -> sums.Part:
    return lambda model: model["auth"][name]


def _of(name: str, reason: str) -> sums.Part:
    return lambda model: model["auth"][name][reason]


def _failed(model: TrafficModel) -> int:
    return sum(model["auth"]["failures"].values())


def _denied(model: TrafficModel) -> int:
    return sum(model["auth"]["denied"].values())


def _decided(model: TrafficModel) -> int:
    return int(model["auth"]["allowed"]) + _denied(model)


def _looked_up(model: TrafficModel) -> int:
    return int(model["auth"]["jwks_hits"]) + int(model["auth"]["jwks_misses"])


def _inside(part: str, reason: str) -> Any:
    inner = among("reasons", reason=reason)("count")
    return lambda answer: inner(answer[part])


SECURITY = Table(
    "Security", "/security", "/api/security", 10.0,
    (
        Line("JWT validation success", sums.share(_auth("success"), _auth("attempts")), HOUR, "se-success",
             field("checks", "success_ratio")),
        Line("failed attempts", sums.increase(_failed), HOUR, "se-failed", field("checks", "failures_count")),
        Line("token checks", sums.increase(_auth("attempts")), HOUR, served=field("checks", "checks_count")),
        Line("token refreshes", sums.increase(_auth("token_refreshes")), HOUR, "se-refreshes",
             field("token_refreshes_count")),
        Line("decisions", sums.increase(_decided), HOUR, "se-authz-total", field("authorization", "total_count")),
        Line("authorized", sums.increase(_auth("allowed")), HOUR, "se-authz-allowed",
             field("authorization", "authorized_count")),
        Line("authorized share", sums.share(_auth("allowed"), _decided), HOUR, "se-authz-allowed-also",
             field("authorization", "authorized_share_ratio")),
        Line("denied", sums.increase(_denied), HOUR, "se-authz-denied", field("authorization", "denied_count")),
        Line("denied share", sums.share(_denied, _decided), HOUR, "se-authz-denied-also",
             field("authorization", "denied_share_ratio")),
        Line("cache hits", sums.increase(_auth("jwks_hits")), HOUR, "se-jwks-hits", field("jwks", "hits_count")),
        Line("cache misses", sums.increase(_auth("jwks_misses")), HOUR, "se-jwks-misses",
             field("jwks", "misses_count")),
        Line("share of hits", sums.share(_auth("jwks_hits"), _looked_up), HOUR, "se-jwks-hits-also",
             field("jwks", "hit_share_ratio")),
        *(Line(f"failed: {one}", sums.increase(_of("failures", one)), HOUR, served=_inside("checks", one))
          for one in REASONS),
        *(Line(f"denied: {one}", sums.increase(_of("denied", one)), HOUR, served=_inside("authorization", one))
          for one in DENIALS),
    ),
)  # fmt: skip
