"""The OTel collector's ledger: what it accepted is sent, queued or given up, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.traffic.effects import TelemetryEffect

QUEUE_CAPACITY = 1000
ITEMS_PER_BATCH = 8192
SIGNALS = ("spans", "metric_points", "log_records")
FAILED_RATIO = 0.00002
WELL = TelemetryEffect()


@dataclass(slots=True)
class Signal:
    """One signal's counters in items; `queued` items wait in batches of at most ITEMS_PER_BATCH."""

    accepted: int = 0
    sent: int = 0
    failed: int = 0
    queued: int = 0
    refused: int = 0

    @property
    def batches(self) -> int:
        """The queue's size as the collector reports it."""
        return -(-self.queued // ITEMS_PER_BATCH)


class Pipeline:
    """spans, metric_points and log_records on their way to the tracing backend."""

    def __init__(self) -> None:
        self.signals = {name: Signal() for name in SIGNALS}
        self.last_sent = 0.0

    def draw(
        self,
        rng: np.random.Generator,
        arrived: dict[str, int],
        now: float,
        sink_up: bool,
        effect: TelemetryEffect = WELL,
    ) -> None:
        """Book one step's arrivals; while the sink is down the queue grows to its capacity, then items are lost."""
        for name, count in arrived.items():
            signal = self.signals[name]
            refused = int(count * effect.refused.get(name, 0.0))
            signal.refused += refused
            signal.accepted += count - refused
            signal.queued += count - refused
            if sink_up:
                waiting = int(count * effect.waiting.get(name, 0.0))
                waiting = min(signal.queued, waiting + (signal.queued - count + refused if waiting else 0))
                ready = signal.queued - waiting
                failed = int(rng.binomial(ready, max(FAILED_RATIO, effect.failed.get(name, 0.0))))
                signal.sent += ready - failed
                signal.failed += failed
                signal.queued = waiting
                self.last_sent = now
            else:
                lost = max(0, signal.queued - QUEUE_CAPACITY * ITEMS_PER_BATCH)
                signal.failed += lost
                signal.queued -= lost
