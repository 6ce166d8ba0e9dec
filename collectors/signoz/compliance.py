"""How many spans of the last 7 days were fast enough: hour by hour, so that it is known how much of them there was
(RFC view 2; contracts external A3.4).
"""

from __future__ import annotations

from typing import Any

from collectors.core.amounts import figure
from collectors.signoz.client import SignozClient
from collectors.signoz.envelopes import V5_PATH, taking_apart, v5_request
from collectors.signoz.throttled_queries import Found
from model.catalogue.signoz import PROXY_SERVICE

HOUR_SECONDS = 3600
HOURS = 7 * 24
_COUNT, _FAST = 0, 1


class Compliance:
    """One request; dear enough to be asked rarely."""

    name = "compliance"
    period_seconds = 300.0
    first_version = (0, 92)

    def __init__(self, threshold_seconds: float) -> None:
        self._threshold = threshold_seconds

    def forget(self) -> None:
        """Nothing is kept between its requests."""

    def ask(self, client: SignozClient, now: float) -> list[Found]:
        """All and fast spans, and for how long there were any. Raises CollectError."""
        counts = by_hour(client.post(V5_PATH, request(self._threshold, now)))
        all_, fast = counts.get(_COUNT, {}), counts.get(_FAST, {})
        covered = sum(min(HOUR_SECONDS, now - hour) for hour, count in all_.items() if count > 0)
        return [
            Found("signoz_compliance_spans", sum(all_.values())),
            Found("signoz_compliance_fast_spans", sum(fast.values())),
            Found("signoz_compliance_covered_seconds", float(min(covered, HOURS * HOUR_SECONDS))),
            Found("signoz_compliance_threshold_seconds", self._threshold),
        ]


def request(threshold_seconds: float, now: float) -> dict[str, Any]:
    """Whole hours, so that none is cut at its beginning."""
    end = int(now)
    fast = f"countIf(duration_nano < {round(threshold_seconds * 1e9)})"
    spec = {
        "name": "A",
        "signal": "traces",
        "stepInterval": HOUR_SECONDS,
        "aggregations": [{"expression": "count()"}, {"expression": fast}],
        "filter": {"expression": f"service.name = '{PROXY_SERVICE}'"},
    }
    return v5_request("time_series", [spec], ((end // HOUR_SECONDS - HOURS) * HOUR_SECONDS, end))


def by_hour(data: Any) -> dict[int, dict[float, float]]:
    """Per aggregation, the spans of each hour by its beginning in seconds since 1970; none reported is none."""
    with taking_apart("a time series"):
        found: dict[int, dict[float, float]] = {}
        for result in data["data"]["results"] or []:
            for reported in result.get("aggregations") or [] if result.get("queryName", "A") == "A" else []:
                hours = found.setdefault(int(reported["index"]), {})
                for point in (point for one in reported.get("series") or [] for point in one.get("values") or []):
                    hours[point["timestamp"] / 1000] = figure(point.get("value")) or 0.0
        return found
