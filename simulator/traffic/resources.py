"""What the proxy's and the patterns' processes use of their host: one place for the exposition and for the books."""

from __future__ import annotations

from math import sin
from typing import NamedTuple

from simulator.traffic.patterns import PatternProcess
from simulator.traffic.traffic_model import TrafficModel

MIB = 1024 * 1024
MEMORY_LIMIT_BYTES = 512.0 * MIB
CPU_LIMIT_CORES = 4
THREADS = 24
MAX_DESCRIPTORS = 1024


class ProxyUse(NamedTuple):
    """The proxy's process at one instant: bytes, seconds of CPU time since its start, counts."""

    memory_bytes: float
    cpu_seconds: float
    open_descriptors: int
    threads: int = THREADS
    memory_limit_bytes: float = MEMORY_LIMIT_BYTES
    cpu_limit_cores: int = CPU_LIMIT_CORES
    max_descriptors: int = MAX_DESCRIPTORS


def of_proxy(traffic_model: TrafficModel) -> ProxyUse:
    """Slow waves, as of the books' instant."""
    wave, effect = sin(traffic_model.at / 300.0), traffic_model.effects.proxy
    memory = float(int((212 + 6 * wave) * MIB + effect.memory_bytes))
    return ProxyUse(memory, traffic_model.cpu_seconds, 143 + int(8 * wave) + effect.descriptors)


def pattern_memory_bytes(process: PatternProcess, at: float) -> float:
    """A pattern's resident memory."""
    return float(int(process.spec.memory_bytes * process.effect.memory * (1 + 0.01 * sin(at / 90 + process.pid))))
