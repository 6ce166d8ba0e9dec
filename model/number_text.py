"""The only place that words numbers (law 3): what is measured with three significant digits, its unit beside it.

On the screen, in alerts and reasons, and in settings alike. A sentence leaves out the zeros of a measurement
(`round_…`, `about_…`); what somebody chose keeps all of its digits (`exact`). Everything takes base units
(seconds, bytes, ratio, per second) and never returns 'nan', 'inf' or 'None'.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from model.series import Unit

DASH = "–"
"""Stands where no value is known; never a number."""
MOST = 1e18
"""Nothing that is measured here is larger; what claims to be is not shown as a number."""
MINUS = "\N{MINUS SIGN}"

_LATENCY = ((1e-9, "ns"), (1e-6, "µs"), (1e-3, "ms"), (1.0, "s"))
_LARGE = ((1.0, ""), (1e3, "k"), (1e6, "M"), (1e9, "G"), (1e12, "T"))
_BYTES = ((1.0, "B"), (2.0**10, "KiB"), (2.0**20, "MiB"), (2.0**30, "GiB"), (2.0**40, "TiB"))
_MIB = 2.0**20
_SMALLEST_MS = 0.01
"""Latencies stay in milliseconds down to this many, so that neighbours on a panel share their unit."""
_EXACT_COUNT = 10_000
_SPANS = ((86400, "d", 3600, "h"), (3600, "h", 60, "m"), (60, "m", 1, "s"))
_NOISE_SECONDS = 1e-3
"""Differences of times since 1970 are off by less: what is 20 s but for that is 20 s."""


class Parts(NamedTuple):
    """A worded value: the number (with its bound) and the unit, which may be ''."""

    number: str
    unit: str

    @property
    def text(self) -> str:
        """Both, as one reads them."""
        return f"{self.number} {self.unit}".strip()


def latency(seconds: float) -> Parts:
    """'0.812 ms', '12.3 ms', '1.23 s'; microseconds only below 0.01 ms; a minute and more is a duration."""
    if seconds == 0:
        return Parts("0", "ms")
    if float(significant(seconds)) >= 60:
        return Parts(duration(seconds), "")
    if _SMALLEST_MS <= float(significant(seconds * 1e3)) < 1:
        return Parts(significant(seconds * 1e3), "ms")
    return _scaled(seconds, _LATENCY)


def round_latency(seconds: float) -> str:
    """'10 ms', '1.2 s': a limit, which somebody chose, without the zeros of a measurement."""
    return _short(latency(seconds))


def about_latency(seconds: float) -> str:
    """'0.8 ms', '16 ms', '988 ms': in an alert, which is stored anew when its words change: not for a third digit."""
    if seconds >= 1:
        return f"{seconds:.3g} s"
    return f"{seconds * 1000:.2g} ms" if seconds < 0.0995 else f"{seconds * 1000:.0f} ms"


def percent(ratio: float) -> Parts:
    """'99.97 %', '70.0 %', '0.03 %'. Never 100 unless exactly 1, never 0 unless exactly 0.

    Rounded down, but up below 1 %: so a share and the rest of the whole beside it, such as successes and errors, make
    100 % together, and neither looks better than it is.
    """
    if ratio in (0, 1):
        return Parts("0" if ratio == 0 else "100", "%")
    hundredths = ratio * 100
    if hundredths < 0.01:
        return Parts("< 0.01", "%")
    if 99.99 < hundredths < 100:
        return Parts("> 99.99", "%")
    if hundredths < 1:
        return Parts(f"{math.ceil(hundredths * 100 - 1e-9) / 100:.2f}", "%")
    if hundredths < 10 or 99 <= hundredths < 100:
        return Parts(f"{math.floor(hundredths * 100 + 1e-9) / 100:.2f}", "%")
    if hundredths < 99:
        return Parts(f"{math.floor(hundredths * 10 + 1e-9) / 10:.1f}", "%")
    if hundredths < 100.5:
        return Parts("> 100", "%")
    return Parts(f"{hundredths:,.0f}", "%")


def round_percent(ratio: float) -> str:
    """'30 %', '2.4 %', '99.2 %': a share in a sentence, or a limit."""
    return _short(percent(ratio))


def rate(per_second: float) -> Parts:
    """'8.43k /s', '843 /s', '0.42 /s'."""
    if per_second == 0:
        return Parts("0", "/s")
    if per_second < 0.01:
        return Parts("< 0.01", "/s")
    number, suffix = _scaled(per_second, _LARGE)
    return Parts(number + suffix, "/s")


def count(value: float) -> Parts:
    """Whole numbers exactly up to 9,999, then '12.3k'; others with three digits."""
    if value == int(value) and value < _EXACT_COUNT:
        return Parts(f"{int(value):,}", "")
    if 999.5 <= value < _EXACT_COUNT - 0.5:
        return Parts(f"{value:,.0f}", "")
    if value < 0.01:
        return Parts("< 0.01", "")
    number, suffix = _scaled(value, _LARGE)
    return Parts(number + suffix, "")


def size(byte_count: float) -> Parts:
    """'45.2 MiB'; whole bytes below 1 KiB."""
    if byte_count < 1000:
        return Parts(f"{byte_count:.0f}", "B")
    return _scaled(byte_count, _BYTES)


def cores(value: float) -> Parts:
    """'0.25 cores'."""
    return Parts(count(value).number, "cores")


def duration(seconds: float) -> str:
    """'4d 3h', '2h 15m', '5m 3s', '14 s': two units, rounded down."""
    if not math.isfinite(seconds):
        return DASH
    if 0 < seconds < 1:
        return "< 1 s"
    whole = max(0, int(seconds + _NOISE_SECONDS))
    if whole >= 100 * 86400:
        return f"{whole // 86400}d"
    for big, big_name, small, small_name in _SPANS:
        if whole >= big:
            return f"{whole // big}{big_name} {whole % big // small}{small_name}"
    return f"{whole} s"


def lasting(seconds: float) -> str:
    """'14 s', '5m', '2h 15m': a duration that goes on, which is not said anew every second once it is a minute long."""
    near = seconds + _NOISE_SECONDS
    return duration(near - near % 60).removesuffix(" 0s") if 60 <= near < math.inf else duration(seconds)


def ago(seconds: float) -> str:
    """'2m ago': one unit, rounded down; 'just now' under a second and for clocks that disagree."""
    if not math.isfinite(seconds):
        return DASH
    whole = int(seconds)
    if whole < 1:
        return "just now"
    for big, name, _, _ in _SPANS:
        if whole >= big:
            return f"{whole // big}{name} ago"
    return f"{whole} s ago"


def age(seconds: float) -> str:
    """'14 s old'."""
    return f"{duration(max(0.0, seconds))} old"


def clock(time: float, now: float) -> str:
    """An absolute time with its zone: '14:03:22 UTC', with the day when it is not that of `now`."""
    if not math.isfinite(time) or not 0 < time < 253402300800:
        return DASH
    moment = datetime.fromtimestamp(time, UTC)
    same_day = moment.date() == datetime.fromtimestamp(now, UTC).date()
    return moment.strftime("%H:%M:%S UTC" if same_day else "%d %b %H:%M:%S UTC")


def iso(time: float) -> str:
    """For a machine: '2026-11-22T14:03:22Z'; '' when the time is unknown."""
    if not math.isfinite(time) or not 0 < time < 253402300800:
        return ""
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def listed(names: Sequence[str], most: int = 3) -> str:
    """'redis, nats and 2 more'."""
    if len(names) > most:
        return f"{', '.join(names[:most])} and {len(names) - most} more"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1] if names else "")))


def about(name: str, words: str) -> str:
    """'redis: pool full': words about something, once with its name; the name alone where there are none."""
    return words if words.startswith(name) else f"{name}: {words}" if words else name


def many(count: int, noun: str) -> str:
    """'1 subscriber', '3 subscribers'."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def times(count: int) -> str:
    """How often: 'once', 'twice', '3 times'."""
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def exact(value: float, unit: Unit) -> str:
    """A number that somebody chose, with all of its digits: '0.5 s', '99.95 %', '64 MiB'."""
    if unit is Unit.BYTES:
        return f"{value / _MIB:g} MiB" if value >= _MIB else f"{value:g} B"
    if unit is Unit.RATIO:
        return f"{100 * value:.6g} %"
    return f"{value:g} s" if unit is Unit.SECONDS else f"{value:g}"


def _scaled(value: float, steps: Sequence[tuple[float, str]]) -> Parts:
    """Three digits in the largest step that leaves at least 1."""
    factor, name = steps[0]
    for one, step_name in steps:
        size = value / one
        if size >= 1 or (size > 0.999 and float(significant(size)) >= 1):  # what rounds to 1 is 1
            factor, name = one, step_name
    return Parts(significant(value / factor), name)


def _short(parts: Parts) -> str:
    """Without the zeros of a measurement."""
    return Parts(without_zeros(parts.number), parts.unit).text


def significant(value: float) -> str:
    """Three significant digits without an exponent: '0.812', '12.3', '843'. Zero is '0.00'."""
    if value == 0:
        return "0.00"
    exponent = math.floor(math.log10(abs(value)))
    if round(abs(value), 2 - exponent) >= 10.0 ** (exponent + 1):
        exponent += 1
    return f"{round(value, 2 - exponent):.{max(0, 2 - exponent)}f}"


def without_zeros(number: str) -> str:
    """'0.0500' as '0.05', with its suffix: bounds are bucket edges, which are round."""
    digits = number.rstrip("kMGT")
    trimmed = digits.rstrip("0").rstrip(".") if "." in digits else digits
    return trimmed + number[len(digits) :]
