"""What the proxy does in a usual second, by which its use of the processor is worked out."""

from __future__ import annotations

PROXY_CORES = 0.85
USUAL_RATE = 8432.0
"""Requests a second that cost so many cores; nine tenths of them even without any."""
POINTS_PER_SECOND = 2300 / 15
"""Points of metrics that the OTel collector takes in."""
