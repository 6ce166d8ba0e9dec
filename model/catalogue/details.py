"""What numbers among a pattern's health details are: the keys that count something, and limits (contracts 5.4).

Any other number may be anything, a temperature as well.
"""

from __future__ import annotations

DETAIL = "prism_pattern_detail"
LIMITS = frozenset({"pool_size", "max", "max_keys"})
_COUNTS = frozenset({
    "total_conns", "idle_conns", "acquired", "idle", "active_queries", "keys", "pending", "reconnects",
    "subscriptions", "subscription_count", "in_msgs", "out_msgs", "dropped_msgs",
})  # fmt: skip
_ENDINGS = ("_bytes", "_seconds", "_total", "_count", "_ms")


def is_figure(key: str) -> bool:
    """Whether a detail of this name has a place on a page: of many these are kept."""
    return key in LIMITS or counts(key)


def counts(key: str) -> bool:
    """Whether a detail of this name is of what cannot be less than none."""
    return key in _COUNTS or key.endswith(_ENDINGS)
