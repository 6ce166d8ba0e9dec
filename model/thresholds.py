"""Limits and objectives, declared once with their reasons."""

from __future__ import annotations

from dataclasses import dataclass

from model.series import Unit


@dataclass(frozen=True, slots=True)
class Threshold:
    """When a figure turns yellow and red, in base units of `unit`. `warn` > `critical` means low is bad."""

    warn: float
    critical: float
    unit: Unit
    why: str
