"""Measures in words: the number as `model.number_text` words it, or why there is none. Never a number of its own."""

from __future__ import annotations

from enum import StrEnum

from model.measure import Measure
from model.number_text import (
    DASH,
    MINUS,
    MOST,
    Parts,
    age,
    ago,
    clock,
    cores,
    count,
    duration,
    iso,
    lasting,
    latency,
    listed,
    many,
    percent,
    rate,
    round_latency,
    significant,
    size,
    without_zeros,
)
from model.series import Unit
from model.status import Reading

__all__ = [
    "DASH",
    "Parts",
    "Style",
    "age",
    "ago",
    "clock",
    "cores",
    "count",
    "duration",
    "iso",
    "lasting",
    "latency",
    "listed",
    "many",
    "parts",
    "percent",
    "rate",
    "reading_words",
    "round_latency",
    "size",
    "without_zeros",
    "words",
]


class Style(StrEnum):
    """How a quantity of seconds, or a number without a unit (a FACTOR: '3.00 ×'), is meant; others have one way."""

    PLAIN = "plain"
    DURATION = "duration"
    FACTOR = "factor"


def words(measure: Measure, style: Style = Style.PLAIN, noun: str = "") -> str:
    """A measure in words, whatever its state: '0.812 ms', 'no traffic', 'not reported', '4.20 ms, 14 s old'."""
    if measure.value is None:
        return reading_words(measure)
    text = parts(measure, style, noun).text
    if measure.reading is Reading.STALE and measure.age_seconds is not None:
        return f"{text}, {age(measure.age_seconds)}"
    return text


def reading_words(measure: Measure) -> str:
    """Why a measure has no value, in one or two words; for an error its kind.

    That is the note's part before the colon, or after it where the note begins with a source's key.
    """
    if measure.reading is Reading.ERROR:
        key, _, rest = measure.note.partition(": ")
        word = rest if rest and "@" in key else measure.note
        return word.split(":")[0].split(",")[0] or "error"
    if measure.reading is Reading.NO_TRAFFIC:
        return "no traffic"
    return "not reported"


def parts(measure: Measure, style: Style = Style.PLAIN, noun: str = "") -> Parts:
    """The number and unit of a measure; a dash when it has no value. `noun` is the unit of a count ('errors')."""
    if measure.value is None or not abs(measure.value) < MOST:  # NaN too
        return Parts(DASH, "")
    worded = _worded(measure.value, measure.unit, style)
    if not measure.bound:
        return Parts(worded.number, noun or worded.unit)
    return Parts(f"{measure.bound} {without_zeros(worded.number.lstrip('<> '))}", noun or worded.unit)


def _worded(value: float, unit: Unit, style: Style) -> Parts:
    if value < 0:
        positive = _worded(-value, unit, style)
        return Parts(MINUS + positive.number, positive.unit)
    if unit is Unit.SECONDS:
        return Parts(duration(value), "") if style is Style.DURATION else latency(value)
    if style is Style.FACTOR:
        return Parts(significant(value), "×")
    if unit is Unit.TIMESTAMP:
        return Parts(clock(value, value), "")
    wording = {Unit.RATIO: percent, Unit.PER_SECOND: rate, Unit.BYTES: size, Unit.CORES: cores}
    return wording.get(unit, count)(value)
